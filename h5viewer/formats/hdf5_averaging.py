"""A dataset of the copy filled with the mean of several datasets, a piece at a time.

Sums are in double precision. Each source is read once: of what is written a checksum is kept,
and compared with that of what is read back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from h5py import h5d, h5g
from isal import isal_zlib
from numpy.typing import NDArray

from h5viewer.formats.boxes import Box, whole
from h5viewer.formats.container import Get, StoredArray
from h5viewer.formats.floats import rounded_to
from h5viewer.formats.hdf5_raw import read_box, shape_of, write_box
from h5viewer.formats.paired import boxes_for_all, process_all
from h5viewer.formats.parallel import n_threads
from h5viewer.names import NodePath

_AT_ONCE = 64 << 20  # bytes of all sources in all threads
_BOX = 1 << 20  # bytes of each source
_SMALLEST_BOX = 64 << 10


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
        region = whole(shape_of(source) or ())
        n_bytes = max(_SMALLEST_BOX, min(_BOX, _AT_ONCE // (len(self._sources) * n_threads())))
        boxes = boxes_for_all(self._sources, region, n_bytes)
        work = mean_of(self._shares, _as_stored(source))
        with closing(process_all(self._sources, boxes, _checked(work))) as pieces:
            for box, (values, checksum) in pieces:
                write_box(target, box, values)
                self._written.append((box, checksum))
                yield values.nbytes

    def compare(self, _: h5d.DatasetID, target: h5d.DatasetID, /) -> Iterator[int | None]:
        """Bytes whose checksum is that of what was written; None: it is another."""
        for box, checksum in self._written:
            values = read_box(target, box)
            yield values.nbytes if isal_zlib.crc32(values) == checksum else None


def mean_of(
    shares: Sequence[float], stored: Callable[[NDArray[Any]], NDArray[Any]]
) -> Callable[[Box, Sequence[Get]], NDArray[Any]]:
    """What makes the mean of a box: the sum in double precision, divided once, rounded once.

    Args:
        shares: how much each counts; none: all the same.
        stored: rounds to what is written.
    """
    divisor = math.fsum(shares)

    def work(_: Box, gets: Sequence[Get]) -> NDArray[Any]:
        total: NDArray[Any] | None = None
        with np.errstate(all="ignore"):  # infinities and NaN of the files stay what they are
            for number, get in enumerate(gets):
                values = get()
                exact = values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)
                if shares:
                    exact *= shares[number]
                if total is None:
                    total = exact
                else:
                    total += exact
            assert total is not None
            total /= divisor if shares else len(gets)
            return stored(total)

    return work


def _checked(
    work: Callable[[Box, Sequence[Get]], NDArray[Any]],
) -> Callable[[Box, Sequence[Get]], tuple[NDArray[Any], int]]:
    def checked(box: Box, gets: Sequence[Get]) -> tuple[NDArray[Any], int]:
        values = np.ascontiguousarray(work(box, gets))
        return values, isal_zlib.crc32(values)

    return checked


def _as_stored(dsid: h5d.DatasetID) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Rounds to the bytes of a dataset's own type."""
    dtype = np.dtype(dsid.dtype)
    if dtype.kind == "V":  # Keras keeps bfloat16 as two opaque bytes
        return lambda values: rounded_to(values, "bfloat16")
    return lambda values: values.astype(dtype)


def address_at(root: h5g.GroupID, path: NodePath) -> int:
    """Where the object at a path is: the same for all names of a weight that layers share."""
    low, high = h5g.get_objinfo(root, b"/".join(path)).objno
    return int(low) | int(high) << 32
