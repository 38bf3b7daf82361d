"""A dataset of the copy filled with the mean of several datasets, a piece at a time.

Sums are in double precision. Each source is read once: of what is written a checksum is kept,
and compared with that of what is read back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from h5py import h5d, h5g
from isal import isal_zlib
from numpy.typing import NDArray

from h5viewer.formats.boxed_array import BoxedArray
from h5viewer.formats.boxes import Box, box_shape, whole
from h5viewer.formats.container import Get, StoredArray
from h5viewer.formats.hdf5_direct import RangeReader
from h5viewer.formats.hdf5_raw import read_box, row_boxes, shape_of, write_box
from h5viewer.formats.means import Means
from h5viewer.formats.paired import boxes_for_all, process_all
from h5viewer.formats.parallel import in_threads, n_threads
from h5viewer.names import NodePath
from h5viewer.nodes import Shape

_AT_ONCE = 64 << 20  # bytes of all sources in all threads
_BOX = 1 << 20  # bytes of each source
_SMALLEST_BOX = 64 << 10
_AHEAD = 16  # pieces of 1 MiB that wait for the disk while others are summed


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
        self._written: list[tuple[Box, int]] = []  # pieces and their checksums

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

    def create(self, parent: h5g.GroupID, name: bytes, source: h5d.DatasetID) -> h5d.DatasetID:
        """A dataset as the first source is one."""
        properties = source.get_create_plist()
        return h5d.create(parent, name, source.get_type(), source.get_space(), properties)

    def write(self, source: h5d.DatasetID, target: h5d.DatasetID, _: str, /) -> Iterator[int]:
        """Read all sources once, write their mean; yields bytes of it.

        Raises:
            CannotRead, TooLarge: a source is damaged.
        """
        is_complex = any(each.facts.dtype.kind == "complex" for each in self._sources)
        means = Means(self._shares, np.dtype(source.dtype), is_complex=is_complex)
        shape = shape_of(source) or ()
        runs = [each.run if isinstance(each, BoxedArray) else None for each in self._sources]
        known = [run for run in runs if run is not None and run.dtype.kind == "f"]
        if len(known) == len(runs):
            pieces = _from_runs(known, means, shape, source.get_type().get_size())
        else:
            pieces = _from_boxes(self._sources, means, shape)
        with closing(pieces):
            for box, (values, checksum) in pieces:
                write_box(target, box, values)
                self._written.append((box, checksum))
                yield values.nbytes

    def compare(self, _: h5d.DatasetID, target: h5d.DatasetID, /) -> Iterator[int | None]:
        """Bytes whose checksum is that of what was written; None: it is another."""
        for box, checksum in self._written:
            values = read_box(target, box)
            yield values.nbytes if isal_zlib.crc32(values) == checksum else None


_Piece = tuple[Box, tuple[NDArray[Any], int]]
"""What is to be written where, with its checksum."""


def _from_runs(
    runs: Sequence[RangeReader], means: Means, shape: Shape, itemsize: int
) -> Generator[_Piece, None, None]:
    def task(box: Box) -> Callable[[], _Piece]:
        lengths = box_shape(box)
        steps = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
        start = sum(part.start * step for part, step in zip(box, steps, strict=True))

        def run() -> _Piece:
            values = means.of_runs(runs, start, math.prod(lengths)).reshape(lengths)
            return box, (values, isal_zlib.crc32(values))

        return run

    return in_threads(map(task, row_boxes(shape, itemsize)), _AHEAD)


def _from_boxes(
    sources: Sequence[StoredArray], means: Means, shape: Shape
) -> Generator[_Piece, None, None]:
    n_bytes = max(_SMALLEST_BOX, min(_BOX, _AT_ONCE // (len(sources) * n_threads())))

    def work(box: Box, gets: Sequence[Get]) -> tuple[NDArray[Any], int]:
        values = np.ascontiguousarray(means.of_boxes(box, gets))
        return values, isal_zlib.crc32(values)

    return process_all(sources, boxes_for_all(sources, whole(shape), n_bytes), work)


def address_at(root: h5g.GroupID, path: NodePath) -> int:
    """Where the object at a path is: the same for all names of a weight that layers share."""
    low, high = h5g.get_objinfo(root, b"/".join(path)).objno
    return int(low) | int(high) << 32
