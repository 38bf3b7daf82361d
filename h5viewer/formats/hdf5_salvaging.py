"""What is whole in a damaged HDF5 file, copied object by object; what is not, listed.

A dataset is whole when all its bytes are left and every check that the file has of them holds:
those of its filters (gzip's and Fletcher's checksums) and of HDF5's own structures. Values that
are stored without a checksum cannot be checked.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from h5py import h5a, h5d, h5g, h5l, h5o, h5p
from isal import isal_zlib

from h5viewer.errors import CannotRead, CannotWrite, H5ViewerError
from h5viewer.formats.damaged_stream import DamagedStream
from h5viewer.formats.hdf5_copying import StoredLink, links_in_order, open_dataset
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_headers import NoHeader, header_parts
from h5viewer.formats.hdf5_links import address_of, is_addressable
from h5viewer.formats.hdf5_raw import (
    attribute_names,
    equal_values,
    has_objects,
    read_attribute,
    read_box,
    refuse_references,
    row_boxes,
    shape_of,
    stored_chunks,
    write_attribute,
    write_box,
)
from h5viewer.formats.hdf5_stored_pieces import stored_pieces, unpacked
from h5viewer.formats.hdf5_verifying import object_boxes
from h5viewer.names import NodePath, path_text, visible

DAMAGES = (*HDF5_ERRORS, MemoryError, CannotRead)
_DEEPEST = 1000  # levels
_MOST_LOST = 100_000

BEYOND = "It lies behind the end of what is left of the file."
DESCRIPTION = "Its description is damaged."
VALUES = "Its stored values are damaged: they do not pass the checks the file has of them."
NAMES = "Its list of names is damaged: what is missing from it cannot be named."


@dataclass(frozen=True)
class Lost:
    """Something that was not saved."""

    path: NodePath
    reason: str
    attribute: bytes | None = None

    @property
    def where(self) -> str:
        """As people write it."""
        return path_text(self.path) + (
            "" if self.attribute is None else f" (attribute {visible(self.attribute, 100)})"
        )


@dataclass
class Salvaged:
    """What came of it so far."""

    lost: list[Lost] = field(default_factory=list)
    checksums: dict[NodePath, int] = field(default_factory=dict)  # of the datasets that were saved

    @property
    def n_datasets(self) -> int:
        """That were saved."""
        return len(self.checksums)


class Salvaging:
    """One damaged file on its way; `run` gives bytes as they are dealt with."""

    def __init__(
        self, stream: DamagedStream, base: int, source: h5g.GroupID, target: h5g.GroupID | None
    ) -> None:
        """Nothing is read yet.

        Args:
            stream: the file that `source` was opened from.
            base: what has to be added to HDF5's addresses, for positions in the stream.
            source: its root.
            target: an empty root; None: only look what is whole.
        """
        self._stream = stream
        self._base = base
        self._source = source
        self._target = target
        self._places: dict[int, NodePath] = {}
        self.found = Salvaged()

    def run(self) -> Iterator[int]:
        """Everything below the root, and its attributes."""
        self._copy_attributes(self._source, self._target, ())
        self._places[address_of(self._source)] = ()
        stack = [(self._source, self._target, (), self._links(self._source, ()))]
        while stack:
            source, target, path, links = stack[-1]
            try:
                name, link = next(links)
            except StopIteration:
                stack.pop()
                continue
            below: NodePath = (*path, name)
            made = None
            try:
                if not is_addressable(name) or len(stack) > _DEEPEST:
                    raise _Damaged(NAMES if not name else DESCRIPTION)
                made = yield from self._copy(source, target, below, link)
            except _Damaged as damage:
                self._lose(below if name else path, str(damage))
            except DAMAGES as error:
                self._lose(below, _reason(error))
            if made is not None:
                stack.append((*made, below, self._links(made[0], below)))

    def _lose(self, path: NodePath, reason: str, attribute: bytes | None = None) -> None:
        lost = Lost(path, reason, attribute)
        if len(self.found.lost) < _MOST_LOST and lost not in self.found.lost[-1:]:
            self.found.lost.append(lost)

    def _links(self, group: h5g.GroupID, path: NodePath) -> Iterator[tuple[bytes, StoredLink]]:
        try:
            yield from links_in_order(group)
        except DAMAGES:
            self._lose(path, NAMES)

    # ------------------------------------------------------------------ objects

    def _copy(
        self, source: h5g.GroupID, target: h5g.GroupID | None, path: NodePath, link: StoredLink
    ) -> Generator[int, None, tuple[h5g.GroupID, h5g.GroupID | None] | None]:
        """Copy what a link leads to; of groups, both sides are returned to go on with."""
        name = path[-1]
        if link.type == h5l.TYPE_SOFT:
            value = source.links.get_val(name)
            if target is not None:
                target.links.create_soft(name, value)
            return None
        if link.type == h5l.TYPE_EXTERNAL:
            values = source.links.get_val(name)
            if target is not None:
                target.links.create_external(name, *values)
            return None
        if link.u in self._places:
            if target is not None and self._target is not None:
                target.links.create_hard(name, self._target, b"/".join(self._places[link.u]))
            return None
        self._require_header(link.u)
        kind = h5g.get_objinfo(source, name).type
        if kind == h5g.GROUP:
            group = h5g.open(source, name)
            made = None
            if target is not None:
                made = h5g.create(target, name, None, group.get_create_plist())
            self._places[link.u] = path
            self._copy_attributes(group, made, path)
            return group, made
        if kind == h5g.DATASET:
            yield from self._copy_dataset(source, target, path)
        elif kind == h5g.TYPE and target is not None:
            h5o.copy(source, name, target, name)
        self._places[link.u] = path
        return None

    def _require_header(self, address: int) -> None:
        """Raise unless an object's description is there as a whole."""
        at = self._base + address
        try:
            parts = header_parts(self._from_base, address)
        except NoHeader as error:
            is_cut = not self._stream.is_left(at, 16)
            raise _Damaged(BEYOND if is_cut else DESCRIPTION) from error
        if not all(self._stream.is_left(self._base + start, length) for start, length in parts):
            raise _Damaged(BEYOND)

    def _from_base(self, start: int, length: int) -> bytes:
        return self._stream.read_at(self._base + start, length)

    # ----------------------------------------------------------------- datasets

    def _copy_dataset(
        self, source: h5g.GroupID, target: h5g.GroupID | None, path: NodePath
    ) -> Iterator[int]:
        shown = visible(path_text(path), 100)
        dsid = open_dataset(source, path[-1], shown)
        refuse_references(dsid.get_type(), shown)
        self._require_left(dsid)
        checksum = yield from self._checked(dsid)
        if target is not None:
            try:
                yield from _copy_values(source, dsid, target, path[-1])
            except DAMAGES:
                if path[-1] in dict(links_in_order(target)):
                    target.unlink(path[-1])
                raise
            made = h5d.open(target, path[-1])
            if not has_objects(dsid.get_type()):
                self._copy_attributes(dsid, made, path)
        self.found.checksums[path] = checksum

    def _require_left(self, dsid: h5d.DatasetID) -> None:
        """Raise when some of its bytes are missing."""
        layout = dsid.get_create_plist().get_layout()
        places: list[tuple[int, int]] = []
        if layout == h5d.CONTIGUOUS and dsid.get_offset() is not None:
            places = [(dsid.get_offset(), dsid.get_storage_size())]
        elif layout == h5d.CHUNKED:
            places = [(chunk.byte_offset, chunk.size) for chunk in stored_chunks(dsid)]
        for start, length in places:
            # the stream begins where HDF5's own count of positions does
            if start is None or not self._stream.is_left(start, length):
                raise _Damaged(BEYOND)

    def _checked(self, dsid: h5d.DatasetID) -> Generator[int, None, int]:
        """The checksum of its stored bytes, after all checks that the file has of them."""
        self._stream.reaches_beyond = False
        if has_objects(dsid.get_type()):
            for values in object_boxes(dsid):
                yield 16 * values.size
            if self._stream.reaches_beyond:
                raise _Damaged(BEYOND)
            return 0
        checksum = 0
        for piece in stored_pieces(dsid):
            checksum = isal_zlib.crc32(piece, checksum)
            yield len(piece)
        try:
            yield from unpacked(dsid)
        except DAMAGES as error:
            raise _Damaged(VALUES) from error
        return checksum

    # --------------------------------------------------------------- attributes

    def _copy_attributes(self, source: Any, target: Any, path: NodePath) -> None:
        try:
            by_creation = source.get_create_plist().get_attr_creation_order()
            names = attribute_names(source, by_creation=bool(by_creation & h5p.CRT_ORDER_INDEXED))
        except DAMAGES:
            self._lose(path, "Its attributes are damaged.")
            return
        for name in names:
            shown = f"The attribute {visible(name, 100)} of {visible(path_text(path), 100)}"
            self._stream.reaches_beyond = False
            try:
                attribute = h5a.open(source, name)
                values = read_attribute(attribute, shown)
                if self._stream.reaches_beyond and has_objects(attribute.get_type()):
                    raise _Damaged(BEYOND)
                if target is not None:
                    write_attribute(target, name, attribute, values)
            except _Damaged as damage:
                self._lose(path, str(damage), name)
            except DAMAGES as error:
                self._lose(path, _reason(error), name)


