"""Boxes read by the HDF5 library itself: any layout, any filter, any element type."""

from __future__ import annotations

from typing import Any

import numpy as np
from h5py import h5d, h5s, h5t
from numpy.typing import NDArray

from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.boxes import Box, box_shape, tiles
from h5viewer.formats.hdf5_errors import HDF5_ERRORS, cannot_read
from h5viewer.formats.hdf5_objects import read_objects
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset, Shape

_CHUNKS_AT_ONCE = 2000  # 156,000 in one read cost HDF5 910 MB (formats.md, section 4)


class PlainReader:
    """One dataset through h5py; in the caller's thread only."""

    def __init__(self, dsid: h5d.DatasetID, facts: Dataset, prefix: NodePath = ()) -> None:
        """Find the element type to read into.

        Raises:
            CannotRead: numpy has none for it.
        """
        self._dsid = dsid
        self._facts = facts
        self._prefix = prefix  # of the paths that references lead to
        self._name = visible(path_text(facts.path))
        try:
            self._dtype = memory_dtype(dsid)
            self._type = h5t.py_create(self._dtype)
        except HDF5_ERRORS as error:
            raise CannotRead(
                f"The values of {self._name} cannot be shown: {facts.dtype.text}.",
                details=str(error),
            ) from error

    def read(self, box: Box, cell: Shape) -> NDArray[Any]:
        """The elements of `box`; an element that is an array adds its axes at the end.

        Raises:
            TooLarge: memory, or lists and strings that unfold to too much.
            CannotRead: damage.
        """
        try:
            if self._dtype.hasobject:
                return read_objects(self._dsid, box, self._dtype, self._type, self._prefix)
            values = self._empty(box_shape(box))
            if values.size:
                self._fill(values, box, cell)
            return finished(values, self._facts)
        except H5ViewerError:
            raise
        except (*HDF5_ERRORS, MemoryError) as error:
            raise cannot_read(f"The dataset {self._name}", error) from error

    def _fill(self, values: NDArray[Any], box: Box, cell: Shape) -> None:
        if not box:
            self._dsid.read(h5s.ALL, h5s.ALL, values, self._type)
            return
        space = self._dsid.get_space()
        for part in tiles(box, cell, _CHUNKS_AT_ONCE):
            shape = box_shape(part)
            whole = shape == box_shape(box)
            target = values if whole else self._empty(shape)
            space.select_hyperslab(tuple(axis.start for axis in part), shape)
            self._dsid.read(h5s.create_simple(shape), space, target, self._type)
            if not whole:
                inside = zip(part, box, strict=True)
                values[tuple(slice(p.start - b.start, p.stop - b.start) for p, b in inside)] = (
                    target
                )

    def _empty(self, shape: Shape) -> NDArray[Any]:
        return np.zeros(shape, self._dtype)


def finished(values: NDArray[Any], facts: Dataset) -> NDArray[Any]:
    """Stored elements as numpy can compute with them: native order, bfloat16 as float32."""
    if facts.dtype.kind == "bfloat16" and values.dtype.kind == "V":
        # Keras keeps bfloat16 as two opaque bytes: the upper half of a float32.
        halves = np.ascontiguousarray(values).view("<u2")
        return (halves.astype(np.uint32) << 16).view(np.float32)
    if values.dtype.kind == "b":
        truth: NDArray[Any] = values.view(np.uint8) != 0  # bytes beyond 0 and 1 confuse numpy
        return truth
    if values.dtype.kind in "biufc" and not values.dtype.isnative:
        native = np.dtype(values.dtype.newbyteorder("="), metadata=_metadata(values.dtype))
        return values.astype(native)
    return values


def _metadata(dtype: np.dtype[Any]) -> dict[str, Any]:
    return dict(dtype.metadata or {})  # h5py keeps the names of an enum here


def memory_dtype(dsid: h5d.DatasetID) -> np.dtype[Any]:
    """h5py's dtype, or where it has none the next larger one that HDF5 converts to."""
    try:
        dtype: np.dtype[Any] = np.dtype(dsid.dtype)
        return dtype
    except TypeError:
        stored = dsid.get_type()
        size = stored.get_size()
        if stored.get_class() == h5t.INTEGER and size <= 8:  # 24-bit audio
            sign = "u" if stored.get_sign() == h5t.SGN_NONE else "i"
            return np.dtype(f"{sign}{1 << (size - 1).bit_length()}")
        if stored.get_class() == h5t.FLOAT and size <= 8:
            return np.dtype(np.float64)
        raise
