"""One row of a dataset, to be given to a network."""

from __future__ import annotations

import math

import numpy as np

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.container import Container
from h5viewer.names import path_text, visible
from h5viewer.nodes import Array, Row
from h5viewer.operations import Operation
from h5viewer.requests import Progress, ReadRow
from h5viewer.wording import bytes_text, count_text

MOST_BYTES = 64 << 20
"""Of one row: a picture of 4,000 x 4,000 in colour has 48 MB."""

_LARGEST_ITEM = 8  # bytes of the numbers that are sent


def read_row(request: ReadRow, container: Container) -> Operation[Row]:
    """The numbers at one position of the first axis.

    Raises:
        CannotRead: there is no such row, or it holds no numbers. TooLarge: too many.
    """
    yield Progress(done=0)
    array = container.array(request.node)
    name = visible(path_text(request.node), 80)
    shape = array.facts.shape or ()
    if not shape or not 0 <= request.row < shape[0]:
        count = count_text(shape[0]) if shape else "no"
        raise CannotRead(f"{name} has {count} rows; there is no row {request.row:,}.")
    if array.facts.dtype.kind not in ("bool", "int", "uint", "float"):
        raise CannotRead(f"{name} holds no plain numbers.", hint="Choose another dataset.")
    n_bytes = math.prod(shape[1:]) * array.facts.dtype.itemsize
    if n_bytes > MOST_BYTES:
        raise TooLarge(f"A row of {name} has {bytes_text(n_bytes)}, too much for one sample.")
    box = (slice(request.row, request.row + 1), *(slice(0, length) for length in shape[1:]))
    values = np.asarray(array.read(box)[0])
    if values.dtype.itemsize > _LARGEST_ITEM:  # long double
        values = values.astype(np.float64)
    return Row(values=Array.of(values))
