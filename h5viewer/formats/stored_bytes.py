"""Long runs of bytes moved from one open file to another, and compared.

Where the system can (Linux) they never pass through this program: through HDF5 and Python a
copy took six times as long as `cp`.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from h5py import h5d
from isal import isal_zlib
from numpy.typing import NDArray

from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source

_PIECE = 16 << 20  # bytes of one call to the system: some 5 ms
_COMPARED = 1 << 20  # bytes compared at once: both sides stay in the processor's cache
_CANNOT = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}
_kept = threading.local()


class Stored(NamedTuple):
    """An HDF5 file inside an open one."""

    source: Source
    offset: int  # of its first byte


def run_of(dsid: h5d.DatasetID) -> tuple[int, int] | None:
    """Where all values of a dataset are in its HDF5 file, and how many bytes; None: in pieces."""
    if dsid.get_create_plist().get_layout() != h5d.CONTIGUOUS:
        return None
    start, n_bytes = dsid.get_offset(), dsid.get_storage_size()
    return None if start is None or not n_bytes else (start, n_bytes)


def copy_run(here: Stored, start: int, n_bytes: int, there: Scratch, to: int) -> Iterator[int]:
    """Copy bytes, in pieces; a refusal of the disk is kept by `there`.

    Args:
        here: where from, `start` counts from its offset.
        there: where to, `to` counts from its start.

    Raises:
        EOFError: the source is shorter than it was.
    """
    done, by_system = 0, hasattr(os, "copy_file_range")
    while done < n_bytes and there.error is None:
        at, most = here.offset + start + done, min(_PIECE, n_bytes - done)
        if by_system:
            try:
                n_copied = os.copy_file_range(
                    here.source.fd, there.fd, most, at, there.start + to + done
                )
            except OSError as error:
                if error.errno in _CANNOT:  # another disk, an old kernel
                    by_system = False
                    continue
                there.error = error
                return
        else:
            buffer = _buffers()[0].data[: min(most, _COMPARED)]
            n_copied = here.source.read_into(at, buffer)
            there.seek(to + done)
            there.write(buffer[:n_copied])
        if not n_copied:
            raise EOFError
        done += n_copied
        yield n_copied


def same_run(here: Stored, start: int, n_bytes: int, there: Scratch, to: int) -> Iterator[int]:
    """Bytes that were compared, in pieces, up to the first difference."""
    first, second = _buffers()
    for done in range(0, n_bytes, _COMPARED):
        length = min(_COMPARED, n_bytes - done)
        n_here = here.source.read_into(here.offset + start + done, first.data[:length])
        there.seek(to + done)
        n_there = there.readinto(second.data[:length])
        if (n_here, n_there) != (length, length) or not _same(first, second, length):
            return
        yield length


def checksum_of(there: Scratch, start: int, n_bytes: int) -> int | None:
    """Of bytes as they are read back; None: they end before."""
    buffer, checksum = _buffers()[0], 0
    for done in range(0, n_bytes, _COMPARED):
        part = buffer.data[: min(_COMPARED, n_bytes - done)]
        if there.read_at(start + done, part) != len(part):
            return None
        checksum = isal_zlib.crc32(part, checksum)
    return checksum


def _same(first: NDArray[np.uint8], second: NDArray[np.uint8], length: int) -> bool:
    n_words = length // 8
    here, there = (each.view(np.uint64)[:n_words] for each in (first, second))
    rest = slice(8 * n_words, length)
    return np.array_equal(here, there) and np.array_equal(first[rest], second[rest])


def _buffers() -> list[NDArray[np.uint8]]:
    """Two of this thread's own: new ones cost page faults, a third of the time."""
    buffers: list[NDArray[np.uint8]] | None = getattr(_kept, "buffers", None)
    if buffers is None:
        buffers = _kept.buffers = [np.empty(_COMPARED, np.uint8) for _ in range(2)]
    return buffers
