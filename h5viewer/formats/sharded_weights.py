"""Weights in several HDF5 files as one tree: what Keras' index says is in which of them.

Groups above those that the index names have nothing of their own but names.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats.container import StoredArray
from h5viewer.formats.hdf5 import Hdf5Container
from h5viewer.formats.hdf5_opening import open_hdf5
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.formats.occupancy import Occupied
from h5viewer.formats.shard_index import files_named
from h5viewer.formats.source import Source
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Attributes, Dataset, Format, Group, Node, Problem, Text, Unreadable

_KEPT = "shards"
_WALKED_BATCH = 1000
_NOTHING = "There is nothing of this name."


class ShardIndex:
    """What an index says; kept while its document is open."""

    def __init__(self, source: Source) -> None:
        self.files = source.weight_map
        self.above: dict[NodePath, dict[bytes, None]] = {(): {}}
        for place in self.files:
            for depth, name in enumerate(place):
                self.above.setdefault(place[:depth], {})[name] = None
        self.problems: tuple[Problem, ...] | None = None  # not looked for yet

    def files_at(self, path: NodePath) -> tuple[str, ...]:
        """Where a group that is named, or what is in it, is stored."""
        for depth in range(len(path), -1, -1):
            files = self.files.get(path[:depth])
            if files is not None:
                return files
        return ()


def is_sharded(source: Source) -> bool:
    """True for an index that names HDF5 files."""
    return bool(source.weight_map)


def open_sharded(source: Source) -> ShardedWeights:
    """Open an index; files that are not beside it are among its problems."""
    return ShardedWeights(source, _index_of(source))


def _index_of(source: Source) -> ShardIndex:
    index = source.kept.get(_KEPT)
    if not isinstance(index, ShardIndex):
        index = source.kept[_KEPT] = ShardIndex(source)
    return index


class ShardedWeights:
    """Implements `formats.container.Container`."""

    format_hint: Format = "hdf5"

    def __init__(self, source: Source, index: ShardIndex) -> None:
        self.source = source
        self._index = index
        self._opened: dict[str, Hdf5Container | str] = {}  # or why not
        if index.problems is None:
            index.problems = tuple(self._look_for_problems())
        self.problems = index.problems

    def _look_for_problems(self) -> Iterator[Problem]:
        for name in files_named(self._index.files):
            shard = self._shard(name)
            if isinstance(shard, str):
                yield Problem(where=visible(name, 100), message=f"{shard} Its weights are missing.")
            else:
                yield from shard.problems

    def _shard(self, name: str) -> Hdf5Container | str:
        if name not in self._opened:
            source = self.source.companions.get(name)
            if source is None:
                self._opened[name] = "This file is not beside its index, or may not be read."
            else:
                try:
                    self._opened[name] = open_hdf5(source)
                except CannotOpen as error:
                    self._opened[name] = error.message
        return self._opened[name]

    def _at(self, path: NodePath) -> Iterator[tuple[Hdf5Container, Node]]:
        """What the files have at a path; damaged, it is the node that says so."""
        for name in self._index.files_at(path):
            shard = self._shard(name)
            if isinstance(shard, Hdf5Container):
                yield shard, shard.describe(path)

    def _whole(self, path: NodePath) -> Iterator[tuple[Hdf5Container, Node]]:
        return (each for each in self._at(path) if not isinstance(each[1], Unreadable))

    # ------------------------------------------------------------------ names

    def child_names(self, path: NodePath) -> Iterator[list[bytes]]:
        """All names of a group, of whichever file."""
        names = dict(self._index.above.get(path, {}))
        for shard, node in self._whole(path):
            if isinstance(node, Group):
                for batch in shard.child_names(path):
                    names.update(dict.fromkeys(batch))
        if not names and not isinstance(self.describe(path), Group):
            raise CannotRead(f"{visible(path_text(path), 100)} holds no objects.")
        yield in_natural_order(list(names))

    def walk(self) -> Iterator[tuple[NodePath, Node]]:
        """Every node below the root, depth first; an object with several names once."""
        return ((path, node) for path, node, is_new in self._walk() if is_new)

    def _walk(self) -> Iterator[tuple[NodePath, Node, bool]]:
        """Every name; whether its object has not been met before."""
        met: set[NodePath] = {()}  # one name of each object
        waiting: list[NodePath] = [(name,) for name in self._names(())]
        while waiting:
            path = waiting.pop()
            node = self.describe(path)
            same_as = node.same_as if isinstance(node, Group | Dataset) else None
            one_name = path if same_as is None else same_as
            is_new = one_name not in met
            met.add(one_name)
            yield path, node, is_new
            if isinstance(node, Group) and is_new:
                waiting += [(*path, name) for name in self._names(path)]

    def _names(self, path: NodePath) -> list[bytes]:
        """The last one first."""
        return [name for batch in self.child_names(path) for name in batch][::-1]

    def walk_names(self) -> Iterator[list[NodePath]]:
        """Every path, in batches."""
        walked = (path for path, _, _ in self._walk())
        while batch := list(islice(walked, _WALKED_BATCH)):
            yield batch

    # ------------------------------------------------------------------ facts

    def describe(self, path: NodePath) -> Node:
        """Facts about one node; a group has the names of all files."""
        found = list(self._at(path))
        groups = [node for _, node in found if isinstance(node, Group)]
        above = self._index.above.get(path)
        if above is not None or len(groups) > 1:
            n_children = len(above or ()) + sum(group.n_children or 0 for group in groups)
            n_attributes = max((group.n_attributes for group in groups), default=0)
            return Group(path=path, n_children=n_children, n_attributes=n_attributes)
        whole = [node for _, node in found if not isinstance(node, Unreadable)]
        damaged = [node for _, node in found]
        return next(iter([*whole, *damaged]), Unreadable(path=path, reason=_NOTHING))

    # ------------------------------------------------------------- attributes

    def attributes(self, path: NodePath, start: int, count: int) -> Attributes:
        """Those of the first file that has some."""
        pages = (shard.attributes(path, start, count) for shard, _ in self._whole(path))
        none = Attributes(start=start, total=0, attributes=())
        return next((page for page in pages if page.total), none)

    def attribute_text(self, path: NodePath, name: bytes, limit: int) -> Text | None:
        """An attribute's value as text; None: no such attribute."""
        found = (shard.attribute_text(path, name, limit) for shard, _ in self._whole(path))
        return next((text for text in found if text is not None), None)

    def attribute_strings(self, path: NodePath, name: bytes, limit: int) -> list[str] | None:
        """An attribute that is a list of strings; None: none such."""
        found = (shard.attribute_strings(path, name, limit) for shard, _ in self._whole(path))
        return next((texts for texts in found if texts is not None), None)

    def attribute_targets(
        self, path: NodePath, name: bytes, limit: int
    ) -> list[list[NodePath | None]] | None:
        """Where the references of an attribute lead; None: none such."""
        found = (shard.attribute_targets(path, name, limit) for shard, _ in self._whole(path))
        return next((targets for targets in found if targets is not None), None)

    # ----------------------------------------------------------------- values

    def entry_text(self, path: NodePath, limit: int) -> Text:  # noqa: ARG002
        """HDF5 files have no entries."""
        raise CannotRead(f"{visible(path_text(path), 100)} is no file inside an archive.")

    def array(self, path: NodePath) -> StoredArray:
        """The values of a dataset."""
        for shard, node in self._whole(path):
            if isinstance(node, Dataset):
                return shard.array(path)
        raise CannotRead(f"{visible(path_text(path), 100)} is no dataset.")

    def occupancy(self) -> Iterator[Occupied]:
        """What each object takes of its file, and the index."""
        for name in files_named(self._index.files):
            shard = self._shard(name)
            if isinstance(shard, Hdf5Container):
                yield from shard.occupancy()
        yield Occupied((), "structure", self.source.size)

    def close(self) -> None:
        """Release the library's handles."""
        for shard in self._opened.values():
            if isinstance(shard, Hdf5Container):
                shard.close()
        self._opened.clear()
