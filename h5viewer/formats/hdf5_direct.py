"""Ways around h5py's one lock: chunks decoded by threads, contiguous data read as bytes.

A reader prepares a box in the caller's thread, where h5py may be asked, and returns a
function that any thread may call. `Undecodable` means: ask h5py for this box.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np
from h5py import h5d, h5t
from numpy.typing import NDArray

from h5viewer.formats.boxes import Box, box_shape, tiles
from h5viewer.formats.chunk_codec import ChunkCodec, Undecodable, is_plain
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.source import Source
from h5viewer.nodes import Dataset, Shape

Decode = Callable[[], NDArray[np.generic]]

SMALLEST_CHUNK = 16 << 10  # below, h5py's own loop over chunks is faster than Python's
_LARGEST_GAP = 16 << 10  # bytes that are read along rather than skipped: about 2 µs
_LONGEST_SPAN = 8 << 20  # bytes of one read call


class DirectReader(Protocol):
    """Reads boxes without h5py, in the stored byte order."""

    def prepare(self, box: Box) -> Decode:
        """What reads `box`; its array is valid until the same thread calls another one.

        Raises:
            Undecodable: h5py has to be asked, now or when the function is called.
        """
        ...


class ChunkReader:
    """Chunks fetched through HDF5's own index, decoded by whoever calls."""

    def __init__(self, dsid: h5d.DatasetID, codec: ChunkCodec) -> None:
        self._dsid = dsid
        self._codec = codec

    def prepare(self, box: Box) -> Decode:
        """Fetch the stored bytes; h5py's file objects are not safe in several threads."""
        pieces = []
        for part in tiles(box, self._codec.chunk, 1):
            origin = tuple(
                axis.start // size * size
                for axis, size in zip(part, self._codec.chunk, strict=True)
            )
            try:
                filter_mask, stored = self._dsid.read_direct_chunk(origin)
            except (*HDF5_ERRORS, MemoryError, SystemError) as error:
                # Never written: only h5py knows the fill value. h5py 3.14 asks for memory of a
                # size that nobody has set: too much (MemoryError) or a negative one (SystemError).
                raise Undecodable from error
            pieces.append((part, origin, filter_mask, stored))
        return lambda: self._assemble(box, pieces)

    def _assemble(
        self, box: Box, pieces: list[tuple[Box, Shape, int, bytes]]
    ) -> NDArray[np.generic]:
        if len(pieces) == 1:
            part, origin, filter_mask, stored = pieces[0]
            return self._codec.decode(stored, filter_mask)[_moved(part, origin)]
        values = np.empty(box_shape(box), self._codec.dtype)
        corner = tuple(axis.start for axis in box)
        for part, origin, filter_mask, stored in pieces:
            chunk = self._codec.decode(stored, filter_mask)
            values[_moved(part, corner)] = chunk[_moved(part, origin)]
        return values


