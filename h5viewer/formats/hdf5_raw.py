"""Stored values of HDF5 as bytes, without a conversion of any kind: attributes and datasets.

What is read with the type it is stored as comes out as it is in the file; a piece of a
dataset is a run of rows or a chunk, never much more than a MiB.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from h5py import h5, h5a, h5d, h5s, h5t
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.bounded_memory import bounded_memory
from h5viewer.formats.boxes import Box, box_shape, tiles, whole
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.nodes import Shape

PIECE = 1 << 20  # bytes; larger ones leave the processor's cache between two passes
_LARGEST_ATTRIBUTES = 1 << 30  # bytes that one may unfold to


def refuse_references(tid: h5t.TypeID, shown: str) -> None:
    """Raise when values are places in their file: in another one they would lead astray.

    Raises:
        CannotRead: they are.
    """
    if tid.detect_class(h5t.REFERENCE):
        raise CannotRead(
            f"{shown} holds references to other objects of its file, which a copy cannot keep."
        )


def has_objects(tid: h5t.TypeID) -> bool:
    """True for values of no fixed length: text and lists that are stored elsewhere."""
    if tid.detect_class(h5t.VLEN):
        return True
    if not tid.detect_class(h5t.STRING):
        return False
    try:
        return bool(np.dtype(tid.dtype).hasobject)
    except HDF5_ERRORS:  # a type numpy has no name for
        return False


# ------------------------------------------------------------------ attributes


def attribute_names(oid: Any, *, by_creation: bool) -> list[bytes]:
    """All names; in the order in which they were made where the object keeps that."""
    names: list[bytes] = []
    index = h5.INDEX_CRT_ORDER if by_creation else h5.INDEX_NAME
    h5a.iterate(oid, lambda name, *_: names.append(name), index_type=index)
    return names


def read_attribute(attribute: h5a.AttrID, shown: str) -> NDArray[Any] | None:
    """Its values as stored; None: it has none."""
    refuse_references(attribute.get_type(), shown)
    space = attribute.get_space()
    if space.get_simple_extent_type() == h5s.NULL:
        return None
    tid = attribute.get_type()
    shape = space.get_simple_extent_dims()
    if has_objects(tid):
        values = np.empty(shape, attribute.dtype)
        with bounded_memory(_LARGEST_ATTRIBUTES):
            attribute.read(values)
        return values
    values = np.empty(shape, f"V{tid.get_size()}")
    attribute.read(values, tid)
    return values


def write_attribute(
    target: Any, name: bytes, like: h5a.AttrID, values: NDArray[Any] | None
) -> None:
    """A new attribute of the type and shape of another."""
    tid = like.get_type()
    attribute = h5a.create(target, name, tid, like.get_space())
    if values is not None:
        attribute.write(values, None if values.dtype.hasobject else tid)


def same_bytes(first: NDArray[Any], second: NDArray[Any]) -> bool:
    """Bit for bit; without a copy, which took a fifth of the time."""
    if first.nbytes != second.nbytes or not first.nbytes:
        return first.nbytes == second.nbytes
    return np.array_equal(np.frombuffer(first, np.uint8), np.frombuffer(second, np.uint8))


def equal_values(first: NDArray[Any] | None, second: NDArray[Any] | None) -> bool:
    """Bit for bit; of text and lists, value for value."""
    if first is None or second is None:
        return first is second
    if first.shape != second.shape or first.dtype.hasobject != second.dtype.hasobject:
        return False
    if not first.dtype.hasobject:
        return same_bytes(first, second)
    return all(_same(a, b) for a, b in zip(first.reshape(-1), second.reshape(-1), strict=True))


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, np.void) and first.dtype.names is not None:
        return all(_same(first[name], second[name]) for name in first.dtype.names)
    if isinstance(first, np.ndarray):
        return equal_values(first, second)
    return bool(first == second) or (first != first and second != second)  # NaN


# -------------------------------------------------------------------- datasets


def shape_of(dsid: h5d.DatasetID) -> Shape | None:
    """Its shape; None: no data."""
    space = dsid.get_space()
    if space.get_simple_extent_type() == h5s.NULL:
        return None
    return tuple(int(n) for n in space.get_simple_extent_dims())


def row_boxes(shape: Shape, itemsize: int, n_bytes: int = PIECE) -> Iterator[Box]:
    """All of an array in runs of rows of about `n_bytes`."""
    cell = list(shape)
    for axis in range(len(shape)):
        if math.prod(cell) * itemsize <= n_bytes:
            break
        rest = math.prod(cell[axis + 1 :]) * itemsize
        cell[axis] = max(1, min(cell[axis], n_bytes // max(1, rest)))
    yield from tiles(whole(shape), tuple(cell), 1) if shape else iter([()])


def read_box(dsid: h5d.DatasetID, box: Box) -> NDArray[Any]:
    """A box of a dataset, as bytes of the stored type."""
    tid = dsid.get_type()
    values = np.empty(box_shape(box), f"V{tid.get_size()}")
    if not box:
        dsid.read(h5s.ALL, h5s.ALL, values, tid)
    elif values.size:
        dsid.read(h5s.create_simple(values.shape), selected(dsid, box), values, tid)
    return values


def write_box(dsid: h5d.DatasetID, box: Box, values: NDArray[Any]) -> None:
    """The reverse of `read_box`: bytes of the stored type."""
    tid = dsid.get_type()
    values = np.ascontiguousarray(values)
    if not box:
        dsid.write(h5s.ALL, h5s.ALL, values, tid)
    elif values.size:
        dsid.write(h5s.create_simple(values.shape), selected(dsid, box), values, tid)


def stored_chunks(dsid: h5d.DatasetID) -> list[h5d.StoreInfo]:
    """The chunks that were ever written, in the order of their places in the file."""
    found: list[Any] = []
    dsid.chunk_iter(found.append)
    return sorted(found, key=lambda chunk: chunk.byte_offset or 0)


def selected(dsid: h5d.DatasetID, box: Box) -> h5s.SpaceID:
    """The space of a dataset, of which a box is taken."""
    space = dsid.get_space()
    space.select_hyperslab(tuple(part.start for part in box), box_shape(box))
    return space
