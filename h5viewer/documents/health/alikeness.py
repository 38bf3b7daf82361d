"""Units that point in nearly the same way, found without comparing all of their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_ROWS = 512  # values of a unit that are compared first
_FEW_ROWS = 128  # that these are added up to
_SCREENED = 0.9995  # cosine of those sums; the units' own is then computed
_BLOCK = 256


def much_alike(
    kept: NDArray[Any], strengths: NDArray[Any], numbers: NDArray[np.intp]
) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Positions in `numbers` of units, with those after them that point in nearly the same way.

    Rows spread evenly are added up, with signs by chance, to a few: what is alike stays so,
    and comparing those takes a quarter of the time (Charikar et al. 2002, "count sketch").

    Args:
        kept: (values of a unit, units).
        strengths: the largest magnitude of each unit, not 0 for those in `numbers`.
    """
    thin = kept[:: -(-len(kept) // _MOST_ROWS)]
    thin = thin if numbers.size == kept.shape[1] else thin[:, numbers]
    short = directions(_added_up(thin / strengths[numbers]))
    for start in range(0, numbers.size, _BLOCK):
        block = short[:, start : start + _BLOCK]
        alike = block.T @ short[:, start:] > _SCREENED
        if np.count_nonzero(alike) > block.shape[1]:  # more than each with itself
            for row in np.flatnonzero(alike.sum(axis=1) > 1):
                after = np.flatnonzero(alike[row, row + 1 :]) + (start + row + 1)
                if after.size:
                    yield start + int(row), after
        yield start, numbers[:0]


def _added_up(rows: NDArray[Any]) -> NDArray[Any]:
    """At most _FEW_ROWS rows, each the sum of some with signs that are the same every time."""
    n_each = -(-len(rows) // _FEW_ROWS)
    if n_each == 1:
        return rows
    n = len(rows) // n_each
    signs = _signs(n_each * n).astype(rows.dtype).reshape(n_each, n, 1)
    sums = np.zeros((n, rows.shape[1]), rows.dtype)
    for number in range(n_each):
        sums += rows[number : n * n_each : n_each] * signs[number]
    return sums


def _signs(count: int) -> NDArray[np.int64]:
    """1 and -1, scattered (Knuth's multiplicative hash); a confined worker cannot load NumPy's."""
    numbers = np.arange(count, dtype=np.int64)
    signs: NDArray[np.int64] = 1 - 2 * (numbers * numbers * 2654435761 >> 24 & 1)
    return signs


def directions(columns: NDArray[Any]) -> NDArray[np.float32]:
    """Each column at length 1; a column of zeros stays."""
    largest = np.abs(columns).max(axis=0, initial=0)
    # squares of 1e-200 would be zero
    scaled = columns / np.where(largest > 0, largest, 1)
    found: NDArray[np.float32] = scaled.astype(np.float32, copy=False)
    lengths = np.sqrt(np.einsum("ij,ij->j", found, found))
    found /= np.where(lengths > 0, lengths, 1)
    return found
