"""Where an HDF5 file starts inside its bytes, and what its superblock declares.

Only what opening needs: the library checks the rest. Layout: "HDF5 File Format
Specification", section II.A.
"""

from __future__ import annotations

import struct
from typing import Protocol

import msgspec

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_SMALLEST_STEP = 512
_MARKED_OPEN = 0b001
_MARKED_SWMR = 0b100


class Superblock(msgspec.Struct, frozen=True):
    """The first facts of an HDF5 file. Sizes count from the signature."""

    offset: int  # of the signature in the source: the length of the user block
    version: int
    is_marked_open: bool  # a writer has it open, or died
    end: int | None  # bytes the file should have from the signature on; None: not stated


class Readable(Protocol):
    """Bytes to look in: a `Source`, or what is left of one in an archive."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def read_at(self, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start`."""
        ...


def find_superblock(
    source: Readable, start: int = 0, length: int | None = None
) -> Superblock | None:
    """Look at 0, 512, 1024, 2048 ... of the range, as the format says; None: no HDF5 file."""
    length = source.size - start if length is None else length
    at = 0
    while at + len(SIGNATURE) <= length:
        head = source.read_at(start + at, min(96, length - at))
        if head.startswith(SIGNATURE):
            return _parse(head, at)
        at = 2 * at or _SMALLEST_STEP
    return None


def _parse(head: bytes, at: int) -> Superblock:
    """`head`: the first bytes from the signature on, possibly cut short."""
    head = head.ljust(96, b"\0")
    version = head[8]
    if version in (0, 1):
        width, flags, addresses = head[13], 0, 24 + 4 * version
        base, _, end = _addresses(head, addresses, width)
    elif version in (2, 3):
        width, flags = head[9], head[11]
        base, _, end = _addresses(head, 12, width)
    else:
        return Superblock(at, version, False, None)
    is_marked_open = version == 3 and bool(flags & (_MARKED_OPEN | _MARKED_SWMR))
    # `end` is an absolute address; the base is where the signature stands, or 0 in files
    # to which a user block was added afterwards. Undefined or nonsense: not stated.
    known = base is not None and end is not None and end >= base
    return Superblock(at, version, is_marked_open, end - base if known else None)  # type: ignore[operator]


def _addresses(head: bytes, at: int, width: int) -> tuple[int | None, ...]:
    if width not in (2, 4, 8):
        return (None, None, None)
    kind = {2: "H", 4: "I", 8: "Q"}[width]
    undefined = (1 << 8 * width) - 1
    values = struct.unpack_from(f"<3{kind}", head, at)
    return tuple(None if value == undefined else value for value in values)
