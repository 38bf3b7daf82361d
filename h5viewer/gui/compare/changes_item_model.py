"""Rows of a comparison: streamed in, filtered, sorted. What a cell says is left to heirs."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex, QObject, Qt

from h5viewer.gui.compare.change_words import Look
from h5viewer.gui.controls.headed_item_model import RIGHT, HeadedItemModel
from h5viewer.gui.controls.row_table import BELOW, TONE, Index

T = TypeVar("T")
SortKey = float | str | None

ICON = Qt.ItemDataRole.UserRole + 10
"""Name and tone of the icon before a cell's text."""


class ChangesItemModel(HeadedItemModel, Generic[T]):
    """A flat list of pairs, of which some are shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pairs: list[T] = []
        self.n_different = 0  # shown or not
        self._words: list[str] = []  # what the filter looks into: 0.1 s for 100,000 rows at once
        self._shown: list[int] = []
        self._text = ""
        self._only_different = False
        self._sorted_by: tuple[int, bool] | None = None  # column, descending

    # ----------------------------------------------------------- what heirs say

    def look(self, pair: T) -> Look:
        """State of a row, shown in its first column."""
        raise NotImplementedError

    def cell(self, pair: T, column: int) -> str:
        """Text of the other columns."""
        raise NotImplementedError

    def below(self, _pair: T, _column: int) -> str:
        """A small second line; none."""
        return ""

    def key(self, pair: T, column: int) -> SortKey:
        """What a column is sorted by; None comes last."""
        return self.cell(pair, column).casefold()

    def tone(self, _pair: T, _column: int) -> str | None:
        """A colour of the theme."""
        return None

    def is_different(self, pair: T) -> bool:
        """True for what "only differences" keeps."""
        raise NotImplementedError

    def words(self, pair: T) -> str:
        """What the filter looks into."""
        raise NotImplementedError

    # ------------------------------------------------------------------- filling

    def clear(self) -> None:
        """No rows."""
        self.beginResetModel()
        self.pairs, self._words, self._shown, self.n_different = [], [], [], 0
        self.endResetModel()

    def append(self, pairs: Sequence[T]) -> None:
        """More rows, at the end; `finish` puts them in order."""
        start = len(self.pairs)
        self.pairs += pairs
        self._words += [self.words(pair).casefold() for pair in pairs]
        self.n_different += sum(self.is_different(pair) for pair in pairs)
        fresh = [number for number in range(start, len(self.pairs)) if self._fits(number)]
        if fresh:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(fresh) - 1)
            self._shown += fresh
            self.endInsertRows()

    def finish(self) -> None:
        """All rows are there."""
        if self._sorted_by is not None:
            self._show_anew()

    def show_only(self, text: str, *, only_different: bool) -> None:
        """Filter."""
        wanted = (text.strip().casefold(), only_different)
        if wanted != (self._text, self._only_different):
            self._text, self._only_different = wanted
            self._show_anew()

    def pair_at(self, index: Index) -> T | None:
        """The pair of a row."""
        return self.pairs[self._shown[index.row()]] if index.isValid() else None

    def number_at(self, index: Index) -> int:
        """The number of a row's pair."""
        return self._shown[index.row()]

    def row_of(self, number: int) -> int:
        """Where the pair of this number is shown; -1: it is not."""
        return self._shown.index(number) if number in self._shown else -1

    def _fits(self, number: int) -> bool:
        if self._only_different and not self.is_different(self.pairs[number]):
            return False
        return not self._text or self._text in self._words[number]

    def _show_anew(self) -> None:
        self.beginResetModel()
        self._shown = [i for i in range(len(self.pairs)) if self._fits(i)]
        if self._sorted_by is not None:
            column, descending = self._sorted_by
            keys = {i: self.key(self.pairs[i], column) for i in self._shown}
            known = [i for i in self._shown if keys[i] is not None]
            known.sort(key=lambda i: keys[i], reverse=descending)  # type: ignore[arg-type,return-value]
            self._shown = known + [i for i in self._shown if keys[i] is None]
        self.endResetModel()

    @property
    def n_rows(self) -> int:
        """Pairs that are shown."""
        return len(self._shown)

    # Qt overrides

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; by none in the order of the network."""
        self._sorted_by = (column, order == Qt.SortOrder.DescendingOrder) if column >= 0 else None
        self._show_anew()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, icons and tones."""
        pair = self.pair_at(index)
        if pair is None:
            return None
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.look(pair).words if column == 0 else self.cell(pair, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in self.right_aligned:
            return RIGHT
        if role == Qt.ItemDataRole.ToolTipRole and column > 0:
            return html.escape(self.cell(pair, column))
        if role == ICON and column == 0:
            look = self.look(pair)
            return look.icon, look.tone
        if role == BELOW and column > 0:
            return self.below(pair, column)
        if role == TONE:
            return self.look(pair).tone if column == 0 else self.tone(pair, column)
        return None
