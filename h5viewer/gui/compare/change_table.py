"""A table of changes: the first column has an icon before its words."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem, QWidget

from h5viewer.gui import theme
from h5viewer.gui.compare.changes_item_model import ICON, ChangesItemModel
from h5viewer.gui.controls.row_table import Index, RowDelegate, RowTable

_GAP = 6  # pixels between icon and words


class _ChangeDelegate(RowDelegate):
    def paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, room: QRect
    ) -> None:
        """An icon, then the words."""
        icon = index.data(ICON)
        if icon:
            name, tone = icon
            top = room.center().y() - theme.ICON_SIZE // 2
            place = QRect(room.left(), top, theme.ICON_SIZE, theme.ICON_SIZE)
            theme.icon(name, tone).paint(painter, place)
            room = room.adjusted(theme.ICON_SIZE + _GAP, 0, 0, 0)
        super().paint_text(painter, option, index, room)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the icon, too."""
        hint = super().sizeHint(option, index)
        if index.data(ICON):
            hint.setWidth(hint.width() + theme.ICON_SIZE + _GAP)
        return hint


class ChangeTable(RowTable):
    """Sorted by a click on a heading, a third click brings the network's order back.

    Signals:
        pair_chosen(object): the pair of the current row, or None.
    """

    pair_chosen = Signal(object)

    def __init__(
        self,
        name: str,
        model: ChangesItemModel[Any],
        *,
        sortable: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, parent=parent)
        self._changes = model
        self._sorted: tuple[int, Qt.SortOrder] | None = None
        self.setItemDelegate(_ChangeDelegate(self))
        self.setModel(model)
        self.row_changed.connect(lambda index: self.pair_chosen.emit(model.pair_at(index)))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        if sortable:
            header.setSectionsClickable(True)
            header.sectionClicked.connect(self._sort)

    def chosen_pairs(self) -> list[Any]:
        """The pairs of all chosen rows."""
        rows = self.selectionModel().selectedRows() if self.selectionModel() else []
        found = (self._changes.pair_at(index) for index in rows)
        return [pair for pair in found if pair is not None]

    def choose(self, number: int) -> None:
        """Make the pair of this number current, if it is shown."""
        row = self._changes.row_of(number)
        if row >= 0:
            self.setCurrentIndex(self._changes.index(row, 0, QModelIndex()))

    def _sort(self, column: int) -> None:
        header = self.horizontalHeader()
        first = Qt.SortOrder.AscendingOrder
        if column in self._changes.right_aligned:  # of numbers the large ones are wanted
            first = Qt.SortOrder.DescendingOrder
        second = Qt.SortOrder(1 - first.value)
        if self._sorted is None or self._sorted[0] != column:
            self._sorted = (column, first)
        else:
            self._sorted = (column, second) if self._sorted[1] == first else None
        if self._sorted is None:
            header.setSortIndicatorShown(False)
            self._changes.sort(-1)
        else:
            header.setSortIndicatorShown(True)
            header.setSortIndicator(*self._sorted)
            self._changes.sort(*self._sorted)
