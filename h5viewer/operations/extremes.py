"""Overviews that keep extremes: every block by its lowest and highest element.

Whichever of the two lies farther from the centre of the data becomes the pixel, so a
single outlier, NaN or infinity among a million elements stays visible. NumPy's minimum
and maximum hand NaN on, and run at the memory's speed along contiguous elements.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

_LONG_STEP = 32  # from here on, reducing block by block beats bringing like elements together
_SAMPLES = 64  # elements of each box kept for the median


class Grid(msgspec.Struct, frozen=True):
    """Pixels of `step` elements along one axis, from element `start` on."""

    start: int
    stop: int
    step: int

    @classmethod
    def of(cls, span: slice, most: int) -> Grid:
        """The finest grid of at most `most` pixels."""
        return cls(span.start, span.stop, max(1, -(-(span.stop - span.start) // max(1, most))))

    @property
    def n_pixels(self) -> int:
        """Pixels; the last may stand for fewer elements."""
        return -(-(self.stop - self.start) // self.step)

    def pixels(self, span: slice) -> slice:
        """The pixels that elements of `span` fall into."""
        return slice(
            (span.start - self.start) // self.step, -(-(span.stop - self.start) // self.step)
        )


class Folded(msgspec.Struct, frozen=True):
    """One box, folded: lowest and highest element of each pixel it touches."""

    first: slice  # pixels along the first axis
    second: slice
    low: NDArray[Any]
    high: NDArray[Any]
    sample: NDArray[Any]


def fold(values: NDArray[Any], spans: tuple[slice, slice], grids: tuple[Grid, Grid]) -> Folded:
    """Fold a box onto the pixels.

    Args:
        values: (first, second), real numbers.
        spans: which elements they are.
    """
    low = high = values
    for axis, (span, grid) in enumerate(zip(spans, grids, strict=True)):
        low = _folded(np.minimum, low, span.start - grid.start, grid.step, axis)
        high = _folded(np.maximum, high, span.start - grid.start, grid.step, axis)
    rows, columns = (max(1, -(-n // _side(values.size))) for n in values.shape)
    return Folded(
        first=grids[0].pixels(spans[0]),
        second=grids[1].pixels(spans[1]),
        # Without steps these are the values themselves, which live in a reused buffer.
        low=low.copy() if low is values else low,
        high=high.copy() if high is values else high,
        sample=values[::rows, ::columns].reshape(-1).copy(),
    )


class Extremes:
    """Lowest and highest element of every pixel seen so far."""

    def __init__(self, first: Grid, second: Grid) -> None:
        self.grids = (first, second)
        self._low: NDArray[Any] | None = None
        self._high: NDArray[Any] | None = None
        self._seen = np.zeros((first.n_pixels, second.n_pixels), bool)
        self._samples: list[NDArray[Any]] = []

    def add(self, part: Folded) -> None:
        """Take another box into account; boxes may come twice."""
        if self._low is None or self._high is None:
            lowest, highest = _limits(part.low.dtype)
            self._low = np.full(self._seen.shape, highest, part.low.dtype)
            self._high = np.full(self._seen.shape, lowest, part.high.dtype)
        where = (part.first, part.second)
        low, high = self._low[where], self._high[where]
        np.minimum(low, part.low, out=low)
        np.maximum(high, part.high, out=high)
        self._seen[where] = True
        if len(self._samples) < 4096:
            self._samples.append(part.sample)

    def low_and_high(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Both, pixels not seen yet filled from the nearest that were."""
        if self._low is None or self._high is None:
            return np.zeros(self._seen.shape), np.zeros(self._seen.shape)
        if self._seen.all():
            return self._low, self._high
        nearest = nearest_seen(self._seen)
        return self._low[nearest], self._high[nearest]

    def picture(self) -> NDArray[Any]:
        """Each pixel by its element farthest from the centre."""
        if self._low is None or self._high is None:
            return np.zeros(self._seen.shape)
        picture = farthest(self._low, self._high, self.centre())
        return picture if self._seen.all() else picture[nearest_seen(self._seen)]

    def centre(self) -> float:
        """Zero for data on both sides of it, otherwise the median of a sample."""
        if self._low is None or self._high is None or not self._seen.any():
            return 0.0
        seen = slice(None) if self._seen.all() else self._seen
        low, high = _finite(self._low[seen]), _finite(self._high[seen])
        if low.size and high.size and low.min() < 0 < high.max():
            return 0.0
        sample = _finite(np.concatenate(self._samples))
        # One of the elements: the mean of the middle two may overflow.
        middle = sample.size // 2
        return float(np.partition(sample, middle)[middle]) if sample.size else 0.0


