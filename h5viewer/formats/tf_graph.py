"""The `.meta` file of TensorFlow 1: the operations of a graph, without TensorFlow.

Messages: tensorflow/core/protobuf/meta_graph.proto (2: the graph), framework/graph.proto
(1: an operation), node_def.proto, attr_value.proto. Only what is shown is read: of constants
their types and shapes, of functions nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats.container import StoredArray
from h5viewer.formats.occupancy import Occupied
from h5viewer.formats.protobuf import Malformed, as_bytes, as_int, fields, read_varint, signed
from h5viewer.formats.source import Source
from h5viewer.formats.tf_tensors import Variable, is_string, read_shape
from h5viewer.names import NodePath, path_text, plain, visible
from h5viewer.nodes import Attributes, Entry, Format, Group, Node, Problem, Text, Unreadable

SUFFIX = ".meta"
_LARGEST = 256 << 20  # bytes of a graph; larger ones hold weights as constants
_MOST = 200_000  # operations
_MOST_LISTED = 100  # items of a setting
_LONGEST = 2000  # characters of a setting
_MOST_PARTS = 1000  # of a file that are looked at
_LONGEST_HEAD = 20  # bytes of number and length of a part
_BYTES = 2  # the kind of a part
_GRAPH, _NODE = 2, 1
_STARTS = (b"\x0a", b"\x12")  # facts about the graph, or the graph itself


class GraphOperation(msgspec.Struct, frozen=True):
    """One operation of a graph."""

    name: str
    kind: str  # "Conv2D"
    inputs: tuple[tuple[str, int], ...]  # name of an operation, which of its results
    settings: dict[str, object]


def is_graph(source: Source) -> bool:
    """True for a `.meta` file; its content decides whether it can be read."""
    return source.path.endswith(SUFFIX) and source.read_at(0, 1)[:1] in _STARTS


def ends_early(source: Source) -> bool:
    """Whether the file ends within one of its parts; only where these begin is read."""
    at = 0
    for _ in range(_MOST_PARTS):
        if at >= source.size:
            break
        head = source.read_at(at, _LONGEST_HEAD)
        try:
            tag, n_tag = read_varint(head, 0)
            length, n_head = read_varint(head, n_tag)
        except Malformed:
            return len(head) < _LONGEST_HEAD
        if tag & 7 != _BYTES:
            return False  # no graph: every part of one is a message
        at += n_head + length
    return at > source.size


def read_operations(source: Source) -> tuple[GraphOperation, ...]:
    """All operations, in the order of the file.

    Raises:
        CannotRead: it is damaged, or too large.
    """
    kept = source.kept.get("operations")
    if isinstance(kept, tuple):
        return kept
    if source.size > _LARGEST:
        raise CannotRead(
            f"The graph in {source.name} is too large to be shown: {source.size:,} bytes."
        )
    found: list[GraphOperation] = []
    try:
        for number, value in fields(source.read_at(0, source.size)):
            if number == _GRAPH:
                nodes = (as_bytes(node) for at, node in fields(as_bytes(value)) if at == _NODE)
                for node in nodes:
                    if len(found) >= _MOST:
                        raise CannotRead(
                            f"The graph in {source.name} has more than {_MOST:,} operations."
                        )
                    found.append(_operation(node))
    except Malformed as error:
        raise CannotRead(f"The graph in {source.name} is damaged.", details=str(error)) from error
    source.kept["operations"] = tuple(found)
    return tuple(found)


def operations_text(source: Source) -> str:
    """All operations, one a line: name, kind, what it takes."""
    lines = []
    for each in read_operations(source):
        taken = ", ".join(name if not at else f"{name}:{at}" for name, at in each.inputs)
        lines.append(
            f"{each.name}  {each.kind}  ({taken})" if taken else f"{each.name}  {each.kind}"
        )
    return "\n".join(lines)


def open_graph(source: Source) -> GraphContainer:
    """Open a `.meta` file that lies alone.

    Raises:
        CannotOpen: it is damaged, or holds no graph.
    """
    try:
        operations = read_operations(source)
    except CannotRead as error:
        raise CannotOpen(error.message, hint=error.hint, details=error.details) from error
    if not operations:
        raise CannotOpen(f"{source.name} is no TensorFlow graph.")
    return GraphContainer(source)


class GraphContainer:
    """A graph without variables. Implements `formats.container.Container`."""

    format_hint: Format = "tf-graph"

    def __init__(self, source: Source) -> None:
        self.source = source
        message = "This file holds a graph only: the checkpoint it belongs to is not beside it."
        self.problems: tuple[Problem, ...] = (Problem(where="", message=message),)
        self._name = source.name.encode()

    def child_names(self, path: NodePath) -> Iterator[list[bytes]]:
        """The list of operations alone."""
        if path:
            raise CannotRead(f"{visible(path_text(path), 100)} holds nothing.")
        yield [self._name]

    def describe(self, path: NodePath) -> Node:
        """The list of operations, as a text."""
        if not path:
            return Group(path=(), n_children=1)
        if path == (self._name,):
            return entry(self.source, path)
        return Unreadable(path=path, reason="There is nothing of this name.")

    def walk(self) -> Iterator[tuple[NodePath, Node]]:
        """The list of operations."""
        yield (self._name,), self.describe((self._name,))

    def walk_names(self) -> Iterator[list[NodePath]]:
        """Its name."""
        yield [(self._name,)]

    def attributes(self, _path: NodePath, start: int, _count: int) -> Attributes:
        """There are none."""
        return Attributes(start=start, total=0, attributes=())

    def attribute_text(self, _path: NodePath, _name: bytes, _limit: int) -> Text | None:
        """There are none."""
        return None

    def attribute_strings(self, _path: NodePath, _name: bytes, _limit: int) -> list[str] | None:
        """There are none."""
        return None

    def attribute_targets(
        self, path: NodePath, name: bytes, limit: int
    ) -> list[list[NodePath | None]] | None:
        """There are none."""
        del path, name, limit
        return None

    def entry_text(self, path: NodePath, limit: int) -> Text:
        """The operations, one a line."""
        if path != (self._name,):
            raise CannotRead(f"There is no text {visible(path_text(path), 100)}.")
        return text_of(self.source, limit)

    def array(self, path: NodePath) -> StoredArray:
        """There are no values."""
        raise CannotRead(f"There is no variable {visible(path_text(path), 100)}.")

    def occupancy(self) -> Iterator[Occupied]:
        """The graph."""
        yield Occupied((), "structure", self.source.size)

    def close(self) -> None:
        """Nothing is held open but the source."""


def entry(source: Source, path: NodePath) -> Entry:
    """The list of a graph's operations as a node."""
    return Entry(path=path, n_bytes=source.size, stored_bytes=source.size, kind="text")


