"""The document as a whole and the network it declares."""

from __future__ import annotations

from h5viewer.formats.container import Container
from h5viewer.nodes import *  # noqa: F403
from h5viewer.operations import Operation
from h5viewer.requests import *  # noqa: F403


def open_document(request: OpenDocument, container: Container) -> Operation[Document]:
    raise NotImplementedError
    yield


def decode_architecture(
    request: DecodeArchitecture, container: Container
) -> Operation[Architecture]:
    raise NotImplementedError
    yield


def read_layer(request: ReadLayer, container: Container) -> Operation[LayerDetails]:
    raise NotImplementedError
    yield
