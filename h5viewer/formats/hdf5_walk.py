"""All names of an HDF5 file, and the first name of every object; iterative.

20,000 nested groups end Python's recursion, and HDF5's own `visit` is quadratic there
(formats.md, section 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from h5py import h5g, h5l

from h5viewer.formats.hdf5_describe import describe_child
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_links import address_of, hard_address, is_addressable
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.names import NodePath
from h5viewer.nodes import Group, Node

_DEEPEST = 1000  # levels
_BATCH = 2000  # names looked at between two batches: some 20 ms
_MAX_LINKS = 10_000  # about 0.1 s; beyond that a second name goes unnoticed


def walk(root: h5g.GroupID, prefix: NodePath) -> Iterator[tuple[NodePath, Node]]:
    """Every node below the root with its facts, depth first; each object once.

    It does not go below _DEEPEST levels: HDF5 keeps the whole path of every open group,
    1.2 GB for 20,000 nested ones.
    """
    seen = {address_of(root)}
    trail = list(prefix)
    stack = [(root, *_links_to_do(root))]
    while stack:
        group, links, to_do = stack[-1]
        if not to_do:
            stack.pop()
            del trail[len(prefix) + len(stack) - 1 :]
            continue
        name = to_do.pop()
        address = links[name]
        if address is not None:
            if address in seen:
                continue
            seen.add(address)
        path = (*trail, name)
        node, oid = describe_child(root, group, path, is_hard=address is not None)
        yield path, node
        if isinstance(node, Group) and len(stack) < _DEEPEST:
            stack.append((oid, *_links_to_do(oid)))
            trail.append(name)


def walk_names(root: h5g.GroupID, prefix: NodePath) -> Iterator[list[NodePath]]:
    """Every path below the root, group by group, each group entered once.

    A group's own names come before what is below them: telling groups from datasets costs
    ten times as much as listing them.
    """
    seen = {address_of(root)}
    to_do: list[tuple[h5g.GroupID, NodePath]] = [(root, prefix)]
    while to_do:
        group, path = to_do.pop()
        links = _links(group)
        names = in_natural_order(list(links))
        for at in range(0, len(names), _BATCH):
            yield [(*path, name) for name in names[at : at + _BATCH]]
        below: list[tuple[h5g.GroupID, NodePath]] = []
        for n_done, name in enumerate(names, start=1):
            address = links[name]
            if address is not None and address not in seen:
                seen.add(address)
                child = _as_group(group, name)
                if child is not None:
                    below.append((child, (*path, name)))
            if n_done % _BATCH == 0:
                yield []
        to_do += reversed(below)


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
            links, to_do = _links_to_do(group)
            n_links += len(links)
            stack += [(group, name, above) for name in to_do]
        if not stack:
            break
        group, name, above = stack.pop()
        entered = None
        address = hard_address(group, name)
        if address is not None and address not in first:
            first[address] = (*above, name)
            child = _as_group(group, name)
            entered = None if child is None else (child, first[address])
    return first


def _links_to_do(group: h5g.GroupID) -> tuple[dict[bytes, int | None], list[bytes]]:
    """The links of a group, and their names with the first one last."""
    links = _links(group)
    return links, in_natural_order(list(links))[::-1]


def _links(group: h5g.GroupID) -> dict[bytes, int | None]:
    """Each name with the address it leads to; None for links that are not followed."""
    found: dict[bytes, int | None] = {}

    def take(name: bytes, link: h5l.LinkInfo) -> None:
        is_followed = link.type == h5l.TYPE_HARD and is_addressable(name)
        found[name] = int(link.u) if is_followed else None

    # What came before the damage stays; the group's own node says that it is damaged.
    with suppress(*HDF5_ERRORS):
        group.links.iterate(take, info=True)
    return found


def _as_group(parent: h5g.GroupID, name: bytes) -> h5g.GroupID | None:
    try:
        if h5g.get_objinfo(parent, name).type == h5g.GROUP:
            return h5g.open(parent, name)
    except HDF5_ERRORS:
        return None
    return None
