"""One dataset of a copy with other values: type, layout, filters and attributes as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from h5py import h5d, h5g
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, tiles, whole
from h5viewer.formats.hdf5_raw import read_box, row_boxes, same_bytes, shape_of, write_box
from h5viewer.formats.scratch import Scratch
from h5viewer.nodes import Shape

_LARGEST_CHUNK = 16 << 20  # bytes; of larger ones runs of rows are taken

Make = Callable[[Box, NDArray[Any]], NDArray[Any]]
"""New values of a box, from those that are stored; the same whenever it is asked."""


class NewValues:
    """Stores what `make` gives; asked a second time when it is read back."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self.is_written = False

    def concerns(self, _: h5d.DatasetID, /) -> bool:
        """Always."""
        return True

    def rounds(self, _: h5d.DatasetID, /) -> bool:
        """Never: the type stays."""
        return False

    def shape(self, source: h5d.DatasetID, /) -> Shape | None:
        """As it was."""
        return shape_of(source)

    def create(self, parent: h5g.GroupID, source: h5d.DatasetID, /) -> h5d.DatasetID:
        """A dataset as the source is one.

        Raises:
            CannotRead: its type is an object of the file by itself.
        """
        tid = source.get_type()
        if tid.committed():
            raise CannotRead("Values of a named type cannot be changed.")
        return h5d.create(parent, None, tid, source.get_space(), source.get_create_plist())

    def write(
        self, source: h5d.DatasetID, target: h5d.DatasetID, *_: str | Scratch
    ) -> Iterator[int]:
        """Write the new values; yields bytes.

        Raises:
            CannotRead: they do not fit.
        """
        self.is_written = True
        for box in _boxes(source):
            values = self._new(source, box)
            write_box(target, box, values)
            yield values.nbytes

    def compare(
        self, source: h5d.DatasetID, target: h5d.DatasetID, _: Scratch, /
    ) -> Iterator[int | None]:
        """Bytes that are what they should be; None: they are not."""
        for box in _boxes(source):
            values = self._new(source, box)
            yield values.nbytes if same_bytes(values, read_box(target, box)) else None

    def _new(self, source: h5d.DatasetID, box: Box) -> NDArray[Any]:
        stored = np.dtype(source.dtype)
        raw = read_box(source, box)
        values = raw if stored.kind == "V" else raw.view(stored).astype(stored.newbyteorder("="))
        made = np.asarray(self._make(box, values))
        if stored.kind != "V":
            made = made.astype(stored)
        return np.ascontiguousarray(made).view(raw.dtype).reshape(raw.shape)


def _boxes(source: h5d.DatasetID) -> Iterator[Box]:
    shape = shape_of(source) or ()
    creation, itemsize = source.get_create_plist(), source.get_type().get_size()
    if creation.get_layout() == h5d.CHUNKED:
        chunk = creation.get_chunk()
        if int(np.prod(chunk, dtype=float)) * itemsize <= _LARGEST_CHUNK:
            return tiles(whole(shape), chunk, 1)
    return row_boxes(shape, itemsize)
