"""What is whole in a damaged HDF5 file, copied object by object; what is not, listed.

A dataset is whole when all its bytes are left and every check that the file has of them holds:
those of its filters (gzip's and Fletcher's checksums) and of HDF5's own structures. Values that
are stored without a checksum cannot be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from typing import Any

from h5py import h5a, h5d, h5g, h5l, h5o, h5p, h5t
from isal import isal_zlib

from h5viewer.formats.damaged import DamagedTree
from h5viewer.formats.hdf5_copying import StoredLink, links_in_order, open_dataset
from h5viewer.formats.hdf5_headers import CutHeader, NoHeader, header_parts
from h5viewer.formats.hdf5_links import address_of, is_addressable
from h5viewer.formats.hdf5_overlay import name_of
from h5viewer.formats.hdf5_raw import (
    attribute_names,
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
from h5viewer.formats.hdf5_salvage_lists import MODEL_WEIGHTS, absent
from h5viewer.formats.hdf5_salvaged import (
    ABSENT,
    BEYOND,
    DAMAGES,
    DESCRIPTION,
    NAMES,
    OVERWRITTEN,
    ROOT,
    UNFOLDS,
    VALUES,
    Lost,
    Salvaged,
    is_checked,
    reason_of,
)
from h5viewer.formats.hdf5_scan import FOUND_AGAIN
from h5viewer.formats.hdf5_stored_pieces import (
    objects_checksum,
    stored_pieces,
    unfolds_to,
    unpacked,
)
from h5viewer.formats.hdf5_verifying import object_boxes
from h5viewer.formats.hdf5_writing import creation_like
from h5viewer.formats.overwritten import look_overwritten
from h5viewer.names import NodePath, path_text, visible

_DEEPEST = 1000  # levels
_MOST_LOST = 100_000
_FLOATS = (2, 4, 8)  # bytes of those that NumPy reads as they are stored
_MOST_ATTRIBUTES = 20_000  # of one object; HDF5 takes minutes for 200,000
_UNFOLDED = 100  # times the bytes stored: more is no weight


class Salvaging:
    """One damaged file on its way; `run` gives bytes as they are dealt with."""

    def __init__(self, tree: DamagedTree, target: h5g.GroupID | None) -> None:
        """Nothing is read yet.

        Args:
            tree: what is left of the file.
            target: an empty root; None: only look what is whole.
        """
        self._tree = tree
        self._stream = tree.stream
        self._base = tree.base
        self._source = tree.root
        self._target = target
        self._places: dict[int, NodePath] = {}
        self._told: set[tuple[NodePath, bytes | None]] = set()
        self._lost_at: set[int] = set()  # whatever leads there
        self.found = Salvaged()

    def run(self) -> Iterator[int]:
        """Everything below the root, and its attributes."""
        if self._tree.is_root_lost:
            self._lose((), ROOT)
        yield from self._copy_attributes(self._source, self._target, ())
        self._places[address_of(self._source)] = ()
        yield from self._walk(self._source, self._target, ())
        for path in absent(self._source, self.found.lost):
            self._lose(path, ABSENT)

    def _walk(self, group: h5g.GroupID, into: h5g.GroupID | None, place: NodePath) -> Iterator[int]:
        """Everything below a group that is there already."""
        stack = [(group, into, place, self._links(group, place))]
        while stack:
            source, target, path, links = stack[-1]
            try:
                name, link = next(links)
            except StopIteration:
                stack.pop()
                continue
            below: NodePath = (*path, name)
            if not is_addressable(name) or len(stack) > _DEEPEST:
                self._lose(path, NAMES)
                continue
            made = yield from self._tried(source, name, target, below, link)
            if made is not None:
                stack.append((*made, below, self._links(made[0], below)))

    def run_found(self, tree: DamagedTree, placed: Sequence[tuple[NodePath, int]]) -> Iterator[int]:
        """What lists of names did not lead to.

        Args:
            tree: the file, with a root that leads to each of `placed`.
            placed: where each belongs, and its address; those above come first.
        """
        self._stream, moved = tree.stream, _Moved()
        for number, (path, address) in enumerate(placed):
            if address in self._places or address in self._lost_at:
                continue
            at = moved.place_of(tree.root, name_of(number), path, self._has_top)
            if at in self.found.checksums:
                continue
            target = None if self._target is None else self._parent(at[:-1])
            n_before = len(self.found.checksums)
            link = StoredLink(h5l.TYPE_HARD, address, 0)
            made = yield from self._tried(tree.root, name_of(number), target, at, link)
            if made is not None:
                yield from self._walk(*made, at)
            self.found.n_found_again += len(self.found.checksums) - n_before
        saved = {path[:n] for path in self.found.checksums for n in range(1, len(path) + 1)}
        self.found.lost = [each.once_more(saved) for each in self.found.lost]
        self.found.lost = [
            each for each in self.found.lost
            if each.attribute is not None or each.path not in self.found.checksums
        ]  # fmt: skip

    def _has_top(self, name: bytes) -> bool:
        return (name,) in self._places.values()

    def _parent(self, path: NodePath) -> h5g.GroupID:
        """A group of the new file, made if it is not there."""
        group = self._target
        assert group is not None
        for name in path:
            group = (h5g.open if group.links.exists(name) else h5g.create)(group, name)
        return group

    def _tried(
        self,
        source: h5g.GroupID,
        name: bytes,
        target: h5g.GroupID | None,
        path: NodePath,
        link: StoredLink,
    ) -> Generator[int, None, tuple[h5g.GroupID, h5g.GroupID | None] | None]:
        """As `_copy`; what fails is listed."""
        try:
            return (yield from self._copy(source, name, target, path, link))
        except _Damaged as damage:
            self._lose(path, str(damage))
            self._lost_at.add(link.u)
        except DAMAGES as error:
            self._lose(path, reason_of(error))
        return None

    def _lose(self, path: NodePath, reason: str, attribute: bytes | None = None) -> None:
        lost = Lost(path, reason, attribute)
        if len(self.found.lost) < _MOST_LOST and (path, attribute) not in self._told:
            self._told.add((path, attribute))
            self.found.lost.append(lost)

    def _links(self, group: h5g.GroupID, path: NodePath) -> Iterator[tuple[bytes, StoredLink]]:
        try:
            yield from links_in_order(group)
        except DAMAGES:
            self._lose(path, NAMES)

    # ------------------------------------------------------------------ objects

    def _copy(
        self,
        source: h5g.GroupID,
        name: bytes,
        target: h5g.GroupID | None,
        path: NodePath,
        link: StoredLink,
    ) -> Generator[int, None, tuple[h5g.GroupID, h5g.GroupID | None] | None]:
        """Copy what a link leads to; of groups, both sides are returned to go on with."""
        if link.type != h5l.TYPE_HARD:
            self._copy_link(source, name, target, link)
            return None
        if link.u in self._places:
            if target is not None and self._target is not None:
                target.links.create_hard(path[-1], self._target, b"/".join(self._places[link.u]))
            return None
        self._require_header(link.u)
        kind = h5g.get_objinfo(source, name).type
        if kind == h5g.GROUP:
            group = h5g.open(source, name)
            made = None
            if target is not None:
                made = h5g.create(target, path[-1], None, creation_like(group))
            self._places[link.u] = path
            yield from self._copy_attributes(group, made, path)
            return group, made
        if kind == h5g.DATASET:
            yield from self._copy_dataset(source, name, target, path)
        elif kind == h5g.TYPE and target is not None:
            h5o.copy(source, name, target, path[-1])
        self._places[link.u] = path
        return None

    def _copy_link(
        self, source: h5g.GroupID, name: bytes, target: h5g.GroupID | None, link: StoredLink
    ) -> None:
        value = source.links.get_val(name)
        if target is not None and link.type == h5l.TYPE_SOFT:
            target.links.create_soft(name, value)
        elif target is not None:
            target.links.create_external(name, *value)

    def _require_header(self, address: int) -> None:
        """Raise unless an object's description is there as a whole."""
        try:
            parts = header_parts(self._from_base, address)
        except CutHeader as error:
            raise _Damaged(BEYOND) from error
        except NoHeader as error:
            raise _Damaged(DESCRIPTION) from error
        if not all(self._stream.is_left(self._base + start, length) for start, length in parts):
            raise _Damaged(BEYOND)

    def _from_base(self, start: int, length: int) -> bytes:
        return self._stream.read_at(self._base + start, length)

    # ----------------------------------------------------------------- datasets

    def _copy_dataset(
        self, source: h5g.GroupID, name: bytes, target: h5g.GroupID | None, path: NodePath
    ) -> Iterator[int]:
        shown = visible(path_text(path), 100)
        dsid = open_dataset(source, name, shown)
        refuse_references(dsid.get_type(), shown)
        self._require_left(dsid)
        checksum = yield from self._checked(dsid)
        if target is not None:
            try:
                yield from _copy_values(source, name, dsid, target, path[-1])
            except DAMAGES:
                if target.links.exists(path[-1]):
                    target.unlink(path[-1])
                raise
            made = h5d.open(target, path[-1])
            if not has_objects(dsid.get_type()):
                yield from self._copy_attributes(dsid, made, path)
        self.found.checksums[path] = checksum
        self.found.n_unchecked += not is_checked(dsid)
        self.found.n_bytes += dsid.get_storage_size()

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
        if unfolds_to(dsid) > _UNFOLDED * max(1 << 20, dsid.get_storage_size()):
            raise _Damaged(UNFOLDS)
        if has_objects(dsid.get_type()):
            checksum = 0
            for values in object_boxes(dsid):
                checksum = objects_checksum(values, checksum)
                yield 16 * int(values.size)
            if self._stream.reaches_beyond:
                raise _Damaged(BEYOND)
            return checksum
        if self._tree.is_known_damaged:
            yield from self._require_likely(dsid)
        checksum = 0
        for piece in stored_pieces(dsid):
            checksum = isal_zlib.crc32(piece, checksum)
            yield len(piece)
        try:
            yield from unpacked(dsid)
        except DAMAGES as error:
            raise _Damaged(VALUES) from error
        return checksum

    def _require_likely(self, dsid: h5d.DatasetID) -> Iterator[int]:
        """Raise where unpacked numbers look overwritten: something in the file is."""
        offset, length = dsid.get_offset(), dsid.get_storage_size()
        if offset is None or dsid.get_create_plist().get_layout() != h5d.CONTIGUOUS:
            return
        is_float = (
            dsid.get_type().get_class() == h5t.FLOAT and dsid.get_type().get_size() in _FLOATS
        )
        dtype = dsid.dtype if is_float else None
        looking = look_overwritten(self._stream.read_at, offset, length, self._tree.outer, dtype)
        for step in looking:
            if step is True:
                raise _Damaged(OVERWRITTEN)
            yield int(step)

    # --------------------------------------------------------------- attributes

    def _copy_attributes(self, source: Any, target: Any, path: NodePath) -> Iterator[int]:
        try:
            by_creation = source.get_create_plist().get_attr_creation_order()
            names = attribute_names(source, by_creation=bool(by_creation & h5p.CRT_ORDER_INDEXED))
        except DAMAGES:
            self._lose(path, "Its attributes are damaged.")
            return
        if len(names) > _MOST_ATTRIBUTES:
            self._lose(path, f"It has {len(names):,} attributes, which were not copied.")
            return
        for name in names:
            yield 0
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
                self._lose(path, reason_of(error), name)


