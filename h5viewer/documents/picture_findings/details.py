"""Whether two pictures with alike patterns are alike when looked at closely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_findings.likeness import (
    LIKE_COLOURS,
    LIKE_IN_DETAIL,
    LIKE_ON_GROUND,
    LIKE_PIXEL_BY_PIXEL,
)
from h5viewer.documents.picture_findings.measures import averages
from h5viewer.nodes import PictureLayout

MOST_BYTES = 256 << 20
"""Of small versions that are kept at a time."""

_CELLS = 24  # along each side of larger pictures
_MOST_PIXELS = 32  # of a side, up to which pictures are compared pixel by pixel
_PIECE = 2048  # pairs compared at once
_EVEN_SHARE = 0.6  # of the cells along the border, that make a ground
_GROUND = 0.08  # of the range of a picture, that its ground may differ by
_SHADED = 0.07  # of it: less is an outline that is filled
_FEWEST = 8  # cells beside the ground


class Close:
    """Small versions of pictures of several sets, all with the same cells."""

    def __init__(self, layouts: Sequence[PictureLayout]) -> None:
        """The cells that suit pictures in these layouts."""
        sizes = {(layout.height, layout.width) for layout in layouts}
        sides = max(sizes)
        self._is_by_pixel = len(sizes) == 1 and max(sides) <= _MOST_PIXELS
        self.cells = sides if self._is_by_pixel else (_CELLS, _CELLS)
        self._is_coloured = any(layout.channels >= 3 for layout in layouts)

    @property
    def side(self) -> int:
        """Cells of the longer side."""
        return max(self.cells)

    @property
    def n_numbers(self) -> int:
        """Of a small version: its brightness, then all its channels."""
        n_cells = self.cells[0] * self.cells[1]
        return n_cells * (4 if self._is_coloured else 1)

    @property
    def most(self) -> int:
        """Pictures whose small versions may be kept."""
        return MOST_BYTES // (4 * self.n_numbers)

    def take(self, pictures: NDArray[Any], layout: PictureLayout) -> NDArray[np.float32]:
        """(pictures, rows, columns, channels) → (pictures, n_numbers); in any thread."""
        n, height, width, channels = pictures.shape
        kept = 3 if channels >= 3 else 1
        columns = np.zeros((width, channels, self.cells[1], kept), np.float32)
        for channel in range(kept):
            columns[:, channel, :, channel] = averages(width, self.cells[1]).T
        with np.errstate(all="ignore"):
            numbers = np.ascontiguousarray(pictures).reshape(n, height, -1)
            rows = np.matmul(averages(height, self.cells[0]), numbers.astype(np.float32))
            cells = rows.reshape(n * self.cells[0], -1) @ columns.reshape(width * channels, -1)
        cells = cells.reshape(n, -1, kept)
        cells = cells[..., ::-1] if layout.is_bgr and kept == 3 else cells
        found = np.zeros((n, self.n_numbers), np.float32)
        n_cells = cells.shape[1]
        found[:, :n_cells] = _unit(cells.mean(axis=2))
        if kept == 3:
            found[:, n_cells:] = _unit(cells.reshape(n, -1))
        return found

    def alike(
        self,
        seen: NDArray[np.float32],
        pairs: NDArray[np.int64],
        is_coloured: NDArray[np.bool_],
    ) -> Iterator[NDArray[np.bool_]]:
        """Which pairs of rows of `seen` are, some at a time; `is_coloured` of each row."""
        limit = LIKE_PIXEL_BY_PIXEL if self._is_by_pixel else LIKE_IN_DETAIL
        n_cells = self.cells[0] * self.cells[1]
        brightness, colours = seen[:, :n_cells], seen[:, n_cells:]
        for start in range(0, len(pairs), _PIECE):
            some = pairs[start : start + _PIECE]
            found = _correlations(brightness, some) >= limit
            are_both = is_coloured[some].all(axis=1)
            both = np.flatnonzero(found & are_both)
            if len(both):
                found[both] = _correlations(colours, some[both]) >= LIKE_COLOURS
            for chosen, shades in ((~are_both, brightness), (are_both, colours)):
                left = np.flatnonzero(found & chosen)
                found[left] = self._alike_on_ground(brightness, shades, some[left])
            yield found

    def _alike_on_ground(
        self,
        brightness: NDArray[np.float32],
        shades: NDArray[np.float32],
        pairs: NDArray[np.int64],
    ) -> NDArray[np.bool_]:
        """False for pairs that have little but their outline in common: icons, sprites.

        An outline before white or black outweighs all that is drawn inside of it.
        """
        sides = [self._besides_ground(brightness[end]) for end in pairs.T]
        found = np.ones(len(pairs), bool)
        asked = np.flatnonzero(sides[0][1] & sides[1][1])
        if not len(asked):
            return found
        is_seen = (sides[0][0] | sides[1][0])[asked]
        n_seen = is_seen.sum(axis=1)
        counts = np.repeat(is_seen, shades.shape[1] // is_seen.shape[1], axis=1).astype(np.float32)
        n_counted = np.maximum(counts.sum(axis=1), 1)
        inner, spreads = [], []
        for end in pairs[asked].T:
            values = shades[end]
            mean = _products(values, counts) / n_counted
            inner.append((values - mean[:, None]) * counts)
            deviation = np.sqrt(_products(inner[-1], inner[-1]) / n_counted)
            spreads.append(deviation / np.maximum(np.ptp(values, axis=1), 1e-30))
        is_shaded = (n_seen >= _FEWEST) & (np.maximum(*spreads) >= _SHADED)
        product = _products(*inner)
        sizes = np.sqrt(_products(inner[0], inner[0]) * _products(inner[1], inner[1]))
        found[asked] = ~is_shaded | (product >= LIKE_ON_GROUND * sizes)
        return found

    def _besides_ground(
        self, rows: NDArray[np.float32]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Cells that differ from the ground, and which pictures have one along their border."""
        cells = rows.reshape(-1, *self.cells)
        border = [cells[:, 0], cells[:, -1], cells[:, 1:-1, 0], cells[:, 1:-1, -1]]
        around = np.concatenate(border, axis=1)
        ground = np.median(around, axis=1)[:, None]
        apart = _GROUND * np.ptp(rows, axis=1)[:, None]
        is_even = (np.abs(around - ground) < apart).mean(axis=1) > _EVEN_SHARE
        return np.abs(rows - ground) > apart, is_even


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows less their mean, of length 1; of constant ones 0."""
    with np.errstate(all="ignore"):
        rows = rows - rows.mean(axis=1, keepdims=True)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        is_one = np.isfinite(lengths) & (lengths > 0)
        rows[is_one] /= lengths[is_one, None]
        rows[~is_one] = 0
        return rows


def _correlations(units: NDArray[np.float32], pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    return _products(units[pairs[:, 0]], units[pairs[:, 1]])


def _products(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """The scalar product of each row with the other's."""
    found: NDArray[np.float32] = np.einsum("ij,ij->i", one, other)
    return found
