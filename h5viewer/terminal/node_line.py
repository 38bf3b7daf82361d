"""One line about a node."""

from __future__ import annotations

from h5viewer.names import path_text, visible
from h5viewer.nodes import (
    Attribute,
    Dataset,
    Entry,
    Group,
    Link,
    NamedType,
    Node,
    Unreadable,
)
from h5viewer.terminal.screen import Piece
from h5viewer.wording import bytes_text, plural, shape_text

MANY_ATTRIBUTES = 20
_LONGEST_VALUE = 60


def node_line(node: Node) -> list[Piece]:
    """Name and facts: `kernel:0  (3, 3, 16, 32) float32  18.4 kB`."""
    name = visible(node.path[-1]) if node.path else "/"
    is_folder = isinstance(node, Group) and node.path
    pieces = [(f"{name}/" if is_folder else name, _style(node))]
    if facts := _facts(node):
        pieces.append((f"  {facts}", "red" if isinstance(node, Unreadable) else ""))
    if remarks := _remarks(node):
        pieces.append((f"  {remarks}", "dim"))
    return pieces


def attribute_line(attribute: Attribute) -> list[Piece]:
    """Name and the beginning of its value: `@backend = tensorflow`."""
    name = visible(b"@" + attribute.name)
    return [(name, "cyan"), (f" = {visible(attribute.text, _LONGEST_VALUE)}", "")]


def _style(node: Node) -> str:
    match node:
        case Group():
            return "bold blue"
        case Link():
            return "magenta"
        case Unreadable():
            return "red"
    return ""


def _facts(node: Node) -> str:
    match node:
        case Group(n_children=int(count)) if not node.same_as:
            items = plural(count, "item")
            if node.n_attributes <= MANY_ATTRIBUTES:
                return items
            return f"{items}, {plural(node.n_attributes, 'attribute')}"
        case Dataset():
            return f"{shape_text(node.shape)} {visible(node.dtype.text)}  {_sizes(node)}"
        case Link(file=file, target=target):
            where = visible(target) if file is None else f"{visible(file)} {visible(target)}"
            return f"→ {where}"
        case NamedType(dtype=dtype):
            return f"type {visible(dtype.text)}"
        case Entry(n_bytes=count, kind=kind):
            return f"{kind}  {bytes_text(count)}"
        case Unreadable(reason=reason):
            return visible(reason)
    return ""


def _sizes(node: Dataset) -> str:
    """Declared bytes, and what is stored where compression or absence makes it differ."""
    declared = bytes_text(node.declared_bytes)
    if node.stored_bytes == node.declared_bytes or not node.dtype.itemsize:
        return bytes_text(node.stored_bytes)
    return f"{declared}, {bytes_text(node.stored_bytes)} stored"


def _remarks(node: Node) -> str:
    match node:
        case Group(same_as=same) | Dataset(same_as=same) if same is not None:
            return f"same object as {visible(path_text(same))}"
        case Dataset(sources=sources) if sources:
            return f"{node.layout}: data is in {visible(', '.join(sources))}"
        case Dataset(obstacle=obstacle) if obstacle is not None:
            return visible(obstacle.reason)
        case Dataset(n_elements=0):
            return "no elements"
        case Dataset(filters=filters) if filters:
            return visible(", ".join(each.name for each in filters))
        case Link(kind="soft", broken=broken):
            return "broken" if broken else ""
        case Link(kind=kind):
            return f"{kind} link, not followed"
        case Entry(note=note):
            return visible(note)
    return ""
