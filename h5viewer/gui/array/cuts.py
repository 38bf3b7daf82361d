"""Which cut of a dataset is shown first, and what its axes are called."""

from __future__ import annotations

from collections.abc import Sequence

from h5viewer.names import visible
from h5viewer.nodes import Shape
from h5viewer.requests import Cut
from h5viewer.wording import count_text

_COLOUR_CHANNELS = (3, 4)
_CENTRED_AXES = ("kernel height", "kernel width", "kernel depth", "kernel length")


def axis_name(axes: Sequence[str], axis: int) -> str:
    """What the axis means ("kernel height"), else "axis 0"."""
    meaning = axes[axis] if axis < len(axes) else ""
    return visible(meaning, 40) if meaning else f"axis {axis}"


def axis_title(shape: Shape, axes: Sequence[str], axis: int) -> str:
    """Name and length: "kernel height (3)"."""
    return f"{axis_name(axes, axis)} ({count_text(shape[axis])})"


def has_colour_channels(shape: Shape, kind: str, itemsize: int) -> bool:
    """True for pictures: bytes with a last axis of red, green, blue (and alpha)."""
    return kind == "uint" and itemsize == 1 and len(shape) >= 3 and shape[-1] in _COLOUR_CHANNELS


def first_cut(shape: Shape, axes: Sequence[str] = (), *, is_picture: bool = False) -> Cut:
    """The cut that tells most about an array.

    A picture for arrays with two axes longer than 1, a line for those with one. Kernels
    show the larger of (height, width) and (in, out), at the centre of the rest.
    """
    index = _first_index(shape, axes)
    long_axes = [axis for axis, length in enumerate(shape) if length > 1]
    if not shape:
        return Cut()
    if len(long_axes) < 2:
        return Cut(columns=long_axes[0] if long_axes else len(shape) - 1, index=index)
    if is_picture:
        rows, columns = len(shape) - 3, len(shape) - 2
    else:
        rows, columns = _kernel_axes(shape, axes) or _best_pair(shape, long_axes)
    return Cut(rows=rows, columns=columns, index=index)


def picture_cut(shape: Shape, channels: int) -> Cut:
    """The first picture in an array with red, green and blue along one of its last three axes."""
    rows, columns = (axis for axis in range(len(shape) - 3, len(shape)) if axis != channels)
    return Cut(rows=rows, columns=columns, index=(0,) * len(shape))


def line_along_longest(shape: Shape) -> Cut:
    """The 1-D cut along the longest axis, at the beginning of the others."""
    if not shape:
        return Cut()
    longest = max(range(len(shape)), key=lambda axis: shape[axis])
    return Cut(columns=longest, index=(0,) * len(shape))


def _first_index(shape: Shape, axes: Sequence[str]) -> tuple[int, ...]:
    """The first position of each axis; of a kernel's window its centre."""
    names = axes or _kernel_names(shape)
    return tuple(
        length // 2 if axis < len(names) and names[axis] in _CENTRED_AXES else 0
        for axis, length in enumerate(shape)
    )


def _kernel_names(shape: Shape) -> tuple[str, ...]:
    """Guessed where nothing is known: two equal, odd, small axes before two more."""
    is_window = len(shape) == 4 and shape[0] == shape[1] and shape[0] in range(1, 13, 2)
    return _CENTRED_AXES[:2] if is_window else ()


def _kernel_axes(shape: Shape, axes: Sequence[str]) -> tuple[int, int] | None:
    """Rows and columns of a kernel whose axes are known."""
    if len(axes) != len(shape):
        return None
    window = [axis for axis, name in enumerate(axes) if name in _CENTRED_AXES]
    channels = [axis for axis in range(len(shape)) if axis not in window]
    pairs = [(pair[-2], pair[-1]) for pair in (window, channels) if len(pair) >= 2]
    if not window or not pairs:
        return None
    # A pair with an axis of length 1 is a line; it tells least.
    return max(pairs, key=lambda pair: (min(_lengths(shape, pair)) > 1, _area(shape, pair)))


def _best_pair(shape: Shape, long_axes: Sequence[int]) -> tuple[int, int]:
    """Two neighbouring long axes: square ones, else the last two unless they end in channels."""
    if len(long_axes) == 2:
        return long_axes[0], long_axes[1]
    first, second, third = long_axes[-3:]
    squares = [
        pair for pair in ((first, second), (second, third)) if len(set(_lengths(shape, pair))) == 1
    ]
    if squares:
        return max(reversed(squares), key=lambda pair: _area(shape, pair))
    # (rows, columns, bands): the shortest axis last is a spectrum or features.
    ends_in_bands = shape[third] < min(shape[first], shape[second])
    return (first, second) if ends_in_bands else (second, third)


def _lengths(shape: Shape, pair: tuple[int, int]) -> tuple[int, int]:
    return shape[pair[0]], shape[pair[1]]


def _area(shape: Shape, pair: tuple[int, int]) -> int:
    return shape[pair[0]] * shape[pair[1]]
