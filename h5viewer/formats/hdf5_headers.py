"""Object headers of HDF5, as far as it takes to know where they lie in the file.

Those of the first version have no checksum: cut short, they read as an object without some of
its attributes, or without its filters. Layout: "HDF5 File Format Specification", section IV.A.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from h5viewer.formats.hdf5_swmr import lookup3

ReadAt = Callable[[int, int], bytes]

CONTINUATION = 0x10
LINK = 0x06
_PREFIX = 16  # bytes before the messages of version 1
_MOST_PARTS = 1000
_TIMES, _PHASES, _ORDERED = 0x20, 0x10, 0x04  # flags of version 2


class NoHeader(ValueError):
    """There is none."""


class CutHeader(NoHeader):
    """A part of it is missing."""


def header_parts(read_at: ReadAt, address: int) -> list[tuple[int, int]]:
    """Where the header at `address` lies: start and length of each part.

    Of version 2 only the start is given: its parts have checksums, which HDF5 compares.

    Raises:
        NoHeader: nothing of that kind, or cut short.
    """
    head = read_at(address, _PREFIX)
    if head.startswith(b"OHDR"):
        return [(address, len(head))]
    if len(head) < _PREFIX:
        raise CutHeader
    if head[0] != 1 or head[1] != 0:
        raise NoHeader
    (size,) = struct.unpack_from("<I", head, 8)
    parts = [(address + _PREFIX, size)]
    for number in range(_MOST_PARTS):
        if number == len(parts):
            break
        start, length = parts[number]
        parts += [
            struct.unpack("<QQ", data[:16])
            for kind, data in messages(_whole(read_at, start, length))
            if kind == CONTINUATION and len(data) >= 16
        ]
    return [(address, _PREFIX), *parts]


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and content of each message in a part of a header of version 1.

    Raises:
        NoHeader: they do not fill it.
    """
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        at += 8
        if at + size > len(data):
            raise NoHeader
        yield kind, data[at : at + size]
        at += size


def _whole(read_at: ReadAt, start: int, length: int) -> bytes:
    data = read_at(start, length)
    if len(data) != length:
        raise CutHeader
    return data


def new_contents(read_at: ReadAt, address: int) -> list[tuple[int, bytes]]:
    """All messages of the header of version 2 at `address`.

    Raises:
        NoHeader: there is none, or a checksum is wrong.
    """
    head = read_at(address, 34)
    if len(head) < 34 or head[:5] != b"OHDR\x02":
        raise NoHeader
    flags = head[5]
    start = 6 + (16 if flags & _TIMES else 0) + (4 if flags & _PHASES else 0)
    width = 1 << (flags & 3)
    size = int.from_bytes(head[start : start + width], "little")
    parts = [(address, start + width + size + 4, start + width)]
    found: list[tuple[int, bytes]] = []
    for number in range(_MOST_PARTS):
        if number == len(parts):
            break
        at, length, skipped = parts[number]
        data = _whole(read_at, at, length)
        if length < 8 or lookup3(data[:-4]) != int.from_bytes(data[-4:], "little"):
            raise NoHeader
        for kind, content in _new_messages(data[skipped:-4], 6 if flags & _ORDERED else 4):
            found.append((kind, content))
            if kind == CONTINUATION and len(content) >= 16:
                parts.append((*struct.unpack_from("<QQ", content), 4))
    return found


def _new_messages(data: bytes, width: int) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + width <= len(data):
        kind, size = struct.unpack_from("<BH", data, at)
        at += width
        if at + size > len(data):
            return  # what is left over is too short for a message
        yield kind, data[at : at + size]
        at += size


def hard_link(data: bytes) -> tuple[bytes, int] | None:
    """Name and address of a link message; None: another kind of link."""
    if len(data) < 4 or data[0] != 1:
        return None
    flags = data[1]
    at = 2
    if flags & 0x08:
        if data[at]:
            return None
        at += 1
    at += (8 if flags & 0x04 else 0) + (1 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    length = int.from_bytes(data[at : at + width], "little")
    at += width
    name, address = data[at : at + length], data[at + length : at + length + 8]
    return (name, int.from_bytes(address, "little")) if len(address) == 8 else None
