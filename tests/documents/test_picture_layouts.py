"""Numbers become pictures whatever the order of their axes, and are drawn over their range."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h5viewer.documents.picture_layouts import (
    arranged,
    drawn,
    is_possible,
    picture_axis,
    picture_box,
    possible_layouts,
)
from h5viewer.nodes import PictureLayout

ORDERS = [
    "".join(order) for letters in ("nhw", "nhwc") for order in itertools.permutations(letters)
]
FLAT = [order for order in ORDERS if order[0] == "n" or order[-1] == "n"]


def pictures_as(axes: str, *, is_flat: bool) -> tuple[np.ndarray, np.ndarray, PictureLayout]:
    """Pictures (5, 4, 6, c), the same as stored, and how."""
    channels = 3 if "c" in axes else 1
    whole = np.arange(5 * 4 * 6 * channels).reshape(5, 4, 6, channels)
    kept = whole if "c" in axes else whole[..., 0]
    stored = kept.transpose(["nhwc".index(axis) for axis in axes])
    if is_flat:
        stored = stored.reshape(5, -1) if axes[0] == "n" else stored.reshape(-1, 5)
    layout = PictureLayout(axes=axes, height=4, width=6, channels=channels, is_flat=is_flat)
    return whole, stored, layout


@pytest.mark.parametrize(
    ("axes", "is_flat"), [(axes, False) for axes in ORDERS] + [(axes, True) for axes in FLAT]
)
def test_any_order_of_axes_comes_out_upright(axes: str, is_flat: bool) -> None:
    whole, stored, layout = pictures_as(axes, is_flat=is_flat)
    assert is_possible(stored.shape, layout)
    assert np.array_equal(arranged(stored, layout), whole)
    box = picture_box(stored.shape, layout, 1, 3)
    assert np.array_equal(arranged(stored[box], layout), whole[1:3])
    assert stored.shape[picture_axis(layout)] == 5


@pytest.mark.parametrize(
    ("shape", "wrong"),
    [
        ((5, 4, 6, 3), PictureLayout(axes="nhw", height=4, width=6, channels=1)),
        ((5, 4, 6), PictureLayout(axes="nhw", height=4, width=6, channels=3)),
        ((5, 4, 6, 3), PictureLayout(axes="nhwc", height=6, width=4, channels=3)),
        ((5, 4, 6, 3), PictureLayout(axes="nnhw", height=4, width=6, channels=3)),
        ((5, 72), PictureLayout(axes="hnwc", height=4, width=6, channels=3, is_flat=True)),
        ((5, 71), PictureLayout(axes="nhwc", height=4, width=6, channels=3, is_flat=True)),
        ((5, 0, 6), PictureLayout(axes="nhw", height=0, width=6, channels=1)),
        ((5,), PictureLayout(axes="nhw", height=1, width=1, channels=1, is_flat=True)),
        ((), PictureLayout(axes="nhw", height=1, width=1, channels=1)),
        ((5, 4, 6, 3), PictureLayout(axes="", height=4, width=6, channels=3)),
    ],
)
def test_layouts_that_do_not_fit_are_told(shape: tuple[int, ...], wrong: PictureLayout) -> None:
    assert not is_possible(shape, wrong)


@settings(deadline=None)
@given(shape=st.lists(st.integers(0, 40), min_size=0, max_size=5).map(tuple))
def test_every_layout_that_is_offered_fits(shape: tuple[int, ...]) -> None:
    for layout in possible_layouts(shape):
        assert is_possible(shape, layout)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((50, 64, 64, 3), "nhwc"),
        ((50, 3, 64, 64), "nchw"),
        ((64, 64, 3, 50), "hwcn"),
        ((3, 64, 64, 50), "cwhn"),
        ((50, 28, 28), "nhw"),
        ((28, 28, 500), "hwn"),
        ((64, 64, 100), "hwn"),
        ((28, 20, 28), "nhw"),
        ((50, 784), "nhw"),
        ((50, 64, 48, 1), "nhwc"),
        ((50, 64, 64, 4), "nhwc"),
    ],
)
def test_the_likeliest_order_comes_first(shape: tuple[int, ...], axes: str) -> None:
    assert possible_layouts(shape)[0].axes == axes


@pytest.mark.parametrize(
    "shape",
    [(5, 5, 64, 256), (7, 7, 3, 64), (5, 5, 1, 32), (97, 10), (97, 67), (4, 5), (2, 3, 4, 5, 6)],
)
def test_kernels_and_vectors_have_no_shape_of_pictures(shape: tuple[int, ...]) -> None:
    assert possible_layouts(shape) == []


def layout_of(low: float, high: float, channels: int = 1, *, is_bgr: bool = False) -> PictureLayout:
    return PictureLayout(
        axes="nhwc", height=1, width=1, channels=channels, low=low, high=high, is_bgr=is_bgr
    )


@pytest.mark.parametrize(
    ("values", "low", "high", "pixels"),
    [
        (np.array([0, 7, 255], "u1"), 0, 255, [0, 7, 255]),
        (np.array([0, 1, 2], "u1"), 0, 1, [0, 255, 255]),
        (np.array([False, True]), 0, 1, [0, 255]),
        (np.array([-1, 0, 1], "f4"), -1, 1, [0, 128, 255]),
        (np.array([np.nan, np.inf, -np.inf, 0.5], "f4"), 0, 1, [0, 255, 0, 128]),
        (np.array([0, 65_535, 300], "u2"), 0, 65_535, [0, 255, 1]),
        (np.array([1e300, -1e300]), -1e300, 1e300, [255, 0]),
        (np.array([5, 6]), 5, 5, [0, 0]),
    ],
)
def test_numbers_are_drawn_over_the_range(
    values: np.ndarray, low: float, high: float, pixels: list[int]
) -> None:
    shown = drawn(values.reshape(-1, 1, 1, 1), layout_of(low, high))
    assert shown.reshape(-1).tolist() == pixels


def test_channels_are_red_green_blue_or_grey() -> None:
    values = np.array([10, 20, 30, 40], "u1")
    four = drawn(values.reshape(1, 1, 1, 4), layout_of(0, 255, 4))
    assert four.tolist() == [[[[10, 20, 30]]]]
    bgr = drawn(values[:3].reshape(1, 1, 1, 3), layout_of(0, 255, 3, is_bgr=True))
    assert bgr.tolist() == [[[[30, 20, 10]]]]
    two = drawn(values[:2].reshape(1, 1, 1, 2), layout_of(0, 255, 2))
    assert two.tolist() == [[[10]]]
