"""What the bytes of an HDF5 file serve: values, attributes, headers and indexes.

The library says of each object how large its header is and what its lists and indexes
take. Text of variable length lies elsewhere, in heaps that several objects share; its
letters are counted. What nothing accounts for is deleted or never used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from h5py import h5, h5a, h5o, h5t

from h5viewer.errors import CannotRead
from h5viewer.formats import hdf5_attributes
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.occupancy import Occupied
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset, Node

_MOST_ATTRIBUTES = 1000  # looked at, of one object; the others count as unknown

_LONGEST = 1 << 30  # letters


def occupied(oid: Any, path: NodePath, node: Node) -> Iterator[Occupied]:
    """What one object takes."""
    in_header = 0
    if isinstance(node, Dataset):
        if node.layout == "compact":
            in_header = node.stored_bytes
        if node.layout not in ("virtual", "external"):
            yield Occupied(path, "values", node.stored_bytes)
    n_attributes = attribute_bytes = 0
    with suppress(*HDF5_ERRORS):
        for name in _attribute_names(oid):
            attribute = h5a.open(oid, name)
            stored = attribute.get_storage_size()
            in_header += stored
            n_attributes += 1
            attribute_bytes += stored + _elsewhere(oid, attribute)
    if n_attributes:
        yield Occupied(path, "attributes", attribute_bytes, n_attributes)
    with suppress(*HDF5_ERRORS):
        facts = h5o.get_info(oid)
        lists = sum(
            part.index_size + part.heap_size for part in (facts.meta_size.obj, facts.meta_size.attr)
        )
        yield Occupied(path, "structure", max(0, facts.hdr.space.total + lists - in_header))


def _attribute_names(oid: Any) -> list[bytes]:
    """The first ones; opening them by number would look through all for each."""
    names: list[bytes] = []

    def take(name: bytes) -> bool | None:
        names.append(name)
        return True if len(names) >= _MOST_ATTRIBUTES else None

    h5a.iterate(oid, take, order=h5.ITER_NATIVE)
    return names


def _elsewhere(oid: Any, attribute: h5a.AttrID) -> int:
    """Letters of a text of variable length."""
    kind = attribute.get_type()
    if not (isinstance(kind, h5t.TypeStringID) and kind.is_variable_str()):
        return 0
    try:
        text = hdf5_attributes.read_text(oid, attribute.name, _LONGEST)
    except CannotRead:  # its own row in the window says why
        return 0
    return 0 if text is None else text.total
