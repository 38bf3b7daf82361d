"""One dataset stored otherwise: compressed anew, or rounded to shorter numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Protocol

import msgspec
import numpy as np
from h5py import h5a, h5d, h5g, h5p, h5s, h5t, h5z
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, tiles, whole
from h5viewer.formats.floats import LARGEST, STORED, Rounding, fits, read_as, rounded_to
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_raw import (
    has_objects,
    read_box,
    row_boxes,
    same_bytes,
    shape_of,
    write_box,
)
from h5viewer.formats.scratch import Scratch
from h5viewer.nodes import Shape

_CHUNK = 1 << 20  # bytes, of what had no chunks
_SMALLEST = 1024  # bytes worth compressing: a chunk's index takes about as much


class Restoring(Protocol):
    """How a dataset is stored in the copy instead of as it is."""

    def concerns(self, dsid: h5d.DatasetID, /) -> bool:
        """True for datasets that are stored otherwise afterwards."""
        ...

    def rounds(self, dsid: h5d.DatasetID, /) -> bool:
        """True for numbers that get another type."""
        ...

    def shape(self, source: h5d.DatasetID, /) -> Shape | None:
        """The shape that it has afterwards."""
        ...

    def create(self, parent: h5g.GroupID, source: h5d.DatasetID, /) -> h5d.DatasetID:
        """The empty dataset that is to take the place of `source`; it has no name yet."""
        ...

    def write(
        self, source: h5d.DatasetID, target: h5d.DatasetID, shown: str, scratch: Scratch, /
    ) -> Iterator[int]:
        """Fill it; yields bytes that were dealt with.

        Args:
            shown: its name, for people.
            scratch: what the file of `target` is written into.

        Raises:
            CannotRead: something cannot be read, or does not fit.
        """
        ...

    def compare(
        self, source: h5d.DatasetID, target: h5d.DatasetID, scratch: Scratch, /
    ) -> Iterator[int | None]:
        """Read it back: bytes that are what they should be, piece by piece; None: they are not."""
        ...


class Rewriting(msgspec.Struct):
    """How weights are to be stored, and what that has done to them."""

    gzip: int | None = None  # 0 to 9; None: as they are
    shuffle: bool = False
    floats: str = ""  # "float16" or "bfloat16"; "": as they are
    rounding: Rounding = msgspec.field(default_factory=Rounding)

    @property
    def does_something(self) -> bool:
        """False: every dataset stays as it is."""
        return self.gzip is not None or bool(self.floats)

    def rounds(self, dsid: h5d.DatasetID) -> bool:
        """True for numbers that are to become shorter."""
        try:
            dtype = np.dtype(dsid.dtype)
        except HDF5_ERRORS:  # a type numpy has no name for
            return False
        return bool(self.floats) and dtype.kind == "f" and dtype.itemsize in (4, 8)

    def concerns(self, dsid: h5d.DatasetID) -> bool:
        """True for datasets that are stored otherwise afterwards."""
        shape = shape_of(dsid)
        if shape is None or has_objects(dsid.get_type()):
            return False
        return self.rounds(dsid) or (self.gzip is not None and _is_worth_it(dsid, shape))

    def shape(self, source: h5d.DatasetID) -> Shape | None:
        """As it was."""
        return shape_of(source)

    def create(self, parent: h5g.GroupID, source: h5d.DatasetID) -> h5d.DatasetID:
        """The empty dataset that is to hold the values of `source`."""
        return _create(parent, source, self)

    def write(
        self, source: h5d.DatasetID, target: h5d.DatasetID, shown: str, _: Scratch
    ) -> Iterator[int]:
        """Write the values; yields stored bytes that were dealt with.

        Raises:
            CannotRead: a value is beyond the range of the shorter numbers.
        """
        return _rewrite(source, target, self, shown)

    def compare(
        self, source: h5d.DatasetID, target: h5d.DatasetID, _: Scratch
    ) -> Iterator[int | None]:
        """Bytes that are what they should be, piece by piece; None: they are not."""
        return _compare_rewritten(source, target, self)


def _create(parent: h5g.GroupID, source: h5d.DatasetID, how: Rewriting) -> h5d.DatasetID:
    rounds = how.rounds(source)
    tid = h5t.py_create(STORED[how.floats], logical=True) if rounds else source.get_type()
    properties = _properties(source, how, tid, rounds=rounds)
    made = h5d.create(parent, None, tid, source.get_space(), properties)
    if rounds and how.floats == "bfloat16":
        _mark_bfloat16(made)
    return made


def _rewrite(
    source: h5d.DatasetID, target: h5d.DatasetID, how: Rewriting, shown: str
) -> Iterator[int]:
    for box in _boxes(source, target):
        values = read_box(source, box)
        if how.rounds(source):
            values = _rounded(values.view(source.dtype), how, shown)
        write_box(target, box, values)
        yield values.nbytes


def _compare_rewritten(
    source: h5d.DatasetID, target: h5d.DatasetID, how: Rewriting
) -> Iterator[int | None]:
    for box in _boxes(source, target):
        values = read_box(source, box)
        if how.rounds(source):
            values = rounded_to(values.view(source.dtype), how.floats)
        same = same_bytes(np.ascontiguousarray(values), read_box(target, box))
        yield values.nbytes if same else None


def _rounded(values: NDArray[Any], how: Rewriting, shown: str) -> NDArray[Any]:
    if not fits(values, how.floats):
        largest = float(np.abs(values[np.isfinite(values)]).max())
        raise CannotRead(
            f"{shown} holds {largest:.4g}, which is beyond the range of {how.floats} "
            f"(±{LARGEST[how.floats]:.4g}); nothing was saved.",
            hint="Export without that, or as bfloat16, which has the range of float32.",
        )
    rounded = rounded_to(values, how.floats)
    how.rounding.add(values, read_as(rounded, how.floats), shown)
    return rounded


def _boxes(source: h5d.DatasetID, target: h5d.DatasetID) -> Iterator[Box]:
    shape = shape_of(source) or ()
    creation = target.get_create_plist()
    if creation.get_layout() == h5d.CHUNKED:
        return tiles(whole(shape), creation.get_chunk(), 1)
    return row_boxes(shape, source.get_type().get_size())


def _properties(
    source: h5d.DatasetID, how: Rewriting, tid: h5t.TypeID, *, rounds: bool
) -> h5p.PropDCID:
    old = source.get_create_plist()
    shape = shape_of(source) or ()
    compresses = how.gzip is not None and _is_worth_it(source, shape)
    new = h5p.create(h5p.DATASET_CREATE) if rounds else old.copy()
    if rounds:
        _take_over(old, new)
    if not compresses:
        return new
    for filter_id in (h5z.FILTER_SHUFFLE, h5z.FILTER_DEFLATE, *_other_filters(old)):
        if new.get_nfilters() and _has(new, filter_id):
            new.remove_filter(filter_id)
    if how.gzip == 0:
        return new
    if old.get_layout() != h5d.CHUNKED:
        new.set_chunk(_chunk(shape, tid.get_size()))
    if how.shuffle:
        new.set_shuffle()
    new.set_deflate(how.gzip)
    return new


def _take_over(old: h5p.PropDCID, new: h5p.PropDCID) -> None:
    """Layout, filters and orders; not the fill value, which is of another type."""
    if old.get_layout() == h5d.CHUNKED:
        new.set_chunk(old.get_chunk())
        for number in range(old.get_nfilters()):
            code, flags, values, _ = old.get_filter(number)
            if code in (h5z.FILTER_DEFLATE, h5z.FILTER_LZF):
                new.set_filter(code, flags, values if code == h5z.FILTER_DEFLATE else ())
            elif code == h5z.FILTER_SHUFFLE:
                new.set_shuffle()
            elif code == h5z.FILTER_FLETCHER32:
                new.set_fletcher32()
    new.set_attr_creation_order(old.get_attr_creation_order())
    new.set_obj_track_times(old.get_obj_track_times())


def _other_filters(properties: h5p.PropDCID) -> list[int]:
    known = (h5z.FILTER_SHUFFLE, h5z.FILTER_DEFLATE)
    codes = [properties.get_filter(n)[0] for n in range(properties.get_nfilters())]
    return [code for code in codes if code not in known]


def _has(properties: h5p.PropDCID, filter_id: int) -> bool:
    codes = [properties.get_filter(n)[0] for n in range(properties.get_nfilters())]
    return filter_id in codes


def _is_worth_it(dsid: h5d.DatasetID, shape: Shape) -> bool:
    return bool(shape) and math.prod(shape) * dsid.get_type().get_size() >= _SMALLEST


def _chunk(shape: Shape, itemsize: int) -> Shape:
    """Runs of rows of about 1 MiB."""
    chunk = list(shape)
    for axis in range(len(shape)):
        if math.prod(chunk) * itemsize <= _CHUNK:
            break
        rest = math.prod(chunk[axis + 1 :]) * itemsize
        chunk[axis] = max(1, min(chunk[axis], _CHUNK // max(1, rest)))
    return tuple(chunk)


def _mark_bfloat16(dsid: h5d.DatasetID) -> None:
    """As Keras marks what HDF5 has no type for (keras/src/saving/saving_lib.py, H5Entry)."""
    dtype = h5t.string_dtype("utf-8")
    tid = h5t.py_create(dtype, logical=True)
    attribute = h5a.create(dsid, b"dtype", tid, h5s.create(h5s.SCALAR))
    attribute.write(np.array("bfloat16", dtype=dtype))
