"""The numbers of one weight in the table of all: extremes, moments, counts, a small histogram.

Boxes are summarised while they are in the processor's cache, block by block, and the
summaries added up; nothing but a sample of the values is kept.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import H5ViewerError
from h5viewer.formats.boxes import Box, Results, whole
from h5viewer.formats.container import StoredArray
from h5viewer.nodes import WeightSummary
from h5viewer.operations.cuts import as_numbers
from h5viewer.operations.moments import Moments
from h5viewer.operations.statistics import bin_edges, counted

N_BINS = 32
"""Bars of a histogram in a row of the table."""

SAMPLE = 1 << 14
"""Values of a weight that its histogram counts; of more, every n-th."""

_BOX = 1 << 21  # bytes: stay in the cache between reading and summing; less costs more in Python
_READ_AT_ONCE = 1 << 20  # bytes; threads cost more than they save
_BLOCK = 1 << 19  # elements; fewer cost more in Python than they save in the cache
_kept = threading.local()


class _Tally(msgspec.Struct):
    """What was met so far. `low` is above `high` when no value is finite."""

    low: float = math.inf
    high: float = -math.inf
    n_zero: int = 0
    n_nan: int = 0
    n_infinite: int = 0
    moments: Moments = msgspec.field(default_factory=Moments)

    def add(self, other: _Tally) -> None:
        """Both together."""
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.n_zero += other.n_zero
        self.n_nan += other.n_nan
        self.n_infinite += other.n_infinite
        self.moments = self.moments.merged(other.moments)


Summarised = Results[tuple[_Tally, NDArray[Any]]]
"""Boxes with what was met in each, and a sample of its values."""


class WeightNumbers:
    """Reads one weight, whatever its size, in pieces of a few MiB.

    `tasks` may run in any threads; `take` and `summary` belong to the caller's.
    """

    def __init__(self, row: int, array: StoredArray) -> None:
        self._row = row
        self._array = array
        self._tally = _Tally()
        self._samples: list[NDArray[Any]] = []
        self._step = _step(array.facts.n_elements)
        self._reason = ""
        self.n_ahead = array.n_ahead

    def tasks(self) -> Iterator[Callable[[], Summarised]]:
        """What is to do; damage ends it and becomes the summary's reason."""
        region = whole(self._array.facts.shape or ())
        cost = self._array.cost(region)
        try:
            if cost <= _READ_AT_ONCE:
                yield partial(self._summarise_whole, region, self._array.read(region))
                return
            boxes = self._array.boxes(region, _BOX)
            for task in self._array.tasks(boxes, self._summarise):
                if self._reason:
                    return
                yield partial(self._run, task)
        except H5ViewerError as error:
            self._reason = error.message

    def take(self, results: Summarised) -> int:
        """Add what a task found; returns how many bytes it cost."""
        cost = 0
        for box, result in results:
            cost += self._array.cost(box)
            if self._reason:
                continue
            try:
                tally, sample = self._array.settled(box, result, self._summarise)
            except H5ViewerError as error:
                self._reason = error.message
            else:
                self._tally.add(tally)
                self._samples.append(sample)
        return cost

    def summary(self) -> WeightSummary:
        """Of everything read."""
        if self._reason:
            return no_numbers(self._row, self._reason)
        tally = self._tally
        mean, std = tally.moments.mean_and_std
        is_any_finite = tally.low <= tally.high
        return WeightSummary(
            row=self._row,
            minimum=tally.low if is_any_finite else math.nan,
            maximum=tally.high if is_any_finite else math.nan,
            mean=mean,
            std=std,
            norm=tally.moments.norm,
            n_zero=tally.n_zero,
            n_nan=tally.n_nan,
            n_infinite=tally.n_infinite,
            bins=self._bins() if is_any_finite else (),
        )

    def _run(self, task: Callable[[], Summarised]) -> Summarised:
        try:
            return task()
        except H5ViewerError as error:
            self._reason = error.message
            return []

    def _summarise_whole(self, region: Box, values: NDArray[Any]) -> Summarised:
        return [(region, (self._summarise(region, values),))]

    def _summarise(self, _: Box, values: NDArray[Any]) -> tuple[_Tally, NDArray[Any]]:
        """One box; runs in any thread."""
        flat = values.reshape(-1)
        tally = _Tally()
        for start in range(0, flat.size, _BLOCK):
            tally.add(_tally_of(as_numbers(flat[start : start + _BLOCK])))
        sampled = as_numbers(flat[min(self._step // 2, flat.size - 1) :: self._step])
        return tally, sampled.astype(np.float64 if sampled.itemsize > 4 else np.float32)

    def _bins(self) -> tuple[int, ...]:
        """Counts of the sample; the two extremes themselves have been met, so they show."""
        low, high = self._tally.low, self._tally.high
        if low == high:  # one value: one bar in the middle
            counts = np.zeros(N_BINS, np.int64)
            counts[N_BINS // 2] = sum(sample.size for sample in self._samples)
            return tuple(counts.tolist())
        values = np.concatenate(self._samples).astype(np.float64)
        values = values[np.isfinite(values)]
        counts = counted(values, bin_edges(low, high, N_BINS))
        counts[0], counts[-1] = max(1, counts[0]), max(1, counts[-1])
        return tuple(counts.tolist())


def no_numbers(row: int, reason: str) -> WeightSummary:
    """Of a weight that is not read."""
    nan = math.nan
    return WeightSummary(
        row=row, minimum=nan, maximum=nan, mean=nan, std=nan, norm=nan,
        n_zero=0, n_nan=0, n_infinite=0, reason=reason,
    )  # fmt: skip


def _step(n_elements: int) -> int:
    """Every how many-th element is sampled: odd to the size, or whole columns were left out."""
    step = max(1, -(-n_elements // SAMPLE))
    while step > 1 and math.gcd(step, n_elements) > 1:
        step += 1
    return step


def _tally_of(numbers: NDArray[Any]) -> _Tally:
    """One block of real numbers."""
    if not numbers.size:
        return _Tally()
    low, high = float(numbers.min()), float(numbers.max())  # both hand NaN on
    n_nan = n_infinite = 0
    if not (math.isfinite(low) and math.isfinite(high)):
        is_finite = np.isfinite(numbers)
        n_nan = int(np.count_nonzero(np.isnan(numbers)))
        n_infinite = numbers.size - int(np.count_nonzero(is_finite)) - n_nan
        numbers = numbers[is_finite]
        if not numbers.size:
            return _Tally(n_nan=n_nan, n_infinite=n_infinite)
        low, high = float(numbers.min()), float(numbers.max())
    n_zero = 0
    if low <= 0 <= high:
        n_zero = numbers.size - _count_not_zero(numbers)
    return _Tally(low, high, n_zero, n_nan, n_infinite, Moments.of(numbers, max(-low, high)))


def _count_not_zero(numbers: NDArray[Any]) -> int:
    """Comparing first is three times faster than to count numbers."""
    is_other: NDArray[np.bool_] | None = getattr(_kept, "is_other", None)
    if is_other is None:
        is_other = _kept.is_other = np.empty(_BLOCK, np.bool_)
    return int(np.count_nonzero(np.not_equal(numbers, 0, out=is_other[: numbers.size])))
