"""Which objects of an HDF5 file have several names, and the first name of each."""

from __future__ import annotations

from h5py import h5g, h5l

from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_links import is_addressable
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.names import NodePath

_MAX_LINKS = 50_000  # about 0.1 s; beyond that a second name goes unnoticed


class SharedObjects:
    """The first path of every object, in the order of `walk`; made when first asked for."""

    def __init__(self, root: h5g.GroupID) -> None:
        self._root = root
        self._first: dict[int, NodePath] | None = None

    def first_path(self, address: int) -> NodePath | None:
        """Where a walk meets the object first; None: beyond the part that was looked at."""
        if self._first is None:
            self._first = _first_paths(self._root)
        return self._first.get(address)


def _first_paths(root: h5g.GroupID) -> dict[int, NodePath]:
    first: dict[int, NodePath] = {}
    n_links = 0
    stack: list[tuple[h5g.GroupID | None, bytes, NodePath]] = [(None, b"", ())]
    while stack and n_links < _MAX_LINKS:
        parent, name, path = stack.pop()
        try:
            group = root if parent is None else h5g.open(parent, name)
            hard = _hard_links(group, _MAX_LINKS - n_links)
        except HDF5_ERRORS:
            continue  # a dataset, a type, or a damaged group
        n_links += len(hard)
        new = [name for name in in_natural_order(list(hard)) if hard[name] not in first]
        for child in new:
            first.setdefault(hard[child], (*path, child))
        stack += [(group, child, (*path, child)) for child in reversed(new)]
    return first


def _hard_links(group: h5g.GroupID, limit: int) -> dict[bytes, int]:
    """Name and object address of the first `limit` hard links."""
    found: dict[bytes, int] = {}

    def take(name: bytes, link: h5l.LinkInfo) -> bool | None:
        if link.type == h5l.TYPE_HARD and is_addressable(name):
            found[name] = link.u
        return True if len(found) >= limit else None

    group.links.iterate(take, info=True)
    return found
