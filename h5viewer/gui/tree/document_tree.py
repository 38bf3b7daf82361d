"""The tree of open documents: rows that unfold, drawn and driven like any tree."""

from __future__ import annotations

import time

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QWidget,
)

from h5viewer.gui.controls.row_table import Index, RowTable
from h5viewer.gui.tree.document_item_model import (
    NAME,
    SHAPE,
    SIZE,
    TYPE,
    DocumentItemModel,
)
from h5viewer.gui.tree.tree_delegate import ARROW, TreeDelegate, name_left
from h5viewer.gui.tree.tree_rows import Place
from h5viewer.names import NodePath, path_text

_DESCRIBE_AFTER = 20  # milliseconds of rest while scrolling
_MARGIN = 20  # rows described above and below those seen

# Columns appear when the sidebar is this wide, the most telling first.
_COLUMNS = ((SHAPE, 220, 112), (TYPE, 440, 84), (SIZE, 540, 76))


class DocumentTree(RowTable):
    """Rows of a `DocumentItemModel` with a tree's keyboard and mouse.

    Signals:
        node_chosen(document path: str, NodePath): the user went to a row.
        rows_shown(first: int, last: int): rows that should be described.
        menu_wanted(Place, QPoint): context menu of a row, at a global position.
        close_wanted(document path: str): a document's row was clicked with the middle button.
        unfold_all_wanted(document path: str, NodePath): unfold it and all below.
    """

    node_chosen = Signal(str, object)
    rows_shown = Signal(int, int)
    menu_wanted = Signal(object, QPoint)
    close_wanted = Signal(str)
    unfold_all_wanted = Signal(str, object)

    def __init__(self, model: DocumentItemModel, parent: QWidget | None = None) -> None:
        super().__init__("Open files", parent=parent)
        self._model = model
        self._current: tuple[str, NodePath] | None = None
        self._typed = ""
        self._typed_at = 0.0
        self._is_losing = False
        # before the view hears of it, which makes a neighbour current
        model.rowsAboutToBeRemoved.connect(self._begin_losing)
        self.setModel(model)
        self.setItemDelegate(TreeDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.hide()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, _, width in _COLUMNS:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, width)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_DESCRIBE_AFTER)
        self._rest.timeout.connect(self._tell_rows)
        self.verticalScrollBar().valueChanged.connect(lambda: self._rest.start())
        for change in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            change.connect(lambda *_: self._rest.start())
        model.rowsInserted.connect(self._note_children)
        model.rowsRemoved.connect(self._end_losing)
        model.modelReset.connect(self._restore_current)
        self.row_changed.connect(self._choose)
        self.clicked.connect(self._choose_again)

    def current_place(self) -> Place | None:
        """The current row's."""
        return self._model.place(self.currentIndex())

    def show_index(self, index: QModelIndex) -> None:
        """Make a row current without telling, and scroll to it."""
        place = self._model.place(index)
        if place is None:
            return
        self._current = (place.document.path, place.path)
        is_elsewhere = index != self.currentIndex()
        self.setCurrentIndex(index)
        self.scrollTo(index)
        if is_elsewhere and place.is_document:
            QTimer.singleShot(0, self, self._scroll_below)

    def toggle(self, index: Index) -> None:
        """Unfold or fold a row."""
        place = self._model.place(index)
        if place is None:
            return
        if place.is_open:
            self._model.fold(index)
        elif place.can_open:
            self._model.unfold(index)

    def _choose(self, index: QModelIndex) -> None:
        place = self._model.place(index)
        if place is None or place.message or self._is_losing:
            return
        chosen = (place.document.path, place.path)
        if chosen != self._current:
            self._current = chosen
            self.node_chosen.emit(*chosen)

    def _choose_again(self, index: QModelIndex) -> None:
        """A click on the current row: it may be current only since a fold hid what is shown."""
        self._current = None
        self._choose(index)

    def _begin_losing(self, _parent: QModelIndex, first: int, last: int) -> None:
        """Rows go: what is shown beside the tree stays, wherever the current row moves."""
        self._is_losing = first <= self.currentIndex().row() <= last

    def _end_losing(self) -> None:
        if self._is_losing:
            self._restore_current()
            self._is_losing = False

    def _restore_current(self) -> None:
        """After many rows went, the same row is current again, or one above it."""
        if self._current is None:
            return
        document, path = self._current
        while not (index := self._model.find(document, path)).isValid() and path:
            path = path[:-1]
        if index.isValid():
            self.show_index(index)

    def _note_children(self, _parent: QModelIndex, first: int, _last: int) -> None:
        if first == self.currentIndex().row() + 1:
            QTimer.singleShot(0, self, self._scroll_below)  # once all have heard of the rows

    def _scroll_below(self) -> None:
        """Bring into sight what the current row holds: a new file stands at the very bottom."""
        index = self.currentIndex()
        place = self._model.place(index)
        if place is None or not place.is_open:
            return
        branch = self._model.rows.branch(place.document.path, place.path)
        n_below = self.viewport().height() // self.row_height - 1
        lowest = index.row() + min(branch.n_rows if branch else 0, n_below)
        self.updateGeometries()  # Qt would make room to scroll later
        self.scrollTo(self._model.index(lowest, NAME))
        self.scrollTo(index)

    def _tell_rows(self) -> None:
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        if first >= 0:
            last = last if last >= 0 else self._model.rowCount() - 1
            self.rows_shown.emit(first - _MARGIN, last + _MARGIN)

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the columns there is room for."""
        super().resizeEvent(event)
        for column, least, _ in _COLUMNS:
            self.setColumnHidden(column, self.viewport().width() < least)
        self._rest.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The arrow unfolds without choosing."""
        index = self.indexAt(event.position().toPoint())
        place = self._model.place(index)
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            cell = self.visualRect(index.siblingAtColumn(NAME))
            left = name_left(cell, place)
            if left <= event.position().x() < left + ARROW and (place.can_open or place.is_open):
                self.toggle(index)
                return
        if event.button() == Qt.MouseButton.RightButton and self.currentIndex().isValid():
            return  # the menu is for the row under it; what is shown stays
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The middle button closes a document."""
        place = self._model.place(self.indexAt(event.position().toPoint()))
        if event.button() == Qt.MouseButton.MiddleButton and place and place.is_document:
            self.close_wanted.emit(place.document.path)
            return
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Unfold or fold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.toggle(self.indexAt(event.position().toPoint()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """For the row under the cursor, or by keyboard for the current one."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        place = self._model.place(index)
        if place is None or place.message:
            return
        below = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
        self.menu_wanted.emit(place, event.globalPos() if by_mouse else below)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows fold, unfold and climb, with Shift all below; Ctrl+C copies the path."""
        index, place = self.currentIndex(), self.current_place()
        if place is None:
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(path_text(place.path))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.toggle(index)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):  # in a table, ends of the row
            is_home = event.key() == Qt.Key.Key_Home
            self._go_to_row(0 if is_home else self._model.rowCount() - 1)
        elif event.key() == Qt.Key.Key_Asterisk or _is_shifted(event, Qt.Key.Key_Right):
            if place.can_open or place.is_open:
                self.unfold_all_wanted.emit(place.document.path, place.path)
        elif _is_shifted(event, Qt.Key.Key_Left):
            self._model.fold_all(index)
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Plus):
            if place.can_open and not place.is_open:
                self.toggle(index)
            elif place.is_open and event.key() == Qt.Key.Key_Right:
                self._enter(index, place)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Minus):
            if place.is_open:
                self._model.fold(index)
            elif event.key() == Qt.Key.Key_Left and place.path:
                self._go_to(place.document.path, place.path[:-1])
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:  # noqa: N802
        """Go to the next sibling that begins with what is typed; Qt would ask every row."""
        now = time.monotonic()
        is_new = (now - self._typed_at) * 1000 > QApplication.keyboardInputInterval()
        self._typed = search if is_new else self._typed + search
        self._typed_at = now
        place = self.current_place()
        if place is None or not search:
            return
        names = place.branch.names
        wanted = self._typed.lower().encode()
        start = place.position + is_new  # a new word looks further, a longer one stays
        for position in (*range(start, len(names)), *range(min(start, len(names)))):
            if names[position].lower().startswith(wanted):
                self._go_to_row(self._model.rows.row(place.branch, position))
                return

    def _enter(self, index: QModelIndex, place: Place) -> None:
        """Go to the first child, once it is listed."""
        first = self._model.place(index.siblingAtRow(index.row() + 1))
        if first is not None and first.branch.depth > place.branch.depth:
            self._go_to_row(index.row() + 1)

    def _go_to(self, document: str, path: NodePath) -> None:
        index = self._model.find(document, path)
        if index.isValid():
            self.setCurrentIndex(index)

    def _go_to_row(self, row: int) -> None:
        index = self._model.index(row, NAME)
        if index.isValid() and index.flags() & Qt.ItemFlag.ItemIsSelectable:
            self.setCurrentIndex(index)


def _is_shifted(event: QKeyEvent, key: Qt.Key) -> bool:
    is_shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
    return event.key() == key and bool(is_shift)
