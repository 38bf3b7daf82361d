"""Rows of the table of weights: what is in it, what passes the filter, in which order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from h5viewer.nodes import WeightRow, WeightSummary

(
    LAYER, NAME, SHAPE, TYPE, BYTES, MIN, MAX, MEAN, STD, NORM, ZEROS, NOT_FINITE, HISTOGRAM,
) = range(13)  # fmt: skip

FIRST_NUMBER = MIN
"""From this column on, cells need the summary."""

LARGEST_FIRST = (ZEROS, NOT_FINITE)
"""Columns whose interesting rows are those with the most."""

_BY_SUMMARY: dict[int, Callable[[WeightSummary], float]] = {
    MIN: lambda summary: summary.minimum,
    MAX: lambda summary: summary.maximum,
    MEAN: lambda summary: summary.mean,
    STD: lambda summary: summary.std,
    NORM: lambda summary: summary.norm,
    ZEROS: lambda summary: summary.n_zero,
    NOT_FINITE: lambda summary: summary.n_nan + summary.n_infinite,
    HISTOGRAM: lambda summary: _spread(summary),
}
_BY_ROW: dict[int, Callable[[WeightRow], object]] = {
    LAYER: lambda row: row.layer.casefold(),
    NAME: lambda row: row.name.casefold(),
    SHAPE: lambda row: math.prod(row.shape or (0,)),
    TYPE: lambda row: row.dtype,
    BYTES: lambda row: row.n_bytes,
}

NOTHING: tuple[int, bool] = (-1, False)
"""The order of the network."""


class WeightListing:
    """Everything that came, and the places of those rows that are shown."""

    def __init__(self) -> None:
        self.rows: list[WeightRow] = []
        self.summaries: list[WeightSummary | None] = []
        self.shown: list[int] = []
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

    def take(self, summaries: Iterable[WeightSummary]) -> None:
        """Numbers have come."""
        for summary in summaries:
            if 0 <= summary.row < len(self.summaries):
                self.summaries[summary.row] = summary

    def arrange(self) -> None:
        """Filter and sort anew; rows without a value come last in either direction."""
        places = [n for n, row in enumerate(self.rows) if self._passes(row)]
        column, is_descending = self.order
        if column in _BY_ROW:
            by_row, rows = _BY_ROW[column], self.rows
            places.sort(key=lambda place: by_row(rows[place]), reverse=is_descending)  # type: ignore[arg-type,return-value]
        elif column in _BY_SUMMARY:
            values = self._values(_BY_SUMMARY[column])
            known = [place for place in places if not math.isnan(values[place])]
            known.sort(key=values.__getitem__, reverse=is_descending)
            places = known + [place for place in places if math.isnan(values[place])]
        self.shown = places

    @property
    def common_type(self) -> str:
        """The element type of all weights; "" when they differ."""
        types = {row.dtype for row in self.rows}
        return types.pop() if len(types) == 1 else ""

    @property
    def n_odd(self) -> int:
        """Weights with values that are no numbers."""
        return sum(1 for each in self.summaries if each and (each.n_nan or each.n_infinite))

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
