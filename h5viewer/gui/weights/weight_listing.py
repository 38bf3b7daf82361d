"""Rows of the table of weights: what is in it, what passes the filter, in which order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from h5viewer.nodes import WeightRow, WeightSummary

(
    LAYER, NAME, SHAPE, TYPE, BYTES, MIN, MAX, MEAN, STD, NORM, ZEROS, NOT_FINITE, HISTOGRAM,
) = range(13)  # fmt: skip

FIRST_NUMBER = MIN
"""From this column on, cells need the summary."""

LARGEST_FIRST = (ZEROS, NOT_FINITE)
"""Columns whose interesting rows are those with the most."""

_BY_SUMMARY: dict[int, Callable[[WeightSummary], float]] = {
    MIN: attrgetter("minimum"),
    MAX: attrgetter("maximum"),
    MEAN: attrgetter("mean"),
    STD: attrgetter("std"),
    NORM: attrgetter("norm"),
    ZEROS: attrgetter("n_zero"),
    NOT_FINITE: lambda summary: summary.n_nan + summary.n_infinite,
    HISTOGRAM: lambda summary: _spread(summary),
}
_BY_ROW: dict[int, Callable[[WeightRow], object]] = {
    LAYER: lambda row: row.layer.casefold(),
    NAME: lambda row: row.name.casefold(),
    SHAPE: lambda row: math.prod(row.shape or (0,)),
    TYPE: attrgetter("dtype"),
    BYTES: attrgetter("n_bytes"),
}

NOTHING: tuple[int, bool] = (-1, False)
"""The order of the network."""


class WeightListing:
    """Everything that came, and the places of those rows that are shown."""

    def __init__(self) -> None:
        self.rows: list[WeightRow] = []
        self.summaries: list[WeightSummary | None] = []
        self.shown: list[int] = []
        self.n_bytes = 0
        self.n_read = 0  # weights whose numbers have come
        self.has_layers = False  # whether any weight belongs to one
        self.n_odd = 0  # weights with values that are no numbers
        self._types: set[str] = set()
        self.filter = ""
        self.order = NOTHING  # column, and whether the largest come first

    def matching(self, rows: Sequence[WeightRow]) -> list[int]:
        """Places that new rows will have, of those that pass the filter."""
        first = len(self.rows)
        return [first + n for n, row in enumerate(rows) if self._passes(row)]

    def append(self, rows: Sequence[WeightRow], shown: Iterable[int]) -> None:
        """More rows have come; `shown` are those of `matching`."""
        self.rows.extend(rows)
        self.summaries.extend([None] * len(rows))
        self.shown.extend(shown)
        self.n_bytes += sum(row.n_bytes for row in rows)
        self.has_layers = self.has_layers or any(row.layer for row in rows)
        self._types.update(row.dtype for row in rows)

    def take(self, summaries: Iterable[WeightSummary]) -> None:
        """Numbers have come."""
        for summary in summaries:
            if 0 <= summary.row < len(self.summaries) and self.summaries[summary.row] is None:
                self.summaries[summary.row] = summary
                self.n_read += 1
                self.n_odd += bool(summary.n_nan or summary.n_infinite)

    def arrange(self) -> None:
        """Filter and sort anew; rows without a value come last in either direction."""
        places = list(range(len(self.rows)))
        if self.filter:
            places = [place for place in places if self._passes(self.rows[place])]
        column, is_descending = self.order
        if column in _BY_ROW:
            by_row, rows = _BY_ROW[column], self.rows
            places.sort(key=lambda place: by_row(rows[place]), reverse=is_descending)  # type: ignore[arg-type,return-value]
        elif column in _BY_SUMMARY:
            values = self._values(_BY_SUMMARY[column])
            unknown = [place for place in places if values[place] != values[place]]  # NaN
            if unknown:
                places = [place for place in places if values[place] == values[place]]
            places.sort(key=values.__getitem__, reverse=is_descending)
            places += unknown
        self.shown = places

    @property
    def common_type(self) -> str:
        """The element type of all weights; "" when they differ."""
        return next(iter(self._types)) if len(self._types) == 1 else ""

    def _values(self, key: Callable[[WeightSummary], float]) -> list[float]:
        return [
            math.nan if summary is None or summary.reason else key(summary)
            for summary in self.summaries
        ]

    def _passes(self, row: WeightRow) -> bool:
        wanted = self.filter
        return not wanted or wanted in f"{row.layer}/{row.name} {row.dtype}".casefold()


def n_elements(row: WeightRow) -> int:
    """Exact, whatever the file declares."""
    return 0 if row.shape is None else math.prod(row.shape)


def _spread(summary: WeightSummary) -> float:
    """How far the extremes are apart in standard deviations: outliers first."""
    if not summary.std > 0:
        return math.nan if math.isnan(summary.std) else 0.0
    return summary.maximum / summary.std - summary.minimum / summary.std
