"""Chosen pictures of a data set, in few reads: those of one chunk are taken out of it together."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_layouts import arranged, is_possible, picture_axis, picture_box
from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box
from h5viewer.formats.container import Container, StoredArray
from h5viewer.nodes import PictureLayout, PictureSet
from h5viewer.operations.cuts import as_numbers, named, require_numbers
from h5viewer.wording import shape_text

T = TypeVar("T")

_GAP = 64 << 10  # bytes read along rather than skipped
_SPARSE = 4  # times the pictures wanted that are read along, where that costs no read more
_LARGEST = 8 << 20  # bytes of a box that is taken as a whole
_WIDEST = 64 << 20  # ... where pictures do not lie one behind the other
_MOST_DECODED = 128 << 20
_SIDES = 4  # times the side asked for, to which large pictures are thinned out


class Run(NamedTuple):
    """Pictures that are read at once."""

    start: int
    stop: int
    wanted: tuple[int, ...]  # positions, ascending


class Pictures:
    """The pictures of one set."""

    def __init__(self, container: Container, pictures: PictureSet) -> None:
        """Nothing is read yet.

        Raises:
            CannotRead, TooLarge: no numbers there, or other ones than the set was made for.
        """
        self.array: StoredArray = container.array(pictures.node)
        self.layout: PictureLayout = pictures.layout
        facts = self.array.facts
        require_numbers(facts, insist=False)
        self.shape = facts.shape or ()
        if not is_possible(self.shape, self.layout):
            raise CannotRead(
                f"{named(facts)} has the shape {shape_text(self.shape)}, which other pictures "
                f"were expected of.",
                hint="Reload the file.",
            )
        self.axis = picture_axis(self.layout)
        self.length = self.shape[self.axis]
        self._largest = _WIDEST if self.axis else _LARGEST
        self.picture_bytes = max(1, facts.declared_bytes // max(1, self.length))

    def box(self, start: int, stop: int) -> Box:
        """Where pictures `start` to `stop` are."""
        return picture_box(self.shape, self.layout, start, stop)

    def require(self, indices: Sequence[int]) -> None:
        """Raise for positions beyond the last picture.

        Raises:
            CannotRead: there is one.
        """
        if any(not 0 <= index < self.length for index in indices):
            raise CannotRead(
                f"{named(self.array.facts)} has {self.length:,} pictures, not so many as were "
                "asked for."
            )

    def runs(self, indices: Sequence[int]) -> Iterator[Run]:
        """Positions grouped by what is read at once, in the order of the file."""
        cell = self.array.cell[self.axis]
        chunked = self.array.facts.chunks is not None
        group: list[int] = []
        for index in sorted(set(indices)):
            if group and not self._belongs(group, index, cell if chunked else 1):
                yield Run(group[0], group[-1] + 1, tuple(group))
                group = []
            group.append(index)
        if group:
            yield Run(group[0], group[-1] + 1, tuple(group))

    def _belongs(self, group: list[int], index: int, cell: int) -> bool:
        n_pictures = index + 1 - group[0]
        if n_pictures * self.picture_bytes > self._largest:
            return False
        is_same_cell = cell > 1 and index // cell == group[-1] // cell
        if cell > 1:  # other chunks are decoded by other threads
            return is_same_cell
        if self.axis:  # all rows of all pictures lie beside each other
            return n_pictures <= _SPARSE * (len(group) + 16)
        return (index - group[-1] - 1) * self.picture_bytes <= _GAP

    def each(
        self, indices: Sequence[int], work: Callable[[NDArray[Any]], T], side: int
    ) -> Generator[tuple[tuple[int, ...], T], None, None]:
        """Positions, and what `work` makes of their pictures (pictures, rows, columns, channels).

        `work` may run in several threads; what it gets is valid until it returns. Pictures too
        large to be held are thinned out to some times `side`.
        """
        runs = list(self.runs(indices))
        whole = [run for run in runs if self._is_handy(run)]
        large = [run for run in runs if not self._is_handy(run)]
        by_start = {run.start: run for run in whole}
        boxes = (self.box(run.start, run.stop) for run in whole)

        def take(box: Box, values: NDArray[Any]) -> T:
            run = by_start[box[self.axis].start]
            return work(self._picked(values, run))

        with closing(self.array.process(boxes, take)) as results:
            for box, result in results:
                yield by_start[box[self.axis].start].wanted, result
        for run in large:
            yield run.wanted, work(self._thinned(run, side))

    def _is_handy(self, run: Run) -> bool:
        n_bytes = (run.stop - run.start) * self.picture_bytes
        cost = self.array.cost(self.box(run.start, run.stop))
        return n_bytes <= self._largest and cost <= _MOST_DECODED

    def _picked(self, values: NDArray[Any], run: Run) -> NDArray[Any]:
        pictures = arranged(as_numbers(values), self.layout)
        if len(run.wanted) == run.stop - run.start:
            return pictures
        return pictures[[index - run.start for index in run.wanted]]

    def _thinned(self, run: Run, side: int) -> NDArray[Any]:
        """Evenly spread rows and columns of pictures too large to be held, box by box."""
        grids = self._grids(run, side)
        found: NDArray[Any] | None = None
        region = self.box(run.start, run.stop)
        for box in self.array.boxes(region, _LARGEST):
            own = [
                grid[(grid >= part.start) & (grid < part.stop)]
                for grid, part in zip(grids, box, strict=True)
            ]
            if any(not len(each) for each in own):
                continue
            values = as_numbers(self.array.read(box))
            if found is None:
                found = np.zeros([len(grid) for grid in grids], values.dtype)
            inner = [each - part.start for each, part in zip(own, box, strict=True)]
            outer = [np.searchsorted(grid, each) for grid, each in zip(grids, own, strict=True)]
            found[np.ix_(*outer)] = values[np.ix_(*inner)]
        if found is None:
            raise CannotRead(f"{named(self.array.facts)} has no pictures there.")
        return arranged(found, self.layout)

    def _grids(self, run: Run, side: int) -> list[NDArray[np.intp]]:
        """Of each axis of the dataset, the positions that are taken."""
        grids: list[NDArray[np.intp]] = []
        for axis, length in enumerate(self.shape):
            letter = (
                "n" if axis == self.axis else "?" if self.layout.is_flat else self.layout.axes[axis]
            )
            if letter == "n":
                grids.append(np.array(run.wanted, np.intp))
            elif letter in "hw":
                count = min(length, _SIDES * side)
                grids.append(np.arange(count, dtype=np.intp) * length // count)
            else:
                grids.append(np.arange(length, dtype=np.intp))
        return grids
