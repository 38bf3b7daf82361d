"""Stored numbers that look overwritten, in a part of a file that is known to be damaged.

A lost sector or page reads as zeros or as bytes 255, from one multiple of 512 to another; what
something else has written there reads as numbers that no weight has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

ReadAt = Callable[[int, int], bytes]

_SECTOR = 512
_PIECE = 4 << 20  # bytes; a multiple of _SECTOR
_NEXT = 8  # bytes beside a sector that have to be of another kind
_LARGEST = 1e20
_BLANK = (0, 255)


def look_overwritten(
    read_at: ReadAt, start: int, length: int, outer: int, dtype: np.dtype[np.generic] | None
) -> Iterator[int | bool]:
    """Whether a run of stored bytes does; yields bytes, at last the answer.

    Args:
        read_at: reads what is left.
        start: where the run begins for it.
        length: of the run.
        outer: what has to be added for positions in the file on the disk.
        dtype: of the numbers, where they are floats; None: others.
    """
    for at in range(start, start + length, _PIECE):
        before = min(_NEXT, at - start)
        stop = min(at + _PIECE + _SECTOR, start + length)
        data = np.frombuffer(read_at(at - before, stop - at + before), np.uint8)
        if _has_blank_sectors(data, at - before + outer):
            yield True
            return
        if dtype is not None and _has_absurd(data[before:], dtype):
            yield True
            return
        yield min(_PIECE, stop - at)
    yield False


def _has_blank_sectors(data: NDArray[np.uint8], position: int) -> bool:
    """True where whole sectors hold one byte, and what is beside them another."""
    first = -position % _SECTOR
    n_sectors = (len(data) - first) // _SECTOR
    if n_sectors <= 0:
        return False
    sectors = data[first : first + n_sectors * _SECTOR].reshape(n_sectors, _SECTOR)
    for value in _BLANK:
        blank = (sectors == value).all(axis=1)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], blank, [False]]).astype(np.int8)))
        for start, stop in edges.reshape(-1, 2):
            left = data[max(0, first + start * _SECTOR - _NEXT) : first + start * _SECTOR]
            right = data[first + stop * _SECTOR :][:_NEXT]
            is_whole_run = len(left) + len(right) == 0
            if not is_whole_run and _ends(left, value) and _ends(right, value):
                return True
    return False


def _ends(beside: NDArray[np.uint8], value: int) -> bool:
    """True where a blank run ends with its sector: the next bytes are others, or there are none."""
    return not len(beside) or bool((beside != value).any())


def _has_absurd(data: NDArray[np.uint8], dtype: np.dtype[np.generic]) -> bool:
    whole = len(data) // dtype.itemsize * dtype.itemsize
    with np.errstate(all="ignore"):
        values = np.abs(data[:whole].view(dtype).astype(np.float64))
    return not bool((values <= _LARGEST).all())
