"""Files that a writer keeps growing in SWMR mode: their superblock states an old end.

HDF5 then refuses everything behind that end ("addr overflow"), unless it opens the file by
its path with `swmr=True`; a confined worker can open no path (formats.md, section 0.2).
So the library is shown a superblock that states the end the file really has.
"""

from __future__ import annotations

import struct

from h5viewer.formats.hdf5_superblock import Superblock
from h5viewer.formats.source import ByteRange, Source

_LENGTH = 48  # of a superblock of version 3 with 8-byte addresses
_AT_END = 28
_WORD = 0xFFFFFFFF


class GrownFile(ByteRange):
    """A whole source, but with a superblock that states the source's size."""

    def __init__(self, source: Source, superblock: Superblock) -> None:
        super().__init__(source)
        self._at = superblock.offset
        stored = source.read_at(self._at, _LENGTH - 4)
        size = struct.pack("<Q", source.size)
        stated = stored[:_AT_END] + size + stored[_AT_END + 8 :]
        self._superblock = stated + struct.pack("<I", lookup3(stated))

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`, with the superblock replaced where it reaches into it."""
        start = self.tell()
        n_read = super().readinto(buffer)
        first = max(start, self._at)
        last = min(start + n_read, self._at + _LENGTH)
        if first < last:
            part = self._superblock[first - self._at : last - self._at]
            memoryview(buffer).cast("B")[first - start : last - start] = part
        return n_read


def is_grown(source: Source, superblock: Superblock) -> bool:
    """True for a file of a SWMR writer that is longer than its superblock knows."""
    if superblock.version != 3 or not superblock.is_marked_open or superblock.end is None:
        return False
    widths = source.read_at(superblock.offset + 9, 2)
    return widths == b"\x08\x08" and superblock.offset + superblock.end < source.size


def lookup3(data: bytes) -> int:
    """Bob Jenkins's hash of 2006, by which HDF5 checks its metadata; any length but 0."""
    a = b = c = (0xDEADBEEF + len(data)) & _WORD
    while len(data) > 12:
        x, y, z = struct.unpack_from("<3I", data)
        a, b, c = _mixed((a + x) & _WORD, (b + y) & _WORD, (c + z) & _WORD)
        data = data[12:]
    x, y, z = struct.unpack("<3I", data.ljust(12, b"\0"))
    a, b, c = (a + x) & _WORD, (b + y) & _WORD, (c + z) & _WORD
    c = ((c ^ b) - _turned(b, 14)) & _WORD
    a = ((a ^ c) - _turned(c, 11)) & _WORD
    b = ((b ^ a) - _turned(a, 25)) & _WORD
    c = ((c ^ b) - _turned(b, 16)) & _WORD
    a = ((a ^ c) - _turned(c, 4)) & _WORD
    b = ((b ^ a) - _turned(a, 14)) & _WORD
    c = ((c ^ b) - _turned(b, 24)) & _WORD
    return int(c)


def _mixed(a: int, b: int, c: int) -> tuple[int, int, int]:
    for by in (4, 6, 8, 16, 19, 4):
        a = ((a - c) & _WORD) ^ _turned(c, by)
        c = (c + b) & _WORD
        a, b, c = b, c, a
    return a, b, c


def _turned(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & _WORD
