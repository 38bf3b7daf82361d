"""What a weight means, and the numbers that only its meaning makes sense of."""

from __future__ import annotations

from typing import Literal

from h5viewer.names import NodePath
from h5viewer.nodes.base import Shape, Value
from h5viewer.nodes.values import Array

ViewName = Literal["filters", "gates", "heads", "norms", "singular", "order", "rows", "state"]
"""Views that fit a weight, besides its distribution, which fits all."""


class WeightPart(Value, frozen=True, kw_only=True):
    """A block of a weight, or (Keras 1) of the group of arrays that make one up."""

    name: str  # "forget gate", "head 2"
    path: NodePath
    axis: int | None = None  # None: all of the dataset at `path`
    start: int = 0
    stop: int = 0
    row: int | None = None  # a fixed position on the other axis: one of two bias rows


class Expected(Value, frozen=True, kw_only=True):
    """What the layer's initializer draws a weight from."""

    name: str  # "GlorotUniform", as the file says
    kind: Literal["uniform", "normal", "truncated", "constant", "other"]
    mean: float = 0.0
    std: float = 0.0  # of the numbers drawn; 0 for constants and where not known
    low: float = 0.0  # uniform and truncated: no number lies outside
    high: float = 0.0
    text: str = ""  # one sentence: "uniform between −0.05 and 0.05"


class Slot(Value, frozen=True, kw_only=True):
    """A variable the optimizer keeps for one weight, or (`weight` None) by itself."""

    kind: str  # "momentum", "velocity", "iterations" ...
    title: str  # "Momentum"
    meaning: str  # "running mean of the gradient"
    path: NodePath
    shape: Shape
    weight: NodePath | None = None


class OptimizerState(Value, frozen=True, kw_only=True):
    """Everything an optimizer stores, matched as far as the file allows."""

    optimizer: str | None  # class, where the file says it
    slots: tuple[Slot, ...] = ()  # of weights
    own: tuple[Slot, ...] = ()  # iterations, learning rate ...
    unmatched: tuple[NodePath, ...] = ()
    problem: str = ""  # why some are unmatched


class WeightMeaning(Value, frozen=True, kw_only=True):
    """One dataset as the weight (or the optimizer's variable) it is."""

    path: NodePath
    layer: str = ""  # "" : it belongs to no layer
    class_name: str | None = None
    role: str = ""  # "kernel", "moving_variance"; "" unknown
    title: str = ""  # "Recurrent kernel"
    meaning: str = ""  # what such a weight does, one sentence
    notes: tuple[str, ...] = ()  # about the layout, a sentence each
    shape: Shape = ()
    axes: tuple[str, ...] = ()
    out_axis: int | None = None
    in_axis: int | None = None
    picture_axes: tuple[int, ...] = ()  # height and width of a convolution's window, in order
    head_axis: int | None = None
    matrix_columns: tuple[int, ...] = ()  # axes across, of the weight as a matrix
    parts: tuple[WeightPart, ...] = ()  # gates
    views: tuple[ViewName, ...] = ()
    expected: Expected | None = None
    optimizer: OptimizerState | None = None  # only what concerns this weight
    slot: Slot | None = None  # this dataset is the optimizer's
    labels: str = ""  # where names of the rows come from: a layer's name; "" nowhere


class Gallery(Value, frozen=True, kw_only=True):
    """A page of filters: (filters, height, width), or with a last axis of 3 for colours."""

    start: int
    total: int
    values: Array


class Norms(Value, frozen=True, kw_only=True):
    """Of each position along one axis, over finite values."""

    axis: int
    l1: Array  # (positions,) float64
    l2: Array
    largest: Array  # magnitude
    n_not_finite: int = 0


class SingularValues(Value, frozen=True, kw_only=True):
    """Singular values of a weight as a matrix, largest first."""

    values: tuple[float, ...]
    n_rows: int
    n_columns: int
    matrix: str  # how the weight became a matrix, a sentence
    effective_rank: float  # exp of the entropy of the normalised values
    numerical_rank: int
    stable_rank: float  # sum of squares over the largest square
    method: str  # a sentence


class Neighbours(Value, frozen=True, kw_only=True):
    """Rows most similar to one row, by the cosine of the angle between them."""

    row: int
    rows: tuple[int, ...]
    cosines: tuple[float, ...]
    labels: tuple[str, ...] = ()


class Projection(Value, frozen=True, kw_only=True):
    """Rows of a table of vectors, drawn on their two widest directions."""

    rows: Array  # (n,) int64
    x: Array  # (n,)
    y: Array
    explained: tuple[float, float]  # shares of the variance
    n_rows: int  # of the whole table
    labels: tuple[str, ...] = ()  # of `rows`; empty: none known


class Ordered(Value, frozen=True, kw_only=True):
    """A matrix with rows and columns in another order; large ones by blocks."""

    values: Array  # (rows, columns) pixels
    row_order: Array  # (rows,) int64: which row stands at each place
    column_order: Array
    row_step: int
    column_step: int
    text: str  # how the order was found


class PartNumbers(Value, frozen=True, kw_only=True):
    """Numbers and a picture of one part of a weight."""

    values: Array  # (rows, columns) pixels, by the element farthest from zero
    count: int
    minimum: float
    maximum: float
    mean: float
    std: float
    norm: float  # L2
    n_zero: int
    n_not_finite: int


class Parts(Value, frozen=True, kw_only=True):
    """Of each part asked for, in order."""

    parts: tuple[PartNumbers, ...]
