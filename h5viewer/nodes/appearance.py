"""How a file asks for a dataset to be drawn: axes with coordinates, or a picture's colours."""

from __future__ import annotations

from typing import Literal

from h5viewer.names import NodePath
from h5viewer.nodes.base import Value
from h5viewer.nodes.values import Array


class AxisScale(Value, frozen=True, kw_only=True):
    """What one axis of a dataset means."""

    axis: int
    name: str  # "time"; "" unknown
    title: str = ""  # "Time since start", without the unit
    unit: str = ""
    path: NodePath | None = None  # the dataset of its coordinates
    values: Array | None = None  # float64: one an element, or the edges between them: one more
    labels: tuple[str, ...] = ()  # in the place of numbers


class PictureForm(Value, frozen=True, kw_only=True):
    """A dataset that the HDF5 Image specification calls a picture."""

    kind: Literal["indexed", "truecolor", "grayscale"]
    channels: int | None = None  # the axis of red, green, blue
    palette: Array | None = None  # (colours, 3) uint8
    palette_path: NodePath | None = None
    minimum: float | None = None  # of the numbers that are drawn
    maximum: float | None = None
    origin: Literal["UL", "LL", "UR", "LR"] = "UL"  # the corner of element (0, 0)
    is_white_zero: bool = False


class Appearance(Value, frozen=True, kw_only=True):
    """What is known of a dataset's axes, values and colours; all of it may be nothing."""

    axes: tuple[AxisScale, ...] = ()
    picture: PictureForm | None = None
    title: str = ""  # of the values: "Neutron counts"
    unit: str = ""
    note: str = ""  # what of it cannot be used, as a sentence


class Relation(Value, frozen=True, kw_only=True):
    """Another object of the file that has to do with this one."""

    what: str  # "Default plot", "Axis 0", "Palette"
    target: NodePath
    note: str = ""  # beside its path: "time, in s"


class Relations(Value, frozen=True, kw_only=True):
    """What a node has to do with others, the first few of each kind."""

    relations: tuple[Relation, ...] = ()
    n_left_out: int = 0
