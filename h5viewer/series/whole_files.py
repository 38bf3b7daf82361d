"""Whether a file was written to its end, by the few bytes that say so.

While HDF5 writes a new file its header states another length than the file has; a zip archive
has no directory before it is closed. The index of a checkpoint is written last.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from h5viewer.names import visible
from h5viewer.series.members import Member

_HDF5 = b"\x89HDF\r\n\x1a\n"
_WRITING = 0x01  # of the flags in superblocks of version 3
_ZIP, _ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
_LONGEST_END = 22 + 65_535  # of an archive: its last record with a comment
_QUIET = 30.0  # seconds without a change: what is odd then is not being written any more


def is_whole(path: str, *, now: float | None = None) -> bool:
    """False for a file that is cut short or still being written.

    Args:
        path: of an HDF5 file or an archive; all others are whole.
        now: seconds since 1970; None: now.
    """
    try:
        with Path(path).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            start = file.read(64)
            is_quiet = (time.time() if now is None else now) - Path(path).stat().st_mtime > _QUIET
            if start.startswith(_HDF5):
                return _is_whole_hdf5(start, size, is_quiet=is_quiet)
            if start.startswith(_ZIP):
                return _has_directory(file, size)
            return size > 0
    except OSError:
        return False  # gone, or not to be read


def _is_whole_hdf5(start: bytes, size: int, *, is_quiet: bool) -> bool:
    """A file that nobody touches may be longer than it says; a shorter one is cut."""
    if len(start) <= len(_HDF5):
        return False
    version = start[8]
    at = {0: 40, 1: 44}.get(version, 28)
    if len(start) < at + 8:
        return False
    (end,) = struct.unpack_from("<Q", start, at)
    if start[13 if version < 2 else 9] != 8:  # addresses of another width: old and rare
        return True
    is_written = version == 3 and bool(start[11] & _WRITING)
    return end <= size if is_quiet else end == size and not is_written


def _has_directory(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - _LONGEST_END))
    return _ZIP_END in file.read()


def left_alone(members: Iterable[Member]) -> tuple[str, ...]:
    """A sentence about saved states that are not whole; none where there are none."""
    names = sorted(Path(member.files[0]).name for member in members)
    if not names:
        return ()
    if len(names) == 1:
        return (f"{visible(names[0])} is left alone until it is whole.",)
    return (f"{len(names):,} files are left alone until they are whole.",)