def farthest(low: NDArray[Any], high: NDArray[Any], centre: float) -> NDArray[Any]:
    """Of each pair the one farther from `centre`; NaN where both are, an infinity before all."""
    if low.dtype == bool:
        return low if centre > 0.5 else high
    if centre == 0 and low.dtype.kind == "f":  # a third of the time, and as exact
        at_zero: NDArray[Any] = np.where(high >= -low, high, low)
        return at_zero
    # No distance overflows: the centre is zero, or all finite values are on one side of it.
    above = high.astype(np.float64, copy=False) - centre
    below = centre - low.astype(np.float64, copy=False)
    picture: NDArray[Any] = np.where(above >= below, high, low)
    return picture


def nearest_seen(seen: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For every pixel the (row, column) of a near seen one: nearest row, then nearest in it."""
    in_row: NDArray[np.bool_] = np.logical_or.reduce(seen, axis=1, keepdims=True)
    rows = np.flatnonzero(in_row)
    nearest_row = _nearest(in_row.T)[0]
    if seen[rows].all():  # rows sampled whole
        return nearest_row[:, None], np.arange(seen.shape[1])[None]
    columns = np.zeros(seen.shape, np.intp)
    columns[rows] = _nearest(seen[rows])
    return nearest_row[:, None], columns[nearest_row]


def _nearest(seen: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For every pixel the column of the nearest seen one in its row."""
    n_columns = seen.shape[1]
    columns = np.arange(n_columns)
    left = np.maximum.accumulate(np.where(seen, columns, -n_columns), axis=1)
    right = np.minimum.accumulate(np.where(seen, columns, 2 * n_columns)[:, ::-1], axis=1)[:, ::-1]
    return np.where(columns - left <= right - columns, left, right)


def _folded(
    extreme: np.ufunc, values: NDArray[Any], start: int, step: int, axis: int
) -> NDArray[Any]:
    """Reduce `axis` to pixels of `step` elements; element 0 is element `start` of the grid."""
    length = values.shape[axis]
    if step == 1 or length == 0:
        return values
    head = min(length, -start % step)
    n_whole = (length - head) // step
    tail = length - head - n_whole * step
    pieces = []
    if head:
        pieces.append(extreme.reduce(_part(values, axis, 0, head), axis=axis, keepdims=True))
    if n_whole:
        body = _part(values, axis, head, head + n_whole * step)
        pieces.append(_whole_blocks(extreme, body, n_whole, step, axis))
    if tail:
        pieces.append(
            extreme.reduce(_part(values, axis, length - tail, length), axis=axis, keepdims=True)
        )
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=axis)


def _whole_blocks(
    extreme: np.ufunc, values: NDArray[Any], n_blocks: int, step: int, axis: int
) -> NDArray[Any]:
    n_first, n_second = values.shape
    folded: NDArray[Any]
    if axis == 0:
        folded = extreme.reduce(values.reshape(n_blocks, step, n_second), axis=1)
    elif step > _LONG_STEP:
        folded = extreme.reduceat(values, np.arange(0, n_blocks * step, step), axis=1)
    else:
        apart = values.reshape(n_first, n_blocks, step).transpose(2, 0, 1)
        folded = extreme.reduce(np.ascontiguousarray(apart), axis=0)
    return folded


def _part(values: NDArray[Any], axis: int, start: int, stop: int) -> NDArray[Any]:
    return values[start:stop] if axis == 0 else values[:, start:stop]


def _limits(dtype: np.dtype[Any]) -> tuple[Any, Any]:
    """The least and the greatest value an element can have."""
    if dtype.kind in "iu":
        return np.iinfo(dtype).min, np.iinfo(dtype).max
    return (-np.inf, np.inf) if dtype.kind == "f" else (False, True)


def _finite(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind != "f":
        return values
    finite: NDArray[np.bool_] = np.isfinite(values)
    return values if finite.all() else values[finite]


def _side(size: int) -> int:
    return max(1, math.isqrt(min(size, _SAMPLES)))
