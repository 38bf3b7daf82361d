"""Colours, levels, first cuts and the words for what is under the cursor."""

from __future__ import annotations

import numpy as np
import pytest

from h5viewer.gui.array.colour_maps import (
    COLOUR_MAPS,
    DIVERGING,
    SEQUENTIAL,
    colour_table,
    coloured,
)
from h5viewer.gui.array.cuts import axis_title, first_cut, has_colour_channels
from h5viewer.gui.array.heat_map import HeatMap, Picture
from h5viewer.gui.array.levels import Levels, automatic_levels, has_negative, widened
from h5viewer.gui.array.readout import line_text, picture_text
from h5viewer.nodes import Array, Line, Plane
from h5viewer.requests import Cut

KERNEL = ("kernel height", "kernel width", "in", "out")


def _plane(values: np.ndarray, **place: object) -> Plane:
    facts = {
        "row_start": 0,
        "column_start": 0,
        "row_step": 1,
        "column_step": 1,
        "n_rows": values.shape[0],
        "n_columns": values.shape[1],
        "is_sharp": True,
    }
    return Plane(values=Array.of(values), **(facts | place))


# ------------------------------------------------------------------------- colours


@pytest.mark.parametrize("colour_map", COLOUR_MAPS, ids=lambda row: row.key)
def test_nan_has_a_colour_that_its_map_has_not(colour_map) -> None:
    table = colour_table(colour_map).astype(int)
    distances = np.abs(table[:-1, :3] - table[-1, :3]).sum(axis=1)
    assert distances.min() > 60


def test_numbers_beyond_the_levels_have_the_colours_of_the_ends() -> None:
    table = colour_table(SEQUENTIAL)
    values = np.array([[-np.inf, -5, 0, 1, 7, np.inf]], np.float32)
    painted = coloured(values, 0, 1, table)
    for column, row in enumerate((0, 0, 0, 255, 255, 255)):
        assert painted[0, column].tolist() == table[row].tolist()


def test_zero_has_the_middle_colour_of_symmetric_levels() -> None:
    table = colour_table(DIVERGING)
    painted = coloured(np.zeros((1, 1)), -3.7, 3.7, table)
    assert painted[0, 0, :3].min() > 200  # white


def test_reversing_a_map_keeps_the_colour_of_nan() -> None:
    forward, backward = colour_table(SEQUENTIAL), colour_table(SEQUENTIAL, True)
    assert backward[0].tolist() == forward[255].tolist()
    assert backward[256].tolist() == forward[256].tolist()


@pytest.mark.parametrize(
    "values",
    [
        np.array([1.7e308, -1.7e308, np.nan, np.inf]),
        np.array([5e-324, 0.0]),
        np.array([2**64 - 1, 0], np.uint64),
        np.array([True, False]),
        np.array([3 + 4j, 0, np.nan], np.complex64),
        np.array([65504, np.nan, -np.inf], np.float16),
        np.full(3, np.nan),
        np.array([7, 7], np.int8),
    ],
    ids=lambda values: str(values.dtype),
)
@pytest.mark.parametrize("mode", ["full", "robust"])
@pytest.mark.parametrize("symmetric", [True, False])
def test_any_numbers_can_be_painted(values, mode, symmetric) -> None:
    levels = automatic_levels(values, mode, symmetric=symmetric)
    assert levels.low < levels.high
    painted = coloured(values, levels.low, levels.high, colour_table(DIVERGING))
    missing = (painted == colour_table(DIVERGING)[256]).all(axis=-1)
    assert missing.tolist() == np.isnan(values).tolist()


# -------------------------------------------------------------------------- levels


def test_levels_without_the_outer_percent_ignore_an_outlier() -> None:
    values = np.concatenate([np.linspace(0, 1, 10_000), [1e6]])
    levels = automatic_levels(values, "robust", symmetric=False)
    assert levels.low == pytest.approx(0.01, abs=0.002)
    assert levels.high == pytest.approx(0.99, abs=0.002)
    assert automatic_levels(values, "full", symmetric=False) == Levels(0.0, 1e6)


def test_levels_show_the_rare_numbers_of_a_nearly_constant_array() -> None:
    values = np.zeros(10_000)
    values[0] = 5
    assert automatic_levels(values, "robust", symmetric=False) == Levels(0.0, 5.0)


def test_symmetric_levels_reach_as_far_below_zero_as_above() -> None:
    levels = automatic_levels(np.array([-1.0, 4.0]), "full", symmetric=True)
    assert levels == Levels(-4.0, 4.0)


def test_a_constant_gets_levels_around_it() -> None:
    levels = widened(6.0, 6.0)
    assert levels.low < 6.0 < levels.high


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0.0, -1e-9]), True),
        (np.array([-np.inf, np.nan, 2.0]), False),
        (np.array([0, 200], np.uint8), False),
        (np.array([-1, 200], np.int16), True),
    ],
)
def test_only_finite_numbers_below_zero_make_data_signed(values, expected) -> None:
    assert has_negative(values) is expected


# ---------------------------------------------------------------------------- cuts


