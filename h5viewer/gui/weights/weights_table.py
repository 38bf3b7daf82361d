"""The table of all weights: numbers, and the distribution drawn in the row."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QMenu, QStyleOptionViewItem, QWidget

from h5viewer import weight_sheet
from h5viewer.gui import theme
from h5viewer.gui.controls.row_table import (
    Index,
    RowDelegate,
    RowTable,
    draw_line,
    text_room,
)
from h5viewer.gui.weights.weight_listing import (
    BYTES,
    HISTOGRAM,
    LARGEST_FIRST,
    LAYER,
    MIN,
    NAME,
    SHAPE,
    TYPE,
    ZEROS,
)
from h5viewer.gui.weights.weights_item_model import AllWeightsItemModel
from h5viewer.nodes import WeightSummary

_BAR = 4  # pixels of a bar of the distribution
_WIDEST_ROLE = 150  # pixels: "recurrent_kernel"
_WIDEST_LAYER = 220  # pixels: most names that Keras gives
_MARGIN = 4  # above and below the bars


class DistributionDelegate(RowDelegate):
    """Bars from minimum to maximum, a line at zero; words where there is nothing to draw."""

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the bars."""
        hint = super().sizeHint(option, index)
        return QSize(max(hint.width(), 32 * _BAR + 2 * theme.SPACE_S), hint.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, then bars or words."""
        model = index.model()
        summary = model.summary_at(index) if isinstance(model, AllWeightsItemModel) else None
        if summary is None or index.data():
            super().paint(painter, option, index)
            return
        painter.save()
        self.paint_ground(painter, option, index)
        room = QRectF(text_room(option.rect)).adjusted(0, _MARGIN, 0, -_MARGIN)
        room.setWidth(min(room.width(), 32.0 * _BAR))
        _draw_bars(painter, room, summary)
        painter.restore()


class NameDelegate(RowDelegate):
    """A name that is cut keeps both ends: many begin alike, and many end alike."""

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, then the name."""
        painter.save()
        self.paint_ground(painter, option, index)
        room = text_room(option.rect)
        middle = Qt.TextElideMode.ElideMiddle
        shown = option.fontMetrics.elidedText(str(index.data() or ""), middle, room.width())
        painter.setPen(QColor(theme.colours().text))
        draw_line(painter, room, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


class NumberDelegate(RowDelegate):
    """Room for a number of three figures before any has come."""

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as most numbers."""
        hint = super().sizeHint(option, index)
        usual = option.fontMetrics.horizontalAdvance("−0.00123") + 2 * theme.SPACE_S + 2
        return QSize(max(hint.width(), usual), hint.height())


class WeightsTable(RowTable):
    """Rows of an AllWeightsItemModel.

    Signals:
        weight_opened(WeightRow): the user wants to see its values.
        letter_typed(str): text was typed into the table; the filter box takes it.
    """

    weight_opened = Signal(object)
    letter_typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Weights", parent=parent)
        self._kept = -1
        for column in (LAYER, NAME):
            self.setItemDelegateForColumn(column, NameDelegate(self))
        for column in range(MIN, ZEROS):
            self.setItemDelegateForColumn(column, NumberDelegate(self))
        self.setItemDelegateForColumn(HISTOGRAM, DistributionDelegate(self))
        self.sort_by_headings(self._sort)
        self._sorted_by = -1
        self.activated.connect(self._open)  # by Enter and by a double click

    @property
    def weights(self) -> AllWeightsItemModel | None:
        """The item model shown."""
        model = self.model()
        return model if isinstance(model, AllWeightsItemModel) else None

    @property
    def current_place(self) -> int:
        """Which of all weights has the keyboard; -1: none."""
        return self.weights.place_at(self.currentIndex()) if self.weights else -1

    def go_to(self, place: int) -> None:
        """Make a weight current, unless the filter hides it."""
        index = self.weights.index_of(place) if self.weights else QModelIndex()
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def show_weights(self, model: AllWeightsItemModel | None) -> None:
        """Show another document's weights, or none."""
        if self.weights is not None:
            self.weights.modelAboutToBeReset.disconnect(self._keep_current)
            self.weights.modelReset.disconnect(self._restore_current)
        self.setModel(model)
        self._kept = -1
        if model is not None:
            # connected after the view's own slots, so the selection is empty when it is restored
            model.modelAboutToBeReset.connect(self._keep_current)
            model.modelReset.connect(self._restore_current)
            column, is_descending = model.listing.order
            self._sorted_by = column
            order = Qt.SortOrder.DescendingOrder if is_descending else Qt.SortOrder.AscendingOrder
            self.horizontalHeader().setSortIndicator(column, order)

    def fit(self) -> None:
        """Columns as wide as the rows in sight need."""
        if self.weights is not None:
            listing = self.weights.listing
            self.setColumnHidden(LAYER, bool(listing.rows) and not listing.has_layers)
            self.setColumnHidden(TYPE, listing.common_type != "")
        last = 20 * _BAR + 2 * theme.SPACE_S  # where it is narrow: thin bars are still a shape
        # Whole roles, too: “g…a” may be gamma, “m…e” is the mean or the variance. An optimizer's
        # names are longer than any role, as are those of a network in one layer; they give room
        # before the distributions do, but the size goes first: the shape says nearly as much.
        is_role = self.sizeHintForColumn(NAME) <= _WIDEST_ROLE
        whole = (*((NAME,) if is_role else ()), *range(SHAPE, HISTOGRAM))
        layer = self.sizeHintForColumn(LAYER)
        are_short = is_role and layer <= _WIDEST_LAYER
        size, first = (BYTES,), min(120, layer)
        spare, last_resort = ((), size) if are_short else (size, ())
        self.fit_columns(260, first, last, whole, spare, last_resort)

    def rows_as_text(self, rows: list[QModelIndex]) -> str:
        """Everything in full, as in the sheet that is exported."""
        model = self.weights
        if model is None:
            return ""
        lines = []
        for index in rows:
            row = model.weight_at(index)
            if row is not None:
                cells = weight_sheet.cells(row, model.summary_at(index))
                lines.append("\t".join("" if cell is None else str(cell) for cell in cells))
        return "\n".join(lines)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters go to the filter."""
        is_plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if is_plain and event.text().strip() and event.text().isprintable():
            self.letter_typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with a weight."""
        if self.weights is None or not self.currentIndex().isValid():
            return
        menu = QMenu(self)
        menu.addAction(theme.icon("goto"), "Show values", self._open_current)
        copy = menu.addAction(theme.icon("copy"), "Copy rows")
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.triggered.connect(self.copy_rows)
        menu.exec(event.globalPos())
        menu.deleteLater()

    # Parts

    def _open_current(self) -> None:
        self._open(self.currentIndex())

    def _open(self, index: QModelIndex) -> None:
        row = self.weights.weight_at(index) if self.weights else None
        if row is not None:
            self.weight_opened.emit(row)

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        is_new = column != self._sorted_by
        self._sorted_by = column
        if is_new and column in LARGEST_FIRST and order == Qt.SortOrder.AscendingOrder:
            self.horizontalHeader().setSortIndicator(column, Qt.SortOrder.DescendingOrder)
        elif self.weights is not None:
            self.weights.sort(column, order)

    def _keep_current(self) -> None:
        if self.current_place >= 0:
            self._kept = self.current_place

    def _restore_current(self) -> None:
        self.scrollToTop()
        self.go_to(self._kept)


def _draw_bars(painter: QPainter, room: QRectF, summary: WeightSummary) -> None:
    highest = max(summary.bins, default=0)
    if not highest:
        return
    shade = theme.colours()
    colour = QColor(shade.accent)
    colour.setAlphaF(0.75)
    width = room.width() / len(summary.bins)
    for n, count in enumerate(summary.bins):
        if count:
            height = max(1.0, room.height() * count / highest)
            bar = QRectF(room.left() + n * width, room.bottom() - height, width - 0.5, height)
            painter.fillRect(bar, colour)
    if summary.minimum < 0 < summary.maximum:
        half = summary.maximum / 2 - summary.minimum / 2  # the whole may overflow
        share = -summary.minimum / 2 / half
        line = QRectF(room.left() + share * room.width(), room.top() - 1, 1, room.height() + 2)
        painter.fillRect(line, QColor(shade.muted))
