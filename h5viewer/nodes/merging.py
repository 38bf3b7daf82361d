"""What several files could be made into, and which weights would go where."""

from __future__ import annotations

from typing import Literal

from h5viewer.nodes.base import OutputShape, Shape, Value
from h5viewer.nodes.comparison import Basis

MergeKind = Literal["average", "ensemble", "chain", "combine"]
"""`AverageNetworks`, `JoinNetworks`, `ChainNetworks`, `CombineNetwork`."""


class MergeMember(Value, frozen=True, kw_only=True):
    """One of the files."""

    name: str  # of the file
    title: str  # what it is: "Keras 3.15.1 model (HDF5)", "architecture (JSON)"
    has_architecture: bool
    n_weights: int
    n_parameters: int
    inputs: tuple[OutputShape, ...] = ()  # with the batch axis; () where it is not known
    outputs: tuple[OutputShape, ...] = ()


class MergeChoice(Value, frozen=True, kw_only=True):
    """One kind of merging with these files in this order."""

    kind: MergeKind
    why_not: str = ""  # a sentence; "": it is possible


class MergeChoices(Value, frozen=True, kw_only=True):
    """What can be made of the files."""

    members: tuple[MergeMember, ...]
    choices: tuple[MergeChoice, ...]  # every kind once


class LayerMatch(Value, frozen=True, kw_only=True):
    """A layer of the architecture that has weights, and what would fill it."""

    layer: str  # names of the models around it, then its own: "encoder/dense"
    class_name: str
    shapes: tuple[Shape, ...]  # of its weights
    source: str = ""  # of `WeightMatches.sources`; "": it keeps its values, or begins anew
    basis: Basis = ""
    problem: str = ""  # why the chosen source does not fit


class WeightSource(Value, frozen=True, kw_only=True):
    """A layer of the file that gives the weights."""

    name: str
    shapes: tuple[Shape, ...]


class WeightMatches(Value, frozen=True, kw_only=True):
    """All layers of the architecture that have weights, in its order."""

    matches: tuple[LayerMatch, ...]
    sources: tuple[WeightSource, ...]  # all there are; a source may serve several layers
    keeps_values: bool  # unmatched layers keep those of the document; False: begin anew
    state: str = ""  # what an optimizer's state holds that can be kept: "Adam after 1,200 steps"
    state_problem: str = ""  # why that of the file cannot be kept; "": it can, or there is none
