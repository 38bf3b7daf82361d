"""Whole weights of a file as arrays, one at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import Container
from h5viewer.names import NodePath
from h5viewer.operations.cuts import named, require_numbers

_BOX = 16 << 20  # bytes


def read_whole(container: Container, path: NodePath) -> NDArray[Any]:
    """All values of a dataset, as stored (bfloat16 as float32).

    Raises:
        CannotRead, TooLarge: no numbers, values in another file, damage.
        MemoryError: more than there is room for.
    """
    array = container.array(path)
    require_numbers(array.facts, insist=False)
    shape = array.facts.shape
    if shape is None:
        raise CannotRead(f"{named(array.facts)} is empty: a dataset without a shape.")
    region = whole(shape)
    if array.cost(region) <= _BOX:
        return array.read(region).reshape(shape)  # a scalar is read as one element
    values: NDArray[Any] | None = None
    for box, part in array.read_many(array.boxes(region, _BOX)):
        if values is None:
            values = np.empty(shape, part.dtype)
        values[box] = part
    if values is None:
        raise CannotRead(f"{named(array.facts)} gives no values.")
    return values
