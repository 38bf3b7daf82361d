"""Where a walk through an HDF5 file first meets each object: its name for people."""

from __future__ import annotations

from contextlib import suppress

from h5py import h5g, h5l

from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_links import address_of, hard_address, is_addressable
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.names import NodePath

_MAX_LINKS = 10_000  # about 0.1 s; beyond that a second name goes unnoticed


class FirstNames:
    """Where a walk first meets each object; looked up when an object has several names."""

    def __init__(self, root: h5g.GroupID) -> None:
        self._root = root
        self._first: dict[int, NodePath] | None = None

    def of(self, address: int) -> NodePath | None:
        """The first path to the object; None: beyond the part that was looked at."""
        if self._first is None:
            self._first = _first_names(self._root)
        return self._first.get(address)


def _first_names(root: h5g.GroupID) -> dict[int, NodePath]:
    first: dict[int, NodePath] = {address_of(root): ()}
    n_links = 0
    stack: list[tuple[h5g.GroupID, bytes, NodePath]] = []
    entered: tuple[h5g.GroupID, NodePath] | None = (root, ())
    while n_links < _MAX_LINKS:
        if entered is not None:
            group, above = entered
            links, to_do = links_to_do(group)
            n_links += len(links)
            stack += [(group, name, above) for name in to_do]
        if not stack:
            break
        group, name, above = stack.pop()
        entered = None
        address = hard_address(group, name)
        if address is not None and address not in first:
            first[address] = (*above, name)
            child = as_group(group, name)
            entered = None if child is None else (child, first[address])
    return first


def links_to_do(group: h5g.GroupID) -> tuple[dict[bytes, int | None], list[bytes]]:
    """The links of a group, and their names with the first one last."""
    links = links_of(group)
    return links, in_natural_order(list(links))[::-1]


def links_of(group: h5g.GroupID) -> dict[bytes, int | None]:
    """Each name with the address it leads to; None for links that are not followed."""
    found: dict[bytes, int | None] = {}

    def take(name: bytes, link: h5l.LinkInfo) -> None:
        is_followed = link.type == h5l.TYPE_HARD and is_addressable(name)
        found[name] = int(link.u) if is_followed else None

    # What came before the damage stays; the group's own node says that it is damaged.
    with suppress(*HDF5_ERRORS):
        group.links.iterate(take, info=True)
    return found


def as_group(parent: h5g.GroupID, name: bytes) -> h5g.GroupID | None:
    """The group a hard link leads to; None for what is no group, or damaged."""
    try:
        if h5g.get_objinfo(parent, name).type == h5g.GROUP:
            return h5g.open(parent, name)
    except HDF5_ERRORS:
        return None
    return None
