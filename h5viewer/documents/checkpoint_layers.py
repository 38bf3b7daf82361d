"""The layers of a TensorFlow checkpoint: by the objects of the program, or by names of variables.

TensorFlow 2 keeps which object holds which; a network's layers stand there in order. TensorFlow
1 keeps names alone: "conv1/kernel", "conv1_W", or "Variable_3", which belongs to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from h5viewer.documents.checkpoint_parts import CheckpointParts
from h5viewer.documents.object_graph import ObjectGraph
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.formats.tf_objects import GRAPH_KEY
from h5viewer.formats.tf_tensors import is_string
from h5viewer.names import plain

_MODERN = {
    "weight": "kernel", "weights": "kernel", "kernels": "kernel", "W": "kernel", "w": "kernel",
    "biases": "bias", "b": "bias", "B": "bias",
}  # fmt: skip
TOGETHER = " + "
"""Between the names of variables that are taken together."""

_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
_LISTED = re.compile(rb"layer-(\d+)")  # Keras 2: every layer; those with weights have another too
_WEIGHTED = re.compile(rb"layer_with_weights-(\d+)")
_DEEPEST = 200  # names on the way to a variable
_RANDOM = "seed_generator"  # states of random generators, which are no weights
_CELL = re.compile(r"\w*_cell(_\d+)?")
_STEM = re.compile(
    r"(?P<before>.*?)[_.]?(?P<word>weights?|kernels?|biases|bias|gamma|beta|moving_mean"
    r"|moving_variance|(?<![A-Za-z])[WwbB])(?P<after>[_.]?\d*)"
)


class StoredVariable(msgspec.Struct, frozen=True):
    """One variable of a layer."""

    way: str  # inside its layer: "kernel", "cell/recurrent_kernel"
    key: bytes


class StoredLayer(msgspec.Struct, frozen=True):
    """Variables that belong together."""

    name: str  # as the program called it, else the way there from what was saved
    variables: tuple[StoredVariable, ...]


def layers_of(parts: CheckpointParts) -> tuple[list[StoredLayer], bool]:
    """The layers in their order, without the optimizer's; and whether that is the network's own."""
    if parts.graph is not None:
        found = list(_Objects(parts.graph, parts).layers())
        if found:
            return _with_own_names(found), True
    return list(_of_names(parts)), False


def _is_weight(key: bytes, parts: CheckpointParts) -> bool:
    variable = parts.variables.get(key)
    if variable is None or key in parts.optimizer or key == GRAPH_KEY:
        return False
    return not is_string(variable.type_number)


# ------------------------------------------------------------------------- objects


class _Objects:
    """Walks over the objects, each once."""

    def __init__(self, graph: ObjectGraph, parts: CheckpointParts) -> None:
        self._graph = graph
        self._parts = parts
        self._met: set[int] = set()
        self._full_names = {each.key: plain(each.full_name) for each in graph.objects if each.key}

    def layers(self) -> Iterator[StoredLayer]:
        """Depth first."""
        waiting = [(0, "", False)]
        while waiting:
            number, way, is_listed = waiting.pop()
            if number in self._met or self._graph.is_optimizer(number):
                continue
            self._met.add(number)
            listed = _layers_in(self._graph, number)
            below = listed or self._graph.objects[number].children
            if is_listed and not listed:
                yield from self._made(way, list(self._below(number)))
                continue
            if not listed:
                own = list(self._own(number))
                groups = [own] if number else [[each] for each in own]  # what was saved is no layer
                for group in groups:
                    yield from self._made(way or group[0].way, group)
            if way.count("/") < _DEEPEST:
                ways = [
                    (at, f"{way}/{plain(name)}".lstrip("/"), bool(listed)) for name, at in below
                ]
                waiting += reversed(ways)

    def _made(self, way: str, variables: Sequence[StoredVariable]) -> Iterator[StoredLayer]:
        if variables:
            yield StoredLayer(_name(self._full_names, variables) or way, tuple(variables))

    def _own(self, number: int) -> Iterator[StoredVariable]:
        """The variables that an object holds itself."""
        for name, at in self._graph.objects[number].children:
            key = self._graph.objects[at].key
            if at not in self._met and _is_weight(key, self._parts):
                self._met.add(at)
                yield StoredVariable(plain(name.lstrip(b"_")), key)

    def _below(self, number: int) -> Iterator[StoredVariable]:
        """The variables of an object and of all that it holds."""
        waiting = [(number, "")]
        while waiting:
            at, way = waiting.pop()
            own = self._graph.objects[at]
            if _is_weight(own.key, self._parts) and _RANDOM not in way:
                yield StoredVariable(way, own.key)
            below = []
            for name, child in own.children if way.count("/") < _DEEPEST else ():
                if child not in self._met and not self._graph.is_optimizer(child):
                    self._met.add(child)
                    below.append((child, f"{way}/{plain(name.lstrip(b'_'))}".lstrip("/")))
            waiting += reversed(below)


def _layers_in(graph: ObjectGraph, number: int) -> list[tuple[bytes, int]]:
    """The layers that a network lists, in its order; none: it is no network."""
    children = dict(graph.objects[number].children)
    if b"_functional" in children:  # a Sequential of Keras 3
        return [(b"_functional", children[b"_functional"])]
    if b"_operations" in children:  # a network of Keras 3
        inside = graph.objects[children[b"_operations"]].children
        return sorted((child for child in inside if child[0].isdigit()), key=lambda c: int(c[0]))
    for pattern in (_LISTED, _WEIGHTED):
        numbered = [(pattern.fullmatch(name), name, child) for name, child in children.items()]
        found = sorted((int(match[1]), name, child) for match, name, child in numbered if match)
        if found:
            return [(name, child) for _, name, child in found]
    return []


def _name(full_names: Mapping[bytes, str], variables: Sequence[StoredVariable]) -> str:
    """What the program called the layer, of the full names of its variables."""
    names = [full_names.get(variable.key, "").split("/")[:-1] for variable in variables]
    common = names[0]
    for name in names[1:]:
        n_common = 0
        while n_common < min(len(common), len(name)) and common[n_common] == name[n_common]:
            n_common += 1
        common = common[:n_common]
    if len(common) > 1 and _CELL.fullmatch(common[-1]) and variables[0].way.startswith("cell/"):
        common = common[:-1]
    return "/".join(common)


def _with_own_names(layers: list[StoredLayer]) -> list[StoredLayer]:
    """Names that are there once: a number is added to the others."""
    taken: set[str] = set()
    found = []
    for layer in layers:
        name, number = layer.name, 1
        while name in taken:
            number += 1
            name = f"{layer.name} ({number})"
        taken.add(name)
        found.append(StoredLayer(name, layer.variables))
    return found


# --------------------------------------------------------------------------- names


def _of_names(parts: CheckpointParts) -> Iterator[StoredLayer]:
    """Variables of one scope, or whose names differ in a word as "W" and "b"; in natural order."""
    groups: dict[tuple[str, str], list[StoredVariable]] = {}
    for key in in_natural_order(list(parts.variables)):
        if not _is_weight(key, parts):
            continue
        scope, _, own = short_name(key).rpartition("/")
        stem = _STEM.fullmatch(own)
        group, way = (scope, own if not scope else ""), own
        if stem and scope and not stem["before"]:
            group, way = (scope, ""), stem["word"]
        elif stem:
            group, way = (scope, f"{stem['before']}*{stem['after']}"), stem["word"]
        groups.setdefault(group, []).append(StoredVariable(_MODERN.get(way, way), key))
    for (scope, word), variables in groups.items():
        names = [short_name(variable.key) for variable in variables]
        before, _, after = word.partition("*")
        name = f"{scope}/{before}{after}".strip("/") if before or not word else joined_name(names)
        yield StoredLayer(name, tuple(variables))


def short_name(key: bytes) -> str:
    """A variable's name without what TensorFlow 2 adds to it."""
    return plain(key).removesuffix(_VALUE)


def joined_name(names: Sequence[str]) -> str:
    """What variables are called that only belong together because somebody says so."""
    return TOGETHER.join(names)
