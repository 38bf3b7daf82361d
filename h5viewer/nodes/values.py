"""Numbers of a dataset: pictures, lines, tables, statistics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from h5viewer.names import NodePath
from h5viewer.nodes.base import Shape, Value

if TYPE_CHECKING:  # the window opens 0.1 s earlier without numpy
    import numpy as np
    from numpy.typing import NDArray

_ITEM_BYTES = {
    "bool": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8,
    "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8,
    "float16": 2, "float32": 4, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip


class Array(Value, frozen=True, kw_only=True):
    """Numbers on their way through a pipe: little-endian, C order."""

    dtype: Literal[
        "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
        "float16", "float32", "float64", "complex64", "complex128",
    ]  # fmt: skip
    shape: Shape
    data: bytes

    def __post_init__(self) -> None:
        """Refuse a length that does not fit: the sender may have parsed a hostile file."""
        if math.prod(self.shape) * _ITEM_BYTES[self.dtype] != len(self.data):
            raise ValueError("array data does not fit its shape")

    @classmethod
    def of(cls, values: NDArray[np.generic]) -> Array:
        """Pack an array of any byte order."""
        import numpy as np

        packed = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        # ascontiguousarray makes scalars 1-D
        return cls(dtype=values.dtype.name, shape=values.shape, data=packed.tobytes())  # type: ignore[arg-type]

    @property
    def values(self) -> NDArray[np.generic]:
        """The numbers, read-only, without a copy."""
        import numpy as np

        dtype = np.dtype(self.dtype).newbyteorder("<")
        return np.frombuffer(self.data, dtype).reshape(self.shape)


class Plane(Value, frozen=True, kw_only=True):
    """A picture of a 2-D cut: pixel (i, j) stands for a block of `step` elements.

    A block is shown by its element farthest from the centre of the data (zero for signed
    data), so a single extreme or NaN never disappears in an overview.
    """

    values: Array  # (rows, columns)
    row_start: int  # element coordinates of pixel (0, 0)
    column_start: int
    row_step: int  # elements a pixel
    column_step: int
    n_rows: int  # elements covered
    n_columns: int
    is_sharp: bool  # False: sampled, a better one follows


class Line(Value, frozen=True, kw_only=True):
    """A 1-D cut: every bin of `step` elements by its lowest and highest element."""

    low: Array  # (bins,)
    high: Array  # (bins,)
    start: int
    step: int
    n_elements: int
    is_sharp: bool


class Cells(Value, frozen=True, kw_only=True):
    """A page of values as text: numbers in their shortest exact form."""

    row_start: int
    column_start: int
    n_rows: int  # of the whole cut
    n_columns: int
    headings: tuple[str, ...] = ()  # field names of a compound, else empty
    text: tuple[tuple[str, ...], ...]
    targets: tuple[tuple[int, int, NodePath], ...] = ()
    """Row and column in `text` of each reference, and where in the file it leads."""


class Row(Value, frozen=True, kw_only=True):
    """What stands at one position of a dataset's first axis."""

    values: Array


class Statistics(Value, frozen=True, kw_only=True):
    """Of the elements read so far; min … std over finite values (NaN when there is none)."""

    count: int
    total: int  # elements of the whole cut
    minimum: float
    maximum: float
    mean: float
    std: float  # population standard deviation
    n_nan: int
    n_positive_infinity: int
    n_negative_infinity: int
    n_zero: int
    n_denormal: int
    bin_edges: tuple[float, ...]  # n + 1
    bin_counts: tuple[int, ...]  # n
    is_complete: bool = True
