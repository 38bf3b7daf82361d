"""Opening a whole file as HDF5, and saying why it cannot be."""

from __future__ import annotations

import re

from h5viewer.errors import CannotOpen, Damaged
from h5viewer.formats.hdf5 import Hdf5Container
from h5viewer.formats.hdf5_errors import HDF5_ERRORS, is_out_of_memory, reason
from h5viewer.formats.hdf5_superblock import Superblock, find_superblock
from h5viewer.formats.hdf5_swmr import GrownFile, is_grown
from h5viewer.formats.source import ByteRange, Source
from h5viewer.nodes import Problem

_FETCH = "The copy or download is probably incomplete; fetch the file again."
_SHORTEST = 48  # bytes of any superblock up to the size it states
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
    grown = is_grown(source, superblock)
    stream = GrownFile(source, superblock) if grown else ByteRange(source)
    try:
        return Hdf5Container(source, stream, offset=0, problems=_problems(superblock))
    except (*HDF5_ERRORS, MemoryError) as error:
        raise _refusal(source, superblock, error) from error


def _problems(superblock: Superblock) -> tuple[Problem, ...]:
    """What the superblock says about the file's past."""
    if not superblock.is_marked_open:
        return ()
    message = (
        "A writer did not close this file: the program that writes it is still running or "
        "was killed. What it has saved so far is shown; the rest may be missing."
    )
    return (Problem(where="", message=message),)


def _refusal(source: Source, superblock: Superblock, error: BaseException) -> CannotOpen:
    words = reason(error)
    found, declared = source.size, None
    if found - superblock.offset < _SHORTEST:
        return CannotOpen(
            f"{source.name} is cut short: it ends after {found:,} bytes, in the first line of "
            "an HDF5 file.",
            hint=_FETCH,
            details=words,
        )
    if match := _STORED_EOF.search(words):
        declared = int(match[3])
    elif superblock.end is not None and superblock.offset + superblock.end > source.size:
        declared = superblock.offset + superblock.end
    if declared is not None and declared > found:
        return Damaged(
            f"{source.name} is cut short: it ends after {found:,} of {declared:,} bytes.",
            hint=_FETCH,
            details=words,
        )
    if superblock.is_marked_open:
        return Damaged(
            f"{source.name} was not closed by the program that wrote it, and nothing in it can "
            "be found.",
            hint="If that program is still running, try again when it has saved the file.",
            details=words,
        )
    if is_out_of_memory(error):
        return CannotOpen(f"{source.name} needs more memory to open than is allowed.")
    return Damaged(
        f"{source.name} begins like an HDF5 file but is damaged.",
        hint="Fetch the file again, or restore it from a backup.",
        details=words,
    )
