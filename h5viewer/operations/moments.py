"""Summaries of blocks that add up: moments, and a histogram whose range may grow.

Moments are merged by the rule of Chan, Golub and LeVeque (1979). Histogram bins are
aligned to powers of two: a value's bin number is floor(x / 2^k), which is exact in binary
floating point (unless x / 2^k underflows), and a coarser k merges bins by a shift. So
neither the order of the blocks nor their own ranges matter: counts are of exact bins.
"""

from __future__ import annotations

import math
import threading
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

_FINE_BITS = 13  # a histogram has 2^12 … 2^13 bins over its range
_EXACT_BITS = 52  # bin numbers stay whole numbers of a float64
_LARGE = 2.0**500  # squares of larger values would overflow,
_UNIT = 600  # so those are computed in units of 2^600
_CANCELLED = 1e-3  # of the sum of squares: 13 of 16 digits are left beyond
_BLOCK = 1 << 18  # elements; fewer cost more in Python than they save in the cache
_ONES = np.ones(512)
_kept = threading.local()


class Moments(msgspec.Struct, frozen=True):
    """Count, mean and sum of squared distances from it, in units of 2^`unit`."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    unit: int = 0

    @classmethod
    def of(cls, values: NDArray[Any], magnitude: float) -> Moments:
        """Of 1-D finite `values` no larger than `magnitude`."""
        unit = _UNIT if magnitude > _LARGE else 0
        moments = cls(unit=unit)
        for start in range(0, values.size, _BLOCK):
            block = _as_float64(values[start : start + _BLOCK])
            if unit:
                block *= 2.0**-unit
            mean = _sum(block) / block.size
            squares = float(np.dot(block, block))
            distances = squares - block.size * mean * mean
            if distances < _CANCELLED * squares:  # too few digits are left
                block -= mean
                distances = float(np.dot(block, block))
            squares = distances
            moments = moments.merged(cls(block.size, mean, squares, unit))
        return moments

    def merged(self, other: Moments) -> Moments:
        """Of both sets of values together."""
        if not self.count or not other.count:
            return self if self.count else other
        unit = max(self.unit, other.unit)
        one, two = self._in_unit(unit), other._in_unit(unit)
        count = one.count + two.count
        distance = two.mean - one.mean
        return Moments(
            count,
            one.mean + distance * (two.count / count),
            one.squares + two.squares + distance * distance * (one.count * two.count / count),
            unit,
        )

    @property
    def mean_and_std(self) -> tuple[float, float]:
        """NaN when there is no value."""
        if not self.count:
            return math.nan, math.nan
        std = math.sqrt(self.squares / self.count)
        return math.ldexp(self.mean, self.unit), math.ldexp(std, self.unit)

    @property
    def norm(self) -> float:
        """Square root of the sum of squares; NaN when there is no value."""
        if not self.count:
            return math.nan
        total = self.squares + self.count * self.mean * self.mean
        return _scaled_back(math.sqrt(total), self.unit)

    def _in_unit(self, unit: int) -> Moments:
        shift = self.unit - unit
        mean, squares = math.ldexp(self.mean, shift), math.ldexp(self.squares, 2 * shift)
        return Moments(self.count, mean, squares, unit)


def _as_float64(values: NDArray[Any]) -> NDArray[np.float64]:
    """A copy, valid until the same thread makes the next one: a new one costs page faults."""
    block: NDArray[np.float64] | None = getattr(_kept, "block", None)
    if block is None:
        block = _kept.block = np.empty(_BLOCK)
    copy = block[: values.size]
    np.copyto(copy, values)
    return copy


def _sum(block: NDArray[np.float64]) -> float:
    """Of all values; BLAS takes half the time of `sum` and a third of einsum's.

    Workers tell it to start no threads of its own.
    """
    n_whole = block.size - block.size % _ONES.size
    rows = block[:n_whole].reshape(-1, _ONES.size)
    return float(np.dot(rows, _ONES).sum() + block[n_whole:].sum())


def _scaled_back(value: float, unit: int) -> float:
    """`value` times 2^unit; the norm of many large numbers may be beyond a float64."""
    try:
        return math.ldexp(value, unit)
    except OverflowError:
        return math.inf


class FineHistogram(msgspec.Struct, frozen=True):
    """Counts of floor(x / 2^k), for consecutive numbers from `first` on."""

    k: int = 0
    first: int = 0
    counts: NDArray[np.int64] = msgspec.field(default_factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def of(cls, values: NDArray[Any], low: float, high: float) -> FineHistogram:
        """Count 1-D finite `values`, of which `low` and `high` are the extremes."""
        k = exponent(low, high)
        first, last = (math.floor(math.ldexp(end, -k)) for end in (low, high))
        counts = np.zeros(last - first + 1, np.int64)
        is_single = values.dtype == np.float32 and -120 < k <= 0 and max(-first, last) < 1 << 23
        for start in range(0, values.size, _BLOCK):
            block = values[start : start + _BLOCK]
            numbers: NDArray[Any]
            if is_single:  # scaling up by a power of two is exact in float32 too
                numbers = block * np.float32(2.0**-k)
            else:
                numbers = _scaled(block.astype(np.float64), -k)
            np.floor(numbers, out=numbers)
            numbers -= first
            # Six times faster than to the wider integers of bincount at once.
            counts += np.bincount(numbers.astype(np.int32), minlength=counts.size)
        return cls(k, first, counts)

    def merged(self, other: FineHistogram, low: float, high: float) -> FineHistogram:
        """The sum of both, as fine as the range from `low` to `high` allows."""
        if not self.counts.size or not other.counts.size:
            return self if self.counts.size else other
        k = max(self.k, other.k, exponent(low, high))
        parts = (self._coarsened(k), other._coarsened(k))
        first = min(part.first for part in parts)
        stop = max(part.first + part.counts.size for part in parts)
        counts = np.zeros(stop - first, np.int64)
        for part in parts:
            counts[part.first - first :][: part.counts.size] += part.counts
        return FineHistogram(k, first, counts)

    def rebinned(self, edges: NDArray[np.float64]) -> NDArray[np.int64]:
        """Counts between `edges`, each fine bin taken as a whole by its middle."""
        numbers = (self.first + np.arange(self.counts.size)).astype(np.float64) + 0.5
        bins = np.searchsorted(edges, np.ldexp(numbers, self.k), "right") - 1
        binned = np.zeros(edges.size - 1, np.int64)
        np.add.at(binned, np.clip(bins, 0, binned.size - 1), self.counts)
        return binned

    def _coarsened(self, k: int) -> FineHistogram:
        shift = k - self.k
        if shift == 0:
            return self
        first = self.first >> shift
        last = (self.first + self.counts.size - 1) >> shift
        counts = np.zeros(last - first + 1, np.int64)
        numbers: NDArray[np.int64] | list[int]
        if shift < 48:
            numbers = (np.arange(self.counts.size) + (self.first - (first << shift))) >> shift
        else:  # beyond 64 bits
            numbers = [((self.first + n) >> shift) - first for n in range(self.counts.size)]
        np.add.at(counts, numbers, self.counts)
        return FineHistogram(k, first, counts)


def exponent(low: float, high: float) -> int:
    """The finest k whose bins cover `low` … `high` by 2^13 and whose numbers are exact."""
    half_span = high / 2 - low / 2  # the whole span may overflow
    magnitude = max(abs(low), abs(high))
    by_span = math.frexp(half_span)[1] + 1 - _FINE_BITS if half_span else -1074
    by_magnitude = math.frexp(magnitude)[1] - _EXACT_BITS if magnitude else -1074
    return max(by_span, by_magnitude, -1074)


def _scaled(values: NDArray[np.float64], exponent: int) -> NDArray[np.float64]:
    """`values` times 2^exponent, in place where the factor is a float64."""
    if abs(exponent) > 1000:
        scaled: NDArray[np.float64] = np.ldexp(values, exponent)
        return scaled
    values *= 2.0**exponent
    return values
