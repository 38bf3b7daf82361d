"""`.keras` archives: zip files with a configuration and an HDF5 file of weights inside.

Nothing is unpacked to disk. The HDF5 file is read where it stands when it is stored, as
Keras writes it, and inflated into memory when somebody zipped it again.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from h5viewer.errors import CannotRead, Damaged
from h5viewer.formats.hdf5 import BATCH, FIRST_BATCH, Hdf5Container
from h5viewer.formats.hdf5_errors import HDF5_ERRORS, reason
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.formats.occupancy import Occupied
from h5viewer.formats.source import ByteRange, Source
from h5viewer.formats.zip_entries import (
    ZIP_ERRORS,
    entry_problems,
    group_by_name,
    inflate,
    read_start,
    refuse_bomb,
    refuse_foreign,
    stored_range,
    to_entry,
)
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Attributes, Format, Group, Node, Problem, Text, Unreadable
from h5viewer.wording import bytes_text

if TYPE_CHECKING:
    from h5viewer.formats.container import StoredArray

_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_MOST_OPEN = 16  # weights files: a hostile archive holds thousands, each open one takes 150 kB
_WEIGHT_SUFFIXES = (b".h5", b".hdf5")


def is_zip(source: Source) -> bool:
    """True when the file starts as zip files do."""
    return source.read_at(0, 4) in _ZIP_STARTS


def open_archive(source: Source) -> KerasArchive:
    """Open a zip that holds a Keras model.

    Raises:
        CannotOpen: damaged, a decompression bomb, or a zip of something else.
    """
    kept = source.kept.get("archive")
    if isinstance(kept, _Contents):
        return KerasArchive(source, kept)
    try:
        archive = zipfile.ZipFile(io.BufferedReader(ByteRange(source)))
    except (*ZIP_ERRORS, MemoryError) as error:
        raise Damaged(
            f"{source.name} is a zip archive whose list of contents cannot be read; "
            f"it has {source.size:,} bytes and is probably cut short.",
            hint="The copy or download is probably incomplete; fetch the file again.",
            details=str(error),
        ) from error
    entries = group_by_name(archive)
    refuse_bomb(source, archive)
    refuse_foreign(source, list(entries))
    contents = _Contents(archive, entries, in_natural_order(list(entries)), entry_problems(entries))
    source.kept["archive"] = contents
    return KerasArchive(source, contents)


class _Contents(msgspec.Struct, frozen=True):
    """The list of contents, kept with the source: 100,000 entries take a second to read."""

    archive: zipfile.ZipFile
    entries: dict[bytes, list[zipfile.ZipInfo]]
    names: list[bytes]  # in natural order
    problems: tuple[Problem, ...]


class KerasArchive:
    """The entries of a zip, by their whole names; HDF5 entries are groups."""

    format_hint: Format = "keras-archive"

    def __init__(self, source: Source, contents: _Contents) -> None:
        self.source = source
        self.problems = contents.problems
        self._archive = contents.archive
        self._entries = contents.entries
        self._names = contents.names
        self._trees: dict[bytes, Hdf5Container | str] = {}

    # ------------------------------------------------------------ container

    def child_names(self, path: NodePath) -> Iterator[list[bytes]]:
        """Names of the entries, or of what a weights file holds, in natural order."""
        if path:
            yield from self._tree(path).child_names(path)
            return
        yield self._names[:FIRST_BATCH]
        for at in range(FIRST_BATCH, len(self._names), BATCH):
            yield self._names[at : at + BATCH]

    def describe(self, path: NodePath) -> Node:
        """Facts about an entry, or about what a weights file holds."""
        if not path:
            return Group(path=(), n_children=len(self._entries))
        if path[0] not in self._entries:
            return Unreadable(path=path, reason="There is nothing of this name.")
        if self._is_weights(path[0]):
            try:
                return self._tree(path).describe(path)
            except CannotRead as error:
                return Unreadable(path=path, reason=error.message)
        if len(path) > 1:
            return Unreadable(path=path, reason="There is nothing inside this entry.")
        return to_entry(self._archive, path, self._entries[path[0]])

    def walk(self) -> Iterator[tuple[NodePath, Node]]:
        """Every entry, and every object of the weights files."""
        for name in self._names:
            node = self.describe((name,))
            yield (name,), node
            if isinstance(node, Group):
                yield from self._tree((name,)).walk()

    def walk_names(self) -> Iterator[list[NodePath]]:
        """Every entry, and every name in the weights files, in batches."""
        yield [(name,) for name in self._names]
        for name in self._names:
            if self._is_weights(name):
                # An unreadable weights file has no names; its own node says why.
                with suppress(CannotRead):
                    yield from self._tree((name,)).walk_names()

    def attributes(self, path: NodePath, start: int, count: int) -> Attributes:
        """A page of attributes; entries have none."""
        if not path or not self._is_weights(path[0]):
            return Attributes(start=start, total=0, attributes=())
        return self._tree(path).attributes(path, start, count)

    def attribute_text(self, path: NodePath, name: bytes, limit: int) -> Text | None:
        """An attribute inside a weights file."""
        if not path or not self._is_weights(path[0]):
            return None
        return self._tree(path).attribute_text(path, name, limit)

    def attribute_strings(self, path: NodePath, name: bytes, limit: int) -> list[str] | None:
        """An attribute that is a list of strings, inside a weights file."""
        if not path or not self._is_weights(path[0]):
            return None
        return self._tree(path).attribute_strings(path, name, limit)

    def attribute_targets(
        self, path: NodePath, name: bytes, limit: int
    ) -> list[list[NodePath | None]] | None:
        """References inside a weights file."""
        if not path or not self._is_weights(path[0]):
            return None
        return self._tree(path).attribute_targets(path, name, limit)

    def entry_text(self, path: NodePath, limit: int) -> Text:
        """An entry as text; of a symbolic link, its target.

        Raises:
            CannotRead: no such entry, damaged, or no text.
        """
        infos = self._entries.get(path[0]) if len(path) == 1 else None
        if infos is None:
            raise CannotRead(f"There is no entry {visible(path_text(path), 100)}.")
        shown = visible(path[0], 100)
        data = read_start(self._archive, infos[-1], limit, shown)
        if b"\0" in data:
            raise CannotRead(f"{shown} holds binary data, not text.")
        text = data.decode("utf-8", "backslashreplace")
        language = "json" if text[:64].lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else "plain"
        return Text(
            text=text,
            total=infos[-1].file_size,
            is_complete=len(data) >= infos[-1].file_size,
            language=language,  # type: ignore[arg-type]
        )

    def array(self, path: NodePath) -> StoredArray:
        """The values of a dataset inside a weights file."""
        if not path or not self._is_weights(path[0]):
            raise CannotRead(f"{visible(path_text(path), 100)} is no dataset.")
        return self._tree(path).array(path)

    def occupancy(self) -> Iterator[Occupied]:
        """The entries; weights files that are stored as they are, object by object."""
        for name in self._names:
            info = self._entries[name][-1]
            if info.compress_type == zipfile.ZIP_STORED and self._is_weights(name):
                with suppress(CannotRead):
                    yield from self._tree((name,)).occupancy()
            else:
                yield Occupied((name,), "entry", info.compress_size)

    def close(self) -> None:
        """Close the weights files; the list of contents stays with the source."""
        while self._trees:
            self._forget_tree()

    def _forget_tree(self) -> None:
        """Close the weights file that was opened first."""
        tree = self._trees.pop(next(iter(self._trees)))
        if isinstance(tree, Hdf5Container):
            tree.close()

    @property
    def archive(self) -> zipfile.ZipFile:
        """The archive as Python's zipfile sees it, for what copies its entries."""
        return self._archive

    def tree(self, name: bytes) -> Hdf5Container:
        """An HDF5 file in the archive.

        Raises:
            CannotRead: no such entry, or no readable HDF5.
        """
        return self._tree((name,))

    # ---------------------------------------------------------- weights inside

    def _is_weights(self, name: bytes) -> bool:
        return name.lower().endswith(_WEIGHT_SUFFIXES) and name in self._entries

    def _tree(self, path: NodePath) -> Hdf5Container:
        """The HDF5 file that is the first name of `path`; opened once.

        Raises:
            CannotRead: no such entry, or no readable HDF5.
        """
        name = path[0]
        if not self._is_weights(name):
            raise CannotRead(f"{visible(name, 100)} holds no objects.")
        if name not in self._trees:
            if len(self._trees) >= _MOST_OPEN:
                self._forget_tree()
            try:
                self._trees[name] = self._open_tree(name)
            except CannotRead as error:
                self._trees[name] = error.message
        tree = self._trees[name]
        if isinstance(tree, str):
            raise CannotRead(tree)
        return tree

    def _open_tree(self, name: bytes) -> Hdf5Container:
        info = self._entries[name][-1]
        shown = visible(name, 100)
        try:
            if info.compress_type == zipfile.ZIP_STORED:
                start = stored_range(self.source, info, shown)
                stored = ByteRange(self.source, start, info.file_size)
                return Hdf5Container(self.source, stored, offset=start, prefix=(name,))
            while self._trees:  # each compressed one is in memory as a whole
                self._forget_tree()
            inflated = io.BytesIO(inflate(self.source, self._archive, info, shown))
            return Hdf5Container(self.source, inflated, offset=None, prefix=(name,))
        except (*HDF5_ERRORS, MemoryError) as error:
            raise CannotRead(
                f"{shown} ({bytes_text(info.file_size)}) is no readable HDF5 file.",
                details=reason(error),
            ) from error