@pytest.mark.parametrize(
    ("shape", "axes", "drawn", "index"),
    [
        ((3, 3, 64, 32), KERNEL, (2, 3), (1, 1, 0, 0)),
        ((5, 5, 1, 6), KERNEL, (0, 1), (2, 2, 0, 0)),
        ((1, 1, 64, 32), KERNEL, (2, 3), (0, 0, 0, 0)),
        ((3, 3, 16, 16), (), (2, 3), (1, 1, 0, 0)),
        ((128, 10), ("in", "out"), (0, 1), (0, 0)),
        ((145, 145, 200), (), (0, 1), (0, 0, 0)),
        ((1000, 480, 640), (), (1, 2), (0, 0, 0)),
        ((610, 340, 103), (), (0, 1), (0, 0, 0)),
        ((1, 7, 1, 9), (), (1, 3), (0, 0, 0, 0)),
        ((12,), (), (None, 0), (0,)),
        ((12, 1), (), (None, 0), (0, 0)),
        ((1, 1), (), (None, 1), (0, 0)),
        ((), (), (None, None), ()),
    ],
)
def test_the_first_cut_shows_what_tells_most(shape, axes, drawn, index) -> None:
    cut = first_cut(shape, axes)
    assert ((cut.rows, cut.columns), cut.index) == (drawn, index)


def test_pictures_are_shown_as_pictures() -> None:
    assert has_colour_channels((209, 64, 64, 3), "uint", 1)
    assert not has_colour_channels((209, 64, 64, 3), "float", 4)
    cut = first_cut((209, 64, 48, 3), is_picture=True)
    assert (cut.rows, cut.columns) == (1, 2)


def test_axes_are_called_by_their_meaning_where_known() -> None:
    assert axis_title((3, 3, 16, 32), KERNEL, 0) == "kernel height (3)"
    assert axis_title((50_000, 3), (), 0) == "axis 0 (50,000)"


# -------------------------------------------------------------------- under the cursor


def test_the_value_under_the_cursor_is_exact() -> None:
    values = np.array([[0.1, 16777217], [-0.0, 1e-45]], np.float32)
    picture = Picture((_plane(values),))
    cut = Cut(rows=2, columns=3, index=(1, 2, 0, 0))
    assert picture_text(picture, 0, 0, cut) == "[1, 2, 0, 0]   0.1"
    assert picture_text(picture, 1, 1, cut) == "[1, 2, 1, 1]   1e-45"


def test_large_integers_keep_every_digit() -> None:
    picture = Picture((_plane(np.array([[2**63 + 1]], np.uint64)),))
    assert picture_text(picture, 0, 0, Cut(rows=0, columns=1, index=(0, 0))) == (
        "[0, 0]   9223372036854775809"
    )


def test_a_pixel_of_many_elements_names_its_block() -> None:
    plane = _plane(
        np.array([[1.0, 2.0], [3.0, 4.5]], np.float32),
        row_start=100,
        column_start=10,
        row_step=5,
        column_step=4,
        n_rows=8,
        n_columns=8,
    )
    cut = Cut(rows=0, columns=1, index=(0, 0))
    text = picture_text(Picture((plane,)), 106, 15, cut)
    assert text == "[105:108, 14:18]   4.5   the most extreme of 3 × 4 elements"


def test_swapped_axes_keep_the_order_of_the_file_in_words() -> None:
    picture = Picture((_plane(np.arange(6).reshape(2, 3)),))
    assert picture_text(picture, 1, 2, Cut(rows=1, columns=0, index=(0, 0))) == "[2, 1]   5"


def test_a_bin_of_a_line_tells_its_lowest_and_highest() -> None:
    line = Line(
        low=Array.of(np.array([-1.5, 0.0])),
        high=Array.of(np.array([2.5, 0.25])),
        start=40,
        step=10,
        n_elements=15,
        is_sharp=True,
    )
    cut = Cut(columns=1, index=(3, 0))
    assert line_text(line, 47, cut) == "[3, 40:50]   -1.5 to 2.5   of 10 elements"
    assert line_text(line, 52, cut) == "[3, 50:55]   0.0 to 0.25   of 5 elements"


# ------------------------------------------------------------------------ the view


@pytest.mark.parametrize("shape", [(4, 16), (16, 4), (40, 160), (1, 3)])
def test_every_element_of_a_small_matrix_is_in_view(qtbot, shape: tuple[int, int]) -> None:
    """Elements are drawn square; the view of the shorter axis was too small for that."""
    heat_map = HeatMap()
    qtbot.addWidget(heat_map)
    heat_map.resize(560, 480)
    with qtbot.waitExposed(heat_map):
        heat_map.show()
    heat_map.set_extent(*shape)
    qtbot.waitUntil(lambda: heat_map.visible_region() == (0, shape[0], 0, shape[1]))
    visible = heat_map.visible_rect()
    assert visible.left() <= -0.49
    assert visible.right() >= shape[1] - 0.51
    assert visible.top() <= -0.49
    assert visible.bottom() >= shape[0] - 0.51
