"""A dataset of the copy filled with the mean of several datasets, a piece at a time.

Sums are in double precision. Each source is read once: of what is written a checksum is kept,
and compared with that of what is read back. What is stored in one run is read, summed, written
and read back by several threads; only the first rows go through HDF5, which has to give them
their place, and finds them there again.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from h5py import h5d, h5g
from isal import isal_zlib
from numpy.typing import NDArray

from h5viewer.formats.boxed_array import BoxedArray
from h5viewer.formats.boxes import Box, box_shape, whole
from h5viewer.formats.container import Get, StoredArray
from h5viewer.formats.hdf5_direct import RangeReader
from h5viewer.formats.hdf5_raw import PIECE, read_box, row_boxes, shape_of, write_box
from h5viewer.formats.means import Means, at_once_of
from h5viewer.formats.paired import boxes_for_all, process_all
from h5viewer.formats.parallel import in_threads, n_threads
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.stored_bytes import checksum_of, run_of
from h5viewer.nodes import Shape

_AT_ONCE = 64 << 20  # bytes of all sources in all threads
_BOX = 1 << 20  # bytes of each source
_SMALLEST_BOX = 64 << 10
_PIECE = 2 << 20  # bytes that a thread sums and writes: some 3 ms
_AHEAD = 8  # of them
_FEW = 64 << 10  # bytes that go through HDF5, which one thread has to do


class Averaging:
    """How one dataset is stored: as the mean of `sources`, in the type that the first one has."""

    def __init__(self, sources: Sequence[StoredArray], shares: Sequence[float] = ()) -> None:
        """Nothing is read yet.

        Args:
            sources: of one shape; the first is the dataset that is copied.
            shares: how much each counts; none: all the same.
        """
        self._sources = sources
        self._shares = tuple(shares)
        self._written: list[tuple[Box, int]] = []  # what went through HDF5, with its checksums
        self._rest: list[_Checked] = []  # what went beside it

    @property
    def is_written(self) -> bool:
        """True once it took its place in the copy."""
        return bool(self._written)

    def concerns(self, _: h5d.DatasetID, /) -> bool:
        """Always."""
        return True

    def rounds(self, _: h5d.DatasetID, /) -> bool:
        """Never: type and attributes are those of the first source."""
        return False

    def shape(self, source: h5d.DatasetID, /) -> Shape | None:
        """That of the first source."""
        return shape_of(source)

    def create(self, parent: h5g.GroupID, source: h5d.DatasetID) -> h5d.DatasetID:
        """A dataset as the first source is one."""
        properties = source.get_create_plist()
        return h5d.create(parent, None, source.get_type(), source.get_space(), properties)

    def write(
        self, source: h5d.DatasetID, target: h5d.DatasetID, _: str, scratch: Scratch, /
    ) -> Iterator[int]:
        """Read all sources once, write their mean; yields bytes of it.

        Raises:
            CannotRead, TooLarge: a source is damaged.
        """
        is_complex = any(each.facts.dtype.kind == "complex" for each in self._sources)
        means = Means(self._shares, np.dtype(source.dtype), is_complex=is_complex)
        runs = [each.run if isinstance(each, BoxedArray) else None for each in self._sources]
        known = [run for run in runs if run is not None and run.dtype.kind == "f"]
        shape = shape_of(source) or ()
        if len(known) == len(runs):
            first = _first_box(shape, source.get_type().get_size())
            values = means.of_runs(known, 0, math.prod(box_shape(first)))
            yield self._write_box(target, first, values.reshape(box_shape(first)))
            place = run_of(target)  # it has one after the first rows
            if place is not None:
                yield from self._write_rest(known, means, values.size, _Stretch(scratch, *place))
                return
        with closing(_from_boxes(self._sources, means, shape)) as pieces:
            for box, values in pieces:
                yield self._write_box(target, box, values)

    def compare(
        self, _: h5d.DatasetID, target: h5d.DatasetID, scratch: Scratch, /
    ) -> Iterator[int | None]:
        """Bytes whose checksum is that of what was written; None: it is another."""
        for box, checksum in self._written:
            values = read_box(target, box)
            yield values.nbytes if isal_zlib.crc32(values) == checksum else None
        place = run_of(target)
        if self._rest and place is None:
            yield None
        elif place is not None:
            stretch = _Stretch(scratch, *place)
            tasks = (partial(_compared, stretch, each) for each in self._rest)
            with closing(in_threads(tasks, _AHEAD)) as pieces:
                yield from pieces

    def _write_box(self, target: h5d.DatasetID, box: Box, values: NDArray[Any]) -> int:
        write_box(target, box, values)
        self._written.append((box, isal_zlib.crc32(values)))
        return values.nbytes

    def _write_rest(
        self, runs: Sequence[RangeReader], means: Means, start: int, stretch: _Stretch
    ) -> Iterator[int]:
        """All numbers from `start` on, beside HDF5, by several threads."""
        itemsize = runs[0].dtype.itemsize
        n, behind = _PIECE // itemsize, stretch.n_bytes // itemsize
        at_once = at_once_of(runs)

        def task(begin: int) -> _Checked:
            checksum, end = 0, min(begin + n, behind)
            for at in range(begin, end, at_once):
                values = means.of_runs(runs, at, min(at_once, end - at))
                stretch.scratch.write_at(stretch.start + at * itemsize, values.data)
                checksum = isal_zlib.crc32(values, checksum)
            return _Checked(begin * itemsize, (end - begin) * itemsize, checksum)

        tasks = (partial(task, at) for at in range(start, behind, n))
        with closing(in_threads(tasks, _AHEAD)) as pieces:
            for checked in pieces:
                self._rest.append(checked)
                yield checked.n_bytes


class _Stretch(NamedTuple):
    """Where all values of a dataset are in the file that is written."""

    scratch: Scratch
    start: int
    n_bytes: int


class _Checked(NamedTuple):
    """Bytes that were written, from a dataset's first on, and their checksum."""

    start: int
    n_bytes: int
    checksum: int


def _first_box(shape: Shape, itemsize: int) -> Box:
    """All of what is small; else a few rows."""
    is_small = math.prod(shape) * itemsize <= PIECE
    return next(row_boxes(shape, itemsize, PIECE if is_small else _FEW))


def _compared(stretch: _Stretch, written: _Checked) -> int | None:
    found = checksum_of(stretch.scratch, stretch.start + written.start, written.n_bytes)
    return written.n_bytes if found == written.checksum else None


def _from_boxes(
    sources: Sequence[StoredArray], means: Means, shape: Shape
) -> Generator[tuple[Box, NDArray[Any]], None, None]:
    n_bytes = max(_SMALLEST_BOX, min(_BOX, _AT_ONCE // (len(sources) * n_threads())))

    def work(box: Box, gets: Sequence[Get]) -> NDArray[Any]:
        return np.ascontiguousarray(means.of_boxes(box, gets))

    return process_all(sources, boxes_for_all(sources, whole(shape), n_bytes), work)
