"""Indices of a whole array, and what of them lies in a box of it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box
from h5viewer.nodes import Shape
from h5viewer.wording import shape_text

Places = tuple[range, ...]
"""The indices along each axis, ascending."""


def places_of(index: Sequence[ast.expr], shape: Shape) -> Places:
    """Where `x[index]` is in an array of this shape.

    Raises:
        CannotRead: outside it, or with more indices than it has axes.
    """
    dots = [i for i, part in enumerate(index) if _is_dots(part)]
    n_missing = len(shape) - (len(index) - len(dots))
    if len(dots) > 1 or n_missing < 0:
        raise CannotRead(f"The index has {len(index)} parts, the weight is {shape_text(shape)}.")
    at = dots[0] if dots else len(index)
    every: list[ast.expr | None] = [*index[:at], *[None] * n_missing, *index[at + len(dots) :]]
    return tuple(
        _along(part, n, axis) for axis, (part, n) in enumerate(zip(every, shape, strict=True))
    )


def element_places(index: Sequence[int], shape: Shape) -> Places:
    """Where one element is.

    Raises:
        CannotRead: there is none.
    """
    if len(index) != len(shape):
        raise CannotRead(
            f"One element of {shape_text(shape)} needs {len(shape)} indices, not {len(index)}."
        )
    return tuple(_single(i, n, axis) for axis, (i, n) in enumerate(zip(index, shape, strict=True)))


def within(places: Places, box: Box) -> tuple[slice, ...] | None:
    """The places that lie in a box, counted from its corner; None: none do."""
    found = []
    for indices, part in zip(places, box, strict=True):
        first = max(0, -(-(part.start - indices.start) // indices.step))
        last = min(len(indices), -(-(part.stop - indices.start) // indices.step))
        if last <= first:
            return None
        start = indices.start + first * indices.step - part.start
        found.append(slice(start, start + (last - first - 1) * indices.step + 1, indices.step))
    return tuple(found)


def _along(part: ast.expr | None, n: int, axis: int) -> range:
    if part is None:
        return range(n)
    if isinstance(part, ast.Slice):
        ends = [
            None if end is None else _number(end) for end in (part.lower, part.upper, part.step)
        ]
        if ends[2] == 0:
            raise CannotRead("The step of a slice cannot be 0.")
        indices = range(n)[slice(*ends)]
        return indices if indices.step > 0 else indices[::-1]
    return _single(_number(part), n, axis)


def _single(index: int, n: int, axis: int) -> range:
    if not -n <= index < n:
        raise CannotRead(f"There is no index {index} along axis {axis}, which has {n} elements.")
    return range(index % n, index % n + 1)


def _number(node: ast.expr) -> int:
    value = ast.literal_eval(node)
    assert isinstance(value, int)
    return value


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis
