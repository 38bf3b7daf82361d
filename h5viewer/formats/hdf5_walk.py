"""All names of an HDF5 file; iterative.

20,000 nested groups end Python's recursion, and HDF5's own `visit` is quadratic there
(formats.md, section 4).
"""

from __future__ import annotations

from collections.abc import Iterator

from h5py import h5g

from h5viewer.formats.hdf5_describe import describe_child
from h5viewer.formats.hdf5_first_names import as_group, links_of, links_to_do
from h5viewer.formats.hdf5_links import address_of
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.names import NodePath
from h5viewer.nodes import Group, Node

_DEEPEST = 1000  # levels
_BATCH = 2000  # names looked at between two batches: some 20 ms


def walk(root: h5g.GroupID, prefix: NodePath) -> Iterator[tuple[NodePath, Node]]:
    """Every node below the root with its facts, depth first; each object once.

    It does not go below _DEEPEST levels: HDF5 keeps the whole path of every open group,
    1.2 GB for 20,000 nested ones.
    """
    seen = {address_of(root)}
    trail = list(prefix)
    stack = [(root, *links_to_do(root))]
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
            stack.append((oid, *links_to_do(oid)))
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
        links = links_of(group)
        names = in_natural_order(list(links))
        for at in range(0, len(names), _BATCH):
            yield [(*path, name) for name in names[at : at + _BATCH]]
        below: list[tuple[h5g.GroupID, NodePath]] = []
        for n_done, name in enumerate(names, start=1):
            address = links[name]
            if address is not None and address not in seen:
                seen.add(address)
                child = as_group(group, name)
                if child is not None:
                    below.append((child, (*path, name)))
            if n_done % _BATCH == 0:
                yield []
        to_do += reversed(below)
