"""The values of one dataset, box by box, within the limits of formats.md, section 4.

What every storage has in common: cells and costs, batches for several threads, limits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from functools import cached_property, partial
from typing import Any, TypeVar

from numpy.typing import NDArray

from h5viewer.errors import TooLarge
from h5viewer.formats.boxes import (
    Box,
    Results,
    box_shape,
    count_cells,
    count_elements,
    spread,
    tiles,
)
from h5viewer.formats.chunk_codec import Undecodable
from h5viewer.formats.container import Get
from h5viewer.formats.hdf5_direct import Decode, DirectReader, RangeReader
from h5viewer.formats.hdf5_errors import cannot_read
from h5viewer.formats.hdf5_plain import finished
from h5viewer.formats.obstacles import refuse_obstacle
from h5viewer.formats.parallel import in_threads, n_threads
from h5viewer.names import path_text, visible
from h5viewer.nodes import Dataset, Shape
from h5viewer.wording import bytes_text

T = TypeVar("T")

LARGEST_READ = 256 << 20  # bytes of one box; twice that on the user's word
_CELLS_A_BOX = 2000  # each costs some µs without a yield
_SMALL_CHUNK = 4 << 20  # larger ones, if plain, are read in parts
_ROW_CELL = 64 << 10  # contiguous data: what one sample takes
_PAGE = 4 << 10  # contiguous data: what fetching one element costs
_BATCH = 1 << 20  # decoded bytes a thread works on at once; stays in its cache
_IN_FLIGHT = 96 << 20  # decoded bytes in all threads together


class BoxedArray:
    """Implements `formats.container.StoredArray`; a storage says how a box is fetched."""

    def __init__(self, facts: Dataset) -> None:
        """Nothing is read yet."""
        self.facts = facts
        self._name = visible(path_text(facts.path))

    @property
    def offset(self) -> int:
        """Where the first byte is in the file; 0: unknown."""
        return 0

    @property
    def run(self) -> RangeReader | None:
        """Where all values stand one after the other in the file; None: in pieces, or unknown."""
        reader = self._direct()
        return reader if isinstance(reader, RangeReader) else None

    def _direct(self) -> DirectReader | None:
        """A reader whose boxes any thread may decode; None where there is none."""
        raise NotImplementedError

    def _fetch(self, box: Box) -> NDArray[Any]:
        """The elements of `box` by the usual way, in the caller's thread.

        Raises:
            TooLarge: they unfold to too much.
            CannotRead: damage.
        """
        raise NotImplementedError

    # ------------------------------------------------------------------ boxes

    @cached_property
    def cell(self) -> Shape:
        """What the storage delivers at once: a chunk, or a run of rows."""
        if self._comes_in_chunks and self.facts.chunks is not None:
            return self.facts.chunks
        left = max(1, _ROW_CELL // max(1, self.facts.dtype.itemsize))
        cell: list[int] = []
        for length in reversed(self.facts.chunks or self.facts.shape or ()):
            cell.append(max(1, min(length, left)))
            left = max(1, left // cell[-1])
        return tuple(reversed(cell))

    @property
    def _comes_in_chunks(self) -> bool:
        """True when one element costs a chunk; of large plain ones parts can be read."""
        chunks, itemsize = self.facts.chunks, self.facts.dtype.itemsize
        is_small = chunks is not None and math.prod(chunks) * itemsize <= _SMALL_CHUNK
        return chunks is not None and (bool(self.facts.filters) or is_small)

    def cost(self, region: Box) -> int:
        """Bytes that are decoded, or fetched from disk, to read `region`; exact."""
        itemsize = max(1, self.facts.dtype.itemsize)
        if self._comes_in_chunks:
            return count_cells(region, self.cell) * math.prod(self.cell) * itemsize
        if count_elements(region) == 0:
            return 0
        run, axis, lengths = itemsize, len(region), box_shape(region)
        for length, stored in zip(lengths[::-1], (self.facts.shape or ())[::-1], strict=True):
            run *= length
            axis -= 1
            if length < stored:
                break
        # Of contiguous data only the runs of elements wanted are fetched, at least a page each.
        n_runs = math.prod(lengths[:axis])
        return run if n_runs == 1 else n_runs * -(-run // _PAGE) * _PAGE

    def boxes(self, region: Box, n_bytes: int) -> Iterator[Box]:
        """`region` in boxes of about `n_bytes` decoded, along the chunks, in file order."""
        n_cells = count_cells(region, self.cell)
        a_box = n_bytes * n_cells // max(1, self.cost(region))
        return tiles(region, self.cell, min(_CELLS_A_BOX, max(1, a_box)))

    def sample(self, region: Box, n_boxes: int) -> Iterator[Box]:
        """About `n_boxes` whole cells spread evenly, coarse first; all cells if they are few."""
        return spread(region, self.cell, n_boxes)

    # ---------------------------------------------------------------- reading

    def read(self, box: Box, *, insist: bool = False) -> NDArray[Any]:
        """The elements of `box`; references as text, lists and strings one by one.

        Raises:
            TooLarge: the box costs more than the limits allow.
            CannotRead: a missing filter, another file's data, damage.
        """
        refuse_obstacle(self.facts, insist=insist)
        n_bytes = count_elements(box) * self.facts.dtype.itemsize
        if n_bytes > LARGEST_READ * (2 if insist else 1):
            raise TooLarge(f"{bytes_text(n_bytes)} of {self._name} are too much to show at once.")
        return self._fetch(box)

    def read_many(
        self, boxes: Iterator[Box], *, insist: bool = False
    ) -> Iterator[tuple[Box, NDArray[Any]]]:
        """Each box with its values."""
        return self.process(boxes, lambda _, values: values.copy(), insist=insist)

    def process(
        self,
        boxes: Iterator[Box],
        work: Callable[[Box, NDArray[Any]], T],
        *,
        insist: bool = False,
    ) -> Generator[tuple[Box, T], None, None]:
        """Each box with what `work` makes of its values, in the order of `boxes`.

        `work` runs in several threads while the values are in the processor's cache; they
        are valid only until it returns.
        """
        refuse_obstacle(self.facts, insist=insist)
        reader = self._direct()
        if reader is None:
            for box in boxes:
                yield box, work(box, self._fetch(box))
            return
        tasks = (self._task(reader, batch, work) for batch in self._batches(boxes))
        for results in in_threads(tasks, self.n_ahead):
            for box, result in results:
                yield box, self.settled(box, result, work)

    def tasks(
        self, boxes: Iterator[Box], work: Callable[[Box, NDArray[Any]], T]
    ) -> Iterator[Callable[[], Results[T]]]:
        """As `process`, for threads that several datasets share; `settled` takes the results.

        Raises:
            TooLarge, CannotRead: an obstacle; damage, here or in a task.
        """
        refuse_obstacle(self.facts, insist=False)
        reader = self._direct()
        if reader is not None:
            batches = self._batches(boxes, 4 * _BATCH)  # handing over costs 60 µs
            yield from (self._task(reader, batch, work) for batch in batches)
            return
        for box in boxes:
            yield partial(_worked_on, box, self._fetch(box), work)

    def settled(
        self, box: Box, result: tuple[T] | None, work: Callable[[Box, NDArray[Any]], T]
    ) -> T:
        """What a task made of a box; where it could not, what the usual way makes of it.

        Raises:
            TooLarge, CannotRead: they unfold to too much, damage.
        """
        if result is None:  # never written, unusual or damaged
            return work(box, self._fetch(box))
        return result[0]

    def getter(self, *, insist: bool = False) -> Callable[[Box], Get]:
        """What prepares the reading of one box after another; see `StoredArray.getter`."""
        refuse_obstacle(self.facts, insist=insist)
        reader = self._direct()

        def prepare(box: Box) -> Get:
            if reader is None:
                values = self._fetch(box)
                return lambda: values
            decode = _prepared(reader, box)
            return lambda: finished(decode(), self.facts)

        return prepare

    def _batches(self, boxes: Iterator[Box], most: int = _BATCH) -> Iterator[list[Box]]:
        batch: list[Box] = []
        n_bytes = 0
        for box in boxes:
            batch.append(box)
            n_bytes += self.cost(box)
            if n_bytes >= most:
                yield batch
                batch, n_bytes = [], 0
        if batch:
            yield batch

    def _task(
        self, reader: DirectReader, batch: list[Box], work: Callable[[Box, NDArray[Any]], T]
    ) -> Callable[[], Results[T]]:
        prepared = [(box, _prepared(reader, box)) for box in batch]

        def result(box: Box, decode: Decode) -> tuple[T] | None:
            try:
                values = decode()
            except Undecodable:
                return None
            return (work(box, finished(values, self.facts)),)

        def results() -> Results[T]:
            try:
                return [(box, result(box, decode)) for box, decode in prepared]
            except (OSError, MemoryError) as error:
                raise cannot_read(f"The dataset {self._name}", error) from error

        return results

    @property
    def n_ahead(self) -> int:
        """Tasks at once: as stored, inflated and put in order, a chunk is there three times."""
        cell_bytes = math.prod(self.cell) * self.facts.dtype.itemsize
        return max(1, min(2 * n_threads(), _IN_FLIGHT // max(_BATCH, 3 * cell_bytes)))


def _worked_on(
    box: Box, values: NDArray[Any], work: Callable[[Box, NDArray[Any]], T]
) -> Results[T]:
    return [(box, (work(box, values),))]


def _prepared(reader: DirectReader, box: Box) -> Decode:
    try:
        return reader.prepare(box)
    except Undecodable:
        return _ask_otherwise


def _ask_otherwise() -> NDArray[Any]:
    raise Undecodable
