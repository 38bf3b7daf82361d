"""The document as a whole and the network it declares."""

from __future__ import annotations

from h5viewer.documents.architecture import Decoder
from h5viewer.documents.config_text import find_layer
from h5viewer.documents.document import describe
from h5viewer.documents.graph_operations import decode_operations, graph_of
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.tf_graph import GraphContainer
from h5viewer.nodes import Architecture, Document, LayerDetails
from h5viewer.operations import Operation
from h5viewer.requests import DecodeArchitecture, OpenDocument, Progress, ReadLayer


def open_document(_request: OpenDocument, container: Container) -> Operation[Document]:
    """Recognise the file by its content."""
    yield Progress(done=0, unit="")
    return describe(container)


def decode_architecture(
    request: DecodeArchitecture, container: Container
) -> Operation[Architecture]:
    """The layers in parts of some hundreds, then totals, training and problems."""
    graph = graph_of(container)
    if graph is not None and (request.of_graph or isinstance(container, GraphContainer)):
        try:
            return (yield from decode_operations(container, graph))
        except CannotRead:  # of a checkpoint, whose weights are known all the same
            pass
    result = yield from Decoder(container).decode()
    return result


def read_layer(request: ReadLayer, container: Container) -> Operation[LayerDetails]:
    """One layer's configuration and code, found again by its key."""
    yield Progress(done=0, unit="")
    return find_layer(container, request.key)
