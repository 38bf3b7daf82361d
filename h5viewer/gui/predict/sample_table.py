"""The list of several pictures: answers beside each, progress, export."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Busy, PlainLabel
from h5viewer.gui.controls.row_table import Index, RowTable, text_room
from h5viewer.gui.predict.answers_sheet import csv_pieces
from h5viewer.gui.predict.sample_item_model import (
    PICTURE,
    SCORE,
    THUMBNAIL,
    TIME,
    SampleItemModel,
)
from h5viewer.gui.predict.score_table import BarDelegate
from h5viewer.gui.saving import TextSaving
from h5viewer.names import visible
from h5viewer.requests import Progress
from h5viewer.wording import plural

_SIDE = 24  # pixels of a small picture
_LEAST_ROWS = 4  # with the heading
_SCORE_WIDTH = 220  # of the bar and its number


class _SampleDelegate(BarDelegate):
    """A small picture in front of the name, bars for scores."""

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, picture, text."""
        if index.column() != PICTURE:
            super().paint(painter, option, index)
            return
        painter.save()
        self.paint_ground(painter, option, index)
        room = text_room(option.rect)
        small = index.data(THUMBNAIL)
        if small is not None:
            size = small.size().scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(room.left(), room.top(), size.width(), size.height())
            place.moveCenter(QRect(room.left(), room.top(), _SIDE, room.height()).center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, small)
        room.setLeft(room.left() + _SIDE + theme.SPACE_S)
        self.paint_text(painter, option, index, room)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the picture, too."""
        size = super().sizeHint(option, index)
        size.setWidth(size.width() + (_SIDE + theme.SPACE_S if index.column() == PICTURE else 0))
        return size


class SampleTable(QWidget):
    """A line of words with buttons, and the table.

    Signals:
        sample_chosen(int): another picture is current.
        stop_wanted: the user does not want the rest.
        saved(sentence: str), failed(H5ViewerError): what became of an export.
    """

    sample_chosen = Signal(int)
    stop_wanted = Signal()
    saved = Signal(str)
    failed = Signal(object)

    def __init__(self, model: SampleItemModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.document = ""  # that is shown: nothing is saved in its place
        self._n_fitted = 0  # answers for which there is room in the columns
        self._words = PlainLabel()
        self._busy = Busy("Answering…")
        self._busy.cancelled.connect(self.stop_wanted)
        self._export = QPushButton("Export CSV…")
        self._export.setAccessibleName("Export CSV")
        self._export.setToolTip("Save this table for a spreadsheet")
        self._export.clicked.connect(self._ask_for_target)
        self.table = RowTable("Pictures and answers")
        self.table.setModel(model)
        self.table.setItemDelegate(_SampleDelegate(self.table))
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ in their ends
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.verticalHeader().setDefaultSectionSize(max(_SIDE + 6, self.table.row_height))
        header = self.table.horizontalHeader()
        header.setSortIndicatorShown(True)
        header.setSortIndicator(PICTURE, Qt.SortOrder.AscendingOrder)
        header.setSectionsClickable(True)
        header.sortIndicatorChanged.connect(self._sort)
        self.table.row_changed.connect(self._tell)
        self.table.setMinimumHeight(_LEAST_ROWS * self.table.row_height)
        self._arrange()

    @property
    def words(self) -> str:
        """What is said above the table."""
        return self._words.whole_text

    def show_progress(self, n_done: int, *, is_running: bool) -> None:
        """Say how many have an answer."""
        total = self._model.rowCount()
        if n_done != self._n_fitted:
            self._n_fitted = n_done
            self.fit()
        errors = sum(1 for each in self._model.outcomes if each is not None and each.error)
        words = f"{n_done:,} of {plural(total, 'picture')} answered"
        if not is_running and n_done == total:
            words = plural(total, "picture")
        self._words.set_text(words + (f", {errors:,} without an answer" if errors else ""))
        self._busy.set_busy(is_running)
        self._busy.show_progress(Progress(n_done, total))
        self._export.setEnabled(bool(n_done))

    def begin(self) -> None:
        """Other pictures: the first is current."""
        self.table.horizontalHeader().setSortIndicator(PICTURE, Qt.SortOrder.AscendingOrder)
        self.fit()
        self.choose(0)

    def fit(self) -> None:
        """Room for what has come; numbers and pictures have no scores."""
        self.table.setColumnHidden(SCORE, not self._model.has_scores)
        self.table.fit_columns(widest=340, first=180, last=_SCORE_WIDTH, whole=(TIME,))

    def choose(self, sample: int) -> None:
        """Make this picture current."""
        row = self._model.row_of(sample)
        if row >= 0:
            self.table.setCurrentIndex(self._model.index(row, PICTURE))

    def export(self, target: Path) -> None:
        """Save the table, in the order in which it stands."""
        model = self._model
        order = model.shown_order
        titles = [model.titles[sample] for sample in order]
        outcomes = [model.outcomes[sample] for sample in order]
        pieces = csv_pieces(titles, outcomes, model.names)
        saving = TextSaving(target, pieces, self.document, self)
        saving.saved.connect(lambda path: self.saved.emit(f"{visible(path.name)} is saved."))
        saving.failed.connect(self.failed)

    def _ask_for_target(self) -> None:
        suggestion = Path(self.document).with_name(f"{Path(self.document).stem} answers.csv")
        name, _ = QFileDialog.getSaveFileName(
            self, "Save the answers", str(suggestion), "CSV table (*.csv)"
        )
        if name:
            self.export(Path(name))

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        self._model.sort(column, order)

    def _tell(self, index: QModelIndex) -> None:
        sample = self._model.sample_at(index.row())
        if sample >= 0:
            self.sample_chosen.emit(sample)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self._words)
        row.addWidget(self._busy)
        row.addStretch(1)
        row.addWidget(self._export)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.table, 1)
