"""A copy of an HDF5 file without some of its objects, object by object.

Kept are names, links of every kind (never followed), groups with their properties,
attributes, types, and the stored bytes of datasets as they are: chunks are neither
unpacked nor packed again. Small datasets are copied by HDF5's own H5Ocopy; large ones
piece by piece, so that the copy can be cancelled at any moment.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, NamedTuple

from h5py import h5, h5a, h5d, h5g, h5l, h5o, h5p, h5t

from h5viewer.errors import CannotRead
from h5viewer.formats.hdf5_differences import AS_IS, Differences
from h5viewer.formats.hdf5_errors import HDF5_ERRORS, cannot_read
from h5viewer.formats.hdf5_links import address_at, address_of, is_addressable, places_crossed
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
from h5viewer.formats.hdf5_rewriting import Restoring
from h5viewer.formats.hdf5_writing import creation_like
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.stored_bytes import Stored, copy_run, run_of
from h5viewer.names import NodePath, path_text, visible

SMALL = 8 << 20  # stored bytes that are copied in one call: some 10 ms
_LARGEST_WHOLE = 1 << 30  # of text and lists, which only one call can copy
_DEEPEST = 1000  # levels: HDF5 keeps the whole path of every open group

IsLeftOut = Callable[[NodePath], bool]
"""Asked of every link's path and, with the name behind an empty one, of attributes."""

RewritingOf = Callable[[NodePath], Restoring | None]
"""How a dataset is to be stored; None: as it is."""


def attribute_path(path: NodePath, name: bytes) -> NodePath:
    """How `IsLeftOut` is asked about an attribute."""
    return (*path, b"", name)


Sides = tuple[h5g.GroupID, h5g.GroupID]
"""A group here and the same there."""


class StoredLink(NamedTuple):
    """What a group knows of one of its links."""

    type: int  # h5l.TYPE_HARD …
    u: Any  # of a hard link the address of the object
    cset: int


def links_in_order(group: h5g.GroupID) -> Iterator[tuple[bytes, StoredLink]]:
    """Names and links, in the order in which they were made where the group keeps that."""
    found: list[tuple[bytes, StoredLink]] = []

    def take(name: bytes, link: h5l.LinkInfo) -> None:
        found.append((name, StoredLink(link.type, link.u, link.cset)))  # it is used again

    keeps_order = group.get_create_plist().get_link_creation_order() & h5p.CRT_ORDER_INDEXED
    index = h5.INDEX_CRT_ORDER if keeps_order else h5.INDEX_NAME
    group.links.iterate(take, info=True, idx_type=index)
    yield from found


def as_kept(
    root: h5g.GroupID, group: h5g.GroupID, path: NodePath, link: StoredLink, is_left_out: IsLeftOut
) -> StoredLink:
    """A link as the copy has it: a soft one through what is left out is the object itself."""
    if link.type != h5l.TYPE_SOFT:
        return link
    crossed = places_crossed(root, group, path[:-1], group.links.get_val(path[-1]))
    if not crossed or is_left_out(crossed[-1]) or not any(map(is_left_out, crossed)):
        return link  # what is left out as a whole nobody wants to find here
    return StoredLink(h5l.TYPE_HARD, address_at(group, path[-1]), link.cset)


