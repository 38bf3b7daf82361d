"""Names and links of HDF5 groups: listed and shown, followed only when they are hard.

Asking h5py for an object by a path opens whatever the path crosses, in other files too.
Everything here takes one name of one group at a time and looks at the link first.
"""

from __future__ import annotations

from h5py import h5g, h5l

from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Link

_MAX_HOPS = 32  # soft links crossed before a target counts as a loop; HDF5 stops at 16
_MAX_STEPS = 1000  # names on the way, over all hops


def link_names(group: h5g.GroupID) -> list[bytes]:
    """Every name in the group, of whatever link, as stored."""
    # `links.iterate` would look at each link, too: a third longer for 200,000 names.
    names: list[bytes] = []
    h5g.iterate(group, names.append)
    return names


def is_addressable(name: bytes) -> bool:
    """False for names that HDF5 would read as a path: only a forged file holds such."""
    return name not in (b"", b".") and b"/" not in name


def address_of(oid: h5g.GroupID) -> int:
    """Where the object's header is: the same for all its names.

    `h5o.get_info` would also add up the size of a group's index: 150 ms for 200,000 names,
    and an error where that index is damaged.
    """
    return address_at(oid, b".")


def address_at(group: h5g.GroupID, name: bytes) -> int:
    """The same of what a name or a path leads to; soft links are followed."""
    low, high = h5g.get_objinfo(group, name).objno
    return int(low) | int(high) << 32


def has_several_names(oid: h5g.GroupID) -> bool:
    """True when more than one hard link leads to the object."""
    try:
        return bool(h5g.get_objinfo(oid).nlink > 1)
    except HDF5_ERRORS:  # its modification time is damaged, which matters to nobody
        return False


def hard_address(group: h5g.GroupID, name: bytes) -> int | None:
    """The address that a hard link leads to; None for other links."""
    if not is_addressable(name):
        return None
    try:
        link = group.links.get_info(name)
        return int(link.u) if link.type == h5l.TYPE_HARD else None
    except HDF5_ERRORS:
        return None


def is_hard(group: h5g.GroupID, name: bytes) -> bool:
    """True when `name` is a hard link of the group; False for others and when absent."""
    return hard_address(group, name) is not None


def describe_link(root: h5g.GroupID, group: h5g.GroupID, path: NodePath, kind: int) -> Link:
    """The link at `path`, the last name of which is in `group`; `kind` as h5l numbers it.

    Raises:
        one of HDF5_ERRORS: the link's value is damaged.
    """
    name = path[-1]
    if kind == h5l.TYPE_SOFT:
        target = group.links.get_val(name)
        return Link(
            path=path,
            kind="soft",
            target=plain(target),
            broken=places_crossed(root, group, path[:-1], target) is None,
        )
    if kind == h5l.TYPE_EXTERNAL:
        file, target = group.links.get_val(name)
        return Link(path=path, kind="external", target=plain(target), file=plain(file))
    return Link(path=path, kind="user-defined", target="")


def places_crossed(
    root: h5g.GroupID, group: h5g.GroupID, path: NodePath, target: bytes
) -> list[NodePath] | None:
    """Follow a soft link by hand: through groups of this file only, not for ever.

    Args:
        root: of the file.
        group: that holds the link.
        path: of that group.
        target: what the link says.

    Returns:
        Every place on the way, the last one where it ends; None: it leads nowhere.
    """
    hops, crossed = 1, list[NodePath]()
    at, place = (root, ()) if target.startswith(b"/") else (group, path)
    to_do = _reversed_parts(target)
    while to_do:
        name = to_do.pop()
        try:
            kind = at.links.get_info(name).type
            crossed.append((*place, name))
            if kind == h5l.TYPE_SOFT:
                hops += 1
                inner = at.links.get_val(name)
                at, place = (root, ()) if inner.startswith(b"/") else (at, place)
                to_do += _reversed_parts(inner)
            elif kind == h5l.TYPE_HARD and to_do:
                at, place = h5g.open(at, name), crossed[-1]
            elif kind != h5l.TYPE_HARD:
                return None  # another file: not looked at
        except HDF5_ERRORS:
            return None
        if hops > _MAX_HOPS or len(crossed) > _MAX_STEPS:
            return None
    return crossed


def _reversed_parts(target: bytes) -> list[bytes]:
    return [part for part in reversed(target.split(b"/")) if part not in (b"", b".")]
