"""Boxes cover a region once, lazily, and samples spread evenly."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from h5viewer.formats.boxes import Box, box_shape, count_cells, count_elements, spread, tiles


@st.composite
def regions(draw: st.DrawFn) -> tuple[Box, tuple[int, ...]]:
    rank = draw(st.integers(0, 4))
    region, cell = [], []
    for _ in range(rank):
        start = draw(st.integers(0, 12))
        region.append(slice(start, start + draw(st.integers(0, 9))))
        cell.append(draw(st.integers(1, 5)))
    return tuple(region), tuple(cell)


def touched(region: Box, boxes: list[Box]) -> np.ndarray:
    counts = np.zeros(tuple(part.stop for part in region), int)
    for box in boxes:
        counts[box] += 1
    return counts[region]


@given(regions(), st.integers(1, 40))
def test_tiles_cover_a_region_exactly_once(case: tuple[Box, tuple[int, ...]], n: int) -> None:
    region, cell = case
    boxes = list(tiles(region, cell, n))
    assert (touched(region, boxes) == 1).all()
    assert sum(count_elements(box) for box in boxes) == count_elements(region)


@given(regions(), st.integers(1, 40))
def test_tiles_touch_no_more_cells_than_asked(case: tuple[Box, tuple[int, ...]], n: int) -> None:
    region, cell = case
    for box in tiles(region, cell, n):
        assert count_cells(box, cell) <= n


@given(regions())
def test_a_sample_as_large_as_the_region_is_the_region(case: tuple[Box, tuple[int, ...]]) -> None:
    region, cell = case
    boxes = list(spread(region, cell, max(1, count_cells(region, cell))))
    assert (touched(region, boxes) == 1).all()


@given(regions(), st.integers(1, 40))
def test_samples_are_single_cells_that_never_repeat(
    case: tuple[Box, tuple[int, ...]], n: int
) -> None:
    region, cell = case
    boxes = list(spread(region, cell, n))
    assert (touched(region, boxes) <= 1).all()
    assert all(count_cells(box, cell) == 1 for box in boxes)
    assert bool(boxes) == (count_elements(region) > 0)


def test_samples_come_coarse_first() -> None:
    """Stopping after a twentieth leaves no large hole."""
    region = (slice(0, 50_000), slice(0, 10_000))
    first = list(itertools.islice(spread(region, (500, 500), 2000), 100))
    rows = sorted({box[0].start for box in first})
    columns = sorted({box[1].start for box in first})
    assert max(np.diff([0, *rows, 50_000])) <= 8000
    assert max(np.diff([0, *columns, 10_000])) <= 4000


def test_absurd_extents_cost_nothing() -> None:
    region = (slice(0, 10**18), slice(0, 10**18))
    assert count_elements(region) == 10**36
    assert count_cells(region, (64, 64)) == (10**18 // 64) ** 2
    assert box_shape(next(tiles(region, (64, 64), 1000))) == (64, 64_000)
    assert 500 <= len(list(spread(region, (64, 64), 1000))) <= 1000
