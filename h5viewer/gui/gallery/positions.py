"""Positions in the gallery that are chosen: any of a billion, as a few runs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice


class Positions:
    """Kept as runs without gaps, in their order: all of a million are one run."""

    def __init__(self) -> None:
        self._runs: list[tuple[int, int]] = []  # start, stop

    def __len__(self) -> int:
        return sum(stop - start for start, stop in self._runs)

    def __contains__(self, position: int) -> bool:
        at = bisect_right(self._runs, position, key=lambda run: run[0]) - 1
        return at >= 0 and position < self._runs[at][1]

    def __iter__(self) -> Iterator[int]:
        for start, stop in self._runs:
            yield from range(start, stop)

    @property
    def runs(self) -> tuple[tuple[int, int], ...]:
        """Start and stop of each."""
        return tuple(self._runs)

    def first(self, most: int) -> list[int]:
        """The first ones."""
        return list(islice(self, most))

    def clear(self) -> None:
        """None."""
        self._runs = []

    def set_only(self, start: int, stop: int) -> None:
        """These and no others."""
        self._runs = [(start, stop)] if start < stop else []

    def add(self, start: int, stop: int) -> None:
        """These as well."""
        if start >= stop:
            return
        apart = [run for run in self._runs if run[1] < start or run[0] > stop]
        met = [run for run in self._runs if not (run[1] < start or run[0] > stop)]
        whole = (min([start, *(run[0] for run in met)]), max([stop, *(run[1] for run in met)]))
        self._runs = sorted([*apart, whole])

    def remove(self, start: int, stop: int) -> None:
        """These no more."""
        if start >= stop:
            return
        left: list[tuple[int, int]] = []
        for run in self._runs:
            left += [(run[0], min(run[1], start)), (max(run[0], stop), run[1])]
        self._runs = [(first, last) for first, last in left if first < last]

    def toggle(self, position: int) -> None:
        """Choose one, or no longer."""
        change = self.remove if position in self else self.add
        change(position, position + 1)
