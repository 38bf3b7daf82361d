"""A dataset of the copy that holds the rows of the source several times, each time made anew.

Of what is written a checksum is kept, and compared with that of what is read back. Rows are made
by several threads; HDF5 is asked by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np
from h5py import h5d, h5g, h5s
from isal import isal_zlib
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, along, box_shape, whole
from h5viewer.formats.hdf5_raw import (
    equal_values,
    has_objects,
    read_box,
    selected,
    shape_of,
    write_box,
)
from h5viewer.formats.parallel import in_threads, n_threads
from h5viewer.formats.scratch import Scratch
from h5viewer.nodes import Shape

MakeRows = Callable[[int, int, NDArray[Any]], NDArray[Any]]
"""(round, number of the first row, rows as stored) → rows for that round, as many; in any thread.

What it gives for the same rows must not depend on how many of them come at once.
"""

_PIECE = 1 << 20  # bytes
_Checked = int | NDArray[Any]


def as_they_are(_: int, __: int, rows: NDArray[Any]) -> NDArray[Any]:
    """The same rows each time."""
    return rows


class Multiplied:
    """How one dataset is stored: `n_rounds` times as long along `axis`."""

    def __init__(self, axis: int, n_rounds: int, make: MakeRows = as_they_are) -> None:
        self._axis = axis
        self._n_rounds = n_rounds
        self._make = make
        self._written: list[tuple[Box, _Checked]] = []

    @property
    def is_written(self) -> bool:
        """True once it took its place in the copy."""
        return bool(self._written)

    def concerns(self, _: h5d.DatasetID, /) -> bool:
        """Always."""
        return True

    def rounds(self, _: h5d.DatasetID, /) -> bool:
        """Never: type and attributes are those of the source."""
        return False

    def shape(self, source: h5d.DatasetID, /) -> Shape:
        """So many times as long."""
        shape = list(shape_of(source) or ())
        shape[self._axis] *= self._n_rounds
        return tuple(shape)

    def create(self, parent: h5g.GroupID, source: h5d.DatasetID, /) -> h5d.DatasetID:
        """A longer dataset that is stored as the source is.

        Raises:
            CannotRead: its type is an object of the file by itself.
        """
        if source.get_type().committed():
            raise CannotRead("Values of a named type cannot be written anew.")
        space = source.get_space()
        most = list(space.get_simple_extent_dims(maxdims=True))
        shape = self.shape(source)
        if most[self._axis] != h5s.UNLIMITED:
            most[self._axis] = max(shape[self._axis], most[self._axis])
        made = h5s.create_simple(shape, tuple(most))
        return h5d.create(parent, None, source.get_type(), made, source.get_create_plist())

    def write(
        self, source: h5d.DatasetID, target: h5d.DatasetID, _: str, __: Scratch, /
    ) -> Iterator[int]:
        """Write all rounds; yields bytes."""
        is_text = has_objects(source.get_type())
        tasks = (partial(self._made, box, self._pieces(source, box)) for box in self._boxes(source))
        with closing(in_threads(tasks, n_threads() + 1)) as results:
            for box, values in results:
                if is_text:
                    _write_objects(target, box, values)
                    self._written.append((box, values))
                else:
                    write_box(target, box, values)
                    self._written.append((box, isal_zlib.crc32(values)))
                yield values.nbytes

    def compare(
        self, _: h5d.DatasetID, target: h5d.DatasetID, __: Scratch, /
    ) -> Iterator[int | None]:
        """Bytes that are what was written; None: they are not."""
        for box, checked in self._written:
            if isinstance(checked, int):
                raw = read_box(target, box)
                yield raw.nbytes if isal_zlib.crc32(raw) == checked else None
            else:
                values = _read_objects(target, box)
                yield values.nbytes if equal_values(values, checked) else None

    def _boxes(self, source: h5d.DatasetID) -> Iterator[Box]:
        """Of the longer dataset, along its chunks."""
        shape = self.shape(source)
        length = shape[self._axis]
        row = math.prod(shape) // max(1, length) * source.get_type().get_size()
        creation = source.get_create_plist()
        chunk = creation.get_chunk()[self._axis] if creation.get_layout() == h5d.CHUNKED else 1
        step = max(1, _PIECE // max(1, row * chunk)) * chunk
        if 0 in shape:
            return
        for start in range(0, length, step):
            yield along(whole(shape), self._axis, start, min(length, start + step))

    def _pieces(self, source: h5d.DatasetID, box: Box) -> list[tuple[int, int, NDArray[Any]]]:
        """Of which rounds, from which row on, what is stored there."""
        length = (shape_of(source) or ())[self._axis]
        is_text = has_objects(source.get_type())
        pieces = []
        at, stop = box[self._axis].start, box[self._axis].stop
        while at < stop:
            which, first = divmod(at, length)
            n_rows = min(length - first, stop - at)
            inner = along(box, self._axis, first, first + n_rows)
            if is_text:
                values = _read_objects(source, inner)
            else:
                values = read_box(source, inner)
                dtype = np.dtype(source.dtype)
                values = values if dtype.kind == "V" else values.view(dtype)
            pieces.append((which, first, values))
            at += n_rows
        return pieces

    def _made(
        self, box: Box, pieces: list[tuple[int, int, NDArray[Any]]]
    ) -> tuple[Box, NDArray[Any]]:
        stored = pieces[0][2].dtype
        parts = [np.asarray(self._make(which, first, values)) for which, first, values in pieces]
        joined = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=self._axis)
        made = np.ascontiguousarray(joined.astype(stored, copy=False))  # joining turns bytes round
        return box, made if made.dtype.hasobject else made.view(f"V{made.dtype.itemsize}")


def _read_objects(dsid: h5d.DatasetID, box: Box) -> NDArray[Any]:
    values = np.empty(box_shape(box), dsid.dtype)
    dsid.read(h5s.create_simple(values.shape), selected(dsid, box), values)
    return values


def _write_objects(dsid: h5d.DatasetID, box: Box, values: NDArray[Any]) -> None:
    values = values.astype(dsid.dtype, copy=False)  # says what the objects are
    dsid.write(h5s.create_simple(values.shape), selected(dsid, box), values)
