"""How the numbers of a dataset are pictures: which axis is which, and what they are drawn as.

A layout's `axes` name the axes in the order of the file: n pictures, h rows, w columns,
c channels. MATLAB turns all axes round, so its h x w x c x n stands in the file as "ncwh".
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.boxes import Box, along, whole
from h5viewer.nodes import PictureLayout, Shape

SMALLEST_SIDE = 8  # pixels: kernels of networks are smaller
CHANNELS = (1, 3, 4)
BANDS = (2, *range(5, 17))
"""Channels of what no screen shows: satellites, several stains; told by names alone."""

_SMALLEST_BANDS = 16  # pixels of a side
_LONGEST_ASPECT = 20  # times as wide as high, where the channels say that it is a picture
_LONGEST_GREY = 8  # ... where nothing does
_LONGEST_FLAT = 3
_MOST_PIXELS = 1 << 20  # of a flat picture, whose sides are to be found by trying


def is_possible(shape: Shape, layout: PictureLayout) -> bool:
    """True when a dataset of this shape can be read as these pictures."""
    letters = sorted(layout.axes)
    if letters not in (["h", "n", "w"], ["c", "h", "n", "w"]):
        return False
    if min(layout.height, layout.width, layout.channels) < 1:
        return False
    if "c" not in layout.axes and layout.channels != 1:
        return False
    if layout.is_flat and layout.axes[0] != "n" and layout.axes[-1] != "n":
        return False
    return picture_axis(layout) < len(shape) and shape == _sizes(shape, layout)


def picture_axis(layout: PictureLayout) -> int:
    """The axis of the dataset along which the pictures stand."""
    if layout.is_flat:
        return 0 if layout.axes[0] == "n" else 1
    return layout.axes.index("n")


def picture_box(shape: Shape, layout: PictureLayout, start: int, stop: int) -> Box:
    """Where pictures `start` to `stop` are."""
    return along(whole(shape), picture_axis(layout), start, stop)


def arranged(values: NDArray[Any], layout: PictureLayout) -> NDArray[Any]:
    """Whole pictures as stored → (pictures, rows, columns, channels); a view where it can be.

    Of pictures that are not flat, rows and columns may be fewer than the layout has.
    """
    axes = layout.axes
    if layout.is_flat:
        values = values if axes[0] == "n" else values.T
        axes = "n" + axes.replace("n", "")
        sizes = {"h": layout.height, "w": layout.width, "c": layout.channels}
        values = values.reshape(len(values), *(sizes[axis] for axis in axes[1:]))
    values = values.transpose([axes.index(axis) for axis in "nhwc" if axis in axes])
    return values if "c" in axes else values[..., None]


def drawn(pictures: NDArray[Any], layout: PictureLayout) -> NDArray[np.uint8]:
    """(…, rows, columns, channels) → 0 … 255 as (…, rows, columns, 3), grey without channels.

    What is no number is black. The fourth channel, and the second of two, is left out: what is
    drawn is what a network sees.
    """
    n_channels = pictures.shape[-1]
    pictures = pictures[..., :3] if n_channels >= 3 else pictures[..., 0]
    if n_channels >= 3 and layout.is_bgr:
        pictures = pictures[..., ::-1]
    if pictures.dtype == np.uint8 and (layout.low, layout.high) == (0, 255):
        return pictures.copy(order="C")  # not what a thread reads its next pictures into
    low, high = layout.low, layout.high
    span = high - low
    kind = np.float32 if pictures.dtype.itemsize <= 4 and np.isfinite(np.float32(span)) else float
    with np.errstate(all="ignore"):
        scaled = pictures.astype(kind)
        scaled -= low
        scaled *= 255 / span if span > 0 else 0
        np.rint(scaled, out=scaled)
        np.clip(scaled, 0, 255, out=scaled)  # leaves NaN
        pixels: NDArray[np.uint8] = np.nan_to_num(scaled, copy=False).astype(np.uint8)
    return pixels


def possible_layouts(shape: Shape) -> list[PictureLayout]:
    """Layouts that a dataset of this shape could have if it were pictures, best first."""
    if 0 in shape:
        return []
    if len(shape) == 4:
        return _coloured(shape)
    if len(shape) == 3:
        return _grey(shape)
    return _flat(shape) if len(shape) == 2 else []


def banded_layouts(shape: Shape) -> list[PictureLayout]:
    """Those of pictures with other channels than a screen has, where names say that they are."""
    if len(shape) != 4 or 0 in shape:
        return []
    return [layout for axes in ("nhwc", "nchw") if (layout := _bands(shape, axes))]


def axes_of_one(shape: Shape, several: str = "") -> str:
    """Axes of a dataset that is one picture, as of a row of such; "": it is none.

    Args:
        several: the axes of its set, which decide where both ends may be colours.
    """
    if 0 in shape or len(shape) not in (2, 3):
        return ""
    if len(shape) == 2:
        return "nhw"
    possible = [axes for axes, at in (("nhwc", 2), ("nchw", 0)) if shape[at] in CHANNELS]
    return several if several in possible else next(iter(possible), "")


def turned(layouts: list[PictureLayout]) -> list[PictureLayout]:
    """The same with those of MATLAB, which turns axes round, first."""
    return sorted(layouts, key=lambda layout: layout.axes.index("h") < layout.axes.index("w"))


def _coloured(shape: Shape) -> list[PictureLayout]:
    orders = ("nhwc", "nchw", "ncwh", "hwcn", "nwhc", "cwhn", "chwn", "whcn")
    return [layout for axes in orders if (layout := _layout(shape, axes, _LONGEST_ASPECT))]


def _bands(shape: Shape, axes: str) -> PictureLayout | None:
    sizes = dict(zip(axes, shape, strict=True))
    sides = sizes["h"], sizes["w"]
    if sizes["c"] not in BANDS or min(sides) < _SMALLEST_BANDS or max(sides) > 2 * min(sides):
        return None
    return PictureLayout(axes=axes, height=sides[0], width=sides[1], channels=sizes["c"])


def _grey(shape: Shape) -> list[PictureLayout]:
    orders = ["nhw", "nwh", "hwn", "whn"]
    if shape[0] == shape[1] != shape[2]:
        orders = ["hwn", "whn", "nhw", "nwh"]
    return [layout for axes in orders if (layout := _layout(shape, axes, _LONGEST_GREY))]


def _layout(shape: Shape, axes: str, longest: int) -> PictureLayout | None:
    sizes = dict(zip(axes, shape, strict=True))
    height, width, channels = sizes["h"], sizes["w"], sizes.get("c", 1)
    if not are_sides((height, width), longest) or channels not in CHANNELS:
        return None
    return PictureLayout(axes=axes, height=height, width=width, channels=channels)


def are_sides(sides: Shape, longest: int = _LONGEST_ASPECT) -> bool:
    """True for rows and columns that a picture may have, `longest` times as many at most."""
    return min(sides) >= SMALLEST_SIDE and max(sides) <= longest * min(sides)


def _flat(shape: Shape) -> list[PictureLayout]:
    """Squares first; of other sides those nearest to a square."""
    found: list[PictureLayout] = []
    for ends, n_numbers in ((False, shape[1]), (True, shape[0])):
        for n_channels, orders in ((1, ("hw", "wh")), (3, ("hwc", "chw", "cwh")), (4, ("hwc",))):
            for height, width in _sides(n_numbers, n_channels):
                found += [
                    PictureLayout(
                        axes=order + "n" if ends else "n" + order,
                        height=height,
                        width=width,
                        channels=n_channels,
                        is_flat=True,
                    )
                    for order in orders
                ]
    found.sort(key=lambda each: max(each.height, each.width) / min(each.height, each.width))
    return found


def _sides(n_numbers: int, n_channels: int) -> list[tuple[int, int]]:
    n_pixels, rest = divmod(n_numbers, n_channels)
    if rest or not SMALLEST_SIDE**2 <= n_pixels <= _MOST_PIXELS:
        return []
    sides = range(SMALLEST_SIDE, math.isqrt(n_pixels) + 1)
    pairs = [(n_pixels // side, side) for side in sides if n_pixels % side == 0]
    near = [(high, low) for high, low in pairs if high <= _LONGEST_FLAT * low]
    return [*near, *((low, high) for high, low in near if high != low)]


def _sizes(shape: Shape, layout: PictureLayout) -> Shape:
    """The shape that a dataset in this layout has, with as many pictures as `shape`."""
    axis = picture_axis(layout)
    sizes = {"h": layout.height, "w": layout.width, "c": layout.channels, "n": shape[axis]}
    if not layout.is_flat:
        return tuple(sizes[each] for each in layout.axes)
    n_numbers = layout.height * layout.width * layout.channels
    return (shape[axis], n_numbers) if axis == 0 else (n_numbers, shape[axis])
