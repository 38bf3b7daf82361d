"""Checkpoints of TensorFlow since 2016: an index beside one or more data files.

`m.index` is a table of entries by variable name, `m.data-00000-of-00002` ... hold the bytes.
Messages: tensorflow/core/protobuf/tensor_bundle.proto.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.boxes import box_shape, count_elements
from h5viewer.formats.crc32c import masked_crc32c
from h5viewer.formats.ordered_code import encode_slice
from h5viewer.formats.protobuf import Malformed, as_bytes, as_int, fields, read_varint
from h5viewer.formats.source import Source
from h5viewer.formats.tf_tensors import (
    Piece,
    Variable,
    expected_bytes,
    is_string,
    read_shape,
    read_slice,
)
from h5viewer.wording import bytes_text

_LARGEST_STRINGS = 64 << 20
_BIG_ENDIAN = 1


class Bundle:
    """The entries of an index, and where their bytes are."""

    def __init__(self, source: Source, entries: dict[bytes, bytes]) -> None:
        """Read the header.

        Raises:
            Malformed: the header is none.
        """
        self._source = source
        self._entries = entries
        header = dict(fields(entries[b""]))
        self._n_files = as_int(header.get(1, 0))
        self._is_big_endian = header.get(2, 0) == _BIG_ENDIAN
        self._files = {
            int(end[-14:-9]): companion
            for end, companion in source.companions.items()
            if int(end[-5:]) == self._n_files
        }

    def variables(self) -> tuple[dict[bytes, Variable], list[bytes]]:
        """The variables by name, and the names of entries that are damaged."""
        found: dict[bytes, Variable] = {}
        damaged: list[bytes] = []
        for name, message in self._entries.items():
            if not name or name.startswith(b"\0"):  # the header; parts of larger variables
                continue
            try:
                found[name] = self._variable(name, message)
            except Malformed:
                damaged.append(name)
        return found, damaged

    def _variable(self, name: bytes, message: bytes) -> Variable:
        values: dict[int, Any] = {}
        slices: list[bytes] = []
        for number, value in fields(message):
            if number == 7:
                slices.append(as_bytes(value))
            else:
                values[number] = value
        variable = Variable(
            name=name,
            type_number=as_int(values.get(1, 0)),
            shape=read_shape(as_bytes(values.get(2, b""))),
            is_big_endian=self._is_big_endian,
        )
        if slices:
            self._add_parts(variable, slices)
        else:
            whole = tuple(slice(0, length) for length in variable.shape)
            variable.pieces = [self._piece(values, whole)]
        variable.stored_bytes = sum(piece.n_bytes for piece in variable.pieces)
        variable.obstacle = self._obstacle(variable)
        if is_string(variable.type_number):
            variable.read = lambda: _read_strings(variable)
        return variable

    def _add_parts(self, variable: Variable, slices: list[bytes]) -> None:
        """A variable that was trained in parts: each has an entry of its own."""
        for message in slices:
            box = read_slice(message, variable.shape)
            part = self._entries.get(encode_slice(variable.name, message))
            if part is None:
                raise Malformed("a part is missing")
            variable.pieces.append(self._piece(dict(fields(part)), box))

    def _piece(self, values: dict[int, Any], box: tuple[slice, ...]) -> Piece:
        file_number = as_int(values.get(3, 0))
        checksum = values.get(6)
        return Piece(
            box=box,
            source=self._files.get(file_number),
            start=as_int(values.get(4, 0)),
            n_bytes=as_int(values.get(5, 0)),
            checksum=checksum if isinstance(checksum, int) else None,
            file_number=file_number,
        )

    def _file_end(self, number: int) -> str:
        return f".data-{number:05d}-of-{self._n_files:05d}"

    def _obstacle(self, variable: Variable) -> str:
        for piece in variable.pieces:
            if piece.source is None:
                file = self._source.name.removesuffix(".index")
                file += self._file_end(piece.file_number)
                return f"The data is in {file}, which is not beside this file."
            if piece.start + piece.n_bytes > piece.source.size:
                return (
                    f"The data reaches beyond the end of {piece.source.name}, which has only "
                    f"{piece.source.size:,} bytes."
                )
            needed = _needed_bytes(variable, piece)
            if needed is not None and needed != piece.n_bytes:
                return (
                    f"The index states {bytes_text(piece.n_bytes)} of data where the shape needs "
                    f"{bytes_text(needed)}."
                )
        if expected_bytes(variable) is None and not is_string(variable.type_number):
            return "The element type is not known."
        return ""

    def missing_files(self) -> list[str]:
        """Ends of the names of data files that are not beside the index."""
        ends = [self._file_end(number) for number in range(min(self._n_files, 1000))]
        return [end for end in ends if end not in self._source.companions]


def _needed_bytes(variable: Variable, piece: Piece) -> int | None:
    dtype = variable.dtype
    return None if dtype is None else count_elements(piece.box) * dtype.itemsize


def checksum_of(variable: Variable, data: bytes) -> int:
    """The checksum that the index should state for a piece.

    Raises:
        Malformed: strings whose lengths are damaged.
    """
    if not is_string(variable.type_number):
        return masked_crc32c(data)
    # Of strings it covers their lengths as plain numbers, then what follows them.
    lengths, at = _string_lengths(data, math.prod(variable.shape))
    numbers = np.array(lengths, "<u4").tobytes()
    return masked_crc32c(numbers + data[at:])


def _read_strings(variable: Variable) -> NDArray[Any]:
    """Lengths of all strings, a checksum of the lengths, then the strings."""
    (piece,) = variable.pieces
    if piece.source is None or piece.n_bytes > _LARGEST_STRINGS:
        raise Malformed("the strings are too large")
    data = piece.source.read_at(piece.start, piece.n_bytes)
    lengths, at = _string_lengths(data, math.prod(variable.shape))
    at += 4
    values = np.empty(len(lengths), object)
    for number, length in enumerate(lengths):
        if at + length > len(data):
            raise Malformed("a string reaches beyond its data")
        values[number] = data[at : at + length]
        at += length
    return values.reshape(box_shape(piece.box))


def _string_lengths(data: bytes, n_strings: int) -> tuple[list[int], int]:
    if n_strings > len(data):
        raise Malformed("more strings than bytes")
    lengths, at = [], 0
    for _ in range(n_strings):
        length, at = read_varint(data, at)
        if length > len(data):
            raise Malformed("a string reaches beyond its data")
        lengths.append(length)
    return lengths, at
