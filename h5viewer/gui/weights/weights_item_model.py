"""All weights as rows; numbers are filled in as they come."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, QTimer

from h5viewer.gui.controls.headed_item_model import RIGHT, HeadedItemModel
from h5viewer.gui.controls.row_table import TONE, Index
from h5viewer.gui.weights.weight_listing import (
    BYTES,
    FIRST_NUMBER,
    HISTOGRAM,
    NOT_FINITE,
    TYPE,
    ZEROS,
    WeightListing,
)
from h5viewer.gui.weights.weight_words import (
    HEADING_TIPS,
    HEADINGS,
    PLAIN_HEADINGS,
    PLAIN_TIPS,
    cell_text,
    is_odd,
    tooltip,
)
from h5viewer.nodes import WeightRow, WeightSummary

_SORT_AGAIN = 400  # milliseconds between two sortings while numbers come
_MANY = 20_000  # rows; more are sorted again when all numbers are there


class AllWeightsItemModel(HeadedItemModel):
    """A translation of a WeightListing."""

    right_aligned = frozenset(range(BYTES, HISTOGRAM))

    def __init__(self, parent: QObject | None = None, *, is_network: bool = True) -> None:
        super().__init__(parent)
        self.headings = HEADINGS if is_network else PLAIN_HEADINGS
        tips = HEADING_TIPS if is_network else PLAIN_TIPS
        self.tips = tuple(html.escape(tip).replace("\n", "<br>") for tip in tips)
        self.listing = WeightListing()
        self._sort_soon = QTimer(self, interval=_SORT_AGAIN, singleShot=True)
        self._sort_soon.timeout.connect(self.arrange)

    def clear(self) -> None:
        """Forget all rows; filter and order stay."""
        if self.listing.rows:
            old = self.listing
            self.beginResetModel()
            self.listing = WeightListing()
            self.listing.filter, self.listing.order = old.filter, old.order
            self.endResetModel()

    def append(self, rows: tuple[WeightRow, ...]) -> None:
        """Add rows at the end."""
        matching = self.listing.matching(rows)
        first = len(self.listing.shown)
        if matching:
            self.beginInsertRows(QModelIndex(), first, first + len(matching) - 1)
        self.listing.append(rows, matching)
        if matching:
            self.endInsertRows()

    def take(self, summaries: tuple[WeightSummary, ...]) -> None:
        """Fill in numbers; the order follows a little later."""
        self.listing.take(summaries)
        if not self.listing.shown:
            return
        last = self.index(len(self.listing.shown) - 1, HISTOGRAM)
        self.dataChanged.emit(self.index(0, FIRST_NUMBER), last)
        is_sorted_by_numbers = self.listing.order[0] >= FIRST_NUMBER
        if is_sorted_by_numbers and len(self.listing.rows) <= _MANY:
            self._sort_soon.start() if not self._sort_soon.isActive() else None

    def finish(self) -> None:
        """All numbers are there."""
        self._sort_soon.stop()
        if self.listing.order[0] >= 0:
            self.arrange()

    def take_order(self, other: AllWeightsItemModel) -> None:
        """Sort as another list does."""
        column, is_descending = other.listing.order
        descending, ascending = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
        self.sort(column, descending if is_descending else ascending)

    def set_filter(self, text: str) -> None:
        """Show only weights whose layer, name or type holds `text`."""
        wanted = text.strip().casefold()
        if wanted != self.listing.filter:
            self.listing.filter = wanted
            self.arrange()

    def arrange(self) -> None:
        """Filter and sort anew."""
        self.beginResetModel()
        self.listing.arrange()
        self.endResetModel()

    def weight_at(self, index: Index) -> WeightRow | None:
        """The weight of a row."""
        return self.listing.rows[self.listing.shown[index.row()]] if index.isValid() else None

    def summary_at(self, index: Index) -> WeightSummary | None:
        """Its numbers, once they have come."""
        return self.listing.summaries[self.listing.shown[index.row()]] if index.isValid() else None

    def place_at(self, index: Index) -> int:
        """Which of all weights it is; -1: none."""
        return self.listing.shown[index.row()] if index.isValid() else -1

    def index_of(self, place: int) -> QModelIndex:
        """Where a weight is shown; invalid when it is filtered out."""
        try:
            return self.index(self.listing.shown.index(place), 0)
        except ValueError:
            return QModelIndex()

    @property
    def n_rows(self) -> int:
        """Weights that pass the filter."""
        return len(self.listing.shown)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts and tones; the distribution is drawn by its delegate."""
        row = self.weight_at(index)
        if row is None:
            return None
        summary, column = self.summary_at(index), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_text(row, summary, column)
            case Qt.ItemDataRole.ToolTipRole:
                return html.escape(tooltip(row, summary, column))
            case Qt.ItemDataRole.TextAlignmentRole if column in self.right_aligned:
                return RIGHT
            case _ if role == TONE:
                return _tone(row, summary, column)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1: the order of the network."""
        self.listing.order = (column, order == Qt.SortOrder.DescendingOrder)
        self.arrange()


def _tone(row: WeightRow, summary: WeightSummary | None, column: int) -> str | None:
    if is_odd(row, summary, column):
        return "warning"
    if column in (TYPE, HISTOGRAM):
        return "muted"
    if summary is None or column not in (ZEROS, NOT_FINITE):
        return None
    count = summary.n_zero if column == ZEROS else summary.n_nan + summary.n_infinite
    return None if count else "faint"
