"""What is learnt of a TensorFlow checkpoint once: its variables, where they stand, what is odd."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterator
from functools import cached_property

import msgspec

from h5viewer.checkpoint_files import STATE
from h5viewer.errors import CannotOpen
from h5viewer.formats.crc32c import Crc32c
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.formats.protobuf import Malformed
from h5viewer.formats.source import Source
from h5viewer.formats.tf_bundle import Bundle, checksum_of
from h5viewer.formats.tf_graph import ends_early, is_graph
from h5viewer.formats.tf_objects import GRAPH_KEY, Place, places, read_objects
from h5viewer.formats.tf_scopes import Scopes
from h5viewer.formats.tf_slices import is_list, read_variables
from h5viewer.formats.tf_table import MAGIC, Table
from h5viewer.formats.tf_tensors import Piece, Variable, is_string
from h5viewer.names import visible
from h5viewer.nodes import Problem
from h5viewer.wording import plural

_MOST_VARIABLES = 1_000_000
_STEP = 1 << 20  # bytes, 4 ms
_CHECKED_AT_LEAST = 8 << 10  # what a small variable costs like
_CHECKED_BYTES = 16 << 20  # data whose checksums are compared when a file is opened: 0.08 s


class Contents(msgspec.Struct, dict=True):
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


def read_contents(source: Source) -> Contents:
    """Read the index, or the tables of an old checkpoint.

    Raises:
        CannotOpen: cut short, damaged, or a table of something else.
    """
    try:
        table = Table(source)
    except Malformed as error:
        raise _refusal(source, error) from error
    entries: dict[bytes, bytes] = {}
    problems = [*_moved(source), *_cut_graph(source)]
    try:
        first = next(table.starting_with(b""), None)
        if first is None or first[0] != b"":
            raise CannotOpen(f"{source.name} is a table of keys and values, but no checkpoint.")
        if is_list(first[1]):
            shards = [(table, first[1]), *_other_shards(source, problems)]
            variables, damaged = read_variables(shards)
        else:
            problems += _read_entries(table, entries)
            bundle = Bundle(source, entries)
            variables, damaged = bundle.variables()
            problems += [*_missing(source, bundle), *_cut_short(variables)]
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


def _other_shards(source: Source, problems: list[Problem]) -> list[tuple[Table, bytes]]:
    """The tables beside one of the old kind that is a shard, with their lists of variables."""
    found: list[tuple[Table, bytes]] = []
    for companion in source.companions.values():
        try:
            table = Table(companion)
            first = next(table.starting_with(b""), (b"", b""))
            if first[0] != b"" or not is_list(first[1]):
                raise Malformed("no list of variables")
        except Malformed:
            message = f"{companion.name} is damaged; its variables are left out."
            problems.append(Problem(where="", message=message))
            continue
        found.append((table, first[1]))
    shard = re.search(r"-\d{5}-of-(\d{5})$", source.name)
    n_missing = int(shard[1]) - 1 - len(source.companions) if shard else 0
    if n_missing > 0:
        are = "is" if n_missing == 1 else "are"
        message = f"{plural(n_missing, 'shard')} of this checkpoint {are} not beside this file."
        problems.append(Problem(where="", message=message))
    return found


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


def _moved(source: Source) -> list[Problem]:
    """What the `checkpoint` file beside it says of other folders."""
    moved = [named.written for named in source.named if named.was_moved]
    if not moved:
        return []
    message = (
        f"The file {STATE} names {plural(len(moved), 'checkpoint')} in another folder "
        f"({visible(moved[-1], 100)}), but {'it lies' if len(moved) == 1 else 'they lie'} here: "
        "TensorFlow would look there. h5v state writes a corrected copy of that file."
    )
    return [Problem(where="", message=message, severity="note")]


def _cut_graph(source: Source) -> Iterator[Problem]:
    graph = source.graph
    if graph is not None and is_graph(graph) and ends_early(graph):
        message = f"{graph.name} is cut short: the operations of the graph cannot be read."
        yield Problem(where="", message=message, severity="note")


def _missing(source: Source, bundle: Bundle) -> list[Problem]:
    stem = source.name.removesuffix(".index")
    return [
        Problem(where="", message=f"{stem}{end} is not beside this file; it holds values.")
        for end in bundle.missing_files()[:20]
    ]


def _cut_short(variables: dict[bytes, Variable]) -> Iterator[Problem]:
    """Data files that end before all of their values."""
    behind = Counter(
        piece.source.name
        for variable in variables.values()
        for piece in variable.pieces
        if piece.source is not None and piece.start + piece.n_bytes > piece.source.size
    )
    for name, n in behind.items():
        message = f"{name} is cut short: the values of {plural(n, 'variable')} are not in it."
        yield Problem(where="", message=message)


def _wrong_data(variables: dict[bytes, Variable]) -> list[Problem]:
    """Variables whose stored bytes do not fit their checksum, as far as is quickly seen."""
    problems: list[Problem] = []
    left = _CHECKED_BYTES
    for name, variable in variables.items():
        if variable.obstacle:
            continue
        left -= max(variable.stored_bytes, _CHECKED_AT_LEAST)
        if left < 0:
            break
        if not all(is_right(variable, piece) for piece in variable.pieces):
            message = "The checksum of its data is wrong: the values may be damaged."
            problems.append(Problem(where=visible(name), message=message))
    return problems


def checked_data(variable: Variable) -> Generator[int, None, bool]:
    """Compare all stored bytes with their checksums, however many; yields bytes that are done.

    Returns False when one is wrong.
    """
    for piece in variable.pieces:
        if piece.source is None or piece.checksum is None:
            continue
        if is_string(variable.type_number):
            if not is_right(variable, piece):
                return False
            continue
        running = Crc32c()
        for at in range(piece.start, piece.start + piece.n_bytes, _STEP):
            data = piece.source.read_at(at, min(_STEP, piece.start + piece.n_bytes - at))
            running.add(data)
            yield len(data)
        if running.masked != piece.checksum:
            return False
    return True


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
