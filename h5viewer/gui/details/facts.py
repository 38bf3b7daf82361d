"""What there is to say about a node or a document, as label and text, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from h5viewer import wording
from h5viewer.gui.selection import Selection
from h5viewer.names import NodePath, parse_path, path_text, plain, visible
from h5viewer.nodes import (
    Dataset,
    Document,
    Entry,
    Filter,
    Format,
    Group,
    Link,
    NamedType,
    Node,
    Relations,
    Unreadable,
)

LONGEST = 2000
"""Characters of a fact; the clipboard gets all of them."""


class Fact(msgspec.Struct, frozen=True):
    """One line: what it is and what it says. `whole` is what Copy takes, where it differs.

    `target`: a node that the text names; the user can go there.
    """

    label: str
    text: str
    severity: Literal["", "note", "warning"] = ""
    whole: str = ""
    target: NodePath | None = None


FORMAT_WORDS: dict[Format, str] = {
    "hdf5": "HDF5 file",
    "keras-h5": "Keras model in an HDF5 file",
    "keras-h5-weights": "Keras weights in an HDF5 file",
    "keras-archive": "Keras archive (.keras)",
    "keras-weights": "Keras 3 weights (.weights.h5)",
    "tf-checkpoint": "TensorFlow checkpoint",
    "tf-graph": "TensorFlow graph",
}

LINK_WORDS = {
    "soft": "soft link",
    "external": "link to another file",
    "user-defined": "link of a user-defined kind",
}

ENTRY_WORDS = {
    "text": "text in the archive",
    "json": "JSON in the archive",
    "binary": "file in the archive",
    "link": "symbolic link in the archive",
    "folder": "folder in the archive",
}

LAYOUT_WORDS = {
    "contiguous": "contiguous: in one piece",
    "chunked": "chunked",
    "compact": "compact: inside the header",
    "virtual": "virtual: put together from other datasets",
    "external": "external: in other files",
    "other": "of another kind",
}


def facts(selection: Selection) -> list[Fact]:
    """All facts about what is selected, the most asked for first."""
    if selection.is_document:
        unshown = [Fact("Pictures", each, "note") for each in selection.unshown]
        return [*_document_facts(selection.document), *unshown]
    return list(_node_facts(selection.node, selection.axes))


def kind_words(node: Node) -> str:
    """What a node is."""
    match node:
        case Group():
            return "group"
        case Dataset(shape=None):
            return "dataset without data"
        case Dataset(shape=()):
            return "dataset of one value"
        case Dataset():
            return "dataset"
        case Link(kind=kind):
            return LINK_WORDS[kind]
        case NamedType():
            return "named type"
        case Entry(kind=kind):
            return ENTRY_WORDS[kind]
        case Unreadable():
            return "unreadable object"


def _document_facts(document: Document) -> Iterator[Fact]:
    path = Path(document.path)
    yield _fact("Name", path.name)
    yield _fact("Folder", str(path.parent))
    yield _fact("Format", document.title or FORMAT_WORDS[document.format])
    if document.keras_version:
        yield _fact("Keras version", document.keras_version)
    if document.backend:
        yield _fact("Backend", document.backend)
    size = wording.exact_bytes_text(document.size)
    yield _fact("Size", f"{size}, data files included" if document.data_bytes else size)
    yield _fact("Changed", _time_text(document.identity.mtime_ns))
    if document.root.n_children is not None:
        yield _fact("Holds", wording.plural(document.root.n_children, "item"))
    for problem in document.problems:
        where = f"{problem.where}: " if problem.where else ""
        severity: Literal["note", "warning"] = problem.severity
        yield _fact("Note" if severity == "note" else "Warning", where + problem.message, severity)


def _node_facts(node: Node, axes: tuple[str, ...]) -> Iterator[Fact]:
    if isinstance(node, Dataset) and node.obstacle:
        yield _fact("Values", node.obstacle.reason, "warning")
    if isinstance(node, Unreadable):
        yield _fact("Problem", node.reason, "warning")
    yield _fact("Name", plain(node.path[-1]))
    yield _fact("Path", path_text(node.path))
    yield _fact("Kind", kind_words(node))
    match node:
        case Group():
            if node.n_children is not None:
                yield _fact("Holds", wording.plural(node.n_children, "item"))
        case Dataset():
            yield from _dataset_facts(node, axes)
        case Link():
            yield from _link_facts(node)
        case NamedType():
            yield _fact("Type", node.dtype.text)
        case Entry():
            yield from _entry_facts(node)
    if isinstance(node, Group | Dataset) and node.same_as is not None:
        yield target_fact("Same object as", node.same_as)


def _dataset_facts(node: Dataset, axes: tuple[str, ...]) -> Iterator[Fact]:
    if node.shape is None:
        yield _fact("Shape", "no data (null dataspace)")
    else:
        yield _fact("Shape", _shape_words(node))
    if axes:
        yield _fact("Axes", ", ".join(visible(axis) for axis in axes))
    if node.max_shape is not None and node.max_shape != node.shape:
        limits = ["unlimited" if axis is None else str(axis) for axis in node.max_shape]
        yield _fact("Can grow to", f"({', '.join(limits)})")
    yield _fact("Type", node.dtype.text)
    if node.dtype.itemsize:
        yield _fact("Bytes per value", wording.count_text(node.dtype.itemsize))
    yield from _storage_facts(node)


def _storage_facts(node: Dataset) -> Iterator[Fact]:
    layout = LAYOUT_WORDS[node.layout]
    if node.chunks:
        chunk_bytes = node.dtype.itemsize
        for axis in node.chunks:
            chunk_bytes *= axis
        layout += f" in {wording.shape_text(node.chunks)}"
        layout += f", {wording.bytes_text(chunk_bytes)} each" if chunk_bytes else ""
    yield _fact("Layout", layout)
    for step in node.filters:
        yield _filter_fact(step)
    if node.declared_bytes:
        yield _fact("Size of the values", wording.exact_bytes_text(node.declared_bytes))
    yield _fact("Stored", _stored_words(node))
    for source in node.sources:
        yield _fact("Data is in", source, "warning" if node.obstacle else "")


def _filter_fact(step: Filter) -> Fact:
    if step.available:
        return _fact("Filter", step.name)
    text = f"{step.name}: this program has no such filter, so the values cannot be read"
    return _fact("Filter", text, "warning")


def _stored_words(node: Dataset) -> str:
    if not node.stored_bytes:
        return "nothing stored yet" if node.n_elements else "nothing"
    text = wording.exact_bytes_text(node.stored_bytes)
    ratio = wording.ratio_text(node.stored_bytes, node.declared_bytes)
    if node.filters and ratio:
        text += f", compressed {ratio}"
    return text


def _shape_words(node: Dataset) -> str:
    shape = wording.shape_text(node.shape)
    if not node.shape:
        return shape
    if not node.n_elements:
        return f"{shape}: no elements"
    return f"{shape}: {wording.plural(node.n_elements, 'value')}"


def _link_facts(node: Link) -> Iterator[Fact]:
    if node.file is not None:
        yield _fact("File it names", node.file)
    yield _link_target(node)
    if node.kind == "external":
        yield _fact("Note", "The other file is not opened.", "note")
    if node.broken:
        yield _fact("Problem", "The link leads nowhere in this file.", "warning")


def _link_target(node: Link) -> Fact:
    if node.kind != "soft" or node.broken:
        return _fact("Target", node.target)
    above = () if node.target.startswith("/") else node.path[:-1]
    path = (*above, *parse_path(node.target))
    if b".." in path:
        return _fact("Target", node.target)
    return Fact("Target", visible(node.target, LONGEST), whole=node.target, target=path)


def relation_facts(relations: Relations) -> list[Fact]:
    """Other objects of the file that belong to a node, each a way to go."""
    found = [target_fact(each.what, each.target, each.note) for each in relations.relations]
    if relations.n_left_out:
        found.append(_fact("", f"and {relations.n_left_out:,} more"))
    return found


def target_fact(label: str, target: NodePath, note: str = "") -> Fact:
    """A fact that leads to another node."""
    whole = path_text(target) + (f"  ({note})" if note else "")
    return Fact(label, visible(whole, LONGEST), whole=plain(whole), target=target)


def _entry_facts(node: Entry) -> Iterator[Fact]:
    yield _fact("Size", wording.exact_bytes_text(node.n_bytes))
    if node.stored_bytes and node.stored_bytes != node.n_bytes:
        ratio = wording.ratio_text(node.stored_bytes, node.n_bytes)
        stored = wording.exact_bytes_text(node.stored_bytes)
        yield _fact("Stored", f"{stored}, compressed {ratio}")
    if node.note:
        yield _fact("Note", node.note, "warning")


def _fact(label: str, text: str, severity: Literal["", "note", "warning"] = "") -> Fact:
    return Fact(label, visible(text, LONGEST), severity, plain(text))


def _time_text(mtime_ns: int) -> str:
    try:
        changed = datetime.fromtimestamp(mtime_ns // 1_000_000_000)
    except (ValueError, OverflowError, OSError):  # a clock far outside what calendars know
        return "at an impossible time"
    return f"{changed:%Y-%m-%d %H:%M:%S}"
