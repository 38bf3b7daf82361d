"""Every stored weight of a document, each once: the rows of the table of weights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from h5viewer.documents.architecture import Decoder
from h5viewer.documents.document import find_places
from h5viewer.documents.stored import datasets_below, group_at
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, Layer, Layers

# TensorFlow 2 keeps slots under this mark or a top-level name; TensorFlow 1 after the variable.
_CHECKPOINT_STATE = re.compile(
    r"\.OPTIMIZER_SLOT/|^_?optimizer/|^(beta[12]_power|training/)"
    r"|/(Adam|RMSProp|Adagrad|Momentum|Ftrl|Adadelta)(_\d)?$"
)

_VARIABLE_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"  # what TensorFlow 2 adds to each name


@dataclass(frozen=True)
class ListedWeight:
    """One stored weight and where it belongs; facts come from its dataset."""

    layer: str
    name: str
    path: NodePath
    axes: tuple[str, ...] = ()
    is_state: bool = False


def listed_weights(container: Container, *, with_state: bool) -> Iterator[ListedWeight | None]:
    """Layer by layer, then the optimizer's state; None: some time passed.

    A dataset that several layers share comes once, with the first. Without a network every
    dataset of numbers is a weight, and its group takes the layer's place.
    """
    places = find_places(container)
    if not places.has_network:
        yield from _numeric_datasets(container, with_state=with_state)
        return
    met: set[NodePath] = set()
    for part in Decoder(container).decode():
        if not isinstance(part, Layers):
            yield None
            continue
        for name, layer in _every_layer(part.layers):
            for weight in layer.weights:
                if weight.path is not None and weight.path not in met:
                    met.add(weight.path)
                    yield ListedWeight(name, weight.name, weight.path, weight.axes)
    if with_state and group_at(container, places.optimizer) is not None:
        for dataset in datasets_below(container, places.optimizer):
            inside = dataset.path[len(places.optimizer) :]
            yield ListedWeight("optimizer", joined_names(inside), dataset.path, is_state=True)


def _every_layer(layers: tuple[Layer, ...]) -> Iterator[tuple[str, Layer]]:
    """Each layer with its name, after those of the models around it."""
    waiting = [(layer.name, layer) for layer in reversed(layers)]
    while waiting:
        name, layer = waiting.pop()
        yield name, layer
        waiting += [(f"{name}/{inner.name}", inner) for inner in reversed(layer.layers)]


def _numeric_datasets(container: Container, *, with_state: bool) -> Iterator[ListedWeight | None]:
    is_checkpoint = container.format_hint == "tf-checkpoint"
    for n_nodes, (path, node) in enumerate(container.walk(), start=1):
        if n_nodes % 200 == 0:
            yield None
        if not isinstance(node, Dataset) or not node.dtype.is_numeric:
            continue
        layer, _, name = joined_names(path).removesuffix(_VARIABLE_VALUE).rpartition("/")
        is_state = is_checkpoint and _CHECKPOINT_STATE.search(joined_names(path)) is not None
        if with_state or not is_state:
            yield ListedWeight(layer, name, path, is_state=is_state)


def joined_names(path: NodePath) -> str:
    """The names of a path in one text, for reading."""
    return "/".join(plain(name) for name in path)
