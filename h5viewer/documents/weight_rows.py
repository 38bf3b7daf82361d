"""Every stored weight of a document, each once: the rows of the table of weights."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from h5viewer.documents.architecture import Decoder
from h5viewer.documents.checkpoint_network import checkpoint_variables
from h5viewer.documents.document import find_places, lists_weights
from h5viewer.documents.stored import datasets_below, group_at
from h5viewer.formats.container import Container
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, Layer, Layers


class ListedWeight(msgspec.Struct, frozen=True):
    """One stored weight and where it belongs; facts come from its dataset."""

    layer: str
    name: str
    path: NodePath
    axes: tuple[str, ...] = ()
    is_state: bool = False


def listed_weights(container: Container, *, with_state: bool) -> Iterator[ListedWeight | None]:
    """Layer by layer, then the optimizer's state; None: some time passed.

    A dataset that several layers share comes once, with the first. Without layers every
    dataset of numbers is a weight, and its group takes a layer's place.
    """
    places = find_places(container)
    if not (places.has_network or lists_weights(container, places)):
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
    if isinstance(container, CheckpointContainer):
        yield from _of_checkpoint(container, with_state=with_state)
        return
    for n_nodes, (path, node) in enumerate(container.walk(), start=1):
        if n_nodes % 200 == 0:
            yield None
        if isinstance(node, Dataset) and node.dtype.is_numeric:
            layer, _, name = joined_names(path).rpartition("/")
            yield ListedWeight(layer, name, path)


def _of_checkpoint(
    container: CheckpointContainer, *, with_state: bool
) -> Iterator[ListedWeight | None]:
    for n_seen, each in enumerate(checkpoint_variables(container), start=1):
        if n_seen % 200 == 0:
            yield None
        if with_state or not each.is_state:
            yield ListedWeight(each.layer, each.name, each.node.path, is_state=each.is_state)


def joined_names(path: NodePath) -> str:
    """The names of a path in one text, for reading."""
    return "/".join(plain(name) for name in path)
