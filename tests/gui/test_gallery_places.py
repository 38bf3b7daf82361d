"""Where pictures of a gallery are, which are chosen, and which are shown: arithmetic alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from h5viewer.gui.gallery.grid_geometry import GridGeometry
from h5viewer.gui.gallery.order import Order
from h5viewer.gui.gallery.positions import Positions

sizes = st.builds(
    GridGeometry,
    count=st.integers(1, 3_000_000_000),
    width=st.integers(1, 4000),
    height=st.integers(200, 3000),
    cell_width=st.integers(20, 300),
    cell_height=st.integers(20, 300),
    gap=st.integers(0, 12),
)


@given(sizes, st.floats(0, 1))
def test_a_place_inside_a_cell_belongs_to_its_picture(grid: GridGeometry, share: float) -> None:
    position = int(share * (grid.count - 1))
    value = grid.value_to_see(position, 0)
    middle = grid.cell(position, value).center()
    assert grid.position_at(middle.x(), middle.y(), value) == position


@example(GridGeometry(1_068_399_825, 1, 200, 20, 201, 0), 0.0, 0.0)  # higher than the view
@given(sizes, st.floats(0, 1), st.floats(0, 1))
def test_what_is_gone_to_is_in_sight(grid: GridGeometry, share: float, scrolled: float) -> None:
    """From wherever one was; also where a step of the scroll bar is many pixels.

    But fewer than are seen: of a billion rows in a view of 200 pixels some are stepped over.
    """
    assume(grid.unit <= grid.height - grid.gap)
    position = int(share * (grid.count - 1))
    value = grid.value_to_see(position, int(scrolled * grid.most))
    assert 0 <= value <= grid.most
    assert position in grid.visible(value)


@given(sizes)
def test_a_scroll_bar_counts_in_32_bits(grid: GridGeometry) -> None:
    assert 0 <= grid.most < 2**31
    assert grid.count - 1 in grid.visible(grid.most)
    assert 0 in grid.visible(0)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_few_pictures_need_no_scrolling(count: int) -> None:
    grid = GridGeometry(count, 500, 400, 104, 117, 8)
    assert grid.most == (0 if count < 13 else 1)
    assert list(grid.visible(0)) == list(range(count))


changes = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "set_only"]), st.integers(0, 40), st.integers(0, 40)
    )
)


@given(changes, st.lists(st.integers(0, 40)))
def test_runs_are_a_set_of_positions(done: list[tuple[str, int, int]], toggled: list[int]) -> None:
    chosen, expected = Positions(), set[int]()
    for name, start, stop in done:
        getattr(chosen, name)(start, stop)
        part = set(range(start, stop))
        expected = {"add": expected | part, "remove": expected - part, "set_only": part}[name]
    for position in toggled:
        chosen.toggle(position)
        expected ^= {position}
    assert list(chosen) == sorted(expected)
    assert len(chosen) == len(expected)
    assert [position for position in range(45) if position in chosen] == sorted(expected)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(chosen.runs))


def test_all_of_a_million_are_one_run() -> None:
    chosen = Positions()
    chosen.set_only(0, 1_000_000)
    chosen.toggle(500_000)
    assert len(chosen) == 999_999
    assert chosen.runs == ((0, 500_000), (500_001, 1_000_000))
    assert chosen.first(3) == [0, 1, 2]


def test_an_order_leads_there_and_back() -> None:
    order = Order(100, np.array([3, 14, 15, 92]))
    assert [order.position(index) for index in (3, 14, 15, 92)] == [0, 1, 2, 3]
    assert [order.position(index) for index in (-1, 0, 16, 99)] == [-1] * 4
    assert order.indices(range(1, 3)) == [14, 15]
    assert order.indices_of_runs(((0, 1), (2, 4))).tolist() == [3, 15, 92]
    whole = Order(5)
    assert (whole.is_all, whole.index(4), whole.position(5)) == (True, 4, -1)
    assert whole.indices_of_runs(((1, 3),)).tolist() == [1, 2]


def test_pictures_that_do_not_exist_are_left_out() -> None:
    order = Order.of(10, [9, 2, 2, 10, -1])
    assert order.indices(range(order.count)) == [2, 9]
