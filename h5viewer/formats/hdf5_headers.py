"""Object headers of HDF5, as far as it takes to know where they lie in the file.

Those of the first version have no checksum: cut short, they read as an object without some of
its attributes, or without its filters. Layout: "HDF5 File Format Specification", section IV.A.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

ReadAt = Callable[[int, int], bytes]

CONTINUATION = 0x10
_PREFIX = 16  # bytes before the messages of version 1
_MOST_PARTS = 1000


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
