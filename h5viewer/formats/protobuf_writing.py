"""Protocol buffer messages, written field by field; the counterpart of `protobuf`."""

from __future__ import annotations


def varint(number: int) -> bytes:
    """An integer of up to 64 bits; a negative one as an int64."""
    number &= 2**64 - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, value: int | bytes) -> bytes:
    """A field that holds an integer, or a text or message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def fixed32(number: int, value: int) -> bytes:
    """A field of four bytes."""
    return varint(number << 3 | 5) + value.to_bytes(4, "little")
