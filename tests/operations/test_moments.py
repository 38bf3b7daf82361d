"""Summaries of blocks add up to the summary of everything."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from h5viewer.operations.moments import FineHistogram, Moments, exponent

FINITE = st.floats(allow_nan=False, allow_infinity=False)
# Scaled to the range of these, none becomes too small for a float64.
SCALABLE = st.floats(-1e200, 1e200).filter(lambda x: x == 0 or abs(x) > 1e-90)
BLOCKS = st.lists(arrays(np.float64, st.integers(1, 20), elements=FINITE), min_size=1, max_size=6)


def histogram_of(blocks: list[np.ndarray]) -> FineHistogram:
    merged = FineHistogram()
    low, high = math.inf, -math.inf
    for block in blocks:
        ends = float(block.min()), float(block.max())
        low, high = min(low, ends[0]), max(high, ends[1])
        merged = merged.merged(FineHistogram.of(block, *ends), low, high)
    return merged


@settings(deadline=None)
@given(st.lists(arrays(np.float64, st.integers(1, 20), elements=SCALABLE), min_size=1, max_size=6))
def test_no_value_is_counted_in_a_wrong_bin(blocks: list[np.ndarray]) -> None:
    """Blocks of very different ranges, merged, against Python's exact arithmetic."""
    merged = histogram_of(blocks)
    values = [float(value) for block in blocks for value in block]
    expected: dict[int, int] = {}
    for value in values:
        numerator, denominator = value.as_integer_ratio()
        number = (numerator << max(0, -merged.k)) // (denominator << max(0, merged.k))
        expected[number] = expected.get(number, 0) + 1
    counted = {merged.first + n: int(c) for n, c in enumerate(merged.counts) if c}
    assert counted == expected


@settings(deadline=None)
@given(BLOCKS)
def test_a_histogram_stays_small_and_fine(blocks: list[np.ndarray]) -> None:
    merged = histogram_of(blocks)
    low, high = (float(end(np.concatenate(blocks))) for end in (np.min, np.max))
    assert merged.counts.size <= (1 << 13) + 1
    assert merged.counts.size >= 1 << 11 or merged.k == exponent(low, high)


@settings(deadline=None)
@given(BLOCKS, st.integers(1, 30))
def test_rebinning_loses_nothing(blocks: list[np.ndarray], n_bins: int) -> None:
    values = np.concatenate(blocks) / 4
    edges = np.linspace(values.min(), values.max() + 1, n_bins + 1)
    counts = histogram_of([block / 4 for block in blocks]).rebinned(edges)
    assert counts.size == n_bins
    assert counts.sum() == values.size


def test_rebinning_is_off_by_little() -> None:
    values = np.random.default_rng(0).normal(size=200_000)
    edges = np.linspace(values.min(), values.max(), 129)
    counts = histogram_of(np.array_split(values, 7)).rebinned(edges)
    expected = np.histogram(values, edges)[0]
    assert np.abs(counts - expected).max() <= 0.04 * expected.max()


def test_single_precision_counts_like_double() -> None:
    values = np.random.default_rng(0).normal(size=100_000).astype("f4")
    ends = float(values.min()), float(values.max())
    single = FineHistogram.of(values, *ends)
    double = FineHistogram.of(values.astype("f8"), *ends)
    assert (single.k, single.first) == (double.k, double.first)
    assert single.counts.tolist() == double.counts.tolist()


@settings(deadline=None)
@given(
    st.lists(
        arrays(np.float64, st.integers(1, 20), elements=st.floats(-1e6, 1e6)),
        min_size=1,
        max_size=6,
    )
)
def test_moments_add_up(blocks: list[np.ndarray]) -> None:
    moments = Moments()
    for block in blocks:
        moments = moments.merged(Moments.of(block, float(np.abs(block).max())))
    values = np.concatenate(blocks)
    mean, std = moments.mean_and_std
    scale = float(np.abs(values).max()) * 1e-12
    assert mean == pytest.approx(values.mean(), rel=1e-9, abs=scale)
    assert std == pytest.approx(values.std(), rel=1e-6, abs=scale * 100)


def test_a_large_offset_does_not_swamp_the_deviation() -> None:
    """The textbook sum of squares would give 0 or a negative variance."""
    values = 1e9 + np.tile([0.0, 1.0], 100_000)
    mean, std = Moments.of(values, 1e9 + 1).mean_and_std
    assert mean == 1e9 + 0.5
    assert std == pytest.approx(0.5, rel=1e-12)


def test_the_largest_numbers_do_not_overflow() -> None:
    small, large = np.array([1.0, 3.0]), np.array([-1.7e308, 1.7e308])
    moments = Moments.of(small, 3.0).merged(Moments.of(large, 1.7e308))
    mean, std = moments.mean_and_std
    assert abs(mean) < 1e300
    assert std == pytest.approx(1.7e308 / 2**0.5, rel=1e-12)


def test_moments_of_nothing_are_nan() -> None:
    assert all(math.isnan(value) for value in Moments().mean_and_std)
