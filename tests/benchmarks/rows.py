"""What a benchmark says: one row a promise, ours beside its floor of the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One measurement. `limit` is of the ratio where there is a floor, else of `ours`."""

    name: str
    ours: float
    floor: float | None = None
    limit: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        """How often the floor fits into ours."""
        return self.ours / self.floor if self.floor else None

    @property
    def holds(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        if self.limit is None:
            return None
        return (self.ours if self.ratio is None else self.ratio) <= self.limit


Benchmark = Callable[[Path, float], Iterator[Row]]
"""(folder for its files, size relative to the promise's) → rows, as they are measured.

Files that the folder has from an earlier run are used again.
"""
