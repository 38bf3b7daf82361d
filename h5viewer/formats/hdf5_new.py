"""A new HDF5 file of arrays: room for each is reserved, and filled where it is in the file.

Values need not pass through HDF5, which would convert and buffer them; a checksum of each
array is taken on the way and compared with what is read back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import h5py
import msgspec
import numpy as np
from h5py import h5d, h5g, h5p, h5s, h5t
from isal import isal_zlib
from numpy.typing import NDArray

from h5viewer.errors import CannotWrite
from h5viewer.formats.floats import STORED, rounded_to
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.scratch import Scratch, not_as_written
from h5viewer.names import visible
from h5viewer.nodes import Shape

_PIECE = 4 << 20  # bytes
_LARGEST_LIST = 64512
"""Bytes of an attribute beyond which Keras splits a list; HDF5 takes 64 KiB with its header."""


class Reserved(msgspec.Struct, frozen=True):
    """Room for an array in the new file."""

    path: str
    shape: Shape
    dtype: str
    offset: int  # from the beginning of the HDF5 file
    n_bytes: int


class Filled(msgspec.Struct, frozen=True):
    """What was written into the room."""

    room: Reserved
    checksum: int


class NewHdf5:
    """One file on its way; `close` it, then `compare`."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._file = h5py.File(scratch, "w", libver=("earliest", "v110"))

    @property
    def root(self) -> h5g.GroupID:
        """The root group."""
        return h5g.open(self._file.id, b"/")

    def close(self) -> None:
        """Write what HDF5 still holds; whether it reached the disk says `Scratch.check`."""
        with suppress(*HDF5_ERRORS):  # the disk refused, which `scratch` knows
            self._file.close()

    def check(self, name: str) -> None:
        """Raise when something could not be written.

        Raises:
            CannotWrite: the disk is full, or refuses.
        """
        self._scratch.check(name)

    def group(self, path: str) -> None:
        """A group, with those above it."""
        self._file.require_group(path or "/")

    def text(self, path: str, name: str, text: str) -> None:
        """A text as an attribute of a group; of any length."""
        self._file[path or "/"].attrs.create(name, text, dtype=h5py.string_dtype())

    def names(self, path: str, name: str, names: Sequence[str]) -> None:
        """A list of texts as an attribute, split as Keras does where it is too long for one."""
        encoded = [each.encode() for each in names]
        longest = max([1, *map(len, encoded)])
        data = np.array(encoded, dtype=f"S{longest}")
        n_parts = 1
        while any(part.nbytes > _LARGEST_LIST for part in np.array_split(data, n_parts)):
            n_parts += 1
        attributes = self._file[path or "/"].attrs
        if n_parts == 1:
            attributes.create(name, data)
            return
        for i, part in enumerate(np.array_split(data, n_parts)):
            attributes.create(f"{name}{i}", part)

    def reserve(self, path: str, shape: Shape, dtype: str) -> Reserved:
        """Room for an array, which `fill` has to be called for."""
        stored = stored_type(dtype)
        tid = h5t.py_create(stored, logical=True)
        creation = h5p.create(h5p.DATASET_CREATE)
        creation.set_layout(h5d.CONTIGUOUS)
        creation.set_alloc_time(h5d.ALLOC_TIME_EARLY)
        creation.set_fill_time(h5d.FILL_TIME_NEVER)
        link = h5p.create(h5p.LINK_CREATE)
        link.set_create_intermediate_group(True)
        link.set_char_encoding(h5t.CSET_UTF8)
        space = h5s.create_simple(shape) if shape else h5s.create(h5s.SCALAR)
        dsid = h5d.create(self._file.id, path.encode(), tid, space, creation, link)
        if dtype == "bfloat16":
            h5py.Dataset(dsid).attrs["dtype"] = "bfloat16"
        n_bytes = math.prod(shape) * stored.itemsize
        return Reserved(path, shape, dtype, dsid.get_offset() or 0, n_bytes)

    def fill(self, room: Reserved, pieces: Iterator[NDArray[Any]]) -> Iterator[int | Filled]:
        """Write the blocks of an array one after the other; yields bytes, at last what it is.

        Raises:
            CannotWrite: there are more or fewer values than there is room for.
        """
        at, checksum = room.offset, 0
        end = room.offset + room.n_bytes
        for piece in pieces:
            for part in _small(as_stored(piece, room.dtype)):
                if at + len(part) > end:
                    raise _wrong_number(room)
                checksum = isal_zlib.crc32(part, checksum)
                self._scratch.seek(at)
                self._scratch.write(part)
                at += len(part)
                yield len(part)
        if at != end:
            raise _wrong_number(room)
        yield Filled(room, checksum)


def stored_type(dtype: str) -> np.dtype[Any]:
    """How values of this name are stored."""
    if dtype == "bfloat16":
        return STORED["bfloat16"]
    return np.dtype(dtype).newbyteorder("<")


def as_stored(piece: NDArray[Any], dtype: str) -> NDArray[Any]:
    """A block as it is stored; values of bfloat16 come as float32."""
    if dtype == "bfloat16":
        return rounded_to(piece, "bfloat16")
    return np.ascontiguousarray(piece, dtype=stored_type(dtype))


def _small(piece: NDArray[Any]) -> Iterator[memoryview]:
    view = memoryview(np.ascontiguousarray(piece).reshape(-1).view(np.uint8).data)
    for start in range(0, len(view), _PIECE):
        yield view[start : start + _PIECE]


class ReadBack:
    """Compares arrays with what was written while the file is read from its start to its end."""

    def __init__(self, filled: Sequence[Filled], name: str) -> None:
        self._filled = sorted(filled, key=lambda each: each.room.offset)
        self._name = name
        self._first = 0  # of the arrays that are not read to their end
        self._checksums = [0] * len(filled)

    def see(self, at: int, data: memoryview) -> None:
        """The bytes of the file from `at` on; call it for all of them in order.

        Raises:
            CannotWrite: an array is not what was written.
        """
        end = at + len(data)
        for i in range(self._first, len(self._filled)):
            room = self._filled[i].room
            if room.offset >= end:
                return
            part = data[max(0, room.offset - at) : max(0, room.offset + room.n_bytes - at)]
            self._checksums[i] = isal_zlib.crc32(part, self._checksums[i])
            if room.offset + room.n_bytes > end:
                return
            if self._checksums[i] != self._filled[i].checksum:
                raise not_as_written(self._name, room.path, "its values")
            self._first = i + 1

    def compare_outline(self, scratch: Scratch) -> Iterator[None]:
        """Open the file as everybody would: each array is there, and where it was written.

        Yields after each.

        Raises:
            CannotWrite: it is not, or `see` was not called for all of it.
        """
        if self._first != len(self._filled):
            raise not_as_written(self._name, self._filled[self._first].room.path, "it is not whole")
        try:
            with h5py.File(scratch, "r") as file:
                for each in self._filled:
                    self._compare(file, each.room)
                    yield
        except HDF5_ERRORS as error:
            raise not_as_written(self._name, "it", str(error)) from error

    def _compare(self, file: Any, room: Reserved) -> None:
        dataset = file[room.path]
        is_there = not room.n_bytes or dataset.id.get_offset() == room.offset
        is_alike = dataset.shape == room.shape and dataset.dtype == stored_type(room.dtype)
        if not is_there or not is_alike:
            raise not_as_written(self._name, room.path, "its shape, type or place")


def _wrong_number(room: Reserved) -> CannotWrite:
    return CannotWrite(
        f"The values of {visible(room.path, 100)} are not as many as its shape says; nothing was "
        "saved."
    )
