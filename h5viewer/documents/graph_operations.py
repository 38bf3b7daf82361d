"""The operations of a TensorFlow 1 graph as layers that are declared: to be listed and drawn."""

from __future__ import annotations

from h5viewer.documents.declared import Declaration, DeclaredLayer
from h5viewer.documents.references import Reference
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.formats.tf_graph import GraphContainer, read_operations


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
