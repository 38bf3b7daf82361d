"""The layers of one architecture as the rows of a table; nested models unfold below theirs.

A flat table, not a tree: QTreeView asks Python for every row of 100,000 at each insertion,
QTableView asks only for what it draws. Indentation and unfolding live here instead.
"""

from __future__ import annotations

import html
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    Qt,
    QTimer,
    Signal,
)

from h5viewer.gui.architecture import layer_texts
from h5viewer.gui.architecture.layer_rows import LayerRow, grow, mark_hits, walk
from h5viewer.gui.architecture.layer_texts import (
    ACTIVATIONS,
    CLASS,
    HEADING_TIPS,
    HEADINGS,
    MULTIPLY_ADDS,
    NAME,
    OPERATION_HEADINGS,
    OPERATION_TIPS,
    PARAMETERS,
)
from h5viewer.gui.controls.headed_item_model import RIGHT, HeadedItemModel
from h5viewer.gui.controls.row_table import TONE, Index
from h5viewer.nodes import Layer, LayerItem

ROWS_A_TURN = 500  # about 3 ms of work between two looks at mouse and keyboard

_NUMBERS = frozenset({PARAMETERS, MULTIPLY_ADDS, ACTIVATIONS})
_SORT_KEYS: dict[int, Callable[[LayerRow], Any]] = {
    NAME: lambda row: row.layer.name,
    CLASS: lambda row: row.layer.class_name or "",
    PARAMETERS: lambda row: row.layer.n_parameters,
    MULTIPLY_ADDS: lambda row: _or_less(row.layer.multiply_adds),
    ACTIVATIONS: lambda row: _or_less(row.layer.activation_bytes),
}


