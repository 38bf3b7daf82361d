"""Overviews keep extremes: checked against a brute force, block by block."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from h5viewer.formats.boxes import tiles
from h5viewer.operations.extremes import Extremes, Grid, farthest, fold, nearest_seen

FLOATS = st.sampled_from(
    [0.0, -0.0, 1.5, -1.5, 3e38, -3e38, 1e-45, np.nan, np.inf, -np.inf, 7.0, -9.0]
)


def overview(
    values: np.ndarray, most: tuple[int, int], cell: tuple[int, int] = (7, 5)
) -> tuple[Extremes, np.ndarray]:
    rows, columns = values.shape
    extremes = Extremes(Grid.of(slice(0, rows), most[0]), Grid.of(slice(0, columns), most[1]))
    for box in tiles((slice(0, rows), slice(0, columns)), cell, 1):
        extremes.add(fold(values[box], (box[0], box[1]), extremes.grids))
    return extremes, extremes.picture()


def blocks(values: np.ndarray, extremes: Extremes) -> dict[tuple[int, int], np.ndarray]:
    rows, columns = extremes.grids
    return {
        (i, j): values[i * rows.step : (i + 1) * rows.step, j * columns.step :][:, : columns.step]
        for i in range(rows.n_pixels)
        for j in range(columns.n_pixels)
    }


def assert_keeps_extremes(values: np.ndarray, extremes: Extremes, picture: np.ndarray) -> None:
    centre = extremes.centre()
    low, high = extremes.low_and_high()
    for place, block in blocks(values, extremes).items():
        exact = block.astype(np.float64)
        if np.isnan(exact).any():
            assert np.isnan([picture[place], low[place], high[place]]).all()
            continue
        assert (low[place], high[place]) == (block.min(), block.max())
        assert picture[place] in block
        assert abs(float(picture[place]) - centre) == np.abs(exact - centre).max()


@settings(deadline=None)
@given(
    values=arrays(np.float32, st.tuples(st.integers(1, 30), st.integers(1, 90)), elements=FLOATS),
    most=st.tuples(st.integers(1, 12), st.integers(1, 12)),
)
def test_every_pixel_is_the_farthest_element_of_its_block(
    values: np.ndarray, most: tuple[int, int]
) -> None:
    extremes, picture = overview(values, most)
    assert_keeps_extremes(values, extremes, picture)


@settings(deadline=None)
@given(
    dtype=st.sampled_from(["u1", "i1", "i4", "u8", "i8", "?", "f8"]),
    shape=st.tuples(st.integers(1, 20), st.integers(1, 90)),
    most=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    seed=st.integers(0, 1000),
)
def test_every_type_of_number_keeps_its_extremes(
    dtype: str, shape: tuple[int, int], most: tuple[int, int], seed: int
) -> None:
    values = np.random.default_rng(seed).integers(0, 100, shape).astype(dtype)
    extremes, picture = overview(values, most)
    assert picture.dtype == values.dtype
    assert_keeps_extremes(values, extremes, picture)


@pytest.mark.parametrize("outlier", [np.nan, np.inf, -np.inf, 1000.0, -1000.0])
def test_a_single_outlier_among_a_million_stays_visible(outlier: float) -> None:
    values = np.random.default_rng(0).normal(size=(1000, 1000)).astype("f4")
    values[567, 891] = outlier
    picture = overview(values, (10, 10), (100, 1000))[1]
    assert np.array_equal(picture[5, 8], np.float32(outlier), equal_nan=True)


def test_the_centre_is_zero_for_data_on_both_sides_of_it() -> None:
    assert overview(np.array([[-1.0, 100.0, 101.0]]), (1, 3))[0].centre() == 0


def test_the_centre_of_other_data_is_its_median() -> None:
    """Otherwise the lowest values of an all-positive array would never show."""
    values = np.full((40, 40), 100.0)
    values[20, 20] = 1.0
    extremes, picture = overview(values, (4, 4))
    assert extremes.centre() == 100
    assert picture[2, 2] == 1


def test_wide_steps_fold_like_narrow_ones() -> None:
    """Both ways of folding a row: strided passes and one reduction a block."""
    values = np.random.default_rng(0).normal(size=(3, 2000)).astype("f4")
    for most in (1999, 100, 63, 62, 20, 2, 1):
        extremes, picture = overview(values, (1, most), (3, 700))
        assert_keeps_extremes(values, extremes, picture)


def test_boxes_may_come_twice_and_in_any_order() -> None:
    values = np.random.default_rng(0).normal(size=(50, 50))
    expected = overview(values, (9, 9))[1]
    extremes = Extremes(Grid.of(slice(0, 50), 9), Grid.of(slice(0, 50), 9))
    boxes = list(tiles((slice(0, 50), slice(0, 50)), (7, 5), 1))
    for box in [*boxes[::-3], *boxes, *boxes[::2]]:
        extremes.add(fold(values[box], (box[0], box[1]), extremes.grids))
    assert np.array_equal(extremes.picture(), expected)


def test_what_is_not_read_yet_is_filled_from_the_nearest() -> None:
    seen = np.zeros((5, 6), bool)
    seen[1, 1] = seen[1, 4] = seen[4, 0] = True
    rows, columns = nearest_seen(seen)
    rows = np.broadcast_to(rows, seen.shape)
    assert seen[rows, columns].all()
    assert rows[:, 0].tolist() == [1, 1, 1, 4, 4]
    assert columns[0].tolist() == [1, 1, 1, 4, 4, 4]
    assert columns[4].tolist() == [0] * 6


def test_nothing_read_yet_is_a_picture_too() -> None:
    extremes = Extremes(Grid.of(slice(0, 5), 2), Grid.of(slice(3, 9), 4))
    assert extremes.picture().tolist() == [[0, 0, 0], [0, 0, 0]]


def test_distances_do_not_overflow() -> None:
    low, high = np.array([-1.7e308, 1e308]), np.array([1.6e308, 1.7e308])
    assert farthest(low[:1], high[:1], 0).tolist() == [-1.7e308]
    assert farthest(low[1:], high[1:], 1.6e308).tolist() == [1e308]
