"""Variables of TensorFlow checkpoints: element types, facts, and values from stored bytes."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxed_array import BoxedArray
from h5viewer.formats.boxes import Box
from h5viewer.formats.chunk_codec import Undecodable
from h5viewer.formats.hdf5_direct import DirectReader, RangeReader
from h5viewer.formats.hdf5_plain import finished
from h5viewer.formats.protobuf import Malformed, as_bytes, as_int, fields, signed
from h5viewer.formats.source import Source
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset, DType, Obstacle, Shape

_MOST_AXES = 32  # as HDF5; numpy reads 64
_LARGEST_INTEGER = 2**63 - 1

# tensorflow/core/framework/types.proto: number, numpy's name ("" where it has none), words.
_TYPES: dict[int, tuple[str, str]] = {
    1: ("<f4", "float32"), 2: ("<f8", "float64"), 3: ("<i4", "int32"), 4: ("u1", "uint8"),
    5: ("<i2", "int16"), 6: ("i1", "int8"), 8: ("<c8", "complex64"), 9: ("<i8", "int64"),
    10: ("?", "bool"), 11: ("i1", "qint8"), 12: ("u1", "quint8"), 13: ("<i4", "qint32"),
    14: ("V2", "bfloat16"), 15: ("<i2", "qint16"), 16: ("<u2", "quint16"), 17: ("<u2", "uint16"),
    18: ("<c16", "complex128"), 19: ("<f2", "float16"), 22: ("<u4", "uint32"),
    23: ("<u8", "uint64"), 24: ("V1", "float8 (e5m2)"), 25: ("V1", "float8 (e4m3fn)"),
}  # fmt: skip
_STRING = 7
_KINDS = {"f": "float", "i": "int", "u": "uint", "c": "complex", "b": "bool"}


class Piece(msgspec.Struct):
    """Stored bytes that fill a part of a variable."""

    box: Box  # where they belong; () of a scalar
    source: Source | None  # None: the data file is missing
    start: int
    n_bytes: int
    checksum: int | None = None
    file_number: int = 0  # which of the data files


class Variable(msgspec.Struct):
    """One variable of a checkpoint, before its values are looked for."""

    name: bytes
    type_number: int
    shape: Shape
    pieces: list[Piece] = []
    stored_bytes: int = 0
    is_big_endian: bool = False
    obstacle: str = ""  # why the values cannot be read: a sentence
    read: Callable[[], NDArray[Any]] | None = None  # for values that are no plain bytes

    @property
    def dtype(self) -> np.dtype[Any] | None:
        """The element type as stored; None where numpy has none of a fixed size."""
        return _dtype(self.type_number, is_big_endian=self.is_big_endian)

    def facts(self, path: NodePath) -> Dataset:
        """The variable as a node."""
        return Dataset(
            path=path,
            dtype=self._described_type(),
            shape=self.shape,
            layout="contiguous",
            stored_bytes=min(self.stored_bytes, _LARGEST_INTEGER),
            obstacle=Obstacle(reason=self.obstacle, can_insist=False) if self.obstacle else None,
        )

    def _described_type(self) -> DType:
        if self.type_number == _STRING:
            return DType(kind="string", text="string (variable length)")
        dtype = self.dtype
        if dtype is None:
            return DType(kind="unreadable", text=f"TensorFlow type {self.type_number}")
        words = _TYPES[self.type_number][1]
        text = f"big-endian {words}" if dtype.byteorder == ">" else words
        kind = "bfloat16" if words == "bfloat16" else _KINDS.get(dtype.kind, "opaque")
        return DType(kind=kind, text=text, itemsize=dtype.itemsize)  # type: ignore[arg-type]


class TensorArray(BoxedArray):
    """The values of one variable."""

    def __init__(self, variable: Variable, path: NodePath) -> None:
        """Nothing is read yet."""
        super().__init__(variable.facts(path))
        self._variable = variable
        self._whole: NDArray[Any] | None = None

    @property
    def offset(self) -> int:
        """Where its first piece begins in its data file."""
        return self._variable.pieces[0].start if self._variable.pieces else 0

    def _direct(self) -> DirectReader | None:
        variable, dtype = self._variable, self._variable.dtype
        if len(variable.pieces) != 1 or dtype is None or variable.read or not variable.shape:
            return None
        (piece,) = variable.pieces
        if piece.source is None or 0 in variable.shape:
            return None
        return RangeReader(piece.source, piece.start, variable.shape, dtype)

    def _fetch(self, box: Box) -> NDArray[Any]:
        reader = self._direct()
        if reader is not None:
            with suppress(Undecodable):  # cut short since it was opened, which is said below
                return finished(reader.prepare(box)().copy(), self.facts)
        if self._whole is None:
            self._whole = self._read_whole()
        inside: tuple[Any, ...] = (*box, ...)
        part: NDArray[Any] = self._whole[inside]  # "...": an array also of a scalar
        return part.copy()

    def _read_whole(self) -> NDArray[Any]:
        name = visible(path_text(self.facts.path))
        try:
            values = self._variable.read() if self._variable.read else self._joined()
        except (Malformed, ValueError) as error:
            for source in filter(None, (piece.source for piece in self._variable.pieces)):
                source.check_unchanged()
            raise CannotRead(
                f"The values of {name} are damaged and cannot be read.", details=str(error)
            ) from error
        return finished(values, self.facts)

    def _joined(self) -> NDArray[Any]:
        dtype = self._variable.dtype
        if dtype is None:
            raise Malformed("no element type")
        values = np.zeros(self._variable.shape, dtype)
        for piece in self._variable.pieces:
            if piece.source is None:
                raise Malformed("a data file is missing")
            data = piece.source.read_at(piece.start, piece.n_bytes)
            part = values[piece.box]
            values[piece.box] = np.frombuffer(data, dtype).reshape(part.shape)
        return values


@lru_cache(maxsize=256)
def _dtype(type_number: int, *, is_big_endian: bool) -> np.dtype[Any] | None:
    known = _TYPES.get(type_number)
    if known is None:
        return None
    return np.dtype(known[0]).newbyteorder(">" if is_big_endian else "<")


def is_string(type_number: int) -> bool:
    """True for TensorFlow's strings, which have no fixed size."""
    return type_number == _STRING


