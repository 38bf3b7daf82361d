"""Opening a whole file as HDF5, and saying why it cannot be."""

from __future__ import annotations

import re

from h5viewer.errors import CannotOpen
from h5viewer.formats.hdf5 import Hdf5Container
from h5viewer.formats.hdf5_errors import HDF5_ERRORS, is_out_of_memory, reason
from h5viewer.formats.hdf5_superblock import Superblock, find_superblock
from h5viewer.formats.source import Source
from h5viewer.nodes import Problem

_STORED_EOF = re.compile(r"eof = (\d+), sblock->base_addr = (\d+), stored_eof = (\d+)")


def is_hdf5(source: Source) -> bool:
    """True when the HDF5 signature stands at 0, 512, 1024, 2048 ..."""
    return find_superblock(source) is not None


def open_hdf5(source: Source) -> Hdf5Container:
    """Open a source as HDF5.

    Raises:
        CannotOpen: cut short, or damaged where HDF5 begins to read.
    """
    superblock = find_superblock(source)
    if superblock is None:
        raise CannotOpen(f"{source.name} is not an HDF5 file.")
    try:
        return Hdf5Container(source, problems=opening_problems(superblock))
    except (*HDF5_ERRORS, MemoryError) as error:
        raise _refusal(source, superblock, error) from error


def opening_problems(superblock: Superblock) -> tuple[Problem, ...]:
    """What the superblock says about the file's past."""
    if not superblock.is_marked_open:
        return ()
    message = (
        "A writer did not close this file: the program that wrote it is still running or "
        "was killed. What it had written so far is shown; the last of it may be missing."
    )
    return (Problem(where="", message=message),)


def _refusal(source: Source, superblock: Superblock, error: BaseException) -> CannotOpen:
    words = reason(error)
    found, declared = source.size, None
    if match := _STORED_EOF.search(words):
        declared = int(match[3])
    elif superblock.end is not None and superblock.offset + superblock.end > source.size:
        declared = superblock.offset + superblock.end
    if declared is not None and declared > found:
        return CannotOpen(
            f"{source.name} is cut short: it ends after {found:,} of {declared:,} bytes.",
            hint="The copy or download is probably incomplete; fetch the file again.",
            details=words,
        )
    if is_out_of_memory(error):
        return CannotOpen(f"{source.name} needs more memory to open than is allowed.")
    return CannotOpen(
        f"{source.name} begins like an HDF5 file but is damaged.",
        hint="Fetch the file again, or restore it from a backup.",
        details=words,
    )
