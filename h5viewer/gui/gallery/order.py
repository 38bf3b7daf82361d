"""Which pictures of a set are shown, in their order: all of them, or some."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Order:
    """Position in the gallery ↔ index in the data set; both rise together."""

    def __init__(self, n_pictures: int, indices: NDArray[np.integer] | None = None) -> None:
        """`indices`: only these, sorted; None: all."""
        self._indices = indices
        self.count = n_pictures if indices is None else len(indices)

    @classmethod
    def of(cls, n_pictures: int, indices: Iterable[int]) -> Order:
        """These, once each, as far as there are such."""
        wanted = np.unique(np.fromiter(indices, np.int64))
        return cls(n_pictures, wanted[(wanted >= 0) & (wanted < n_pictures)])

    @property
    def is_all(self) -> bool:
        """True when nothing is left out."""
        return self._indices is None

    def index(self, position: int) -> int:
        """Of the picture at a position."""
        return position if self._indices is None else int(self._indices[position])

    def indices(self, positions: Sequence[int]) -> list[int]:
        """Of pictures at positions."""
        if self._indices is None:
            return list(positions)
        return [int(each) for each in self._indices[np.asarray(positions, np.int64)]]

    def indices_of_runs(self, runs: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
        """Of pictures in runs of positions."""
        parts = [np.arange(start, stop, dtype=np.int64) for start, stop in runs]
        positions = np.concatenate(parts) if parts else np.empty(0, np.int64)
        return positions if self._indices is None else self._indices[positions].astype(np.int64)

    def position(self, index: int) -> int:
        """Where a picture is shown; −1: it is left out."""
        if self._indices is None:
            return index if 0 <= index < self.count else -1
        at = int(np.searchsorted(self._indices, index))
        return at if at < self.count and int(self._indices[at]) == index else -1