class RangeReader:
    """Contiguous data, read straight from the file into a buffer that each thread reuses."""

    def __init__(
        self, source: Source, start: int, shape: Shape, dtype: np.dtype[np.generic]
    ) -> None:
        self.source = source
        self.start = start
        self.dtype = dtype
        sizes = [*shape, dtype.itemsize]
        self._strides = tuple(math.prod(sizes[axis + 1 :]) for axis in range(len(shape)))
        self._shape = shape
        self._buffers = threading.local()

    def of(self, source: Source) -> RangeReader:
        """The same place in another file."""
        return RangeReader(source, self.start, self._shape, self.dtype)

    def prepare(self, box: Box) -> Decode:
        """Nothing needs h5py."""
        return lambda: self._read(box)

    def _read(self, box: Box) -> NDArray[np.generic]:
        shape = box_shape(box)
        if 0 in shape:
            return np.empty(shape, self.dtype)
        axis = self._first_axis_read_at_once(shape)
        if axis == 0:
            return self._span(box, ())
        values = np.empty(shape, self.dtype)
        outer = [range(part.start, part.stop) for part in box[:axis]]
        for position in itertools.product(*outer):
            target = tuple(n - part.start for n, part in zip(position, box[:axis], strict=True))
            values[target] = self._span(box[axis:], position)
        return values

    def _first_axis_read_at_once(self, shape: Shape) -> int:
        """From this axis on, the gaps between the elements wanted are read along."""
        span = self.dtype.itemsize
        for axis in reversed(range(len(shape))):
            longer = span + (shape[axis] - 1) * self._strides[axis]
            gap = self._strides[axis] - span if shape[axis] > 1 else 0
            if gap > _LARGEST_GAP or longer > _LONGEST_SPAN:
                return axis + 1
            span = longer
        return 0

    def _span(self, box: Box, outer: tuple[int, ...]) -> NDArray[np.generic]:
        shape = box_shape(box)
        strides = self._strides[len(outer) :]
        start = self.start + sum(
            n * stride for n, stride in zip(outer, self._strides, strict=False)
        )
        start += sum(part.start * stride for part, stride in zip(box, strides, strict=True))
        length = self.dtype.itemsize + sum(
            (n - 1) * stride for n, stride in zip(shape, strides, strict=True)
        )
        buffer = self._buffer(length)
        if self.source.read_into(start, buffer) != length:
            raise Undecodable
        return np.ndarray(shape, self.dtype, buffer, strides=strides)

    def _buffer(self, length: int) -> memoryview:
        kept: NDArray[np.uint8] | None = getattr(self._buffers, "kept", None)
        if kept is None or len(kept) < length:
            # Not a bytearray: filling it with zeros took a tenth of reading a file of weights.
            kept = self._buffers.kept = np.empty(max(length, 1 << 20), np.uint8)
        return kept.data[:length]


def direct_reader(
    dsid: h5d.DatasetID, facts: Dataset, source: Source | None, offset: int | None
) -> DirectReader | None:
    """The reader for this dataset, or None where only h5py knows how.

    Args:
        source: the file.
        offset: where in `source` the HDF5 file begins (a stored member of an archive); None
            when its bytes are in memory only (a compressed member).
    """
    dtype = _stored_dtype(dsid)
    if dtype is None or not facts.shape or 0 in facts.shape:
        return None
    if facts.layout == "chunked" and facts.chunks is not None:
        codec = ChunkCodec(facts.chunks, dtype, tuple(step.id for step in facts.filters))
        worth_it = codec.n_bytes >= SMALLEST_CHUNK and is_plain(codec.filters)
        return ChunkReader(dsid, codec) if worth_it else None
    if facts.layout == "contiguous" and source is not None and offset is not None:
        start = dsid.get_offset()  # counts from the user block's start
        n_bytes = facts.n_elements * dtype.itemsize
        if start is None or facts.stored_bytes != n_bytes:
            return None
        if offset + start + n_bytes <= source.size:
            return RangeReader(source, offset + start, facts.shape, dtype)
    return None


def _stored_dtype(dsid: h5d.DatasetID) -> np.dtype[np.generic] | None:
    """Numpy's name for exactly the stored bytes, None where there is none."""
    try:
        dtype = np.dtype(dsid.dtype)
        if dtype.kind not in "biufcV" or dtype.hasobject or dtype.names is not None:
            return None
        if dtype.subdtype is not None:
            return None
        stored = dsid.get_type()
        if stored.get_class() == h5t.OPAQUE:
            return dtype if dtype.itemsize == stored.get_size() else None
        # A 12-bit integer in two bytes has a dtype too, but other bytes.
        is_exact = h5t.py_create(np.dtype(dtype.str), logical=True).equal(_base(stored, dtype))
        return dtype if is_exact else None
    except HDF5_ERRORS:
        return None


def _base(stored: h5t.TypeID, dtype: np.dtype[np.generic]) -> h5t.TypeID:
    is_named_integer = stored.get_class() == h5t.ENUM and dtype.kind != "b"
    return stored.get_super() if is_named_integer else stored


def _moved(box: Box, origin: tuple[int, ...]) -> Box:
    return tuple(slice(part.start - n, part.stop - n) for part, n in zip(box, origin, strict=True))
