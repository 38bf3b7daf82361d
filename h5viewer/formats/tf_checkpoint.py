"""TensorFlow checkpoints as a tree of variables (`tf_scopes` says where each of them stands)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import msgspec

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats.container import StoredArray
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.formats.occupancy import Occupied
from h5viewer.formats.protobuf import Malformed
from h5viewer.formats.source import Source
from h5viewer.formats.tf_bundle import Bundle, checksum_of
from h5viewer.formats.tf_objects import GRAPH_KEY, Place, places, read_objects
from h5viewer.formats.tf_scopes import Scopes
from h5viewer.formats.tf_slices import read_variables
from h5viewer.formats.tf_table import MAGIC, Table
from h5viewer.formats.tf_tensors import Piece, TensorArray, Variable
from h5viewer.names import NodePath, path_text, plain, visible
from h5viewer.nodes import (
    Attribute,
    Attributes,
    DType,
    Format,
    Group,
    Node,
    Problem,
    Text,
    Unreadable,
)

_FIRST_BATCH = 200
_WALKED_BATCH = 1000
_MOST_VARIABLES = 1_000_000
_CHECKED_BYTES = 64 << 20  # data whose checksums are compared when a file is opened: 0.3 s
_SLICES_META = 0x0A  # the first byte of the list of variables in a table of the old kind


@dataclass
class Contents:
    """What was learnt of a checkpoint when it was first opened; the rest when it is asked for."""

    variables: dict[bytes, Variable]
    damaged: list[bytes]
    problems: tuple[Problem, ...]

    @cached_property
    def tree(self) -> Scopes:
        """Where each of them stands."""
        return Scopes(in_natural_order([*self.variables, *self.damaged]), self.places)

    @cached_property
    def places(self) -> dict[bytes, Place]:
        """By key, what objects say; empty where there are none that can be understood."""
        graph = self.variables.get(GRAPH_KEY)
        if graph is None or graph.obstacle or graph.read is None or graph.shape:
            return {}
        try:
            found = places(read_objects(graph.read().item()))
        except (Malformed, TypeError):
            return {}
        known = {*self.variables, *self.damaged}
        return {key: place for key, place in found.items() if key in known}


def open_checkpoint(source: Source) -> CheckpointContainer:
    """Open the index of a checkpoint, or a checkpoint that is one table.

    Raises:
        CannotOpen: cut short, damaged, or a table of something else.
    """
    contents = source.kept.get("checkpoint")
    if not isinstance(contents, Contents):
        contents = source.kept["checkpoint"] = _read_contents(source)
    return CheckpointContainer(source, contents)


class CheckpointContainer:
    """Implements `formats.container.Container`."""

    format_hint: Format = "tf-checkpoint"

    def __init__(self, source: Source, contents: Contents) -> None:
        self.source = source
        self.problems = contents.problems
        self._contents = contents
        self._variables = contents.variables

    @property
    def variables(self) -> dict[bytes, Variable]:
        """Those whose entry in the index is readable, by their keys."""
        return self._variables

    @property
    def keys(self) -> list[bytes]:
        """Those, and those whose entry is damaged, in natural order."""
        return in_natural_order([*self._contents.variables, *self._contents.damaged])

    @property
    def places(self) -> dict[bytes, Place]:
        """What is known of variables that objects hold, by their keys."""
        return self._contents.places

    @property
    def _tree(self) -> Scopes:
        return self._contents.tree

    def path_of(self, key: bytes) -> NodePath:
        """Where a variable stands in the tree."""
        return self._tree.path_of[key]

    def key_at(self, path: NodePath) -> bytes | None:
        """The key of the variable at a path; None: it is a scope, or nothing."""
        return self._tree.key_at(path) or self._plain_key(path)

    def _plain_key(self, path: NodePath) -> bytes | None:
        key = b"/".join(path)
        return key if key in self._variables else None

    def child_names(self, path: NodePath) -> Iterator[list[bytes]]:
        """The names in a scope."""
        names = self._tree.children(path)
        if names is None:
            raise CannotRead(f"{visible(path_text(path), 100)} holds no other variables.")
        yield names[:_FIRST_BATCH]
        if names[_FIRST_BATCH:]:
            yield names[_FIRST_BATCH:]

    def describe(self, path: NodePath) -> Node:
        """Facts about one variable or scope."""
        key = self.key_at(path) if path else None
        variable = None if key is None else self._variables.get(key)
        if variable is not None:
            facts = variable.facts(path)
            n_attributes = len(self._told(path))
            return msgspec.structs.replace(facts, n_attributes=n_attributes)
        if key is not None:
            return Unreadable(path=path, reason="Its entry in the index is damaged.")
        names = self._tree.children(path)
        if names is not None:
            return Group(path=path, n_children=len(names))
        return Unreadable(path=path, reason="There is nothing of this name.")

    def walk(self) -> Iterator[tuple[NodePath, Node]]:
        """Every scope and variable, from top to bottom."""
        for path in self._walked():
            yield path, self.describe(path)

    def walk_names(self) -> Iterator[list[NodePath]]:
        """Every path, in batches."""
        walked = self._walked()
        while batch := list(islice(walked, _WALKED_BATCH)):
            yield batch

    def _walked(self) -> Iterator[NodePath]:
        waiting: list[NodePath] = [(name,) for name in reversed(self._tree.children(()) or ())]
        while waiting:
            path = waiting.pop()
            yield path
            if self._tree.key_at(path) is None:
                waiting += [(*path, name) for name in reversed(self._tree.children(path) or ())]

    def _told(self, path: NodePath) -> list[tuple[bytes, bytes]]:
        """Names and texts of what the objects say of a variable."""
        place = self.places.get(self.key_at(path) or b"")
        if place is None:
            return []
        key = self.key_at(path) or b""
        told = [(b"full name", place.full_name), (b"key", key)]
        told.append((b"kept for", place.slot_of and b"/".join(self.path_of(place.slot_of))))
        told.append((b"also reached as", b"\n".join(place.other_ways)))
        return [(name, text) for name, text in told if text]

    def attributes(self, path: NodePath, start: int, count: int) -> Attributes:
        """What the program called the variable, its key, and other ways to it."""
        told = self._told(path)
        shown = tuple(
            Attribute(
                name=name,
                dtype=DType(kind="string", text="string"),
                shape=(),
                n_bytes=len(text),
                text=visible(text),
                is_complete=visible(text) == plain(text),
            )
            for name, text in told[start : start + count]
        )
        return Attributes(start=start, total=len(told), attributes=shown)

    def attribute_text(self, path: NodePath, name: bytes, limit: int) -> Text | None:
        """One of `attributes` in full."""
        text = dict(self._told(path)).get(name)
        if text is None:
            return None
        whole = plain(text)
        return Text(text=whole[:limit], total=len(whole), is_complete=len(whole) <= limit)

    def attribute_strings(self, _path: NodePath, _name: bytes, _limit: int) -> list[str] | None:
        """None: no attribute of a checkpoint is a list."""
        return None

    def attribute_targets(
        self, path: NodePath, name: bytes, limit: int
    ) -> list[list[NodePath | None]] | None:
        """None: no attribute of a checkpoint is a reference."""
        del path, name, limit
        return None

    def entry_text(self, path: NodePath, _limit: int) -> Text:
        """A checkpoint is no archive."""
        raise CannotRead(f"{visible(path_text(path), 100)} is no file inside an archive.")

    def array(self, path: NodePath) -> StoredArray:
        """The values of a variable."""
        variable = self._variables.get(self.key_at(path) or b"")
        if variable is None:
            raise CannotRead(f"There is no variable {visible(path_text(path), 100)}.")
        return TensorArray(variable, path)

    def occupancy(self) -> Iterator[Occupied]:
        """Each variable, and the index where the values are in files beside it."""
        for key, variable in self._variables.items():
            yield Occupied(self.path_of(key), "values", variable.stored_bytes)
        if self.source.companions:
            yield Occupied((), "structure", self.source.size)

    def close(self) -> None:
        """Nothing is held open but the source."""


def _read_contents(source: Source) -> Contents:
    try:
        table = Table(source)
    except Malformed as error:
        raise _refusal(source, error) from error
    entries: dict[bytes, bytes] = {}
    problems: list[Problem] = []
    try:
        first = next(table.starting_with(b""), None)
        if first is None or first[0] != b"":
            raise CannotOpen(f"{source.name} is a table of keys and values, but no checkpoint.")
        if first[1][:1] == bytes([_SLICES_META]):
            variables, damaged = read_variables(table, first[1])
        else:
            problems += _read_entries(table, entries)
            bundle = Bundle(source, entries)
            variables, damaged = bundle.variables()
            problems += _missing(source, bundle)
    except Malformed as error:
        raise _refusal(source, error) from error
    if table.has_wrong_checksum:
        message = (
            f"A checksum in {source.name} is wrong: names and shapes of variables may be damaged."
        )
        problems.append(Problem(where="", message=message))
    problems += [
        Problem(where=visible(name), message="Its entry in the index is damaged.")
        for name in damaged[:100]
    ]
    return Contents(variables, damaged, (*problems, *_wrong_data(variables)))


def _read_entries(table: Table, entries: dict[bytes, bytes]) -> list[Problem]:
    try:
        for key, value in table.entries():
            entries[key] = value
            if len(entries) > _MOST_VARIABLES:
                return [Problem(where="", message="Only the first million variables are listed.")]
    except Malformed as error:
        message = f"The index is damaged after {len(entries) - 1} variables: {error}."
        return [Problem(where="", message=message)]
    return []


def _missing(source: Source, bundle: Bundle) -> list[Problem]:
    stem = source.name.removesuffix(".index")
    return [
        Problem(where="", message=f"{stem}{end} is not beside this file; it holds values.")
        for end in bundle.missing_files()[:20]
    ]


def _wrong_data(variables: dict[bytes, Variable]) -> list[Problem]:
    """Variables whose stored bytes do not fit their checksum, as far as is quickly seen."""
    problems: list[Problem] = []
    left = _CHECKED_BYTES
    for name, variable in variables.items():
        if variable.obstacle:
            continue
        left -= variable.stored_bytes
        if left < 0:
            break
        if not all(is_right(variable, piece) for piece in variable.pieces):
            message = "The checksum of its data is wrong: the values may be damaged."
            problems.append(Problem(where=visible(name), message=message))
    return problems


def is_right(variable: Variable, piece: Piece) -> bool:
    """False when the stored bytes do not have the checksum that the index states."""
    if piece.source is None or piece.checksum is None:
        return True
    try:
        data = piece.source.read_at(piece.start, piece.n_bytes)
        return checksum_of(variable, data) == piece.checksum
    except Malformed:
        return False


def _refusal(source: Source, error: Malformed) -> CannotOpen:
    if source.size < 48 or source.read_at(source.size - len(MAGIC), len(MAGIC)) != MAGIC:
        return CannotOpen(
            f"{source.name} is a checkpoint index that is cut short: it ends after "
            f"{source.size:,} bytes.",
            hint="The copy or download is probably incomplete; fetch the file again.",
            details=str(error),
        )
    return CannotOpen(
        f"{source.name} is a TensorFlow checkpoint, but its list of variables is damaged.",
        hint="Fetch the file again, or restore it from a backup.",
        details=str(error),
    )
