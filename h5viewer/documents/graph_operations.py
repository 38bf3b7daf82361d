"""The operations of a TensorFlow 1 graph as layers that are declared: to be listed and drawn."""

from __future__ import annotations

from collections.abc import Generator

import msgspec

from h5viewer.documents.assignment import Assignment, Assignments, with_roles
from h5viewer.documents.checkpoint_network import checkpoint_variables
from h5viewer.documents.declared import Declaration, DeclaredLayer
from h5viewer.documents.keras_config import PIECE
from h5viewer.documents.references import Reference
from h5viewer.documents.rows import Rows
from h5viewer.documents.stored import stored_weight
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.formats.tf_graph import GraphContainer, read_operations
from h5viewer.names import NodePath
from h5viewer.nodes import Architecture, Dataset, Layer, Layers
from h5viewer.requests import Progress


def graph_of(container: Container) -> Source | None:
    """The `.meta` file: the document itself, or what lies beside a checkpoint."""
    if isinstance(container, GraphContainer):
        return container.source
    return container.source.graph if isinstance(container, CheckpointContainer) else None


def declared_operations(source: Source) -> Declaration:
    """Every operation as a layer; its kind takes the place of the class.

    Raises:
        CannotRead: the graph is damaged or too large.
    """
    layers = [
        DeclaredLayer(
            name=each.name,
            class_name=each.kind,
            key=(at,),
            config=each.settings,
            calls=[[Reference(name, 0, result) for name, result in each.inputs]],
            inputs=tuple(dict.fromkeys(name for name, _ in each.inputs)),
        )
        for at, each in enumerate(read_operations(source))
    ]
    return Declaration(layers=layers, is_understood=True)


def _state(container: Container) -> frozenset[NodePath]:
    """Where a checkpoint keeps what only training needs: it is no parameter of the network."""
    if not isinstance(container, CheckpointContainer):
        return frozenset()
    return frozenset(each.node.path for each in checkpoint_variables(container) if each.is_state)


def decode_operations(
    container: Container, source: Source
) -> Generator[Progress | Layers, None, Architecture]:
    """Every operation in the place of a layer, the variable of a checkpoint as its weight.

    Raises:
        CannotRead: the graph is damaged or too large.
    """
    rows = Rows(Assignments())
    uncounted, state = Rows(Assignments()), _state(container)
    made: list[Layer] = []
    declared = declared_operations(source).layers
    for each in declared:
        node = container.describe((each.name.encode("utf-8", "surrogateescape"),))
        if isinstance(node, Dataset):
            assignment = Assignment(with_roles([stored_weight(each.name, node)], None, each.name))
            counting = uncounted if node.path in state else rows
            layer = counting.extra(each.name, assignment, each.key)
            layer = msgspec.structs.replace(layer, class_name=each.class_name, inputs=each.inputs)
            if node.path in state:
                layer = msgspec.structs.replace(layer, n_parameters=0)
        else:
            layer = Layer(
                name=each.name, class_name=each.class_name, key=each.key, inputs=each.inputs
            )
        made.append(layer)
        if len(made) == PIECE:
            yield Layers(layers=tuple(made))
            made.clear()
    yield Layers(layers=tuple(made))
    return Architecture(
        class_name="Graph",
        name=None,
        n_layers=len(declared),
        parameters=rows.parameters,
        item="operation",
    )