class _Moved:
    """Where groups belong that were found without a name."""

    def __init__(self) -> None:
        self._places: dict[NodePath, NodePath] = {}

    def place_of(
        self, root: h5g.GroupID, name: bytes, path: NodePath, is_taken: Callable[[bytes], bool]
    ) -> NodePath:
        """A group that lists layers is the one that Keras calls `model_weights`."""
        if len(path) == 2 and path[0] == FOUND_AGAIN and not is_taken(MODEL_WEIGHTS):
            with suppress(*DAMAGES):
                if any(each.startswith(b"layer_names") for each in _attributes_of(root, name)):
                    self._places[path] = (MODEL_WEIGHTS,)
        top = path[:2]
        return self._places.get(top, top) + path[2:]


def _attributes_of(group: h5g.GroupID, name: bytes) -> list[bytes]:
    return attribute_names(h5o.open(group, name), by_creation=False)


class _Damaged(Exception):
    """What a dataset, a group or an attribute is lost by: a sentence."""


def _copy_values(
    source: h5g.GroupID,
    name: bytes,
    dsid: h5d.DatasetID,
    target: h5g.GroupID,
    new_name: bytes,
) -> Iterator[int]:
    if has_objects(dsid.get_type()):
        h5o.copy(source, name, target, new_name)
        return
    made = h5d.create(target, new_name, dsid.get_type(), dsid.get_space(), dsid.get_create_plist())
    if dsid.get_create_plist().get_layout() == h5d.CHUNKED:
        for chunk in stored_chunks(dsid):
            mask, data = dsid.read_direct_chunk(chunk.chunk_offset)
            made.write_direct_chunk(chunk.chunk_offset, data, mask)
            yield len(data)
        return
    shape = shape_of(dsid)
    if shape is not None and dsid.get_storage_size():
        for box in row_boxes(shape, dsid.get_type().get_size()):
            values = read_box(dsid, box)
            write_box(made, box, values)
            yield values.nbytes
