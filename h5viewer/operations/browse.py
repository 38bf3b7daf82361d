"""Names, facts and attributes of nodes."""

from __future__ import annotations

import fnmatch
import re
import time

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain, visible
from h5viewer.nodes import Attributes, Listed, Names, Node, Nodes, Paths, Text
from h5viewer.operations import Operation
from h5viewer.requests import (
    DescribeNodes,
    ListChildren,
    Progress,
    ReadAttributes,
    ReadAttributeText,
    ReadEntryText,
    SearchNames,
)

_PART_SECONDS = 0.04  # the child answers other requests between parts
_PART_NODES = 200


def list_children(request: ListChildren, container: Container) -> Operation[Listed]:
    """Names in natural order, the first few at once."""
    count = 0
    for names in container.child_names(request.node):
        count += len(names)
        yield Names(names=tuple(names))
    return Listed(count=count)


def describe_nodes(request: DescribeNodes, container: Container) -> Operation[Listed]:
    """Facts in the order asked; a part as soon as it is due."""
    part: list[Node] = []
    due = time.monotonic() + _PART_SECONDS
    for path in request.nodes:
        part.append(container.describe(path))
        if len(part) >= _PART_NODES or time.monotonic() >= due:
            yield Nodes(nodes=tuple(part))
            part, due = [], time.monotonic() + _PART_SECONDS
    if part:
        yield Nodes(nodes=tuple(part))
    return Listed(count=len(request.nodes))


def search_names(request: SearchNames, container: Container) -> Operation[Listed]:
    """Go through all names of the file and deliver the paths whose last one fits."""
    fits = _pattern(request.text).search
    found: list[NodePath] = []
    n_found = n_seen = 0
    due = time.monotonic() + _PART_SECONDS
    for paths in container.walk_names():
        n_seen += len(paths)
        found += [path for path in paths if fits(plain(path[-1]))]
        if n_found + len(found) > request.limit:
            yield Paths(paths=tuple(found[: request.limit - n_found]))
            return Listed(count=request.limit, truncated=True)
        if time.monotonic() >= due:
            if found:
                yield Paths(paths=tuple(found))
            yield Progress(n_seen, unit="names")
            n_found += len(found)
            found, due = [], time.monotonic() + _PART_SECONDS
    if found:
        yield Paths(paths=tuple(found))
    return Listed(count=n_found + len(found))


def read_attributes(request: ReadAttributes, container: Container) -> Operation[Attributes]:
    """A page of attributes; reading is one step."""
    yield from ()
    return container.attributes(request.node, request.start, request.count)


def read_attribute_text(request: ReadAttributeText, container: Container) -> Operation[Text]:
    """One attribute in full, or up to the limit asked for."""
    yield from ()
    text = container.attribute_text(request.node, request.name, request.limit)
    if text is None:
        raise CannotRead(f"There is no attribute {visible(request.name, 100)} here any more.")
    return text


def read_entry_text(request: ReadEntryText, container: Container) -> Operation[Text]:
    """One entry of an archive as text."""
    yield from ()
    return container.entry_text(request.node, request.limit)


def _pattern(text: str) -> re.Pattern[str]:
    """`text` anywhere in a name; with `*` or `?` it must fit the whole name."""
    if "*" in text or "?" in text:
        # fnmatch also reads [sets]; a name may hold brackets, so they stand for themselves.
        return re.compile(fnmatch.translate(text.replace("[", "[[]")), re.IGNORECASE)
    return re.compile(re.escape(text), re.IGNORECASE)
