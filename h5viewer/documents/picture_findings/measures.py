"""A few numbers of each picture, taken while it is in the cache: everything else rests on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.nodes import PictureLayout

GRID = 8
"""Cells of a pattern along each side."""

_ROWS = 4  # that are enough for a cell: of larger pictures rows are skipped
_UNIT = 32  # of a pattern: one standard deviation; 127 is four
_SEED = 7  # of the numbers that pixels are multiplied with: any, but always the same
_WORD = 8  # bytes
_EVEN = 0.05  # of the range of a picture


class Measures(msgspec.Struct, frozen=True):
    """Of n pictures, in their order."""

    low: NDArray[np.float64]  # (n,) least finite value; of none NaN
    high: NDArray[np.float64]  # (n,)
    spread: NDArray[np.float64]  # (n,) from the least to the greatest value of one channel
    n_odd: NDArray[np.int32]  # (n,) values that are NaN or infinite
    content: NDArray[np.uint64]  # (n,) the same for the same stored values in the same shape
    pattern: NDArray[np.int8]  # (n, GRID x GRID) brightness less its mean, over its deviation

    @property
    def length(self) -> int:
        """How many pictures."""
        return len(self.low)


def joined(parts: Sequence[Measures]) -> Measures:
    """One after the other."""
    return Measures(
        low=np.concatenate([part.low for part in parts]) if parts else np.zeros(0),
        high=np.concatenate([part.high for part in parts]) if parts else np.zeros(0),
        spread=np.concatenate([part.spread for part in parts]) if parts else np.zeros(0),
        n_odd=np.concatenate([part.n_odd for part in parts] or [np.zeros(0, np.int32)]),
        content=np.concatenate([part.content for part in parts] or [np.zeros(0, np.uint64)]),
        pattern=np.concatenate(
            [part.pattern for part in parts] or [np.zeros((0, GRID * GRID), np.int8)]
        ),
    )


class Measuring:
    """Takes pictures of one layout and type; from several threads at once."""

    def __init__(self, layout: PictureLayout, dtype: np.dtype[Any]) -> None:
        """Nothing is measured yet."""
        height, width, channels = layout.height, layout.width, layout.channels
        self._step = max(1, height // (GRID * _ROWS))
        self._rows = averages(-(-height // self._step), GRID)
        # columns and channels in one: what follows each other in memory stays together
        self._columns = np.repeat(averages(width, GRID).T, channels, axis=0) / channels
        n_words = -(-height * width * channels * dtype.itemsize // _WORD)
        numbers = np.random.default_rng(_SEED).integers(0, 2**63, n_words, np.uint64)
        self._factors = 2 * numbers + np.uint64(1)

    def take(self, pictures: NDArray[Any]) -> Measures:
        """Measure (pictures, rows, columns, channels)."""
        pictures = np.ascontiguousarray(pictures)
        if pictures.dtype == bool:
            pictures = pictures.view(np.uint8)
        flat = pictures.reshape(len(pictures), -1)
        content = self._content(flat)
        low, high, n_odd = _range(flat)
        if n_odd.any():
            pictures = np.nan_to_num(pictures, posinf=0, neginf=0)
        spread = _spread(pictures, low, high)
        return Measures(low, high, spread, n_odd, content, self._pattern(pictures))

    def _content(self, flat: NDArray[Any]) -> NDArray[np.uint64]:
        stored = flat.view(np.uint8)
        n_bytes = len(self._factors) * _WORD
        if stored.shape[1] < n_bytes:
            padded = np.zeros((len(stored), n_bytes), np.uint8)
            padded[:, : stored.shape[1]] = stored
            stored = padded
        words = stored.view(np.uint64)
        # High bits would only reach high bits of the sum: a change in two of them got lost.
        mixed = words >> np.uint64(32)
        mixed ^= words
        found: NDArray[np.uint64] = np.einsum("ij,j->i", mixed, self._factors)
        return found

    def _pattern(self, pictures: NDArray[Any]) -> NDArray[np.int8]:
        n = len(pictures)
        with np.errstate(all="ignore"):
            rows = self._row_means(pictures.reshape(n, pictures.shape[1], -1))
            cells = (rows.reshape(n * GRID, -1) @ self._columns).reshape(n, GRID * GRID)
            cells -= cells.mean(axis=1, keepdims=True)
            contrast = np.sqrt(np.einsum("ij,ij->i", cells, cells) / (GRID * GRID))
            contrast[~np.isfinite(contrast)] = 0
            cells *= (_UNIT / np.maximum(contrast, np.float32(1e-30)))[:, None]
            np.rint(cells, out=cells)
            np.clip(cells, -127, 127, out=cells)
            pattern: NDArray[np.int8] = np.nan_to_num(cells, copy=False).astype(np.int8)
            return pattern

    def _row_means(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """(pictures, rows, numbers) → (pictures, GRID, numbers)."""
        n, height, width = rows.shape
        if rows.dtype != np.uint8 or height % (GRID * self._step):
            numbers = rows[:, :: self._step].astype(np.float32, order="C", copy=False)
            means: NDArray[np.float32] = np.matmul(self._rows, numbers)
            return means
        parts = rows.reshape(n, GRID, height // GRID, width)[:, :, :: self._step]
        sums = parts[:, :, 0].astype(np.uint16)  # of 7 rows at most: twice as fast as floats
        for number in range(1, parts.shape[2]):
            sums += parts[:, :, number]
        return sums.astype(np.float32) / np.float32(parts.shape[2])


def averages(length: int, n_cells: int) -> NDArray[np.float32]:
    """(n_cells, length): each row takes the mean of its share of a side, parts of pixels too."""
    edges = np.arange(n_cells + 1) * (length / n_cells)
    pixels = np.arange(length)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    shares: NDArray[np.float32] = (np.maximum(covered, 0) * (n_cells / length)).astype(np.float32)
    return shares


def _spread(
    pictures: NDArray[Any], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Within a channel, where one may be alike all over though the channels are not.

    That two rows tell, so that few are looked at closely.
    """
    with np.errstate(all="ignore"):
        found = high - low
        if pictures.shape[-1] == 1:
            return found
        rows = pictures[:, [0, pictures.shape[1] // 2]]
        apart = (rows.max(axis=2).astype(np.float64) - rows.min(axis=2)).max(axis=(1, 2))
        for at in np.flatnonzero(apart <= _EVEN * found):
            each = pictures[at]
            found[at] = (each.max(axis=(0, 1)).astype(np.float64) - each.min(axis=(0, 1))).max()
        return found


def _range(
    flat: NDArray[Any],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32]]:
    with np.errstate(all="ignore"):
        low = flat.min(axis=1).astype(np.float64)
        high = flat.max(axis=1).astype(np.float64)
    n_odd = np.zeros(len(flat), np.int32)
    odd = np.flatnonzero(~(np.isfinite(low) & np.isfinite(high)))
    if len(odd):
        values = flat[odd].astype(np.float64)
        is_finite = np.isfinite(values)
        n_odd[odd] = values.shape[1] - is_finite.sum(axis=1)
        low[odd] = np.where(is_finite, values, np.inf).min(axis=1)
        high[odd] = np.where(is_finite, values, -np.inf).max(axis=1)
        is_none = low > high
        low[is_none] = high[is_none] = np.nan
    return low, high, n_odd
