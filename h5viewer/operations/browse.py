"""Names, facts and attributes of nodes."""

from __future__ import annotations

from h5viewer.formats.container import Container
from h5viewer.nodes import *  # noqa: F403
from h5viewer.operations import Operation
from h5viewer.requests import *  # noqa: F403


def list_children(request: ListChildren, container: Container) -> Operation[Listed]:
    raise NotImplementedError
    yield


def describe_nodes(request: DescribeNodes, container: Container) -> Operation[Listed]:
    raise NotImplementedError
    yield


def search_names(request: SearchNames, container: Container) -> Operation[Listed]:
    raise NotImplementedError
    yield


def read_attributes(request: ReadAttributes, container: Container) -> Operation[Attributes]:
    raise NotImplementedError
    yield


def read_attribute_text(request: ReadAttributeText, container: Container) -> Operation[Text]:
    raise NotImplementedError
    yield


def read_entry_text(request: ReadEntryText, container: Container) -> Operation[Text]:
    raise NotImplementedError
    yield
