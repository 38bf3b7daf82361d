"""One HDF5 object as a node: opened through its hard link, asked for its facts."""

from __future__ import annotations

from typing import Any

from h5py import h5a, h5d, h5g, h5l, h5o, h5t

from h5viewer.formats.hdf5_attributes import short_string
from h5viewer.formats.hdf5_errors import HDF5_ERRORS, is_out_of_memory, reason
from h5viewer.formats.hdf5_facts import dataset_facts
from h5viewer.formats.hdf5_links import describe_link, is_addressable
from h5viewer.formats.hdf5_types import describe_type
from h5viewer.names import NodePath, visible
from h5viewer.nodes import Group, NamedType, Node, Unreadable


def describe_child(
    root: h5g.GroupID, group: h5g.GroupID, path: NodePath, *, is_hard: bool = False
) -> tuple[Node, Any]:
    """The node of the last name of `path`, which is in `group`; never raises.

    Args:
        is_hard: the name is known to be a hard link.

    Returns:
        the node, and the opened object; None for links and what cannot be opened.
    """
    name = path[-1]
    if not is_addressable(name):
        return Unreadable(path=path, reason="HDF5 cannot address this name."), None
    try:
        kind = h5l.TYPE_HARD if is_hard else group.links.get_info(name).type
        if kind != h5l.TYPE_HARD:
            return describe_link(root, group, path, kind), None
        oid = h5o.open(group, name)
        return _describe_object(oid, path), oid
    except (*HDF5_ERRORS, MemoryError) as error:
        return Unreadable(path=path, reason=_why(group, name, error)), None


def _describe_object(oid: Any, path: NodePath) -> Node:
    """Raises one of HDF5_ERRORS."""
    n_attributes = h5a.get_num_attrs(oid)
    if isinstance(oid, h5g.GroupID):
        return Group(path=path, n_children=oid.get_num_objs(), n_attributes=n_attributes)
    if isinstance(oid, h5d.DatasetID):
        marked = short_string(oid, b"dtype") if n_attributes else ""
        return dataset_facts(path, oid, attribute_dtype=marked, n_attributes=n_attributes)
    if isinstance(oid, h5t.TypeID):
        return NamedType(path=path, dtype=describe_type(oid), n_attributes=n_attributes)
    return Unreadable(path=path, reason="An object of a kind this HDF5 does not know.")


def _why(group: h5g.GroupID, name: bytes, error: BaseException) -> str:
    if is_out_of_memory(error):
        return "Reading its header needs too much memory."
    try:
        if not group.links.exists(name):
            return "There is nothing of this name."
    except HDF5_ERRORS:
        return f"The list of names it stands in is damaged: {visible(reason(error))}"
    return f"It is damaged: {visible(reason(error))}"
