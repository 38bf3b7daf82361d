"""A dataset's values one after the other in C order, as files of arrays keep them.

Stored chunks do not lie in that order. So a slab as high as a chunk is put together in
memory, unless it is larger than `_SLAB`: then chunks are decoded more than once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.boxes import Box, box_shape, within
from h5viewer.formats.container import StoredArray

PIECE = 4 << 20  # bytes of a block, unless a slab of chunks is larger
_SLAB = 96 << 20  # bytes; four threads hold as much again
_AT_ONCE = 1 << 20  # bytes: below, threads are not worth starting


def consecutive(array: StoredArray, region: Box) -> Iterator[NDArray[Any]]:
    """Blocks of the region as `array.read` gives values, each behind the last in C order.

    A block has the shape of its box, and is the caller's own.

    Raises:
        CannotRead, TooLarge: damage, an obstacle.
    """
    for box in consecutive_boxes(array, region):
        yield read_box(array, box)


def read_box(array: StoredArray, box: Box) -> NDArray[Any]:
    """All values of a box of any size, decoded by several threads where that is worth it.

    Raises:
        CannotRead, TooLarge: damage, an obstacle.
    """
    itemsize = array.facts.dtype.itemsize
    is_plain = array.facts.chunks is None and array.cost(box) <= 2 * PIECE  # nothing to decode
    if not box or not array.facts.dtype.is_numeric or is_plain or array.cost(box) <= _AT_ONCE:
        return array.read(box)
    shape = box_shape(box)
    values: NDArray[Any] | None = None
    with closing(array.process(array.boxes(box, PIECE), lambda _, part: part.copy())) as parts:
        for inner, part in parts:
            if values is None:
                if part.shape == shape:
                    return part
                values = np.empty((*shape, *part.shape[len(shape) :]), part.dtype)
            values[within(inner, box)] = part
    if values is None:
        raise ValueError(f"no values in {box} of {itemsize} bytes each")
    return values


def consecutive_boxes(array: StoredArray, region: Box) -> Iterator[Box]:
    """Boxes of the region, each of which lies behind the last in C order."""
    lengths = box_shape(region)
    if 0 in lengths:
        return
    itemsize = max(1, array.facts.dtype.itemsize)
    axis, step = _cut(lengths, array.cell, itemsize)
    outer = [range(part.start, part.stop) for part in region[:axis]]
    for position in itertools.product(*outer):
        before = tuple(slice(n, n + 1) for n in position)
        if not region:
            yield ()
            return
        for part in _steps(region[axis], step, array.cell[axis]):
            yield (*before, part, *region[axis + 1 :])


def _cut(lengths: tuple[int, ...], cell: tuple[int, ...], itemsize: int) -> tuple[int, int]:
    """The axis along which to cut, all before it being taken one by one; and how far."""
    for axis in range(len(lengths)):
        row = math.prod(lengths[axis + 1 :]) * itemsize
        high = min(cell[axis], lengths[axis])
        if row * high <= _SLAB:
            n_cells = max(1, PIECE // (row * high))
            return axis, high * n_cells
        if row <= _SLAB and axis == len(lengths) - 1:
            return axis, _SLAB // row
        if row <= _SLAB and _SLAB // row >= high // 4:
            return axis, _SLAB // row  # chunks decoded a few times rather than row by row
    return max(0, len(lengths) - 1), _SLAB // itemsize


def _steps(span: slice, step: int, cell: int) -> Iterator[slice]:
    """The span in steps that end where cells end."""
    start = span.start
    while start < span.stop:
        stop = start + step
        if step >= cell:
            stop -= stop % cell
        stop = min(span.stop, stop)
        yield slice(start, stop)
        start = stop
