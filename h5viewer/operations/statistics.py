"""Statistics and histogram of a cut, in one pass over the file."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import TooLarge
from h5viewer.formats.boxes import Box, count_elements, whole
from h5viewer.formats.container import Container
from h5viewer.nodes import Dataset, Statistics
from h5viewer.operations import Operation
from h5viewer.operations.cuts import (
    MOST_EVER,
    READ_BUDGET,
    as_numbers,
    named,
    plane_cut,
    require_numbers,
)
from h5viewer.operations.moments import FineHistogram, Moments
from h5viewer.requests import Progress, ReadStatistics

_BOX = 4 << 20  # bytes, as for planes
_KEPT = 64 << 20  # bytes of values kept for an exact histogram
_NEXT_PART = 0.2  # seconds
_YIELD = 0.04
_MOST_BINS = 4096


def read_statistics(request: ReadStatistics, container: Container) -> Operation[Statistics]:
    """Counts are exact. So is the histogram of up to 64 MB; of more, see `FineHistogram`.

    Raises:
        TooLarge: more than READ_BUDGET would have to be decoded.
        CannotRead: no numbers, a cut outside of the dataset, an obstacle, damage.
    """
    array = container.array(request.node)
    require_numbers(array.facts, insist=request.insist)
    region = _region(array.facts, request)
    cost = array.cost(region)
    _refuse_too_much(array.facts, region, cost, request.insist)
    n_bins = min(max(1, request.n_bins), _MOST_BINS)
    gathered = _Gathered(count_elements(region), n_bins)
    done = 0
    yield_due, part_due = time.monotonic() + _YIELD, time.monotonic() + _NEXT_PART
    boxes = array.boxes(region, _BOX)
    with closing(array.process(boxes, gathered.summarise, insist=request.insist)) as summaries:
        for box, summary in summaries:
            gathered.add(summary)
            done += array.cost(box)
            if time.monotonic() >= part_due:
                yield gathered.statistics(is_complete=False)
                part_due = time.monotonic() + _NEXT_PART
            elif time.monotonic() >= yield_due:
                yield Progress(done=min(done, cost), total=cost, unit="bytes")
            else:
                continue
            yield_due = time.monotonic() + _YIELD
    yield from gathered.exact_histogram()
    return gathered.statistics(is_complete=True)


def _region(facts: Dataset, request: ReadStatistics) -> Box:
    cut = request.cut
    if cut is None or (cut.rows is None and cut.columns is None):
        return whole(facts.shape or ())
    return plane_cut(facts, cut, None).region


def _refuse_too_much(facts: Dataset, region: Box, cost: int, insist: bool) -> None:
    if cost <= (MOST_EVER if insist else READ_BUDGET):
        return
    raise TooLarge(
        f"Statistics of {named(facts)} would have to read {count_elements(region):,} elements, "
        f"{cost:,} bytes.",
        hint="" if insist else "Choose a smaller part, or compute them anyway.",
    )


class _Summary(msgspec.Struct, frozen=True):
    """What one box adds."""

    count: int
    n_nan: int
    n_positive_infinity: int
    n_negative_infinity: int
    n_zero: int
    n_denormal: int
    low: float  # of the finite values; above `high` when there is none
    high: float
    moments: Moments
    histogram: FineHistogram
    kept: NDArray[Any] | None


class _Gathered:
    """Everything read so far."""

    def __init__(self, total: int, n_bins: int) -> None:
        self._total = total
        self._n_bins = n_bins
        self._keeps_values = total * 8 <= _KEPT
        self._kept: list[NDArray[Any]] = []
        self._exact: NDArray[np.int64] | None = None
        self._sum = _EMPTY

    def summarise(self, _: Box, values: NDArray[Any]) -> _Summary:
        """One box; runs in any thread."""
        tiny = _smallest_normal(values.dtype)
        numbers = as_numbers(values).reshape(-1)
        finite, n_nan, n_positive, n_negative = _finite(numbers)
        if not finite.size:
            return _Summary(
                numbers.size, n_nan, n_positive, n_negative, 0, 0,
                math.inf, -math.inf, Moments(), FineHistogram(), None,
            )  # fmt: skip
        low, high = float(finite.min()), float(finite.max())
        n_zero, n_denormal = _near_zero(finite, tiny, low, high)
        return _Summary(
            count=numbers.size,
            n_nan=n_nan,
            n_positive_infinity=n_positive,
            n_negative_infinity=n_negative,
            n_zero=n_zero,
            n_denormal=n_denormal,
            low=low,
            high=high,
            moments=Moments.of(finite, max(abs(low), abs(high))),
            histogram=FineHistogram.of(finite, low, high),
            kept=finite.copy() if self._keeps_values else None,
        )

    def add(self, summary: _Summary) -> None:
        """Take one box into account."""
        if summary.kept is not None:
            self._kept.append(summary.kept)
        old = self._sum
        low, high = min(old.low, summary.low), max(old.high, summary.high)
        self._sum = _Summary(
            count=old.count + summary.count,
            n_nan=old.n_nan + summary.n_nan,
            n_positive_infinity=old.n_positive_infinity + summary.n_positive_infinity,
            n_negative_infinity=old.n_negative_infinity + summary.n_negative_infinity,
            n_zero=old.n_zero + summary.n_zero,
            n_denormal=old.n_denormal + summary.n_denormal,
            low=low,
            high=high,
            moments=old.moments.merged(summary.moments),
            histogram=old.histogram.merged(summary.histogram, low, high),
            kept=None,
        )

    def exact_histogram(self) -> Iterator[Progress]:
        """Count the kept values again, now that their range is known."""
        if not self._kept or not math.isfinite(self._sum.high - self._sum.low):
            return
        edges = bin_edges(self._sum.low, self._sum.high, self._n_bins)
        counts = np.zeros(self._n_bins, np.int64)
        for done, values in enumerate(self._kept):
            counts += counted(values, edges)
            yield Progress(done=done + 1, total=len(self._kept))
        self._exact = counts

    def statistics(self, *, is_complete: bool) -> Statistics:
        """As far as read."""
        total = self._sum
        mean, std = total.moments.mean_and_std
        has_values = total.low <= total.high
        edges = bin_edges(total.low, total.high, self._n_bins) if has_values else np.zeros(0)
        counts: NDArray[np.int64] = np.zeros(0, np.int64)
        if has_values:
            counts = total.histogram.rebinned(edges) if self._exact is None else self._exact
        return Statistics(
            count=total.count,
            total=self._total,
            minimum=total.low if has_values else math.nan,
            maximum=total.high if has_values else math.nan,
            mean=mean,
            std=std,
            n_nan=total.n_nan,
            n_positive_infinity=total.n_positive_infinity,
            n_negative_infinity=total.n_negative_infinity,
            n_zero=total.n_zero,
            n_denormal=total.n_denormal,
            bin_edges=tuple(edges.tolist()),
            bin_counts=tuple(counts.tolist()),
            is_complete=is_complete,
        )


_EMPTY = _Summary(
    0, 0, 0, 0, 0, 0, math.inf, -math.inf, Moments(), FineHistogram(), None
)  # fmt: skip


def bin_edges(low: float, high: float, n_bins: int) -> NDArray[np.float64]:
    """`n_bins` + 1 equidistant, strictly rising edges; a constant gets half a unit around it."""
    t = np.arange(n_bins + 1) / n_bins
    edges = low * (1 - t) + high * t  # the difference of both may overflow
    edges[0], edges[-1] = low, high
    if not np.all(np.diff(edges) > 0):
        middle = low / 2 + high / 2
        half = max(abs(middle) * n_bins * 2.0**-50, n_bins * 2.0**-1070)
        half = max(half, 0.5) if low == high else half
        edges = middle + half * (2 * t - 1)
    return edges


def counted(values: NDArray[Any], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Values between the edges, as numpy.histogram counts them: the last bin is closed."""
    n_bins = edges.size - 1
    numbers = values.astype(np.float64, copy=False)
    bins = ((numbers - edges[0]) * (n_bins / (edges[-1] - edges[0]))).astype(np.intp)
    np.clip(bins, 0, n_bins - 1, out=bins)
    # Rounding may miss by one; the edges themselves decide.
    bins -= numbers < edges[bins]
    bins += (numbers >= edges[bins + 1]) & (bins < n_bins - 1)
    return np.bincount(bins, minlength=n_bins)


def _finite(numbers: NDArray[Any]) -> tuple[NDArray[Any], int, int, int]:
    """The finite ones, and how many NaN, +Inf and −Inf."""
    if numbers.dtype.kind != "f" or not numbers.size:
        return numbers, 0, 0, 0
    if np.isfinite(numbers.min()) and np.isfinite(numbers.max()):  # both hand NaN on
        return numbers, 0, 0, 0
    n_nan, n_positive, n_negative = (
        int(np.count_nonzero(mask))
        for mask in (np.isnan(numbers), numbers == np.inf, numbers == -np.inf)
    )
    return numbers[np.isfinite(numbers)], n_nan, n_positive, n_negative


def _near_zero(finite: NDArray[Any], tiny: float, low: float, high: float) -> tuple[int, int]:
    """How many zeros and denormal numbers."""
    if low > tiny or high < -tiny:
        return 0, 0
    n_zero = finite.size - int(np.count_nonzero(finite != 0))  # 4 x faster than without "!= 0"
    if finite.dtype.kind != "f":
        return n_zero, 0
    n_small = int(np.count_nonzero(np.abs(finite) < tiny))
    return n_zero, n_small - n_zero


def _smallest_normal(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).smallest_normal) if dtype.kind in "fc" else 0.0
