"""HDF5 files as trees of nodes, on h5py's low-level interface.

The rules of formats.md, section 4: the file is read through a Python file object, so that
nothing opens another file; names are listed, links looked at one at a time, and only hard
links opened; layout and sources are checked before a shape is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import h5py
from h5py import h5a, h5d, h5g, h5o
from msgspec.structs import replace

from h5viewer.errors import CannotRead
from h5viewer.formats import hdf5_attributes
from h5viewer.formats.hdf5_array import Hdf5Array
from h5viewer.formats.hdf5_columns import Column, columns_of
from h5viewer.formats.hdf5_describe import describe_child
from h5viewer.formats.hdf5_errors import HDF5_ERRORS, cannot_read
from h5viewer.formats.hdf5_first_names import FirstNames
from h5viewer.formats.hdf5_links import (
    address_of,
    hard_address,
    has_several_names,
    is_addressable,
    is_hard,
    link_names,
)
from h5viewer.formats.hdf5_occupancy import occupied
from h5viewer.formats.hdf5_virtual import Budget, VirtualArray
from h5viewer.formats.hdf5_walk import walk, walk_names
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.formats.occupancy import Occupied
from h5viewer.formats.source import Source
from h5viewer.formats.stored_bytes import Stored
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Attributes, Dataset, Format, Group, Node, Problem, Text, Unreadable

if TYPE_CHECKING:
    from h5viewer.formats.container import StoredArray

_MOST_OPEN = 1000  # nested groups held open: HDF5 keeps the whole path of each, twice
FIRST_BATCH = 200  # names in the first batch, so that the first rows show at once
BATCH = 20_000

_LONG_LIST = "long list of names"
_MOST_KEPT = 1_000_000  # names: some 60 MB
_READ_AHEAD = 32 << 10  # bytes


class _Stream:
    """A file as h5py asks for it: piece by piece, 50,000 for a group of 200,000 names.

    Calling Python for each took 0.38 s, with a buffer in between 0.25 s, and without a
    `readinto`, for which h5py wraps each piece of memory, 0.16 s (opened by path: 0.12 s).
    """

    def __init__(self, stream: io.RawIOBase | io.BytesIO) -> None:
        in_memory = isinstance(stream, io.BytesIO)
        buffer = stream if in_memory else io.BufferedReader(stream, _READ_AHEAD)
        self.seek, self.tell, self.read = buffer.seek, buffer.tell, buffer.read


class Hdf5Container:
    """An HDF5 file, or one inside an archive (`prefix` is then its node's path)."""

    format_hint: Format = "hdf5"

    def __init__(
        self,
        source: Source,
        stream: io.RawIOBase | io.BytesIO,
        *,
        offset: int | None,
        prefix: NodePath = (),
        problems: tuple[Problem, ...] = (),
    ) -> None:
        """Open the HDF5 file that `stream` holds.

        Args:
            offset: where the stream's first byte is in `source`; None when an archive
                compressed it, so that `source` does not hold its bytes.

        Raises:
            one of HDF5_ERRORS: the library refuses; the caller knows what to say.
        """
        self.source = source
        self._offset = offset
        self._prefix = prefix
        self._file = h5py.File(_Stream(stream), "r")
        self._root = h5g.open(self._file.id, b"/")
        # The way to the last group asked for: names, and each group with its address, the
        # root first. Siblings share it, 20,000 nested groups are walked down once.
        self._trail: list[bytes] = []
        self._groups: list[h5g.GroupID | None] = [self._root]
        self._addresses = [address_of(self._root)]
        self._depths = {self._addresses[0]: 0}
        self._first_names = FirstNames(self._root)
        self.problems = problems + self._root_problems()

    def _root_problems(self) -> tuple[Problem, ...]:
        try:
            self._root.links.iterate(lambda _: True)  # stops at the first name
        except HDF5_ERRORS:
            where = path_text(self._prefix) if self._prefix else ""
            what = visible(self._prefix[-1], 100) if self._prefix else self.source.name
            return (Problem(where=where, message=f"The list of names in {what} is damaged."),)
        return ()

    @property
    def user_block(self) -> int:
        """Bytes of something else in front of the file."""
        return int(self._file.userblock_size)

    @property
    def root(self) -> h5g.GroupID:
        """The root group, for what copies all below it."""
        return self._root

    # ------------------------------------------------------------------ names

    def child_names(self, path: NodePath) -> Iterator[list[bytes]]:
        """All names of a group in natural order; the first batch is small.

        Raises:
            CannotRead: no group there, or its list of names is damaged.
        """
        names = self._names(path)
        yield names[:FIRST_BATCH]
        for at in range(FIRST_BATCH, len(names), BATCH):
            yield names[at : at + BATCH]

    def _names(self, path: NodePath) -> list[bytes]:
        """All at once; the last long list is kept, as reading 200,000 names takes 0.2 s."""
        kept: tuple[NodePath, list[bytes]] | None = self.source.kept.get(_LONG_LIST)
        if kept is not None and kept[0] == path:
            return kept[1]
        group = self._group(self._inside(path))
        try:
            names = in_natural_order(link_names(group))
        except HDF5_ERRORS as error:
            shown = f"{visible(path[-1], 100)} of {self.source.name}" if path else self.source.name
            raise cannot_read(f"The list of names in {shown}", error) from error
        if BATCH < len(names) <= _MOST_KEPT:
            self.source.kept[_LONG_LIST] = path, names
        return names

    # ------------------------------------------------------------------ facts

    def describe(self, path: NodePath) -> Node:
        """Facts about one node; `Unreadable` when it is damaged or absent."""
        return self._described(path)[0]

    def _described(self, path: NodePath) -> tuple[Node, Any]:
        """Facts, and the opened object; None where there is none."""
        inside = self._inside(path)
        try:
            if not inside:
                return self._describe_root(path), self._root
            group = self._group(inside[:-1])
        except CannotRead as error:
            return Unreadable(path=path, reason=error.message), None
        address = hard_address(group, inside[-1])
        node, oid = describe_child(self._root, group, path, is_hard=address is not None)
        if address is not None and isinstance(node, Group | Dataset):
            same_as = self._same_as(inside, address, oid)
            return node if same_as is None else replace(node, same_as=same_as), oid
        return node, oid

    def _describe_root(self, path: NodePath) -> Group:
        """The top is a group whatever is damaged: a document must have one."""
        n_children, n_attributes = None, 0
        with suppress(*HDF5_ERRORS):
            n_children = self._root.get_num_objs()
        with suppress(*HDF5_ERRORS):
            n_attributes = h5a.get_num_attrs(self._root)
        return Group(path=path, n_children=n_children, n_attributes=n_attributes)

    def walk(self) -> Iterator[tuple[NodePath, Node]]:
        """Every node below the root, depth first; an object with several names once."""
        return walk(self._root, self._prefix)

    def walk_below(self, path: NodePath) -> Iterator[tuple[NodePath, Node]]:
        """As `walk`, of one group.

        Raises:
            CannotRead: no group there.
        """
        return walk(self._group(self._inside(path)), path)

    def walk_names(self) -> Iterator[list[NodePath]]:
        """Every path below the root, in batches, without facts."""
        return walk_names(self._root, self._prefix)

    def _same_as(self, inside: NodePath, address: int, oid: Any) -> NodePath | None:
        """Another path to the object: an ancestor first, else one met before in the file."""
        if address in self._depths:
            return self._prefix + inside[: self._depths[address]]
        if not has_several_names(oid):
            return None
        first = self._first_names.of(address)
        return None if first is None or first == inside else self._prefix + first

    # ------------------------------------------------------------- attributes

    def attributes(self, path: NodePath, start: int, count: int) -> Attributes:
        """A page of attributes with excerpts."""
        return hdf5_attributes.read_page(self._object(path), start, count, self._prefix)

    def attribute_text(self, path: NodePath, name: bytes, limit: int) -> Text | None:
        """An attribute's value as text; None: no such attribute."""
        return hdf5_attributes.read_text(self._object(path), name, limit)

    def attribute_strings(self, path: NodePath, name: bytes, limit: int) -> list[str] | None:
        """An attribute that is a list of strings; None: none such."""
        return hdf5_attributes.read_strings(self._object(path), name, limit)

    def attribute_targets(
        self, path: NodePath, name: bytes, limit: int
    ) -> list[list[NodePath | None]] | None:
        """Where the references of an attribute lead; None: none such."""
        return hdf5_attributes.read_targets(self._object(path), name, limit, self._prefix)

    # ----------------------------------------------------------------- values

    def entry_text(self, path: NodePath, limit: int) -> Text:  # noqa: ARG002
        """HDF5 files have no entries."""
        raise CannotRead(f"{_named(path)} is no file inside an archive.")

    @property
    def stored(self) -> Stored | None:
        """Where its bytes are; None: only in memory, in an archive that compresses them."""
        return None if self._offset is None else Stored(self.source, self._offset)

    def array(self, path: NodePath) -> StoredArray:
        """The values of a dataset.

        Raises:
            CannotRead: no dataset there.
        """
        return self._array(path)

    def columns(self, path: NodePath) -> list[Dataset]:
        """Of a table, whose paths `array` knows, too; of anything else none."""
        facts, dsid = self._described(path) if path else (None, None)
        return columns_of(facts, dsid) if isinstance(facts, Dataset) else []

    def _array(self, path: NodePath, budget: Budget | None = None) -> StoredArray:
        facts, dsid = self._described(path)
        if not isinstance(facts, Dataset):
            for column in self.columns(path[:-1]):
                if column.path == path:
                    return Column(self._array(path[:-1], budget), column)
            if not isinstance(self._object(path), h5d.DatasetID):
                raise CannotRead(f"{_named(path)} is no dataset.")
            raise CannotRead(f"{_named(path)} is damaged and cannot be read.")
        if facts.layout == "virtual" and facts.obstacle is None:
            return VirtualArray(dsid, facts, self._part, budget)
        # The stream's first byte counts as HDF5's byte 0; a user block is inside the stream
        # (whether an address includes it: hdf5_direct).
        return Hdf5Array(dsid, facts, self.source, self._offset, self._prefix)

    def _part(self, inside: NodePath, budget: Budget) -> StoredArray | None:
        """What a virtual dataset of this file is put together from; None: it is absent."""
        try:
            group = self._group(inside[:-1])
            is_there = (
                bool(inside) and is_addressable(inside[-1]) and group.links.exists(inside[-1])
            )
        except CannotRead:
            return None
        return self._array(self._prefix + inside, budget) if is_there else None

    def occupancy(self) -> Iterator[Occupied]:
        """What each object takes of the file."""
        yield from occupied(self._root, self._prefix, self.describe(self._prefix))
        for path, node in self.walk():
            with suppress(CannotRead):
                yield from occupied(self._object(path), path, node)

    def close(self) -> None:
        """Release the library's handles."""
        self._groups.clear()
        self._file.close()

    # --------------------------------------------------------------- resolving

    def _inside(self, path: NodePath) -> NodePath:
        return path[len(self._prefix) :] if self._prefix else path

    def _group(self, inside: NodePath) -> h5g.GroupID:
        """The group at a path, reached through hard links one name at a time."""
        self._shorten_trail(_common_length(self._trail, inside))
        if self._groups[-1] is None:
            self._shorten_trail(_MOST_OPEN)
        group = self._groups[-1]
        for name in inside[len(self._trail) :]:
            address = hard_address(group, name)
            if address is None:
                shown = path_text((*self._trail, name))
                raise CannotRead(f"There is no group {visible(shown, 100)}.")
            try:
                group = h5g.open(group, name)
            except HDF5_ERRORS as error:
                raise cannot_read(f"The group {visible(name, 100)}", error) from error
            if len(self._groups) > _MOST_OPEN + 1:
                self._groups[-1] = None
            self._depths.setdefault(address, len(self._groups))
            self._addresses.append(address)
            self._groups.append(group)
            self._trail.append(name)
        return group

    def _shorten_trail(self, length: int) -> None:
        while len(self._trail) > length:
            self._trail.pop()
            self._groups.pop()
            address = self._addresses.pop()
            if self._depths.get(address) == len(self._groups):
                del self._depths[address]

    def _object(self, path: NodePath) -> Any:
        """The object at a path. Raises CannotRead."""
        inside = self._inside(path)
        if not inside:
            return self._root
        group = self._group(inside[:-1])
        if not is_hard(group, inside[-1]):
            raise CannotRead(f"There is no object {_named(path)}.")
        try:
            return h5o.open(group, inside[-1])
        except HDF5_ERRORS as error:
            raise cannot_read(_named(path), error) from error


def _common_length(trail: list[bytes], path: NodePath) -> int:
    length = 0
    for ours, theirs in zip(trail, path, strict=False):
        if ours != theirs:
            break
        length += 1
    return length


def _named(path: NodePath) -> str:
    return visible(path[-1], 100) if path else "the file"
