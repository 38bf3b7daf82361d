"""What is whole of a damaged `.keras` archive: its entries, and weights inside of them."""

from __future__ import annotations

import json
from collections.abc import Generator

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats.archive_new import NewArchive
from h5viewer.formats.damaged import Damaged, DamagedTree, open_tree
from h5viewer.formats.damaged_stream import ReadInto
from h5viewer.formats.hdf5_salvaged import Lost
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.zip_salvaging import (
    FoundEntry,
    compare_contents,
    entry_bytes,
    inflated,
    is_right,
)
from h5viewer.names import NodePath, visible
from h5viewer.operations import Operation
from h5viewer.operations.salvage_tree import (
    READING,
    WRITING,
    Outcome,
    looked_through,
    salvage_tree,
)
from h5viewer.requests import Progress

REPORT = "salvage.json"
"""The entry that lists what is lost."""

_WEIGHTS = (".h5", ".hdf5")
_EXPECTED = ("config.json", "model.weights.h5")
_DOUBTFUL = (
    "The checksum of {} is wrong, which does not say where: where nothing else shows the damage, "
    "values that were saved may be wrong."
)


def look_through_archive(damaged: Damaged, outcome: Outcome) -> Operation[None]:
    """What is whole; nothing is written."""
    for entry in damaged.entries:
        tree = yield from _opened(damaged, entry, outcome)
        if tree is not None:
            yield from looked_through(tree, outcome, _path(entry))
            tree.close()
        elif not _is_weights(entry):
            outcome.n_bytes += len(_content(damaged, entry, outcome) or b"")
    _miss(damaged, outcome)


def salvage_archive(
    damaged: Damaged, outcome: Outcome, scratch: Scratch, name: str
) -> Operation[None]:
    """A new archive, or the weights alone where the new file's name says so."""
    if name.lower().endswith(_WEIGHTS):
        yield from _salvage_weights(damaged, outcome, scratch, name)
        return
    archive = NewArchive(scratch)
    contents: dict[str, bytes] = {}
    for entry in damaged.entries:
        tree = yield from _opened(damaged, entry, outcome)
        if tree is not None:
            made, part = archive.begin(_safe_name(entry), entry.info.file_size)
            yield from salvage_tree(tree, damaged, outcome, part, name, _path(entry))
            tree.close()
            for n_bytes in archive.end(made, part):
                yield Progress(done=n_bytes, unit="bytes", text=WRITING)
        elif not _is_weights(entry):
            data = _content(damaged, entry, outcome)
            if data is not None:
                contents[_safe_name(entry)] = data
                archive.write(_safe_name(entry), data)
        scratch.check(name)
    _miss(damaged, outcome)
    if outcome.rows:
        report = {"salvaged_from": damaged.source.name, "lost": outcome.rows}
        contents[REPORT] = json.dumps(report, indent=1).encode()
        archive.write(REPORT, contents[REPORT])
    archive.close()
    scratch.check(name)
    for n_bytes in compare_contents(scratch, contents, name):
        yield Progress(done=n_bytes, unit="bytes", text=READING)


def _salvage_weights(
    damaged: Damaged, outcome: Outcome, scratch: Scratch, name: str
) -> Operation[None]:
    for entry in damaged.entries:
        tree = yield from _opened(damaged, entry, outcome)
        if tree is not None:
            yield from salvage_tree(tree, damaged, outcome, scratch, name)
            tree.close()
            return
    raise CannotRead(f"No weights that can be read were found in {damaged.source.name}.")


def _opened(
    damaged: Damaged, entry: FoundEntry, outcome: Outcome
) -> Generator[Progress, None, DamagedTree | None]:
    """The HDF5 file in an entry; None: there is none, or nothing can be found in it."""
    if not _is_weights(entry):
        return None
    try:
        if entry.is_stored:
            tree = open_tree(entry.info.filename, _reading(damaged, entry), entry.n_left)
        else:
            data = inflated(damaged.source, entry)
            tree = open_tree(entry.info.filename, _reading_bytes(data), len(data))
    except (CannotOpen, CannotRead) as error:
        outcome.lose([Lost(_path(entry), error.message)])
        return None
    yield from _doubt(damaged, entry, tree, outcome)
    return tree


def _doubt(
    damaged: Damaged, entry: FoundEntry, tree: DamagedTree, outcome: Outcome
) -> Generator[Progress, None, None]:
    """Warn where the archive says that something in an entry is wrong."""
    checking = is_right(damaged.source, entry)
    done = 0
    while True:
        try:
            done += next(checking)
        except StopIteration as end:
            if end.value is False:
                tree.is_known_damaged, tree.outer = True, entry.start if entry.is_stored else 0
                outcome.warnings.append(_DOUBTFUL.format(visible(entry.info.filename, 100)))
            return
        yield Progress(done=done, total=entry.n_left, unit="bytes", text="Checking…")


def _reading(damaged: Damaged, entry: FoundEntry) -> ReadInto:
    return lambda at, buffer: damaged.source.read_into(entry.start + at, buffer)


def _reading_bytes(data: bytes) -> ReadInto:
    def read_into(at: int, buffer: memoryview) -> int:
        piece = data[at : at + len(buffer)]
        buffer[: len(piece)] = piece
        return len(piece)

    return read_into


def _content(damaged: Damaged, entry: FoundEntry, outcome: Outcome) -> bytes | None:
    """An entry that is no weights file, if it is right."""
    try:
        return entry_bytes(damaged.source, entry)
    except CannotRead as error:
        outcome.lose([Lost(_path(entry), error.message)])
        return None


def _miss(damaged: Damaged, outcome: Outcome) -> None:
    """Tell what every `.keras` archive has and this one has not."""
    there = {entry.info.filename for entry in damaged.entries}
    for name in _EXPECTED:
        if name not in there:
            outcome.lose([Lost((name.encode(),), f"{name} is missing from what is left.")])


def _is_weights(entry: FoundEntry) -> bool:
    return entry.info.filename.lower().endswith(_WEIGHTS)


def _path(entry: FoundEntry) -> NodePath:
    return (entry.info.filename.encode("utf-8", "surrogateescape"),)


def _safe_name(entry: FoundEntry) -> str:
    """The entry's name, unless it leads out of the archive."""
    parts = entry.info.filename.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))