class LayerItemModel(HeadedItemModel):
    """Rows are appended a thousand a turn of the event loop; `settled` when all are in."""

    headings = HEADINGS
    tips = HEADING_TIPS
    right_aligned = _NUMBERS

    settled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.item: LayerItem = "layer"
        self.has_nested = False  # whether any layer can be unfolded
        self.total_parameters = 0  # what shares are shares of; 0: not known yet
        self._roots: list[LayerRow] = []
        self._shown: list[LayerRow] = []
        self._waiting: deque[Layer] = deque()
        self._filter = ""
        self._unfolded_before: list[LayerRow] = []  # what the user had unfolded before filtering
        self._order: tuple[int, Qt.SortOrder] | None = None
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._append_some)

    def append(self, layers: Iterable[Layer]) -> None:
        """Add top-level layers at the end."""
        self._waiting.extend(layers)
        self._turn.start()

    @property
    def is_settled(self) -> bool:
        """False while layers wait for their turn."""
        return not self._waiting

    @property
    def n_layers(self) -> int:
        """Top-level layers, filtered or not."""
        return len(self._roots) + len(self._waiting)

    @property
    def order(self) -> tuple[int, Qt.SortOrder]:
        """Column and direction of the sorting; column -1: the order of the network."""
        return self._order or (-1, Qt.SortOrder.AscendingOrder)

    def set_item(self, item: LayerItem) -> None:
        """Tell what the rows are, for headings and menus."""
        self.item = item
        if item == "operation":
            self.headings, self.tips = OPERATION_HEADINGS, OPERATION_TIPS
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(HEADINGS) - 1)

    def set_total(self, total: int) -> None:
        """Tell how many parameters there are, for the shares."""
        self.total_parameters = total
        if self._shown:
            last = self.index(len(self._shown) - 1, PARAMETERS)
            self.dataChanged.emit(self.index(0, PARAMETERS), last)

    # Rows

    def row_at(self, index: Index) -> LayerRow | None:
        """The layer of a table row."""
        return self._shown[index.row()] if index.isValid() else None

    def index_of(self, row: LayerRow) -> QModelIndex:
        """Where a layer is shown; invalid when it is folded away or filtered out."""
        try:
            return self.index(self._shown.index(row), NAME)
        except ValueError:
            return QModelIndex()

    def find(self, matches: Callable[[Layer], bool]) -> LayerRow | None:
        """The first layer, nested ones included, that matches."""
        return next((row for row in walk(self._roots) if matches(row.layer)), None)

    def row_of(self, key: tuple[int, ...]) -> LayerRow | None:
        """The row of the layer with this key; None: there is none yet, or none at all."""
        rows: Sequence[LayerRow] = self._roots
        row: LayerRow | None = None
        for number in key:
            if not 0 <= number < len(rows):
                return None
            row = rows[number]
            rows = row.children
        return row

    def keys_found(self, text: str) -> list[tuple[int, ...]]:
        """Keys of the layers that a filter for `text` would find, nested ones included."""
        wanted = text.strip().lower()
        return [row.layer.key for row in walk(self._roots) if wanted in row.search]

    def nested_keys(self) -> frozenset[tuple[int, ...]]:
        """Keys of the layers that hold layers."""
        if not self.has_nested:
            return frozenset()
        return frozenset(row.layer.key for row in walk(self._roots) if row.children)

    def parent_of(self, row: LayerRow) -> LayerRow | None:
        """The row of the model that a layer is nested in."""
        return self._row_of(row.place[:-1]) if row.depth else None

    def _row_of(self, place: tuple[int, ...]) -> LayerRow:
        row = self._roots[place[0]]
        for number in place[1:]:
            row = row.children[number]
        return row

    def reveal(self, row: LayerRow) -> QModelIndex:
        """Unfold what hides a layer and say where it is; invalid when filtered out."""
        for length in range(1, len(row.place)):
            self.set_expanded(self.index_of(self._row_of(row.place[:length])), True)
        return self.index_of(row)

    def set_expanded(self, index: Index, expanded: bool) -> None:
        """Unfold or fold a nested model."""
        row = self.row_at(index)
        if row is None or not row.children or row.is_expanded == expanded:
            return
        first = index.row() + 1
        if expanded:
            row.is_expanded = True
            below = self._below(row)
            if below:
                self.beginInsertRows(QModelIndex(), first, first + len(below) - 1)
                self._shown[first:first] = below
                self.endInsertRows()
        else:
            count = len(self._below(row))
            row.is_expanded = False
            if count:
                self.beginRemoveRows(QModelIndex(), first, first + count - 1)
                del self._shown[first : first + count]
                self.endRemoveRows()
        self.dataChanged.emit(index, index)

    def set_all_expanded(self, expanded: bool) -> None:
        """Unfold or fold every nested model."""
        for row in walk(self._roots):
            row.is_expanded = expanded and bool(row.children)
        self._rebuild()

    def set_filter(self, text: str) -> None:
        """Show only layers whose name, class or weight names hold `text`, and what holds them."""
        wanted = text.strip().lower()
        if wanted == self._filter:
            return
        if not self._filter:
            self._unfolded_before = [row for row in walk(self._roots) if row.is_expanded]
        self._filter = wanted
        if wanted:
            mark_hits(self._roots, wanted)
        else:
            for row in walk(self._roots):
                row.is_shown, row.is_expanded = True, False
            for row in self._unfolded_before:
                row.is_expanded = True
        self._rebuild()

    @property
    def n_shown(self) -> int:
        """Rows in the table now."""
        return len(self._shown)

    def row_as_text(self, index: Index) -> str:
        """A row for a spreadsheet: tabs between cells, numbers without separators."""
        row = self.row_at(index)
        if row is None:
            return ""
        cells = [layer_texts.text(row, column) for column in range(len(HEADINGS))]
        layer = row.layer
        cells[PARAMETERS] = str(layer.n_parameters)
        for column, number in (
            (MULTIPLY_ADDS, layer.multiply_adds),
            (ACTIVATIONS, layer.activation_bytes),
        ):
            cells[column] = "" if number is None else str(number)
        return "\t".join(cells)

    @property
    def n_rows(self) -> int:
        """Rows shown."""
        return len(self._shown)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, and what a screen reader says."""
        row = self.row_at(index)
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return layer_texts.text(row, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return html.escape(self._tooltip(row, index.column())) or None
            case Qt.ItemDataRole.TextAlignmentRole if index.column() in _NUMBERS:
                return RIGHT
            case _ if role == TONE:
                return layer_texts.tone(row, index.column())
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == NAME:
                return layer_texts.spoken(row)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort within each parent; column -1 is the order of the network."""
        wanted = (column, order) if column >= 0 else None
        if wanted != self._order:
            self._order = wanted
            self._rebuild()

    def _tooltip(self, row: LayerRow, column: int) -> str:
        return layer_texts.tooltip(row, column, self.total_parameters)

    # Building

    def _append_some(self) -> None:
        """One turn's worth, so that a large file leaves the window free in between."""
        first = len(self._roots)
        count = min(ROWS_A_TURN, len(self._waiting))
        new = [grow(self._waiting.popleft(), place) for place in range(first, first + count)]
        self._roots += new
        self.has_nested = self.has_nested or any(row.children for row in new)
        if self._filter:
            mark_hits(new, self._filter)
        shown = [row for row in new if row.is_shown]
        if shown:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(shown) - 1)
            self._shown += shown
            self.endInsertRows()
        if not self._waiting:
            self._turn.stop()
            if self._order:
                self._rebuild()
            self.settled.emit()

    def _rebuild(self) -> None:
        self.beginResetModel()
        self._shown = []
        for row in self._in_order(self._roots):
            self._shown.append(row)
            if row.is_expanded:
                self._shown += self._below(row)
        self.endResetModel()

    def _below(self, row: LayerRow) -> list[LayerRow]:
        """What is shown below a row while it is unfolded. No recursion: files nest as they like."""
        below = []
        stack = [iter(self._in_order(row.children))]
        while stack:
            child = next(stack[-1], None)
            if child is None:
                stack.pop()
                continue
            below.append(child)
            if child.is_expanded:
                stack.append(iter(self._in_order(child.children)))
        return below

    def _in_order(self, rows: Sequence[LayerRow]) -> Sequence[LayerRow]:
        shown = [row for row in rows if row.is_shown] if self._filter else rows
        if self._order is None:
            return shown
        column, order = self._order
        key = _SORT_KEYS.get(column, lambda row: layer_texts.text(row, column))
        return sorted(shown, key=key, reverse=order == Qt.SortOrder.DescendingOrder)


def _or_less(number: int | None) -> int:
    """For sorting: what is not known is less than nothing."""
    return -1 if number is None else number
