"""Chosen pictures of a data set, in few reads: those of one chunk are taken out of it together."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_layouts import arranged, is_possible, picture_axis, picture_box
from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, box_shape, within
from h5viewer.formats.container import Container, StoredArray
from h5viewer.names import NodePath
from h5viewer.nodes import PictureLayout, PictureSet
from h5viewer.operations.cuts import READ_BUDGET, as_numbers, named, require_numbers
from h5viewer.requests import Progress
from h5viewer.wording import only_looked_at, plural, shape_text

T = TypeVar("T")

_GAP = 64 << 10  # bytes read along rather than skipped
_SPARSE = 4  # times the pictures wanted that are read along, where that costs no read more
_LARGEST = 8 << 20  # bytes of pictures that lie behind each other, read at once
_WIDEST = 64 << 20  # ... of those in a chunk, or beside each other
_MOST_DECODED = 128 << 20
_KEPT = 48 << 20  # bytes of pictures that are kept decoded where a few cost as much as many
_CHEAP = 4 << 20  # bytes decoded for one run, which nothing is kept for
_DEAR = 4  # times the bytes wanted
_PIECE = 1 << 20
_BLOCK = "pictures beside each other"
_SIDES = 4  # times the side asked for, to which large pictures are thinned out


def require_positions(indices: Sequence[int], length: int, title: str) -> None:
    """Raise for positions beyond the last picture of the set that is called `title`.

    Raises:
        CannotRead: there is one.
    """
    beyond = next((index for index in indices if not 0 <= index < length), None)
    if beyond is not None:
        raise CannotRead(
            f"There is no picture {beyond:,} in {title}, which has "
            f"{plural(length, 'picture')}, counted from 0."
        )


class Run(NamedTuple):
    """Pictures that are read at once."""

    start: int
    stop: int
    wanted: tuple[int, ...]  # positions, ascending


class Taken(NamedTuple, Generic[T]):
    """What came of some pictures; None: they cannot be read."""

    wanted: tuple[int, ...]
    result: T | None


class _Block(NamedTuple):
    """Pictures beside each other, decoded."""

    node: NodePath
    start: int
    stop: int
    values: NDArray[Any]  # in the layout of the file

    def holds(self, node: NodePath, run: Run) -> bool:
        """True when the run is in it."""
        return self.node == node and self.start <= run.start and run.stop <= self.stop


class Pictures:
    """The pictures of one set."""

    def __init__(self, container: Container, pictures: PictureSet) -> None:
        """Nothing is read yet.

        Raises:
            CannotRead, TooLarge: no numbers there, or other ones than the set was made for.
        """
        if pictures.is_loose:
            raise CannotRead(only_looked_at(pictures))
        self.array: StoredArray = container.array(pictures.node)
        self.layout: PictureLayout = pictures.layout
        self._kept = container.source.kept
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
        self.picture_bytes = max(1, facts.declared_bytes // max(1, self.length))

    @property
    def dtype(self) -> np.dtype[Any]:
        """What its numbers are read as; asks the file."""
        return as_numbers(self.array.read(self.box(0, 0))).dtype

    def box(self, start: int, stop: int) -> Box:
        """Where pictures `start` to `stop` are."""
        return picture_box(self.shape, self.layout, start, stop)

    def require(self, indices: Sequence[int]) -> None:
        """Raise for positions beyond the last picture.

        Raises:
            CannotRead: there is one.
        """
        require_positions(indices, self.length, named(self.array.facts))

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
        n_bytes = n_pictures * self.picture_bytes
        if cell > 1:  # other chunks are decoded by other threads
            return index // cell == group[-1] // cell and n_bytes <= _WIDEST
        if self.axis:  # all rows of all pictures lie beside each other
            return n_pictures <= _SPARSE * (len(group) + 16) and n_bytes <= _WIDEST
        gap = (index - group[-1] - 1) * self.picture_bytes
        return gap <= _GAP and n_bytes <= _LARGEST

    def each(
        self, indices: Sequence[int], work: Callable[[NDArray[Any]], T], side: int
    ) -> Generator[Progress | Taken[T], None, None]:
        """What `work` makes of the pictures there: (pictures, rows, columns, channels).

        `work` may run in several threads; what it gets is valid until it returns. Pictures too
        large to be held are thinned out to some times `side`. Damage costs only those that stand
        in what is damaged.

        Raises:
            CannotRead, TooLarge: none of them can be read.
        """
        runs = list(self.runs(indices))
        cheap = [run for run in runs if self._is_handy(run) and not self._has_block(run)]
        dear = [run for run in runs if not self._is_handy(run) or self._has_block(run)]
        damage: CannotRead | None = None
        n_taken = 0
        try:
            for taken in self._together(list(cheap), work):
                cheap.pop(0)
                n_taken += 1
                yield taken
        except CannotRead as error:
            damage = error
        for run in [*cheap, *dear]:
            try:
                yield Taken(run.wanted, work((yield from self._alone(run, side))))
                n_taken += 1
            except CannotRead as error:
                damage = damage or error
                yield Taken(run.wanted, None)
        if damage is not None and not n_taken:
            raise damage

    def _together(
        self, runs: Sequence[Run], work: Callable[[NDArray[Any]], T]
    ) -> Generator[Taken[T], None, None]:
        by_start = {run.start: run for run in runs}
        boxes = (self.box(run.start, run.stop) for run in runs)

        def take(box: Box, values: NDArray[Any]) -> T:
            return work(self._picked(values, by_start[box[self.axis].start]))

        with closing(self.array.process(boxes, take)) as results:
            for box, result in results:
                yield Taken(by_start[box[self.axis].start].wanted, result)

    def _alone(self, run: Run, side: int) -> Generator[Progress, None, NDArray[Any]]:
        yield Progress(done=0)
        if self._has_block(run):
            return self._picked((yield from self._block(run)), run)
        if self._is_handy(run):
            return self._picked(self.array.read(self.box(run.start, run.stop)), run)
        return (yield from self._thinned(run, side))

    def _has_block(self, run: Run) -> bool:
        """True when far more is decoded for these than they are: their neighbours are kept."""
        if self.array.facts.chunks is None or self.array.cell[self.axis] == 1:
            return False
        cost = self.array.cost(self.box(run.start, run.stop))
        n_bytes = len(run.wanted) * self.picture_bytes
        is_small = (run.stop - run.start) * self.picture_bytes <= _KEPT
        return is_small and _CHEAP < cost < READ_BUDGET and cost > _DEAR * n_bytes

    def _block(self, run: Run) -> Generator[Progress, None, NDArray[Any]]:
        """The values of a run, out of a block that the next question may ask for, too."""
        block = self._kept.get(_BLOCK)
        if not isinstance(block, _Block) or not block.holds(self.array.facts.path, run):
            self._kept.pop(_BLOCK, None)
            start, stop = self._surroundings(run)
            region = self.box(start, stop)
            values = np.empty(box_shape(region), self.dtype)

            def put(box: Box, part: NDArray[Any]) -> None:
                values[within(box, region)] = as_numbers(part)

            with closing(self.array.process(self.array.boxes(region, _PIECE), put)) as done:
                for _ in done:
                    yield Progress(done=0)
            block = _Block(self.array.facts.path, start, stop, values)
            self._kept[_BLOCK] = block
        held = self.box(block.start, block.stop)
        values = block.values[within(self.box(run.start, run.stop), held)]
        return values

    def _surroundings(self, run: Run) -> tuple[int, int]:
        """All of a chunk, or as much of it around a run as is kept."""
        cell = self.array.cell[self.axis]
        first = run.start // cell * cell
        last = min(self.length, first + cell)
        most = max(run.stop - run.start, _KEPT // self.picture_bytes)
        if last - first <= most:
            return first, last
        start = max(first, min((run.start + run.stop - most) // 2, last - most))
        return start, start + most

    def _is_handy(self, run: Run) -> bool:
        n_bytes = (run.stop - run.start) * self.picture_bytes
        cost = self.array.cost(self.box(run.start, run.stop))
        return n_bytes <= _WIDEST and cost <= _MOST_DECODED

    def _picked(self, values: NDArray[Any], run: Run) -> NDArray[Any]:
        pictures = arranged(as_numbers(values), self.layout)
        if len(run.wanted) == run.stop - run.start:
            return pictures
        return pictures[[index - run.start for index in run.wanted]]

    def _thinned(self, run: Run, side: int) -> Generator[Progress, None, NDArray[Any]]:
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
            yield Progress(done=0)
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
        longest = max(self.layout.height, self.layout.width)
        for axis, length in enumerate(self.shape):
            letter = (
                "n" if axis == self.axis else "?" if self.layout.is_flat else self.layout.axes[axis]
            )
            if letter == "n":
                grids.append(np.array(run.wanted, np.intp))
            elif letter in "hw":
                count = max(1, length * min(longest, _SIDES * side) // longest)
                grids.append(np.arange(count, dtype=np.intp) * length // count)
            else:
                grids.append(np.arange(length, dtype=np.intp))
        return grids