class _Damaged(Exception):
    """What a dataset, a group or an attribute is lost by: a sentence."""


def _reason(error: BaseException) -> str:
    if isinstance(error, H5ViewerError):
        return error.message.partition("; ")[0].rstrip(".") + "."
    return DESCRIPTION


def _copy_values(
    source: h5g.GroupID, dsid: h5d.DatasetID, target: h5g.GroupID, name: bytes
) -> Iterator[int]:
    if has_objects(dsid.get_type()):
        h5o.copy(source, name, target, name)
        return
    made = h5d.create(target, name, dsid.get_type(), dsid.get_space(), dsid.get_create_plist())
    if dsid.get_create_plist().get_layout() == h5d.CHUNKED:
        for chunk in stored_chunks(dsid):
            mask, data = dsid.read_direct_chunk(chunk.chunk_offset)
            made.write_direct_chunk(chunk.chunk_offset, data, mask)
            yield len(data)
        return
    shape = shape_of(dsid)
    if shape is not None:
        for box in row_boxes(shape, dsid.get_type().get_size()):
            values = read_box(dsid, box)
            write_box(made, box, values)
            yield values.nbytes


def compare_salvaged(
    found: Salvaged, source: h5g.GroupID, written: h5g.GroupID, name: str
) -> Iterator[int]:
    """Read every saved dataset back; yields bytes.

    Raises:
        CannotWrite: one is not what had been written.
    """
    for path, checksum in found.checksums.items():
        refusal = CannotWrite(
            f"{name} was not saved: read back, {visible(path_text(path), 100)} was not what had "
            "been written.",
            hint="The disk may be damaged. Try another disk.",
        )
        try:
            dsid = h5d.open(written, b"/".join(path))
            if has_objects(dsid.get_type()):
                pairs = zip(
                    object_boxes(h5d.open(source, b"/".join(path))), object_boxes(dsid), strict=True
                )
                if not all(equal_values(*pair) for pair in pairs):
                    raise refusal
                continue
            read = 0
            for piece in stored_pieces(dsid):
                read = isal_zlib.crc32(piece, read)
                yield len(piece)
        except DAMAGES as error:
            refusal.details = str(error)
            raise refusal from error
        if read != checksum:
            raise refusal
