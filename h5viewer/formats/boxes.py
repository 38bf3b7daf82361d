"""Boxes of an n-dimensional array: cut along storage cells, in order or spread evenly.

A box has one slice an axis, step 1. A cell is what the storage delivers at once: a chunk,
or a run of rows. All numbers are Python integers and all sequences lazy: a file may
declare 10^15 elements.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeVar

import numpy as np

from h5viewer.nodes import Shape

T = TypeVar("T")

Box = tuple[slice, ...]

Results = list[tuple[Box, tuple[T] | None]]
"""Boxes, each with what was made of its values; None where only the library can read them."""


def whole(shape: Shape) -> Box:
    """The box that is everything."""
    return tuple(slice(0, n) for n in shape)


def along(box: Box, axis: int, start: int, stop: int) -> Box:
    """The box, but from `start` to `stop` along one axis."""
    return (*box[:axis], slice(start, stop), *box[axis + 1 :])


def within(box: Box, region: Box) -> Box:
    """A box, counted from where another one begins."""
    return tuple(
        slice(part.start - around.start, part.stop - around.start)
        for part, around in zip(box, region, strict=True)
    )


def box_shape(box: Box) -> Shape:
    """Elements along each axis; 0 where stop is not beyond start."""
    return tuple(max(0, part.stop - part.start) for part in box)


def count_elements(box: Box) -> int:
    """Elements in the box, exact."""
    return math.prod(box_shape(box))


def count_cells(region: Box, cell: Shape) -> int:
    """Cells that `region` touches, exact."""
    return math.prod(len(numbers) for numbers in _cells(region, cell))


def tiles(region: Box, cell: Shape, n_cells: int) -> Iterator[Box]:
    """`region` cut along the cells into boxes of at most `n_cells` cells, in file order."""
    numbers = _cells(region, cell)
    if any(len(axis) == 0 for axis in numbers):
        return
    steps = [1] * len(numbers)
    left = max(1, n_cells)
    for axis in reversed(range(len(numbers))):
        steps[axis] = min(left, len(numbers[axis]))
        left //= steps[axis]
        if steps[axis] < len(numbers[axis]):
            break
    yield from _product(region, cell, numbers, steps, 0)


def spread(region: Box, cell: Shape, n_boxes: int) -> Iterator[Box]:
    """About `n_boxes` single cells of `region`, on a lattice that gets finer and finer.

    Whoever stops early has seen evenly spread cells. With no more cells than `n_boxes`
    every cell comes, once.
    """
    numbers = _cells(region, cell)
    if any(len(axis) == 0 for axis in numbers):
        return
    counts = _lattice([len(axis) for axis in numbers], n_boxes)
    # A point of the lattice comes when the last of its axes does: 1 cell, 2 x 2, 4 x 4 ...
    ranks = np.zeros((), np.int64)
    for count in counts:
        ranks = np.maximum(ranks[..., None], _halving_levels(count))
    for flat in np.argsort(ranks, axis=None, kind="stable"):
        point = np.unravel_index(int(flat), ranks.shape)
        yield tuple(
            _clip(part, numbers_of[(2 * int(k) + 1) * len(numbers_of) // (2 * count)], size, 1)
            for part, numbers_of, size, count, k in zip(
                region, numbers, cell, counts, point, strict=True
            )
        )


def _cells(region: Box, cell: Shape) -> list[range]:
    return [
        range(part.start // size, -(-part.stop // size)) if part.stop > part.start else range(0)
        for part, size in zip(region, cell, strict=True)
    ]


def _clip(part: slice, number: int, size: int, n_cells: int) -> slice:
    return slice(max(part.start, number * size), min(part.stop, (number + n_cells) * size))


def _product(
    region: Box, cell: Shape, numbers: list[range], steps: list[int], axis: int
) -> Iterator[Box]:
    # itertools.product would keep each axis as a list: 10^9 numbers of a sparse dataset.
    if axis == len(numbers):
        yield ()
        return
    for number in numbers[axis][:: steps[axis]]:
        own = _clip(region[axis], number, cell[axis], steps[axis])
        for rest in _product(region, cell, numbers, steps, axis + 1):
            yield (own, *rest)


def _lattice(lengths: list[int], n_points: int) -> list[int]:
    """How many points along each axis, in proportion to its length, about `n_points` in all."""
    counts = [1] * len(lengths)
    left = max(1, n_points)
    order = sorted(range(len(lengths)), key=lambda axis: lengths[axis])
    for position, axis in enumerate(order):
        remaining = [lengths[other] for other in order[position:]]
        # The short axes first: what they cannot use is left to the long ones.
        logs = [math.log(n) for n in remaining]
        share = math.exp(max(0.0, (math.log(left) - sum(logs)) / len(remaining) + logs[0]))
        counts[axis] = max(1, min(lengths[axis], left, round(share)))
        left = max(1, left // counts[axis])
    return counts


def _halving_levels(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each of `count` points the step of repeated halving at which it is reached."""
    n_bits = max(1, (count - 1).bit_length())
    points = np.arange(count, dtype=np.int64)
    levels = np.full(count, n_bits, np.int64)
    for level in range(n_bits, -1, -1):
        step = 1 << (n_bits - level)
        levels[points % step == 0] = level
    return levels
