"""Protocol buffer messages field by field, without their definitions.

Wire format: protobuf.dev/programming-guides/encoding. Nothing is trusted: a length beyond
the message, or a varint without end, is `Malformed`.
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Malformed(ValueError):
    """These bytes are no such message."""


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of every field, in order; nested messages as their bytes.

    Raises:
        Malformed: the message ends in the middle of a field.
    """
    at, size = 0, len(message)
    while at < size:
        tag = message[at]
        if tag < 0x80:  # most numbers are one byte: half the time
            at += 1
        else:
            tag, at = read_varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = read_varint(message, at)
            yield number, value
            continue
        if kind == _BYTES:
            if at < size and message[at] < 0x80:
                length = message[at]
                at += 1
            else:
                length, at = read_varint(message, at)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise Malformed(f"field of unknown kind {kind}")
        data = message[at : at + length]
        if len(data) < length:
            raise Malformed("message ends in the middle of a field")
        at += length
        yield number, data if kind == _BYTES else int.from_bytes(data, "little")


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """An integer of up to 64 bits, and where it ends.

    Raises:
        Malformed: it does not end.
    """
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (2**64 - 1), at
    raise Malformed("integer without an end")


def signed(value: int) -> int:
    """A varint that stands for an int64."""
    return value - 2**64 if value >= 2**63 else value


def as_bytes(value: int | bytes) -> bytes:
    """A field that must be text or a message.

    Raises:
        Malformed: it is a number.
    """
    if isinstance(value, int):
        raise Malformed("a number where a message should be")
    return value


def as_int(value: int | bytes) -> int:
    """A field that must be a number.

    Raises:
        Malformed: it is text or a message.
    """
    if isinstance(value, bytes):
        raise Malformed("a message where a number should be")
    return value
