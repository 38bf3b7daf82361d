"""What was written, read back and compared with the file it was made of.

Both trees are walked side by side: names, links, kinds, properties, attributes and values
have to be the same, apart from what was left out or is stored otherwise on purpose.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import msgspec
import numpy as np
from h5py import h5a, h5d, h5g, h5l

from h5viewer.errors import CannotWrite
from h5viewer.formats.hdf5_copying import (
    IsLeftOut,
    RewritingOf,
    Sides,
    StoredLink,
    as_kept,
    attribute_path,
    links_in_order,
    open_dataset,
)
from h5viewer.formats.hdf5_differences import AS_IS, Differences
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_links import address_of
from h5viewer.formats.hdf5_raw import (
    attribute_names,
    equal_values,
    has_objects,
    read_attribute,
    read_box,
    row_boxes,
    same_bytes,
    shape_of,
    stored_chunks,
)
from h5viewer.formats.hdf5_rewriting import Restoring
from h5viewer.formats.hdf5_walk import walk_names
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.stored_bytes import Stored, run_of, same_run
from h5viewer.names import NodePath, path_text, visible


class Verified(msgspec.Struct):
    """What was found to be the same so far."""

    n_datasets: int = 0
    identical: int = 0  # datasets among those counted by `counts`, bit for bit
    weights: int = 0


class Verifying:
    """One comparison on its way; `run` gives bytes as they are compared."""

    def __init__(
        self,
        source: h5g.GroupID,
        target: h5g.GroupID,
        is_left_out: IsLeftOut,
        rewriting_of: RewritingOf,
        is_weight: IsLeftOut,
        name: str,
        stored: Stored | None,
        scratch: Scratch,
        differences: Differences = AS_IS,
    ) -> None:
        """Of the group `source`, whose file lies in `stored`, with `target`, in `scratch`."""
        self._differences = differences
        self._source = source
        self._target = target
        self._stored = stored
        self._scratch = scratch
        self._is_left_out = is_left_out
        self._rewriting_of = rewriting_of
        self._is_weight = is_weight
        self._name = name
        self._twins: dict[int, int] = {}  # addresses there, by those here
        self.found = Verified()

    def run(self) -> Iterator[int]:
        """Compare everything.

        Raises:
            CannotWrite: something is not what was promised.
        """
        self._require(self._has_all_names(), ())
        self._compare_attributes(self._source, self._target, ())
        self._twins[address_of(self._source)] = address_of(self._target)
        stack: list[tuple[h5g.GroupID, h5g.GroupID, NodePath, Any, Any]]
        stack = [(self._source, self._target, (), *self._links(self._source, self._target, ()))]
        while stack:  # in the order of the copy: an object with two names is met by the same first
            source, target, path, here, there = stack[-1]
            try:
                name, link = next(here)
            except StopIteration:
                stack.pop()
                continue
            below = (*path, name)
            try:
                link = as_kept(self._source, source, below, link, self._is_left_out)
                if self._is_met(source, target, name, link, there[self._new(below)], below):
                    continue
                groups = yield from self._compare_object(source, target, below)
                if groups is not None:
                    stack.append((*groups, below, *self._links(*groups, below)))
            except HDF5_ERRORS as error:
                raise self._refusal(below, str(error)) from error

    def _links(
        self, source: h5g.GroupID, target: h5g.GroupID, path: NodePath
    ) -> tuple[Iterator[tuple[bytes, StoredLink]], dict[bytes, StoredLink]]:
        """Links that have to be there, and those that are."""
        here = [each for each in links_in_order(source) if not self._is_left_out((*path, each[0]))]
        there = dict(links_in_order(target))
        names = [self._new((*path, name)) for name, _ in here]
        if self._differences.names:  # where names are in order it is that of the new ones
            self._require(sorted(names) == sorted(there), path)
        self._require(self._differences.names or names == list(there), path)
        return iter(here), there

    def _new(self, path: NodePath) -> bytes:
        return self._differences.name(path)

    def _has_all_names(self) -> bool:
        """Whether every name is there, walked over as what shows files does: another way."""
        here, there = (
            {path for batch in walk_names(root, ()) for path in batch}
            for root in (self._source, self._target)
        )
        kept = (path for path in here if not self._is_below_left_out(path))
        return {self._differences.path(path) for path in kept} <= there

    def _is_below_left_out(self, path: NodePath) -> bool:
        return any(self._is_left_out(path[:n]) for n in range(1, len(path) + 1))

    def _is_met(
        self,
        source: h5g.GroupID,
        target: h5g.GroupID,
        name: bytes,
        link: Any,
        twin: Any,
        path: NodePath,
    ) -> bool:
        """True when the link is all there is to compare."""
        self._require((link.type, link.cset) == (twin.type, twin.cset), path)
        if link.type != h5l.TYPE_HARD:
            leads_to = source.links.get_val(name)
            if link.type == h5l.TYPE_SOFT:
                leads_to = self._differences.soft(path, leads_to)
            self._require(leads_to == target.links.get_val(self._new(path)), path)
            return True
        if link.u in self._twins:
            self._require(self._twins[link.u] == twin.u, path)
            return True
        self._twins[link.u] = twin.u
        return False

    def _compare_object(
        self, source: h5g.GroupID, target: h5g.GroupID, path: NodePath
    ) -> Generator[int, None, Sides | None]:
        name = path[-1]
        kind = h5g.get_objinfo(source, name).type
        new = self._new(path)
        self._require(kind == h5g.get_objinfo(target, new).type, path)
        if kind == h5g.GROUP:
            first, second = h5g.open(source, name), h5g.open(target, new)
            self._require(_group_facts(first) == _group_facts(second), path)
            self._compare_attributes(first, second, path)
            return first, second
        if kind == h5g.DATASET:
            shown = visible(path_text(path), 100)
            first, second = open_dataset(source, name, shown), open_dataset(target, new, shown)
            yield from self._compare_dataset(first, second, path)
        return None

    def _compare_dataset(
        self, first: h5d.DatasetID, second: h5d.DatasetID, path: NodePath
    ) -> Iterator[int]:
        how = self._rewriting_of(path)
        if how is not None and not how.concerns(first):
            how = None
        is_weight = self._is_weight(path)
        self.found.n_datasets += 1
        self.found.weights += is_weight
        shape = shape_of(first) if how is None else how.shape(first)
        self._require(shape == shape_of(second), path)
        if how is not None:
            yield from self._compare_rewritten(first, second, path, how, is_weight=is_weight)
            return
        self._compare_attributes(first, second, path)
        self._require(first.get_type().equal(second.get_type()), path)
        self._require(first.get_create_plist().equal(second.get_create_plist()), path)
        for n_bytes in self._compare_values(first, second):
            self._require(n_bytes is not None, path)
            yield n_bytes or 0
        self.found.identical += is_weight

    def _compare_values(self, first: h5d.DatasetID, second: h5d.DatasetID) -> Iterator[int | None]:
        shape = shape_of(first)
        if shape is None:
            return
        if has_objects(first.get_type()):
            yield from _compare_objects(first, second)
        elif first.get_create_plist().get_layout() == h5d.CHUNKED:
            yield from _compare_chunks(first, second)
        else:
            runs = run_of(first), run_of(second)
            for box in row_boxes(shape, first.get_type().get_size()):
                values = read_box(first, box)
                yield values.nbytes if same_bytes(values, read_box(second, box)) else None
                if self._stored is not None and runs[0] is not None and runs[1] is not None:
                    yield from self._compare_runs(self._stored, runs[0], runs[1])
                    return

    def _compare_runs(
        self, stored: Stored, here: tuple[int, int], there: tuple[int, int]
    ) -> Iterator[int | None]:
        """All bytes, as they are in both files; the first rows came through HDF5."""
        n_same = 0
        for n_bytes in same_run(stored, *here, self._scratch, there[0]):
            n_same += n_bytes
            yield n_bytes
        if (n_same, n_same) != (here[1], there[1]):
            yield None

    def _compare_rewritten(
        self,
        first: h5d.DatasetID,
        second: h5d.DatasetID,
        path: NodePath,
        how: Restoring,
        *,
        is_weight: bool,
    ) -> Iterator[int]:
        rounds = how.rounds(first)
        self._compare_attributes(first, second, path, without=b"dtype" if rounds else b"")
        self._require(rounds or first.get_type().equal(second.get_type()), path)
        for n_bytes in how.compare(first, second, self._scratch):
            self._require(n_bytes is not None, path)
            yield n_bytes or 0
        self.found.identical += is_weight and not rounds

    def _compare_attributes(
        self, source: Any, target: Any, path: NodePath, without: bytes = b""
    ) -> None:
        names = [
            set(attribute_names(each, by_creation=False)) - {without} for each in (source, target)
        ]
        kept = {name for name in names[0] if not self._is_left_out(attribute_path(path, name))}
        others = self._differences.of(path)
        self._require(kept | set(others) == names[1], path)
        for name, attribute in others.items():
            self._require(attribute.is_in(h5a.open(target, name)), path)
        for name in kept - set(others):
            first, second = h5a.open(source, name), h5a.open(target, name)
            self._require(first.get_type().equal(second.get_type()), path)
            shown = visible(name, 100)
            same = equal_values(read_attribute(first, shown), read_attribute(second, shown))
            self._require(same, path)

    def _require(self, is_same: object, path: NodePath) -> None:
        if not is_same:
            raise self._refusal(path, "")

    def _refusal(self, path: NodePath, details: str) -> CannotWrite:
        return CannotWrite(
            f"{self._name} was not saved: read back, {visible(path_text(path), 100)} was not what "
            "had been written.",
            hint="The disk or the file may be damaged. Try another disk.",
            details=details,
        )


def _group_facts(group: h5g.GroupID) -> tuple[Any, ...]:
    """What can be set of a group and counts; not guesses of how many names it will have."""
    creation = group.get_create_plist()
    return creation.get_link_creation_order(), creation.get_attr_creation_order()


def _compare_chunks(first: h5d.DatasetID, second: h5d.DatasetID) -> Iterator[int | None]:
    """The packed bytes: they need no filter, and cannot unfold to more than they are."""
    here, there = stored_chunks(first), stored_chunks(second)
    if {chunk.chunk_offset for chunk in here} != {chunk.chunk_offset for chunk in there}:
        yield None
        return
    for chunk in here:
        pairs = [each.read_direct_chunk(chunk.chunk_offset) for each in (first, second)]
        yield len(pairs[0][1]) if pairs[0] == pairs[1] else None


def _compare_objects(first: h5d.DatasetID, second: h5d.DatasetID) -> Iterator[int | None]:
    for pieces in zip(object_boxes(first), object_boxes(second), strict=True):
        yield 16 * pieces[0].size if equal_values(*pieces) else None


def object_boxes(dsid: h5d.DatasetID) -> Iterator[Any]:
    """All of a dataset of text or lists, some at a time, in order."""
    for box in row_boxes(shape_of(dsid) or (), 1024):
        yield _objects(dsid, box)


def _objects(dsid: h5d.DatasetID, box: tuple[slice, ...]) -> Any:
    from h5py import h5s

    values = np.empty(tuple(part.stop - part.start for part in box), dsid.dtype)
    space = dsid.get_space()
    if box:
        space.select_hyperslab(tuple(part.start for part in box), values.shape)
    if values.size:
        dsid.read(
            h5s.create_simple(values.shape) if box else h5s.ALL, space if box else h5s.ALL, values
        )
    return values
