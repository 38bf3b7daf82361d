"""The files that are merged, and beside them what adds, orders and takes them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import EmptyState
from h5viewer.gui.controls.pages import Pages
from h5viewer.gui.controls.row_table import Index, RowDelegate, RowTable, draw_line, text_room
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.gui.merge.member_item_model import FILE, FLOW, PARAMETERS, SHARE, MemberItemModel
from h5viewer.nodes import MergeMember

FILES = "Networks (*.h5 *.hdf5 *.keras *.json *.index);;All files (*)"
_FIELD_WIDTH = 76  # pixels, for 0.333333
_FEW = ("No files yet", "Add files, or drop them here.")


class MemberTable(QWidget):
    """Files in an order.

    Signals:
        files_changed, shares_changed: as of the item model.
    """

    files_changed = Signal()
    shares_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = MemberItemModel(self)
        self._folder = ""
        self._table = _Members(self._remove, self._move)
        self._table.setModel(self.model)
        self._empty = EmptyState("merge", *_FEW)
        self._pages = Pages()
        self._buttons: dict[str, QToolButton] = {}
        self._arrange()
        self.model.files_changed.connect(self._show_files)
        self.model.files_changed.connect(self.files_changed)
        self.model.shares_changed.connect(self.shares_changed)
        self._table.row_changed.connect(lambda _: self._allow())
        self._show_files()

    @property
    def paths(self) -> tuple[str, ...]:
        """The files, in order."""
        return self.model.paths

    @property
    def shares(self) -> tuple[float, ...]:
        """How much each counts."""
        return self.model.shares

    def add(self, paths: Sequence[str]) -> None:
        """Append files that are not there yet."""
        self.model.add(paths)

    def ask_in(self, folder: str) -> None:
        """Where files are asked for."""
        self._folder = folder

    def describe(self, paths: Sequence[str], members: Sequence[MergeMember]) -> None:
        """What these files are."""
        self.model.describe(paths, members)
        self._fit()

    def show_shares(self, are_used: bool) -> None:
        """Whether it can be said how much each counts."""
        self._table.setColumnHidden(SHARE, not are_used)
        self._fit()

    # -------------------------------------------------------------- private

    def _ask(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, "Add files", self._folder, FILES)
        self.model.add(paths)

    def _remove(self) -> None:
        chosen = {index.row() for index in self._table.selectionModel().selectedRows()}
        self.model.remove(sorted(chosen))

    def _move(self, step: int) -> None:
        row = self._table.currentIndex().row()
        if row >= 0 and self.model.move(row, step):
            self._table.selectRow(row + step)

    def _show_files(self) -> None:
        self._pages.setCurrentIndex(1 if self.model.paths else 0)
        self._fit()
        self._allow()

    def _fit(self) -> None:
        self._table.fit_columns(widest=420, last=60, whole=(FLOW, PARAMETERS))

    def _allow(self) -> None:
        row, n_rows = self._table.currentIndex().row(), len(self.model.paths)
        self._buttons["minus"].setEnabled(row >= 0)
        self._buttons["chevron-up"].setEnabled(row > 0)
        self._buttons["chevron-down"].setEnabled(0 <= row < n_rows - 1)

    def _arrange(self) -> None:
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._table)
        tools = QVBoxLayout()
        tools.setSpacing(theme.SPACE_XS)
        for icon, tip, name, call in (
            ("plus", "Add files; they can also be dropped here", "Add files", self._ask),
            ("minus", "Take the chosen files out (Del)", "Take out", self._remove),
            ("chevron-up", "Earlier in the order (Alt+Up)", "Earlier", lambda: self._move(-1)),
            ("chevron-down", "Later in the order (Alt+Down)", "Later", lambda: self._move(1)),
        ):
            button = self._buttons[icon] = tool_button(icon, tip, name=name)
            button.clicked.connect(lambda _=False, call=call: call())
            tools.addWidget(button)
        tools.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._pages, 1)
        row.addLayout(tools)


class _FileDelegate(RowDelegate):
    """Cuts a long name in its middle: checkpoints differ at the end."""

    # Qt overrides

    def paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, room: QRect
    ) -> None:
        """One line."""
        middle = Qt.TextElideMode.ElideMiddle
        shown = option.fontMetrics.elidedText(str(index.data()), middle, room.width())
        painter.setPen(QColor(theme.colours().text))
        draw_line(painter, room, Qt.AlignmentFlag.AlignVCenter, shown)


class _ShareDelegate(RowDelegate):
    """Draws a number as the field that it is typed in."""

    # Qt overrides

    def paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, _room: QRect
    ) -> None:
        """Framed."""
        shade, field = theme.colours(), _field(option.rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(shade.border))
        painter.setBrush(QColor(shade.surface))
        painter.drawRoundedRect(QRectF(field).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        super().paint_text(painter, option, index, text_room(field))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Its number stands where it is drawn."""
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit):
            editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        return editor

    def updateEditorGeometry(  # noqa: N802
        self, editor: QWidget, option: QStyleOptionViewItem, _index: Index
    ) -> None:
        """In its place."""
        editor.setGeometry(_field(option.rect))


class _Members(RowTable):
    """Del takes out, Alt with an arrow moves; a share is typed where it is clicked, or after F2."""

    def __init__(self, remove: Callable[[], None], move: Callable[[int], None]) -> None:
        super().__init__("Files to merge")
        self._remove, self._move_row = remove, move
        self.setItemDelegateForColumn(FILE, _FileDelegate(self))
        self.setItemDelegateForColumn(SHARE, _ShareDelegate(self))
        self.clicked.connect(self._edit_share)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Before the table takes the key."""
        steps: dict[int, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        with_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() == Qt.Key.Key_Delete:
            self._remove()
        elif with_alt and event.key() in steps:
            self._move_row(steps[event.key()])
        elif event.key() == Qt.Key.Key_F2:
            self._edit_share(self.currentIndex().siblingAtColumn(SHARE))
        else:
            super().keyPressEvent(event)

    def _edit_share(self, index: QModelIndex) -> None:
        if index.column() == SHARE and not self.isColumnHidden(SHARE):
            self.edit(index)


def _field(cell: QRect) -> QRect:
    """Where a share stands in its cell: at the right, under the heading."""
    return cell.adjusted(max(0, cell.width() - _FIELD_WIDTH), 2, -2, -2)
