"""How a dataset that nobody takes for pictures may be read as such: a first guess by its shape."""

from __future__ import annotations

import math

from h5viewer.nodes import Dataset, PictureLayout, PictureSet

_FEW = (1, 3, 4)  # channels


def may_be_pictures(node: object) -> bool:
    """True for numbers along two to four axes, more than one along each of two."""
    if not isinstance(node, Dataset) or node.dtype.kind not in ("bool", "int", "uint", "float"):
        return False
    shape = node.shape or ()
    return 2 <= len(shape) <= 4 and 0 not in shape and sum(size > 1 for size in shape) > 1


def as_pictures(dataset: Dataset) -> PictureSet:
    """The set to begin with; its black and white are to be found, the rest can be changed."""
    shape = dataset.shape or ()
    layout = _layout(shape)
    axis = 0 if layout.is_flat else layout.axes.index("n")
    return PictureSet(
        node=dataset.path,
        shape=shape,
        dtype=dataset.dtype.text,
        layout=layout,
        n_pictures=shape[axis],
    )


def _layout(shape: tuple[int, ...]) -> PictureLayout:
    is_flat = len(shape) == 2
    sizes = {"h": 1, "w": 1, "c": 1}
    if is_flat:
        sizes["h"] = next(n for n in range(math.isqrt(shape[1]), 0, -1) if shape[1] % n == 0)
        sizes["w"] = shape[1] // sizes["h"]
    axes = "nhw" if len(shape) < 4 else _coloured_axes(shape)
    if not is_flat:
        sizes |= dict(zip(axes, shape, strict=True))
    return PictureLayout(
        axes=axes,
        height=sizes["h"],
        width=sizes["w"],
        channels=sizes["c"],
        is_flat=is_flat,
        low=0.0,
        high=0.0,
    )


def _coloured_axes(shape: tuple[int, ...]) -> str:
    """Colours are few, and mostly last."""
    for axes in ("nhwc", "nchw", "chwn"):
        if shape[axes.index("c")] in _FEW:
            return axes
    return "nhwc"
