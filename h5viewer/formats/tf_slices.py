"""Checkpoints of TensorFlow before 2017: a table that holds names and values, or several.

The empty key lists the variables; each other key is a part of one, its value a message with
the numbers inside. Messages: tensorflow/core/util/saved_tensor_slice.proto and
framework/tensor.proto.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.boxes import box_shape, count_elements
from h5viewer.formats.ordered_code import encode_name
from h5viewer.formats.protobuf import Malformed, as_bytes, as_int, fields
from h5viewer.formats.tf_table import Table
from h5viewer.formats.tf_tensors import Variable, is_string, read_shape, read_slice

_LARGEST = 256 << 20  # bytes of a variable, which is always read as a whole
_LIST = b"\x0a"  # the first byte of a list of variables
_CONTENT, _STRINGS, _HALVES = 4, 8, 13
_PLAIN = {5: "<f4", 6: "<f8", 9: "<f4", 12: "<f8"}  # fields of TensorProto: as stored
_VARINTS = (7, 10, 11, 16, 17)


def is_list(value: bytes) -> bool:
    """True for what the empty key of such a table holds."""
    return value[:1] == _LIST


def read_variables(
    tables: Sequence[tuple[Table, bytes]],
) -> tuple[dict[bytes, Variable], list[bytes]]:
    """The variables that the tables list, and the names of damaged ones.

    Args:
        tables: each with what its empty key holds; a variable may have parts in several.

    Raises:
        Malformed: a list itself is damaged.
    """
    found: dict[bytes, Variable] = {}
    damaged: list[bytes] = []
    only_tables = [table for table, _ in tables]
    for _, meta in tables:
        for _, listed in (item for item in fields(_first(meta, 1)) if item[0] == 1):
            values: dict[int, Any] = {}
            for number, value in fields(as_bytes(listed)):
                values.setdefault(number, value)
            name = as_bytes(values.get(1, b""))
            if name in found or name in damaged:
                continue
            try:
                found[name] = _variable(only_tables, name, values)
            except Malformed:
                damaged.append(name)
    return found, damaged


def _variable(tables: Sequence[Table], name: bytes, values: dict[int, Any]) -> Variable:
    shape = read_shape(as_bytes(values.get(2, b"")))
    variable = Variable(name=name, type_number=as_int(values.get(3, 0)), shape=shape)
    n_bytes = math.prod(shape) * (variable.dtype.itemsize if variable.dtype else 1)
    variable.stored_bytes = n_bytes
    if variable.dtype is None and not is_string(variable.type_number):
        variable.obstacle = "The element type is not known."
    elif n_bytes > _LARGEST:
        variable.obstacle = "Values of this size are not read from checkpoints of this age."
    variable.read = lambda: _read(tables, variable)
    return variable


def _read(tables: Sequence[Table], variable: Variable) -> NDArray[Any]:
    dtype = variable.dtype or np.dtype(object)
    values = np.zeros(variable.shape, dtype)
    n_found = 0
    start = encode_name(variable.name)
    for _, message in chain.from_iterable(table.starting_with(start) for table in tables):
        part = _first(message, 2)
        inside = {number: value for number, value in fields(part) if number in (1, 2, 3)}
        box = read_slice(as_bytes(inside.get(2, b"")), variable.shape)
        numbers = _numbers(as_bytes(inside.get(3, b"")), dtype, count_elements(box))
        values[box] = numbers.reshape(box_shape(box))
        n_found += count_elements(box)
    if n_found != values.size:
        raise Malformed("a part is missing")
    return values


def _numbers(message: bytes, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
    """The `count` elements of a TensorProto."""
    pieces: list[NDArray[Any]] = []
    strings: list[bytes] = []
    for number, value in fields(message):
        if number == _STRINGS:
            strings.append(as_bytes(value))
        elif number == _CONTENT:
            pieces.append(_from_buffer(as_bytes(value), dtype))
        elif number in _PLAIN:
            # A field that is not packed holds one number as its bits.
            bits = np.dtype(_PLAIN[number])
            data = value if isinstance(value, bytes) else value.to_bytes(bits.itemsize, "little")
            pieces.append(_from_buffer(data, bits))
        elif number in _VARINTS or number == _HALVES:
            packed = value if isinstance(value, bytes) else None
            whole = np.array([value], np.uint64) if packed is None else _varints(packed)
            pieces.append(_halves(whole, dtype) if number == _HALVES else whole.astype(np.int64))
    if dtype.hasobject:
        found = np.empty(len(strings), object)
        found[:] = strings
    else:
        joined = np.concatenate(pieces) if pieces else np.zeros(0, dtype)
        found = _as_type(joined, dtype)
    if found.size == 1 and count > 1:  # all elements are the same
        return np.repeat(found, count)
    if found.size != count:
        raise Malformed(f"{found.size} numbers where {count} should be")
    return found


def _as_type(numbers: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.kind == "c" and numbers.dtype.kind == "f":
        return np.ascontiguousarray(numbers).view(dtype)
    return numbers if numbers.dtype == dtype else numbers.astype(dtype)


def _halves(bits: NDArray[np.uint64], dtype: np.dtype[Any]) -> NDArray[Any]:
    return bits.astype("<u2").view(dtype)


def _from_buffer(data: bytes, dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.hasobject or len(data) % dtype.itemsize:
        raise Malformed("numbers cut short")
    return np.frombuffer(data, dtype)


def _varints(data: bytes) -> NDArray[np.uint64]:
    """All integers of a packed field."""
    letters = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(letters < 0x80)
    if letters.size and (not ends.size or ends[-1] != letters.size - 1):
        raise Malformed("integer without an end")
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64)
    place = np.arange(letters.size) - np.repeat(starts, ends - starts + 1)
    if place.size and place.max() > 9:
        raise Malformed("integer without an end")
    digits = (letters & 0x7F).astype(np.uint64) << (7 * place).astype(np.uint64)
    return np.add.reduceat(digits, starts) if digits.size else digits


def _first(message: bytes, wanted: int) -> bytes:
    for number, value in fields(message):
        if number == wanted:
            return as_bytes(value)
    raise Malformed("a field is missing")
