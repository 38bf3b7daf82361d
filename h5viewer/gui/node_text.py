"""What the window says of a node: its icon, and a few words for tree, header and tooltip."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import (
    Dataset,
    Document,
    Entry,
    Format,
    Group,
    Link,
    NamedType,
    Node,
    Unreadable,
)
from h5viewer.wording import bytes_text, plural, shape_text

_FORMAT_NAMES: dict[Format, str] = {
    "hdf5": "HDF5 file",
    "keras-h5": "Keras model (HDF5)",
    "keras-h5-weights": "Keras weights (HDF5)",
    "keras-archive": "Keras model (.keras)",
    "keras-weights": "Keras weights (.weights.h5)",
    "tf-checkpoint": "TensorFlow checkpoint",
    "tf-graph": "TensorFlow graph",
}
_DTYPE_ICONS = {"string": "string", "compound": "compound", "vlen": "list", "opaque": "binary"}
# Every variable of TensorFlow 2 ends so; cut names would all look the same. The path has it.
_VARIABLE = b"/.ATTRIBUTES/VARIABLE_VALUE"
_ENTRY_ICONS = {
    "text": "text",
    "json": "json",
    "binary": "binary",
    "link": "link",
    "folder": "folder",
}


def document_name(document: Document) -> str:
    """The file's name as a widget may show it."""
    return visible(Path(document.path).name)


def from_home(path: str) -> str:
    """A file's or folder's path with the home folder as ~; for reading, not for opening."""
    try:
        return str(Path("~") / Path(path).relative_to(Path.home()))
    except ValueError:
        return path


def folders_apart(folders: Iterable[str]) -> dict[str, str]:
    """Of each folder its name, or that of one that holds it, which no other has there.

    Args:
        folders: absolute; any of them several times.

    Returns:
        "" where it is the only one.
    """
    upwards = {folder: Path(folder).parts[::-1] for folder in folders}
    if len(upwards) < 2:
        return dict.fromkeys(upwards, "")
    counts = Counter(each for parts in upwards.values() for each in enumerate(parts))
    own = {
        folder: next((part for at, part in enumerate(parts) if counts[at, part] == 1), parts[0])
        for folder, parts in upwards.items()
    }
    return {folder: visible(name, 40) for folder, name in own.items()}


def format_name(document: Document) -> str:
    """What kind of file it is, with the Keras version where it says one."""
    return document.title or _FORMAT_NAMES[document.format]


def node_name(document: Document, path: NodePath) -> str:
    """The last name of a path; of the root the file's name."""
    if not path:
        return document_name(document)
    is_variable = document.format == "tf-checkpoint"
    return visible(path[-1].removesuffix(_VARIABLE) if is_variable else path[-1])


def shown_path(path: NodePath) -> str:
    """The whole path in one line, however hostile the names are."""
    return visible(path_text(path), 4000)


def icon_name(node: Node | None, document: Document) -> str:
    """The icon of a node; of the root that of its document."""
    match node:
        case Group(path=()):
            is_listed = document.has_architecture or document.lists_weights
            return "layers" if is_listed else "document"
        case Group():
            return "folder"
        case Dataset() if not has_values(node):
            return "eye-off"
        case Dataset(dtype=dtype) if dtype.kind in _DTYPE_ICONS:
            return _DTYPE_ICONS[dtype.kind]
        case Dataset(shape=shape):
            return "dataset" if shape else "scalar"
        case Link(broken=True):
            return "link-broken"
        case Link(kind="soft"):
            return "link"
        case Link():
            return "link-external"
        case NamedType():
            return "type"
        case Entry(kind=kind):
            return _ENTRY_ICONS[kind]
    return "unreadable"


def has_values(node: Node) -> bool:
    """False for a dataset whose values cannot be read, whatever the user says."""
    obstacle = node.obstacle if isinstance(node, Dataset) else None
    return obstacle is None or obstacle.can_insist


def obstacle_text(node: Node | None) -> str:
    """Why a dataset's values are not read by themselves."""
    obstacle = node.obstacle if isinstance(node, Dataset) else None
    return "" if obstacle is None else visible(obstacle.reason, 1000)


def beside_text(node: Node | None) -> str:
    """What stands muted behind the name: where a link points, why nothing can be read."""
    match node:
        case Link(broken=True, target=target):
            return f"→ {visible(target)} (leads nowhere)"
        case Link(file=None, target=target):
            return f"→ {visible(target)}"
        case Link(file=file, target=target):
            return f"→ {visible(file or '')} {visible(target)}"
        case Group(same_as=same) | Dataset(same_as=same) if same is not None:
            return f"same as {shown_path(same)}"
        case Unreadable(reason=reason):
            return visible(reason)
        case Entry(note=note):
            return visible(note)
    return ""


def shape_words(node: Node | None) -> str:
    """Column "Shape": axes of a dataset, children of a group."""
    match node:
        case Dataset(shape=shape):
            return shape_text(shape)
        case Group(n_children=int(count)):
            return plural(count, "item") if count else "empty"
    return ""


def type_words(node: Node | None) -> str:
    """Column "Type": the element type, or what else it is."""
    match node:
        case Dataset(dtype=dtype) | NamedType(dtype=dtype):
            return visible(dtype.text)
        case Group(path=()):
            return ""
        case Group():
            return "group"
        case Link(kind=kind):
            return f"{kind} link"
        case Entry(kind=kind):
            return "symbolic link" if kind == "link" else kind
    return ""


def size_words(node: Node | None, document: Document) -> str:
    """Column "Size": bytes in the file."""
    match node:
        case Dataset(stored_bytes=count) | Entry(stored_bytes=count):
            return bytes_text(count)
        case Group(path=()):
            return bytes_text(document.size)
    return ""


def facts(node: Node, document: Document) -> list[str]:
    """Short facts for the header, most telling first."""
    match node:
        case Group(path=()):
            return [format_name(document), bytes_text(document.size)]
        case Dataset():
            return _dataset_facts(node)
    found = [type_words(node), shape_words(node), size_words(node, document), beside_text(node)]
    if isinstance(node, NamedType):
        found.insert(0, "named type")
    if isinstance(node, Unreadable):
        found.insert(0, "cannot be read")
    return [fact for fact in found if fact]


def tooltip(node: Node | None, document: Document, path: NodePath) -> str:
    """All about a row, as rich text without a word of the file's own markup."""
    if not path:
        return plain_tooltip(f"{visible(document.path, 1000)}\n{format_name(document)}")
    lines = [visible(path_text(path), 1000), beside_text(node)]
    if node is not None:
        lines += [" · ".join(facts(node, document)), obstacle_text(node)]
    return plain_tooltip("\n".join(line for line in lines if line))


def plain_tooltip(text: str) -> str:
    """Text for a tooltip, shown letter by letter: Qt guesses at HTML unless told."""
    return f"<qt>{html.escape(text).replace(chr(10), '<br>')}</qt>" if text else ""


def _dataset_facts(node: Dataset) -> list[str]:
    found = [visible(node.dtype.text), shape_text(node.shape)]
    if node.declared_bytes and node.declared_bytes != node.stored_bytes:
        found.append(f"{bytes_text(node.declared_bytes)}, {bytes_text(node.stored_bytes)} in file")
    else:
        found.append(bytes_text(node.stored_bytes))
    if node.filters:
        found.append(" + ".join(visible(step.name, 40) for step in node.filters))
    if node.chunks:
        found.append(f"chunks {shape_text(node.chunks)}")
    if node.layout in ("virtual", "external"):
        found.append(f"{node.layout} storage")
    if node.same_as is not None:
        found.append(beside_text(node))
    return found
