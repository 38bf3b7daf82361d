"""All weights of a document at once: a row each, and where the bytes of the file go."""

from __future__ import annotations

from typing import Literal

from h5viewer.names import NodePath
from h5viewer.nodes.base import Shape, Value


class WeightRow(Value, frozen=True, kw_only=True):
    """What is known of a stored weight before its values are read."""

    layer: str  # of a layer in a nested model: "outer/inner"; of plain HDF5: the group's path
    name: str
    path: NodePath
    shape: Shape | None
    dtype: str
    n_bytes: int  # elements times element size, however they are compressed
    is_state: bool = False  # of the optimizer
    axes: tuple[str, ...] = ()


class WeightRows(Value, frozen=True, kw_only=True):
    """Part of the table's rows, in the order of the layers."""

    rows: tuple[WeightRow, ...]


class WeightSummary(Value, frozen=True, kw_only=True):
    """Numbers of one weight; minimum … norm over finite values, NaN when there is none.

    Complex values count by their magnitude. `bins` are equally wide from minimum to maximum:
    of all values up to 16,384, of more about as many, evenly spread.
    """

    row: int  # its place among all rows
    minimum: float
    maximum: float
    mean: float
    std: float  # population standard deviation
    norm: float  # square root of the sum of squares
    n_zero: int
    n_nan: int
    n_infinite: int
    bins: tuple[int, ...] = ()
    reason: str = ""  # why there are no numbers: a sentence


class WeightSummaries(Value, frozen=True, kw_only=True):
    """Part of the numbers, in the order of the file."""

    summaries: tuple[WeightSummary, ...]


class WeightTable(Value, frozen=True, kw_only=True):
    """What follows the last summary."""

    n_rows: int
    n_left_out: int = 0  # weights beyond the limit of the table


class BytePart(Value, frozen=True, kw_only=True):
    """Bytes of the file that serve one thing."""

    kind: Literal["layer", "optimizer", "data", "attributes", "structure", "entry", "rest"]
    name: str  # of a layer, a group, an archive's entry; else ""
    n_bytes: int  # as stored
    n_items: int = 0  # weights, datasets, attributes
    path: NodePath | None = None  # where to go


class ByteMap(Value, frozen=True, kw_only=True):
    """Where the bytes of a document go: the parts add up to the total."""

    n_bytes: int
    parts: tuple[BytePart, ...]
