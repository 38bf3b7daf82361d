"""Weights of legacy HDF5 files: `layer_names`, `weight_names`, groups and their quirks.

Whole models keep them under `model_weights`, weights-only files at the root. The lists
name what belongs to a layer; groups are never guessed from a listing where a list exists,
as a name with "/" makes groups nest. See formats.md, section 1.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from h5viewer.documents.stored import (
    MISSING,
    StoredLayer,
    StoredWeight,
    children,
    datasets_below,
    group_at,
    has_attribute,
    is_listed,
    listed_names,
    named_node,
    no_weight,
    stored_weight,
    strings,
)
from h5viewer.documents.stored_names import path_of_name, without_output
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, Group, Link, Node, Problem, Unreadable

OPTIMIZER = b"optimizer_weights"
MOST_NAMES = 1_000_000
MOST_UNLISTED = 10_000
ESCAPING = "Its name does not stay inside the layer's group; it is not followed."
TOP_LEVEL = b"top_level_model_weights"


def read_layers(
    container: Container, root: NodePath, declared: list[str], problems: list[Problem]
) -> Iterator[StoredLayer]:
    """The stored layers, in the file's order; `declared` help where no list exists.

    Hugging Face lists in each of several files the weights themselves: those of one scope
    are a layer.
    """
    try:
        names = listed_names(container, root, "layer_names", MOST_NAMES)
    except CannotRead as error:
        problems.append(Problem(where="layer_names", message=error.message))
        names = None
    if names is None and has_attribute(container, root, "nb_layers"):
        yield from _numbered_layers(container, root)
        return
    if names is None:
        yield from _groups_with_weights(container, root, declared)
        return
    met: set[NodePath] = set()
    loose: dict[str, StoredLayer] = {}
    for name in names:
        node = named_node(container, root, name)
        if isinstance(node, Dataset):
            scope = without_output(name).partition("/")[0]
            weights = loose.setdefault(scope, StoredLayer(scope, None)).weights
            weights.append(stored_weight(name, node))
            continue
        layer = _layer_at(container, name, node)
        if layer.path is not None and layer.path in met:
            layer.is_listed_twice, layer.weights = True, []
            layer.problem = "The file lists this layer twice; its weights are counted once."
        elif layer.path is not None:
            met.add(layer.path)
        yield layer
    yield from loose.values()
    if group_at(container, (*root, TOP_LEVEL)) is not None and TOP_LEVEL.decode() not in names:
        yield _read_layer(container, root, TOP_LEVEL.decode())
    listed = set(names)
    yield from _unlisted_layers(container, root, [n for n in declared if n not in listed], met)


def unlisted_datasets(
    container: Container, root: NodePath, listed: Iterable[NodePath]
) -> Iterator[Dataset | None]:
    """Datasets below `root` that are none of `listed`; None: some time passed."""
    known: set[NodePath] = set()
    for path in listed:
        while path not in known:
            known.add(path)
            path = path[:-1]
    n_looked_at = 0
    for paths in container.walk_names():  # many times faster than asking each for its facts
        yield None
        for path in paths:
            is_outside = path[: len(root)] != root or path[:1] == (OPTIMIZER,)
            if is_outside or path in known:
                continue
            n_looked_at += 1
            if n_looked_at > MOST_UNLISTED:
                return
            node = container.describe(path)
            if isinstance(node, Dataset) and node.same_as is None:
                yield node


def _read_layer(container: Container, root: NodePath, name: str) -> StoredLayer:
    return _layer_at(container, name, named_node(container, root, name))


def _layer_at(container: Container, name: str, node: Node | None) -> StoredLayer:
    layer = StoredLayer(name=name, path=None)
    if node is None:
        layer.problem = (
            "The name of this layer does not stay inside the weights' group; it is not followed."
        )
        return layer
    if isinstance(node, Link):
        layer.problem = "This layer's group is a link, which is not followed."
        return layer
    if not isinstance(node, Group):
        layer.problem = "This layer is listed, but its group is missing from the file."
        return layer
    layer.path = node.path
    try:
        names = listed_names(container, node.path, "weight_names", MOST_NAMES)
    except CannotRead as error:
        layer.problem = error.message
        names = None
    if names is None:
        layer.weights = list(_weights_below(container, node.path))
        return layer
    unique = dict.fromkeys(names)
    if len(unique) < len(names):
        layer.problem = "The file lists weights of this layer more than once; each is shown once."
    layer.weights = [_read_weight(container, node.path, each) for each in unique]
    return layer


def _read_weight(container: Container, group: NodePath, name: str) -> StoredWeight:
    node = named_node(container, group, name)
    if node is None:
        return StoredWeight(name, None, problem=ESCAPING)
    if isinstance(node, Dataset):
        return stored_weight(name, node)
    is_absent = isinstance(node, Unreadable) and not is_listed(container, node.path)
    return StoredWeight(name, None, problem=MISSING if is_absent else no_weight(node))


def _numbered_layers(container: Container, root: NodePath) -> Iterator[StoredLayer]:
    """Keras 0.x: groups `layer_0` ... with `param_0` ...; empty ones are layers too."""
    for node in children(container, root):
        if isinstance(node, Group) and node.path[-1].startswith(b"layer_"):
            layer = StoredLayer(name=plain(node.path[-1]), path=node.path)
            for child in children(container, node.path):
                if isinstance(child, Dataset):
                    layer.weights.append(stored_weight(plain(child.path[-1]), child))
            yield layer


def _unlisted_layers(
    container: Container, root: NodePath, declared: list[str], met: set[NodePath]
) -> Iterator[StoredLayer]:
    """Groups of declared layers that `layer_names` forgot, when they have `weight_names`."""
    if not declared:
        return
    tops = {name for names in container.child_names(root) for name in names}
    for name in declared:
        if name.partition("/")[0].encode("utf-8", "surrogateescape") not in tops:
            continue
        inside = path_of_name(name)
        if inside is None or (*root, *inside) in met:
            continue
        group = group_at(container, (*root, *inside))
        if group is not None and group.n_attributes:
            met.add(group.path)
            yield _read_layer(container, root, name)


def _groups_with_weights(
    container: Container, root: NodePath, declared: list[str]
) -> Iterator[StoredLayer]:
    """Without `layer_names`: the groups of declared names, then those with `weight_names`."""
    met: set[NodePath] = set()
    yield from _unlisted_layers(container, root, declared, met)
    for node in children(container, root):
        if isinstance(node, Group) and node.path not in met and node.n_attributes:
            if strings(container, node.path, "weight_names", MOST_NAMES) is None:
                continue
            name = plain(node.path[-1])
            yield _read_layer(container, root, name)


def _weights_below(container: Container, group: NodePath) -> Iterator[StoredWeight]:
    """Every dataset of a group that lists none, by its path inside."""
    for node in datasets_below(container, group):
        inside = node.path[len(group) :]
        yield stored_weight("/".join(plain(name) for name in inside), node)
