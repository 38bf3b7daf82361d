"""TensorFlow checkpoints as a flat list of variables.

A variable's name may hold slashes, and the name of another variable may begin with it
(`conv/kernel` and `conv/kernel/Adam`), so names are not taken apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats.container import StoredArray
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.formats.occupancy import Occupied
from h5viewer.formats.protobuf import Malformed
from h5viewer.formats.source import Source
from h5viewer.formats.tf_bundle import Bundle, checksum_of
from h5viewer.formats.tf_slices import read_variables
from h5viewer.formats.tf_table import MAGIC, Table
from h5viewer.formats.tf_tensors import Piece, TensorArray, Variable
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Attributes, Format, Group, Node, Problem, Text, Unreadable

_FIRST_BATCH = 200
_MOST_VARIABLES = 1_000_000
_CHECKED_BYTES = 64 << 20  # data whose checksums are compared when a file is opened: 0.3 s
_SLICES_META = 0x0A  # the first byte of the list of variables in a table of the old kind


@dataclass(frozen=True)
class Contents:
    """What was learnt of a checkpoint when it was first opened."""

    variables: dict[bytes, Variable]
    damaged: list[bytes]
    problems: tuple[Problem, ...]


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
        self._variables = contents.variables
        self._names = in_natural_order([*contents.variables, *contents.damaged])

    @property
    def variables(self) -> dict[bytes, Variable]:
        """Those whose entry in the index is readable."""
        return self._variables

    def child_names(self, path: NodePath) -> Iterator[list[bytes]]:
        """The names of all variables."""
        if path:
            raise CannotRead(f"{visible(path_text(path), 100)} holds no other variables.")
        yield self._names[:_FIRST_BATCH]
        if self._names[_FIRST_BATCH:]:
            yield self._names[_FIRST_BATCH:]

    def describe(self, path: NodePath) -> Node:
        """Facts about one variable."""
        if not path:
            return Group(path=(), n_children=len(self._names))
        variable = self._variables.get(b"/".join(path))
        if variable is not None:
            return variable.facts(path)
        if path[0] in self._names:
            return Unreadable(path=path, reason="Its entry in the index is damaged.")
        return Unreadable(path=path, reason="There is nothing of this name.")

    def walk(self) -> Iterator[tuple[NodePath, Node]]:
        """Every variable."""
        for name in self._names:
            yield (name,), self.describe((name,))

    def walk_names(self) -> Iterator[list[NodePath]]:
        """Every variable's name."""
        yield [(name,) for name in self._names]

    def attributes(self, _path: NodePath, start: int, _count: int) -> Attributes:
        """Variables have none."""
        return Attributes(start=start, total=0, attributes=())

    def attribute_text(self, _path: NodePath, _name: bytes, _limit: int) -> Text | None:
        """Variables have none."""
        return None

    def attribute_strings(self, _path: NodePath, _name: bytes, _limit: int) -> list[str] | None:
        """Variables have none."""
        return None

    def attribute_targets(
        self, path: NodePath, name: bytes, limit: int
    ) -> list[list[NodePath | None]] | None:
        """None: a checkpoint has no attributes."""
        del path, name, limit
        return None

    def entry_text(self, path: NodePath, _limit: int) -> Text:
        """A checkpoint is no archive."""
        raise CannotRead(f"{visible(path_text(path), 100)} is no file inside an archive.")

    def array(self, path: NodePath) -> StoredArray:
        """The values of a variable."""
        variable = self._variables.get(b"/".join(path))
        if variable is None:
            raise CannotRead(f"There is no variable {visible(path_text(path), 100)}.")
        return TensorArray(variable, path)

    def occupancy(self) -> Iterator[Occupied]:
        """Each variable, and the index where the values are in files beside it."""
        for name, variable in self._variables.items():
            yield Occupied((name,), "values", variable.stored_bytes)
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
