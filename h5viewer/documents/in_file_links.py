"""Paths through soft links of the same file, followed by hand and not for ever."""

from __future__ import annotations

from h5viewer.formats.container import Container
from h5viewer.names import NodePath, parse_path
from h5viewer.nodes import Dataset, Group, Link, Node

_MOST_HOPS = 16
_DEEPEST = 100  # names of a path


def followed(container: Container, path: NodePath) -> Node | None:
    """The group or dataset that `path` leads to inside this file; None: nothing of the kind."""
    at: NodePath = ()
    to_do = list(reversed(path))
    hops = 0
    node: Node | None = container.describe(())
    while to_do:
        if len(at) + len(to_do) > _DEEPEST:
            return None
        name = to_do.pop()
        if name == b"..":
            at = at[:-1]
            node = container.describe(at)
            continue
        node = container.describe((*at, name))
        if isinstance(node, Link):
            hops += 1
            if node.kind != "soft" or node.broken or hops > _MOST_HOPS:
                return None
            to_do += reversed(parse_path(node.target))
            at = () if node.target.startswith("/") else at
        else:
            at = (*at, name)
    return node if isinstance(node, Group | Dataset) else None


def dataset_at(container: Container, path: NodePath) -> Dataset | None:
    """The dataset that `path` leads to, or None."""
    node = followed(container, path)
    return node if isinstance(node, Dataset) else None
