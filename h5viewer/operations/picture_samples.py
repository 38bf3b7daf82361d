"""A few pictures of a dataset, spread over it, for whoever has to guess what they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_layouts import picture_axis
from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, count_elements, whole
from h5viewer.formats.container import StoredArray
from h5viewer.nodes import PictureLayout, Shape
from h5viewer.operations.cuts import as_numbers

_N_PLACES = 8
_N_TOGETHER = 4
_MOST = 4 << 20  # bytes taken of a sample
_MOST_DECODED = 16 << 20
_SMALLEST_WINDOW = 16
_WINDOW = 192  # pixels of a side, of large pictures


def sample(array: StoredArray, layout: PictureLayout) -> NDArray[Any]:
    """Some pictures as stored: whole ones, or the middle of large ones.

    The layout says only where the pictures, rows and columns are; of flat ones it may be any
    that has the pictures along the same axis.

    Raises:
        CannotRead, TooLarge: an obstacle; damage wherever it was looked at.
    """
    shape = array.facts.shape or ()
    boxes = list(_boxes(array, shape, layout))
    axis = picture_axis(layout)
    parts: list[NDArray[Any]] = []
    decoded = 0
    damage: CannotRead | None = None
    for box in boxes:
        decoded += array.cost(box)
        if parts and decoded > _MOST_DECODED:
            break
        try:
            parts.append(as_numbers(array.read(box)))
        except CannotRead as error:
            damage = error
    if damage is not None and not parts:
        raise damage
    return np.concatenate(parts, axis=axis) if parts else np.empty(())


def _boxes(array: StoredArray, shape: Shape, layout: PictureLayout) -> list[Box]:
    axis = picture_axis(layout)
    window = list(whole(shape))
    side = _WINDOW
    while not layout.is_flat:
        for letter in "hw":
            place = layout.axes.index(letter)
            length = min(shape[place], side)
            start = (shape[place] - length) // 2
            window[place] = slice(start, start + length)
        window[axis] = slice(0, 1)
        if side <= _SMALLEST_WINDOW or array.cost(tuple(window)) <= _MOST_DECODED:
            break
        side //= 2
    itemsize = max(1, array.facts.dtype.itemsize)
    one = [slice(0, 1) if each == axis else part for each, part in enumerate(window)]
    a_picture = count_elements(tuple(one)) * itemsize
    length = shape[axis]
    together = min(_N_TOGETHER, max(1, _MOST // max(1, _N_PLACES * a_picture)))
    n_places = max(1, min(_N_PLACES, _MOST // max(1, together * a_picture), length // together))
    step = array.cell[axis]
    found: list[Box] = []
    for number in range(n_places):
        start = (length - together) * number // max(1, n_places - 1) if n_places > 1 else 0
        if step > together:
            start = start // step * step  # of a chunk that is decoded anyhow
        start = max(0, min(start, length - together))
        window[axis] = slice(start, min(length, start + together))
        box = tuple(window)
        if box not in found and math.prod(part.stop - part.start for part in box):
            found.append(box)
    return found
