"""What two files have in common and where they differ."""

from __future__ import annotations

from typing import Literal

from h5viewer.nodes.architecture import Weight
from h5viewer.nodes.base import Problem, Shape, Value

LayerState = Literal["same", "changed", "added", "removed"]
WeightState = Literal["identical", "changed", "shape", "only_a", "only_b", "unreadable"]
Basis = Literal["", "name", "shape", "hand", "graph"]
"""What made two things a pair; empty: there is none."""


class ComparedLayer(Value, frozen=True, kw_only=True):
    """A layer as one of the two files has it."""

    name: str
    class_name: str | None
    key: tuple[int, ...]
    n_parameters: int = 0


class ChangedArgument(Value, frozen=True, kw_only=True):
    """An argument whose value differs; both as JSON, None: the file does not state it."""

    name: str
    a: str | None
    b: str | None


class LayerPair(Value, frozen=True, kw_only=True):
    """A row of the two architectures side by side."""

    a: ComparedLayer | None
    b: ComparedLayer | None
    state: LayerState
    depth: int = 0
    is_moved: bool = False  # elsewhere in B; the row stands at A's place
    basis: Basis = ""
    arguments: tuple[ChangedArgument, ...] = ()


class LayerPairs(Value, frozen=True, kw_only=True):
    """Part of the rows, in order."""

    pairs: tuple[LayerPair, ...]


class WeightPair(Value, frozen=True, kw_only=True):
    """One weight in both files. Differences are those of B from A.

    Equal numbers are identical whatever type they are stored as, and so are NaN and NaN.
    """

    row: int  # of its layers among the pairs; of files without layers -1
    layer_a: str
    layer_b: str
    a: Weight | None
    b: Weight | None
    state: WeightState
    basis: Basis = ""
    n_elements: int = 0
    n_different: int = 0
    max_difference: float | None = None  # of elements finite in both
    largest_at: Shape = ()  # where that is, of weights with more than two axes
    relative: float | None = None  # norm of the difference by the norm of A's
    cosine: float | None = None  # of the angle between both as vectors
    problem: str = ""  # why it is unreadable, or has no numbers


class WeightPairs(Value, frozen=True, kw_only=True):
    """Part of the compared weights, in the order of the layers."""

    pairs: tuple[WeightPair, ...]


class Comparison(Value, frozen=True, kw_only=True):
    """What follows the last part."""

    summary: str  # a sentence or two
    has_layers: bool  # both files declare a network
    problems: tuple[Problem, ...] = ()
