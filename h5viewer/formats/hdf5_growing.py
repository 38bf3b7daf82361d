"""A new HDF5 file of arrays that are written as their rows come, and read back.

How many rows there are is known at the end. Chunks come whole, packed by whoever has a thread
for it, and pass HDF5 as bytes. Rows of an array without chunks are written where HDF5 reserved
room for all that were hoped for; when there are fewer, it gives the room back and out again to
an array of that many. A checksum is taken of all that is written and compared with what is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Literal

import h5py
import msgspec
import numpy as np
from h5py import h5d, h5p, h5s, h5t, h5z
from isal import isal_zlib
from numpy.typing import NDArray

from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.scratch import Scratch, not_as_written
from h5viewer.formats.stored_bytes import checksum_of
from h5viewer.nodes import Shape

Packing = Literal["", "gzip", "lzf"]

_LEVEL = 3  # of ISA-L, its best
_NAMED_LEVEL = 4  # that the file states: readers do not care
_PIECE = 4 << 20  # bytes
_ROWS = 8192  # of texts written at once
_MOST_NAMES = 4000  # texts of an attribute: each takes 16 of its 64 KiB


class Growing(msgspec.Struct):
    """An array that gets its chunks one after the other, along its first axis."""

    path: str
    dsid: h5d.DatasetID
    chunk: Shape  # of an array without: as many rows as come at once
    dtype: np.dtype[Any]
    packing: Packing
    n_most: int
    offset: int | None  # where the rows begin; None: they are in chunks
    n_rows: int = 0
    checksums: list[int] = []  # of the chunks as they are stored
    n_stored: int = 0  # bytes


class _Whole(msgspec.Struct, frozen=True):
    """An array or a list of texts, of which the checksum of all its values is known."""

    path: str
    shape: Shape
    checksum: int


def packed(values: NDArray[Any], packing: Packing) -> bytes | memoryview:
    """The bytes of a chunk as they stand in the file; of "lzf" those that HDF5 packs itself."""
    values = np.ascontiguousarray(values)
    if packing != "gzip":
        return values.reshape(-1).view(np.uint8).data
    if values.itemsize > 1:  # first all lowest bytes, then all next
        planes = values.reshape(-1).view(np.uint8).reshape(-1, values.itemsize).T
        return isal_zlib.compress(np.ascontiguousarray(planes), _LEVEL)
    return isal_zlib.compress(values, _LEVEL)


class GrowingHdf5:
    """One file on its way; `close` it, then `read_back`."""

    def __init__(self, scratch: Scratch, name: str) -> None:
        """Begin an empty file.

        Args:
            scratch: what is written.
            name: what the file is to be called, for sentences.
        """
        scratch.truncate(0)
        self._scratch = scratch
        self._name = name
        self._file = h5py.File(scratch, "w", libver=("earliest", "v110"))
        self._growing: list[Growing] = []
        self._whole: list[_Whole] = []
        self._attributes: list[tuple[str, str, list[str]]] = []

    def array(
        self,
        path: str,
        row: Shape,
        dtype: str,
        *,
        n_most: int,
        chunk: int,
        packing: Packing = "",
        is_chunked: bool = True,
    ) -> Growing:
        """A new array.

        Args:
            row: the shape behind its first axis.
            n_most: rows that it may get.
            chunk: rows in a chunk; of an array without chunks: that come at once.
            packing: of the chunks.
            is_chunked: False: the rows lie one behind the other.
        """
        stored = np.dtype(dtype).newbyteorder("<")
        shape = (chunk, *row)
        creation = h5p.create(h5p.DATASET_CREATE)
        if is_chunked:
            creation.set_chunk(shape)
        else:
            creation.set_layout(h5d.CONTIGUOUS)
            creation.set_alloc_time(h5d.ALLOC_TIME_EARLY)
        if packing == "gzip":
            if stored.itemsize > 1:
                creation.set_shuffle()
            creation.set_deflate(_NAMED_LEVEL)
        elif packing == "lzf":
            creation.set_filter(h5z.FILTER_LZF, h5z.FLAG_OPTIONAL)
        n_room = max(chunk, n_most) if is_chunked else n_most
        dsid = self._create(path, (n_room, *row), stored, creation)
        offset = None if is_chunked else dsid.get_offset() or 0
        made = Growing(path, dsid, shape, stored, packing, n_most, offset)
        self._growing.append(made)
        return made

    def _create(
        self, path: str, shape: Shape, dtype: np.dtype[Any], creation: h5p.PropDCID
    ) -> h5d.DatasetID:
        creation.set_fill_time(h5d.FILL_TIME_NEVER)
        creation.set_obj_track_times(False)  # the same pictures make the same file
        link = h5p.create(h5p.LINK_CREATE)
        link.set_create_intermediate_group(True)
        link.set_char_encoding(h5t.CSET_UTF8)
        is_chunked = creation.get_layout() == h5d.CHUNKED
        space = h5s.create_simple(shape, shape if is_chunked else None)
        tid = h5t.py_create(dtype, logical=True)
        return h5d.create(self._file.id, path.encode(), tid, space, creation, link)

    def add(self, array: Growing, chunk: bytes | memoryview) -> None:
        """The next chunk, as `packed` makes it.

        Raises:
            CannotWrite: the disk is full, or refuses.
        """
        at = (len(array.checksums) * array.chunk[0], *(0 for _ in array.chunk[1:]))
        if array.offset is not None:
            self._scratch.write_at(array.offset + array.n_stored, chunk)
        elif array.packing == "lzf":
            self._write(array, at, chunk)
        else:
            array.dsid.write_direct_chunk(at, chunk)
        array.checksums.append(isal_zlib.crc32(chunk))
        array.n_stored += len(chunk)
        self._scratch.check(self._name)

    def _write(self, array: Growing, at: Shape, chunk: bytes | memoryview) -> None:
        values = np.frombuffer(chunk, array.dtype).reshape(array.chunk)
        space = array.dsid.get_space()
        most = space.get_simple_extent_dims()
        rows = min(array.chunk[0], most[0] - at[0])
        count = (rows, *array.chunk[1:])
        space.select_hyperslab(at, count)
        array.dsid.write(h5s.create_simple(count), space, np.ascontiguousarray(values[:rows]))

    def end(self, array: Growing, n_rows: int, last: bytes | memoryview | None) -> None:
        """So many rows it has; `last` is the last chunk, when that is not full.

        Of an array without chunks `last` holds only the rows that there are.
        """
        array.n_rows = n_rows
        if array.offset is not None:
            if last is not None:
                self.add(array, last)
            if n_rows != array.n_most:
                self._take_less_room(array)
            return
        array.dsid.set_extent((n_rows, *array.chunk[1:]))  # before: it would pack the last anew
        if last is not None:
            self.add(array, last)

    def _take_less_room(self, array: Growing) -> None:
        """In place of the array one of as many rows as came, nearly always in the same place."""
        creation = array.dsid.get_create_plist()
        array.dsid = None
        del self._file[array.path]
        array.dsid = self._create(
            array.path, (array.n_rows, *array.chunk[1:]), array.dtype, creation
        )
        found = array.dsid.get_offset() or 0
        if array.n_rows and found != array.offset:
            self._move(array.offset or 0, found, array.n_stored)
        array.offset = found

    def _move(self, old: int, new: int, n_bytes: int) -> None:
        """Bytes to another place in the file, which may overlap."""
        starts = range(0, n_bytes, _PIECE)
        for start in starts if new < old else reversed(starts):
            self._scratch.seek(old + start)
            piece = self._scratch.read(min(_PIECE, n_bytes - start))
            self._scratch.seek(new + start)
            self._scratch.write(piece)

    def numbers(self, path: str, values: NDArray[Any]) -> None:
        """A small array, whole."""
        self._file.create_dataset(path, data=values)
        self._whole.append(_Whole(path, values.shape, _checksum(values)))

    def texts(self, path: str, texts: Sequence[bytes]) -> None:
        """A list of texts, as many bytes for each as the longest takes."""
        longest = max(map(len, texts), default=0) or 1
        dtype = h5py.string_dtype("utf-8", longest)
        packing: dict[str, Any] = {}
        if len(texts) > _ROWS // 8:
            packing = {"chunks": (min(_ROWS, len(texts)),), "compression": "gzip"}
        made = self._file.create_dataset(path, (len(texts),), dtype, **packing)
        checksum = 0
        for start in range(0, len(texts), _ROWS):
            values = np.array(texts[start : start + _ROWS], dtype=dtype)
            made[start : start + len(values)] = values
            checksum = isal_zlib.crc32(values, checksum)
            self._scratch.check(self._name)
        self._whole.append(_Whole(path, (len(texts),), checksum))

    def attribute(self, path: str, name: str, value: str | Sequence[str]) -> bool:
        """A text or a list of texts beside an object; False: the list is too long for that."""
        texts = [value] if isinstance(value, str) else list(value)
        if len(texts) > _MOST_NAMES:
            return False
        data = value if isinstance(value, str) else texts
        self._file[path].attrs.create(name, data, dtype=h5py.string_dtype())
        self._attributes.append((path, name, texts))
        return True

    def close(self) -> None:
        """Write what HDF5 still holds; whether it reached the disk says `Scratch.check`."""
        with suppress(*HDF5_ERRORS):  # the disk refused, which `scratch` knows
            for each in self._growing:
                each.dsid = None
            self._file.close()

    def read_back(self) -> Iterator[int]:
        """Open it as everybody would and compare all of it; yields bytes.

        Raises:
            CannotWrite: something is not what was written.
        """
        self._scratch.check(self._name)
        try:
            with h5py.File(self._scratch, "r") as file:
                for growing in self._growing:
                    yield from self._compare_chunks(file, growing)
                for whole in self._whole:
                    yield self._compare_whole(file, whole)
                for path, name, texts in self._attributes:
                    found = file[path].attrs[name]
                    if ([found] if isinstance(found, str) else list(found)) != texts:
                        raise not_as_written(self._name, path)
        except HDF5_ERRORS as error:
            raise not_as_written(self._name, details=str(error)) from error

    def _compare_chunks(self, file: Any, array: Growing) -> Iterator[int]:
        dataset = file[array.path]
        shape = (array.n_rows, *array.chunk[1:])
        n_chunks = -(-array.n_rows // array.chunk[0])
        is_alike = dataset.shape == shape and dataset.dtype == array.dtype
        chunks = array.chunk if array.offset is None else None
        if not is_alike or dataset.chunks != chunks or n_chunks != len(array.checksums):
            raise not_as_written(self._name, array.path)
        if array.offset is not None:
            if array.n_rows and dataset.id.get_offset() != array.offset:
                raise not_as_written(self._name, array.path)
            yield from self._compare_rows(array)
            return
        rest = (0,) * (len(shape) - 1)
        n_bytes = math.prod(array.chunk) * array.dtype.itemsize
        for number, checksum in enumerate(array.checksums):
            at = number * array.chunk[0]
            if array.packing == "lzf":
                padded = np.zeros(array.chunk, array.dtype)
                rows = dataset[at : at + array.chunk[0]]
                padded[: len(rows)] = rows
                found = isal_zlib.crc32(padded)
            else:
                mask, stored = dataset.id.read_direct_chunk((at, *rest))
                found = isal_zlib.crc32(stored) if not mask else -1
            if found != checksum:
                raise not_as_written(self._name, array.path)
            yield n_bytes

    def _compare_rows(self, array: Growing) -> Iterator[int]:
        n_bytes = math.prod(array.chunk) * array.dtype.itemsize
        for number, checksum in enumerate(array.checksums):
            start = number * n_bytes
            length = min(n_bytes, array.n_stored - start)
            if checksum_of(self._scratch, (array.offset or 0) + start, length) != checksum:
                raise not_as_written(self._name, array.path)
            yield length

    def _compare_whole(self, file: Any, whole: _Whole) -> int:
        dataset = file[whole.path]
        if dataset.shape != whole.shape:
            raise not_as_written(self._name, whole.path)
        checksum, n_bytes = 0, 0
        for start in range(0, whole.shape[0], _ROWS):
            values = dataset[start : start + _ROWS]
            checksum = isal_zlib.crc32(np.ascontiguousarray(values), checksum)
            n_bytes += values.nbytes
        if checksum != whole.checksum:
            raise not_as_written(self._name, whole.path)
        return n_bytes


def _checksum(values: NDArray[Any]) -> int:
    found = 0
    for start in range(0, len(values), _ROWS):
        found = isal_zlib.crc32(np.ascontiguousarray(values[start : start + _ROWS]), found)
    return found
