"""What a file stores of a network, before it is matched with a configuration."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from h5viewer.documents.stored_names import path_of_name, with_raw_bytes, without_output
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, Group, Link, Node, Shape, Unreadable

MISSING = "It is missing from the file."
MOST_NODES = 2_000_000  # nodes looked at below one group
_COUNTABLE = 2**60  # elements; more cannot be stored and would not cross the pipe


class StoredWeight(msgspec.Struct):
    """One weight the file holds (or only names: `path` None, `problem` says why)."""

    name: str  # as the file calls it: "dense/kernel:0", "0"
    path: NodePath | None
    shape: Shape | None = None
    dtype: str = ""
    is_number: bool = True
    is_float: bool = True
    same_as: NodePath | None = None
    problem: str = ""

    @property
    def role(self) -> str:
        """The last part of the name, without TensorFlow's ":0"."""
        return without_output(self.name).rpartition("/")[2]


class StoredLayer(msgspec.Struct):
    """A group of weights that belong together, in the file's order."""

    name: str
    path: NodePath | None
    weights: list[StoredWeight] = []
    problem: str = ""
    is_listed_twice: bool = False


def stored_weight(name: str, node: Dataset) -> StoredWeight:
    """The weight in a dataset."""
    problem = ""
    if node.n_elements > _COUNTABLE:
        problem = "It declares more elements than any file can hold; they are not counted."
    elif node.layout in ("virtual", "external") and node.obstacle is not None:
        problem = "Its values are in another file, which is not read."
    elif node.shape is None:
        problem = "It is empty: a dataset without a shape."
    return StoredWeight(
        name=name,
        path=node.path,
        shape=node.shape,
        dtype=node.dtype.text,
        is_number=node.dtype.is_numeric or node.dtype.kind == "opaque",
        is_float=node.dtype.kind in ("float", "bfloat16", "opaque"),
        same_as=node.same_as,
        problem=problem,
    )


def children(container: Container, path: NodePath) -> Iterator[Node]:
    """The nodes directly below a group, in natural order; none below anything else."""
    try:
        for names in container.child_names(path):
            for name in names:
                yield container.describe((*path, name))
    except CannotRead:
        return  # the tree says that this group is damaged


def datasets_below(container: Container, path: NodePath) -> Iterator[Dataset]:
    """Every dataset below a group, each once, hard links only; iterative."""
    waiting = [path]
    n_nodes = 0
    while waiting:
        for node in children(container, waiting.pop()):
            n_nodes += 1
            if n_nodes > MOST_NODES:
                return
            if isinstance(node, Dataset) and node.same_as is None:
                yield node
            elif isinstance(node, Group) and node.same_as is None:
                waiting.append(node.path)


def group_at(container: Container, path: NodePath) -> Group | None:
    """The group at a path, or None."""
    node = container.describe(path)
    return node if isinstance(node, Group) else None


def named_node(container: Container, group: NodePath, name: str) -> Node | None:
    """What a name in one of the file's lists leads to; None: out of the group."""
    inside = path_of_name(name)
    if inside is None:
        return None
    node = container.describe((*group, *inside))
    raw = with_raw_bytes(inside)
    if isinstance(node, Unreadable) and raw != inside:
        return container.describe((*group, *raw))
    return node


def is_listed(container: Container, path: NodePath) -> bool:
    """True when the group above `path` has a link of its name, however damaged."""
    try:
        return any(path[-1] in names for names in container.child_names(path[:-1]))
    except CannotRead:
        return False


def no_weight(node: Node) -> str:
    """Why what stands in a weight's place holds no values."""
    if isinstance(node, Link):
        return "It is a link to something else, which is not followed."
    if isinstance(node, Group):
        return "Under its name there is a group, not a dataset."
    return node.reason if isinstance(node, Unreadable) else "It is no dataset."


def has_attribute(container: Container, path: NodePath, name: str) -> bool:
    """True when there is such an attribute, readable or not."""
    try:
        return container.attribute_text(path, name.encode(), 1) is not None
    except CannotRead:
        return True


def strings(container: Container, path: NodePath, name: str, limit: int) -> list[str] | None:
    """A list of strings, also when Keras split it into name0, name1 ...; None: absent.

    Raises:
        CannotRead: it is damaged or too large.
    """
    whole = container.attribute_strings(path, name.encode(), limit)
    if whole is not None:
        return whole
    parts: list[str] = []
    number = 0
    while len(parts) < limit:
        part = container.attribute_strings(path, f"{name}{number}".encode(), limit)
        if part is None:
            break
        parts += part
        number += 1
    return parts if number else None


def listed_names(container: Container, path: NodePath, name: str, limit: int) -> list[str] | None:
    """As `strings`, of an attribute that is nothing but a list of names.

    Raises:
        CannotRead: it is damaged, too large, or of another type.
    """
    names = strings(container, path, name, limit)
    if names is None and has_attribute(container, path, name):
        raise CannotRead(f"The attribute {name} is no list of names.")
    return names


def text_attribute(container: Container, path: NodePath, name: str, limit: int = 200) -> str | None:
    """A short text attribute; None: absent or unreadable."""
    try:
        text = container.attribute_text(path, name.encode(), limit)
    except CannotRead:
        return None
    return None if text is None else plain(text.text)
