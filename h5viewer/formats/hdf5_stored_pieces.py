"""The stored bytes of a dataset in a fixed order, and whether its packed ones unpack."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from h5py import h5d
from isal import isal_zlib

from h5viewer.formats.hdf5_raw import has_objects, read_box, row_boxes, shape_of, stored_chunks


def stored_pieces(dsid: h5d.DatasetID) -> Iterator[bytes | memoryview]:
    """The stored bytes of a dataset of numbers: chunks as they are packed, or rows."""
    shape = shape_of(dsid)
    if shape is None or not dsid.get_storage_size():
        return
    if dsid.get_create_plist().get_layout() == h5d.CHUNKED:
        for chunk in sorted(stored_chunks(dsid), key=lambda each: each.chunk_offset):
            _, data = dsid.read_direct_chunk(chunk.chunk_offset)
            yield data
        return
    for box in row_boxes(shape, dsid.get_type().get_size()):
        values = read_box(dsid, box)
        yield values.reshape(-1).view("u1").data if values.size else b""


def unfolds_to(dsid: h5d.DatasetID) -> int:
    """Bytes that reading all of it takes."""
    creation = dsid.get_create_plist()
    itemsize = max(16, dsid.get_type().get_size()) if has_objects(dsid.get_type()) else 1
    if itemsize > 1:
        return itemsize * math.prod(shape_of(dsid) or ())
    if creation.get_layout() != h5d.CHUNKED:
        return int(dsid.get_storage_size())
    a_chunk = math.prod(creation.get_chunk()) * dsid.get_type().get_size()
    return int(a_chunk * dsid.get_num_chunks())


def unpacked(dsid: h5d.DatasetID) -> Iterator[int]:
    """Unpack every chunk that is packed: HDF5 compares their checksums then; yields bytes.

    Raises:
        one of HDF5_ERRORS, MemoryError: one is not right.
    """
    creation = dsid.get_create_plist()
    if creation.get_layout() != h5d.CHUNKED or not creation.get_nfilters():
        return
    shape = shape_of(dsid) or ()
    for chunk in stored_chunks(dsid):
        box = tuple(
            slice(start, min(start + size, length))
            for start, size, length in zip(
                chunk.chunk_offset, creation.get_chunk(), shape, strict=True
            )
        )
        yield read_box(dsid, box).nbytes


def objects_checksum(values: Any, checksum: int) -> int:
    """A checksum of texts, lists or records of them, which goes on from another."""
    for value in values.reshape(-1):
        checksum = isal_zlib.crc32(_bytes_of(value), checksum)
    return checksum


def _bytes_of(value: Any) -> bytes:
    if isinstance(value, bytes | str):
        data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
        return len(data).to_bytes(8, "little") + data
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        return b"".join(_bytes_of(each) for each in value.reshape(-1))
    if isinstance(value, np.void) and value.dtype.names is not None:
        return b"".join(_bytes_of(value[name]) for name in value.dtype.names)
    return np.asarray(value).tobytes()