def text_of(source: Source, limit: int) -> Text:
    """`operations_text` up to a limit."""
    whole = operations_text(source)
    return Text(text=whole[:limit], total=len(whole), is_complete=len(whole) <= limit)


def _operation(message: bytes) -> GraphOperation:
    name = kind = ""
    inputs: list[tuple[str, int]] = []
    settings: dict[str, object] = {}
    for number, value in fields(message):
        if number == 1:
            name = plain(as_bytes(value))
        elif number == 2:
            kind = plain(as_bytes(value))
        elif number == 3:
            taken, _, at = plain(as_bytes(value)).partition(":")
            if not taken.startswith("^"):  # what only has to be done before
                inputs.append((taken, int(at) if at.isdecimal() and len(at) < 6 else 0))
        elif number == 4 and value:
            settings["device"] = plain(as_bytes(value))[:_LONGEST]
        elif number == 5:
            inside = dict(fields(as_bytes(value)))
            key = plain(as_bytes(inside.get(1, b"")))[:_LONGEST]
            if not key.startswith("_"):
                settings[key] = _setting(as_bytes(inside.get(2, b"")))
    return GraphOperation(name, kind, tuple(inputs), settings)


def _setting(message: bytes) -> object:
    """An AttrValue as far as it can be said in a line."""
    for number, value in fields(message):
        if number == 2:
            return visible(as_bytes(value), _LONGEST)
        if number == 3:
            return signed(as_int(value))
        if number == 4:
            return struct.unpack("<f", struct.pack("<I", as_int(value) & 0xFFFFFFFF))[0]
        if number == 5:
            return bool(value)
        if number == 6:
            return _type_name(as_int(value))
        if number == 7:
            return _shape(as_bytes(value))
        if number == 8:
            inside = dict(fields(as_bytes(value)))
            kind = _type_name(as_int(inside.get(1, 0)))
            return f"{kind} {_shape(as_bytes(inside.get(2, b'')))}"
        if number == 1:
            return _list(as_bytes(value))
    return None


def _list(message: bytes) -> list[object]:
    found: list[object] = []
    for number, value in fields(message):
        if number == 3 and isinstance(value, bytes):  # packed
            at = 0
            while at < len(value) and len(found) < _MOST_LISTED:
                item, at = read_varint(value, at)
                found.append(signed(item))
        elif number == 3:
            found.append(signed(as_int(value)))
        elif number == 2:
            found.append(visible(as_bytes(value), 200))
        if len(found) >= _MOST_LISTED:
            break
    return found


def _type_name(number: int) -> str:
    reference = number > 100  # a reference to a value of that type
    kind = number - 100 if reference else number
    if is_string(kind):
        return "string"
    return Variable(name=b"", type_number=kind, shape=()).facts(()).dtype.text


def _shape(message: bytes) -> object:
    try:
        return list(read_shape(message))
    except Malformed:  # lengths that are not known
        return "unknown"