class Copying:
    """One copy on its way; `run` gives stored bytes as they are dealt with."""

    def __init__(
        self,
        source: h5g.GroupID,
        target: h5g.GroupID,
        is_left_out: IsLeftOut,
        rewriting_of: RewritingOf,
        stored: Stored | None,
        scratch: Scratch,
        differences: Differences = AS_IS,
    ) -> None:
        """Of the group `source`, whose file lies in `stored`, into `target`, in `scratch`."""
        self._differences = differences
        self._source = source
        self._target = target
        self._stored = stored
        self._scratch = scratch
        self._is_left_out = is_left_out
        self._rewriting_of = rewriting_of
        self._places: dict[int, NodePath] = {}  # of objects that were copied, by their address

    def run(self) -> Iterator[int]:
        """Copy everything below the root, and its attributes.

        Raises:
            CannotRead: something can be read only in part, or would mean something else.
        """
        self._copy_attributes(self._source, self._target, ())
        self._places[address_of(self._source)] = ()
        stack: list[tuple[h5g.GroupID, h5g.GroupID, NodePath, Iterator[Any]]]
        stack = [(self._source, self._target, (), links_in_order(self._source))]
        while stack:
            source, target, path, links = stack[-1]
            try:
                name, link = next(links)
            except StopIteration:
                stack.pop()
                continue
            below = (*path, name)
            if self._is_left_out(below):
                continue
            if not is_addressable(name) or len(stack) > _DEEPEST:
                raise CannotRead(f"{_shown(below)} cannot be copied: no program would find it.")
            try:
                link = as_kept(self._source, source, below, link, self._is_left_out)
                if link.type != h5l.TYPE_HARD:
                    self._copy_link(source, target, below, link)
                elif link.u in self._places:
                    self._link_again(
                        target, self._differences.name(below), self._places[link.u], link
                    )
                else:
                    self._places[link.u] = self._differences.path(below)
                    groups = yield from self._copy_object(source, target, below, link)
                    if groups is not None:
                        stack.append((*groups, below, links_in_order(groups[0])))
            except (*HDF5_ERRORS, MemoryError) as error:
                raise cannot_read(_shown(below), error) from error

    def _copy_link(
        self, source: h5g.GroupID, target: h5g.GroupID, path: NodePath, link: StoredLink
    ) -> None:
        name, how = path[-1], _link_properties(link)
        new = self._differences.name(path)
        if link.type == h5l.TYPE_SOFT:
            leads_to = self._differences.soft(path, source.links.get_val(name))
            target.links.create_soft(new, leads_to, how)
        elif link.type == h5l.TYPE_EXTERNAL:
            target.links.create_external(new, *source.links.get_val(name), how)
        else:
            raise CannotRead(f"{_shown(path)} is a link of an unknown kind and cannot be copied.")

    def _link_again(
        self, target: h5g.GroupID, name: bytes, place: NodePath, link: StoredLink
    ) -> None:
        where = b"/".join(place) or b"/"
        target.links.create_hard(name, self._target, where, _link_properties(link))

    def _copy_object(
        self, source: h5g.GroupID, target: h5g.GroupID, path: NodePath, link: StoredLink
    ) -> Generator[int, None, Sides | None]:
        """Copy what a hard link leads to; of groups, both sides are returned to go on with."""
        name, kind = path[-1], h5g.get_objinfo(source, path[-1]).type
        new = self._differences.name(path)
        if kind == h5g.GROUP:
            group = h5g.open(source, name)
            made = h5g.create(target, new, _link_properties(link), creation_like(group))
            self._copy_attributes(group, made, path)
            return group, made
        if kind == h5g.DATASET:
            yield from self._copy_dataset(source, target, path, link)
        elif kind == h5g.TYPE:
            h5o.copy(source, name, target, new, lcpl=_link_properties(link))
        else:
            raise CannotRead(f"{_shown(path)} is of an unknown kind and cannot be copied.")
        return None

    def _copy_dataset(
        self, source: h5g.GroupID, target: h5g.GroupID, path: NodePath, link: StoredLink
    ) -> Iterator[int]:
        name, shown = path[-1], _shown(path)
        dsid = open_dataset(source, name, shown)
        refuse_references(dsid.get_type(), shown)
        how = self._rewriting_of(path)
        new = self._differences.name(path)
        if how is not None and how.concerns(dsid):
            made = how.create(target, dsid)
            h5o.link(made, target, new, lcpl=_link_properties(link))
            self._copy_attributes(dsid, made, path, without=b"dtype" if how.rounds(dsid) else b"")
            yield from how.write(dsid, made, shown, self._scratch)
            return
        n_bytes = dsid.get_storage_size()
        is_whole = has_objects(dsid.get_type()) or dsid.get_type().committed()
        if is_whole and n_bytes > _LARGEST_WHOLE:
            raise CannotRead(
                f"{shown} is too large to be copied: text or lists of {n_bytes:,} bytes."
            )
        if n_bytes <= SMALL or is_whole or shape_of(dsid) is None:
            for each in attribute_names(dsid, by_creation=False):
                refuse_references(h5a.open(dsid, each).get_type(), shown)
            h5o.copy(source, name, target, new, lcpl=_link_properties(link))
            for each, attribute in self._differences.of(path).items():
                attribute.write(h5d.open(target, new), each)
            yield n_bytes
            return
        made = h5d.create(
            target, new, dsid.get_type(), dsid.get_space(), dsid.get_create_plist(),
            _link_properties(link),
        )  # fmt: skip
        self._copy_attributes(dsid, made, path)
        yield from self._copy_values(dsid, made, shown)

    def _copy_values(
        self, source: h5d.DatasetID, target: h5d.DatasetID, shown: str
    ) -> Iterator[int]:
        """The stored bytes of a large dataset."""
        if source.get_create_plist().get_layout() == h5d.CHUNKED:
            for chunk in stored_chunks(source):
                mask, data = source.read_direct_chunk(chunk.chunk_offset)
                target.write_direct_chunk(chunk.chunk_offset, data, mask)
                yield len(data)
            return
        run = run_of(source)
        for box in row_boxes(shape_of(source) or (), source.get_type().get_size()):
            values = read_box(source, box)
            write_box(target, box, values)
            yield values.nbytes
            place = run_of(target)  # it has one after the first rows
            if self._stored is None or run is None or place is None or run[1] != place[1]:
                continue
            try:
                yield from copy_run(self._stored, *run, self._scratch, place[0])
            except EOFError:
                raise CannotRead(f"{shown} goes on behind the end of the file.") from None
            return

    def _copy_attributes(
        self, source: Any, target: Any, path: NodePath, without: bytes = b""
    ) -> None:
        others = dict(self._differences.of(path))
        by_creation = source.get_create_plist().get_attr_creation_order() & h5p.CRT_ORDER_INDEXED
        for name in attribute_names(source, by_creation=bool(by_creation)):
            if name == without or self._is_left_out(attribute_path(path, name)):
                continue
            if name in others:
                others.pop(name).write(target, name)
                continue
            shown = f"The attribute {visible(name, 100)} of {_shown(path)}"
            try:
                attribute = h5a.open(source, name)
                write_attribute(target, name, attribute, read_attribute(attribute, shown))
            except (*HDF5_ERRORS, MemoryError) as error:
                raise cannot_read(shown, error) from error
        for name, attribute in others.items():
            attribute.write(target, name)


def open_dataset(group: h5g.GroupID, name: bytes, shown: str) -> h5d.DatasetID:
    """A dataset whose values are in the file.

    Raises:
        CannotRead: they are in another one, which is not opened.
    """
    dsid = h5d.open(group, name)
    creation = dsid.get_create_plist()
    if creation.get_layout() == h5d.VIRTUAL or creation.get_external_count():
        raise CannotRead(
            f"{shown} has its values in another file, which is not opened; nothing was saved."
        )
    return dsid


def _link_properties(link: StoredLink) -> h5p.PropLCID:
    properties = h5p.create(h5p.LINK_CREATE)
    properties.set_char_encoding(h5t.CSET_UTF8 if link.cset == h5t.CSET_UTF8 else h5t.CSET_ASCII)
    return properties


def _shown(path: NodePath) -> str:
    return visible(path_text(path), 100)
