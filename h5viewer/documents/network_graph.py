"""Boxes and connections of a network as it stands folded and unfolded, without any place yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.references import Reference, end_references
from h5viewer.documents.repeats import Repeats, find_repeats
from h5viewer.nodes.graph import BoxKind

Key = tuple[int, ...]

MOST_BOXES = 4_000
MOST_EDGES = 12_000


class Tangled(Exception):
    """More boxes or connections than are drawn."""


class Box(msgspec.Struct):
    """One box; `parent` is the position of the frame it stands in."""

    key: Key
    kind: BoxKind = "layer"
    parent: int | None = None
    count: int = 0
    period: int = 0

    @property
    def is_frame(self) -> bool:
        """True when boxes stand in it."""
        return self.kind in ("network", "unfolded repeats")


class Edge(NamedTuple):
    """A tensor from box to box, by position; `origin` is the layer that puts it out."""

    source: int
    target: int
    origin: Key
    tensor: int


class NetworkGraph(msgspec.Struct):
    """Boxes, frames before what is in them, and edges, each once."""

    boxes: list[Box] = []
    edges: dict[Edge, None] = {}
    has_repeats: bool = False


class Folding(NamedTuple):
    """What the user has unfolded."""

    unfolded: Collection[Key] = ()  # nested models
    opened: Collection[Key] = ()  # repeats, by their first layer
    folds_repeats: bool = True


class _Ends(msgspec.Struct):
    """Where edges from outside reach what a layer is drawn as."""

    box: int
    inputs: list[_Ends] = []  # an unfolded model's, in order
    outputs: list[tuple[_Ends, Key, int]] = []

    def entry(self, argument: int) -> int:
        """The box that takes the argument."""
        ends = self
        while ends.inputs:
            ends = ends.inputs[min(argument, len(ends.inputs) - 1)]
        return ends.box

    def exit(self, key: Key, tensor: int) -> tuple[int, Key, int]:
        """The box that puts out the tensor; and which layer's tensor it is."""
        ends = self
        while ends.outputs:
            ends, key, tensor = ends.outputs[min(tensor, len(ends.outputs) - 1)]
        return ends.box, key, tensor


def network_graph(layers: Sequence[DeclaredLayer], folding: Folding) -> NetworkGraph:
    """Boxes and edges.

    Raises:
        Tangled: there are too many of them.
    """
    graph = NetworkGraph()
    _Builder(graph, folding).add(layers, None)
    return graph


class _Builder:
    def __init__(self, graph: NetworkGraph, folding: Folding) -> None:
        self._graph = graph
        self._folding = folding

    def add(
        self, layers: Sequence[DeclaredLayer], parent: int | None, *, is_chain: bool = True
    ) -> list[_Ends]:
        """Boxes and edges of one list of layers; where each is reached.

        `is_chain` False: layers that state no connections have none.
        """
        calls = calls_of(layers) if is_chain else [[] for _ in layers]
        sources = [[ref[0] for call in each for ref in call] for each in calls]
        repeats = find_repeats(layers, sources)
        self._graph.has_repeats = self._graph.has_repeats or bool(repeats)
        starts = {run.start: run for run in repeats} if self._folding.folds_repeats else {}
        ends: list[_Ends] = []
        frame, frame_stop = parent, 0
        while len(ends) < len(layers):
            i = len(ends)
            run = starts.get(i)
            if run is not None:
                is_open = layers[i].key in self._folding.opened
                box = self._box(layers[i], parent, run, is_open=is_open)
                if not is_open:
                    ends += [_Ends(box)] * (run.stop - run.start)
                    continue
                frame, frame_stop = box, run.stop
            ends.append(self._layer(layers[i], frame if i < frame_stop else parent))
        self._connect(layers, calls, ends)
        return ends

    def _box(self, layer: DeclaredLayer, parent: int | None, run: Repeats, *, is_open: bool) -> int:
        kind: BoxKind = "unfolded repeats" if is_open else "repeats"
        return self._append(Box(layer.key, kind, parent, run.n_blocks, run.period))

    def _append(self, box: Box) -> int:
        if len(self._graph.boxes) >= MOST_BOXES:
            raise Tangled
        self._graph.boxes.append(box)
        return len(self._graph.boxes) - 1

    def _layer(self, layer: DeclaredLayer, parent: int | None) -> _Ends:
        if not layer.layers or layer.key not in self._folding.unfolded:
            return _Ends(self._append(Box(layer.key, "layer", parent)))
        ends = _Ends(self._append(Box(layer.key, "network", parent)))
        inside = self.add(layer.layers, ends.box, is_chain=layer.class_name != "Merge")
        ends.inputs, ends.outputs = _doors(layer, inside)
        return ends

    def _connect(
        self, layers: Sequence[DeclaredLayer], calls: list[list[list[_Source]]], ends: list[_Ends]
    ) -> None:
        for i, layer in enumerate(layers):
            for call in calls[i]:
                for argument, (position, tensor) in enumerate(call):
                    box, origin, number = ends[position].exit(layers[position].key, tensor)
                    target = ends[i].entry(argument)
                    if box == target and position != i:
                        continue  # inside folded repeats
                    self._graph.edges[Edge(box, target, origin, number)] = None
                    if len(self._graph.edges) > MOST_EDGES:
                        raise Tangled(layer.name)


_Source = tuple[int, int]  # position of a layer, number of its tensor


def calls_of(layers: Sequence[DeclaredLayer]) -> list[list[list[_Source]]]:
    """For each layer its calls, each a list of what it is fed; of a chain, the layer before."""
    if not any(layer.calls for layer in layers):
        return [[[(i - 1, 0)]] if i and layers[i].inputs else [] for i in range(len(layers))]
    named: dict[str, int] = {layer.name: i for i, layer in reversed(list(enumerate(layers)))}
    met: dict[str, int] = {}
    calls = []
    for i, layer in enumerate(layers):
        calls.append([_known(call, met, named) for call in layer.calls])
        met[layer.name] = i  # of layers with the same name the last one before counts
    return calls


def _known(call: list[Reference], met: dict[str, int], named: dict[str, int]) -> list[_Source]:
    found = []
    for reference in call:
        position = met.get(reference.layer, named.get(reference.layer))
        if position is not None:
            found.append((position, reference.tensor))
    return found


def _doors(
    model: DeclaredLayer, inside: list[_Ends]
) -> tuple[list[_Ends], list[tuple[_Ends, Key, int]]]:
    """Which layers of an unfolded model take its inputs, and which put out its outputs."""
    layers = model.layers
    position = {layer.name: i for i, layer in enumerate(layers)}
    inputs = end_references(model.config.get("input_layers")) or []
    outputs = end_references(model.config.get("output_layers")) or []
    taking = [inside[position[ref.layer]] for ref in inputs if ref.layer in position]
    giving = [
        (inside[at], layers[at].key, ref.tensor)
        for ref in outputs
        if (at := position.get(ref.layer)) is not None
    ]
    if model.class_name == "Merge":  # Keras 1: its branches stand side by side
        return [], []
    return taking or inside[:1], giving or [(inside[-1], layers[-1].key, 0)]