@lru_cache(maxsize=4096)  # a hundred thousand variables have few shapes
def read_shape(message: bytes) -> Shape:
    """A TensorShapeProto.

    Raises:
        Malformed: it is none, or no shape that can exist.
    """
    lengths: list[int] = []
    for number, value in fields(message):
        if number == 2:
            length = 0
            for inner, size in fields(as_bytes(value)):
                if inner == 1:
                    length = signed(as_int(size))
            lengths.append(length)
        elif number == 3 and value:
            raise Malformed("a shape without a number of axes")
    if len(lengths) > _MOST_AXES or any(length < 0 for length in lengths):
        raise Malformed(f"no shape: {lengths[:40]}")
    return tuple(lengths)


def read_slice(message: bytes, shape: Shape) -> Box:
    """A TensorSliceProto: which part of a variable a piece is.

    Raises:
        Malformed: it does not fit the shape.
    """
    parts: list[slice] = []
    for number, value in fields(message):
        if number != 1 or len(parts) >= len(shape):
            raise Malformed("a part that does not fit its variable")
        extent = {inner: signed(as_int(size)) for inner, size in fields(as_bytes(value))}
        start = extent.get(1, 0)
        stop = start + extent[2] if 2 in extent else shape[len(parts)]
        if not 0 <= start <= stop <= shape[len(parts)]:
            raise Malformed("a part that reaches beyond its variable")
        parts.append(slice(start, stop))
    if len(parts) != len(shape):
        raise Malformed("a part that does not fit its variable")
    return tuple(parts)


def expected_bytes(variable: Variable) -> int | None:
    """What the shape needs; None for strings and unknown types."""
    dtype = variable.dtype
    return None if dtype is None else math.prod(variable.shape) * dtype.itemsize
