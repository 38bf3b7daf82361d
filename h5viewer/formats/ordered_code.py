"""Names of parts of variables, as keys of a table that sort like what they stand for.

Format: tensorflow/core/lib/strings/ordered_code.h and util/saved_tensor_slice_util.cc: the
number 0, the variable's name, the number of axes, then start and length of each axis.
"""

from __future__ import annotations

import re

from h5viewer.formats.protobuf import as_bytes, as_int, fields, signed

_WHOLE_AXIS = -1
_ESCAPES = {b"\0": b"\0\xff", b"\xff": b"\xff\0"}


def encode_name(name: bytes) -> bytes:
    """How the keys of all parts of the variable `name` begin."""
    escaped = re.sub(rb"[\0\xff]", lambda found: _ESCAPES[found[0]], name)
    return b"\0" + escaped + b"\0\x01"


def encode_slice(name: bytes, message: bytes) -> bytes:
    """The key of the part that a TensorSliceProto describes.

    Raises:
        Malformed: it describes none.
    """
    axes = []
    for number, value in fields(message):
        if number == 1:
            extent = {inner: signed(as_int(size)) for inner, size in fields(as_bytes(value))}
            axes.append((extent.get(1, 0), extent.get(2, _WHOLE_AXIS)))
    key = encode_name(name) + _encode_count(len(axes))
    return key + b"".join(_encode_signed(n) for axis in axes for n in axis)


def _encode_count(number: int) -> bytes:
    digits = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes([len(digits)]) + digits


def _encode_signed(number: int) -> bytes:
    """As many leading ones as bytes, then the digits; negative numbers inverted."""
    positive = ~number if number < 0 else number
    n_bytes = 1
    while positive >= 1 << (7 * n_bytes - 1):
        n_bytes += 1
    ones = (1 << n_bytes) - 1
    code = positive | ones << (8 * n_bytes - n_bytes)
    if number < 0:
        code = ~code & (1 << 8 * n_bytes) - 1
    return code.to_bytes(n_bytes, "big")
