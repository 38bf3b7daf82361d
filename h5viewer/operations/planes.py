"""2-D and 1-D cuts as pictures and lines: first sampled, then better, then sharp."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.boxes import Box, count_cells
from h5viewer.formats.container import Container, StoredArray
from h5viewer.nodes import Array, Dataset, Line, Plane
from h5viewer.operations import Operation
from h5viewer.operations.cuts import (
    MOST_EVER,
    READ_BUDGET,
    PlaneCut,
    as_numbers,
    line_cut,
    plane_cut,
    require_numbers,
)
from h5viewer.operations.extremes import Extremes, Folded, Grid, fold
from h5viewer.requests import Progress, ReadLine, ReadPlane

_SMALL = 8 << 20  # bytes decoded: read at once, without a sampled picture before
_FEW_CHUNKS = 4096  # all read coarse to fine, so that nothing is decoded twice
_N_SAMPLES = 1024  # otherwise: cells of the first picture
_MOST_SAMPLED = 1 << 30  # bytes decoded of a dataset beyond the budget
_BOX = 4 << 20  # bytes of a box: 1 MB costs twice the time in Python, 16 MB miss the cache
_SAMPLING = 0.03  # seconds before the sampled picture is shown and all is read
_FIRST_PICTURE = 0.09  # seconds before the first picture where chunks come coarse to fine
_NEXT_PICTURE = 0.25  # seconds between pictures
_YIELD = 0.04  # seconds between yields


def read_plane(request: ReadPlane, container: Container) -> Operation[Plane]:
    """The cut as a picture of at most `max_rows` x `max_columns` pixels.

    Beyond READ_BUDGET, unless the user insists, the result is a sampled picture.

    Raises:
        CannotRead, TooLarge: no numbers, a cut outside of the dataset, an obstacle, damage.
    """
    array = container.array(request.node)
    require_numbers(array.facts, insist=request.insist)
    cut = plane_cut(array.facts, request.cut, request.region)
    rows = Grid.of(cut.span(cut.rows), request.max_rows)
    columns = Grid.of(cut.span(cut.columns), request.max_columns)
    extremes = Extremes(columns, rows) if cut.is_turned else Extremes(rows, columns)

    def plane(is_sharp: bool) -> Plane:
        picture = extremes.picture()
        values = _packed(picture.T if cut.is_turned else picture, array.facts)
        return plane_of(values, rows, columns, is_sharp=is_sharp)

    is_sharp = yield from _gathered(array, cut, extremes, plane, request.insist)
    return plane(is_sharp)


def plane_of(values: Array, rows: Grid, columns: Grid, *, is_sharp: bool) -> Plane:
    """A picture with one value for each pixel of these grids."""
    return Plane(
        values=values,
        row_start=rows.start,
        column_start=columns.start,
        row_step=rows.step,
        column_step=columns.step,
        n_rows=rows.stop - rows.start,
        n_columns=columns.stop - columns.start,
        is_sharp=is_sharp,
    )


def read_line(request: ReadLine, container: Container) -> Operation[Line]:
    """The 1-D cut along `cut.columns` in at most `max_bins` bins; limits as for a plane.

    Raises:
        CannotRead, TooLarge: no numbers, a cut outside of the dataset, an obstacle, damage.
    """
    array = container.array(request.node)
    require_numbers(array.facts, insist=request.insist)
    cut = line_cut(array.facts, request.cut, request.region)
    bins = Grid.of(cut.span(cut.columns), request.max_bins)
    extremes = Extremes(Grid(0, 1, 1), bins)

    def line(is_sharp: bool) -> Line:
        low, high = extremes.low_and_high()
        return Line(
            low=_packed(low[0], array.facts),
            high=_packed(high[0], array.facts),
            start=bins.start,
            step=bins.step,
            n_elements=bins.stop - bins.start,
            is_sharp=is_sharp,
        )

    is_sharp = yield from _gathered(array, cut, extremes, line, request.insist)
    return line(is_sharp)


def _gathered(
    array: StoredArray,
    cut: PlaneCut,
    extremes: Extremes,
    draw: Callable[[bool], Plane | Line],
    insist: bool,
) -> Generator[Progress | Plane | Line, None, bool]:
    """Fill `extremes`, yielding what can be drawn from time to time; True: everything read."""
    cost = array.cost(cut.region)
    n_cells = count_cells(cut.region, array.cell)
    folded = _Folding(array, cut, extremes, draw, insist)
    if cost <= _SMALL:
        yield from folded.all_of(array.boxes(cut.region, _BOX))
    elif cost > (MOST_EVER if insist else READ_BUDGET):
        n_samples = max(1, min(_FEW_CHUNKS, _MOST_SAMPLED * n_cells // cost))
        yield from folded.all_of(array.sample(cut.region, n_samples))
        return False
    elif array.facts.chunks is not None and n_cells <= _FEW_CHUNKS:
        yield from folded.all_of(array.sample(cut.region, _FEW_CHUNKS))
    else:
        yield from folded.some_of(array.sample(cut.region, _N_SAMPLES))
        yield from folded.all_of(array.boxes(cut.region, _box_bytes(cost, extremes.grids[0])))
    return True


def _box_bytes(cost: int, rows: Grid) -> int:
    """About _BOX, and whole rows of pixels: folding parts of them takes a third longer."""
    a_row = max(1, cost * rows.step // max(1, rows.stop - rows.start))
    return _BOX // a_row * a_row or _BOX


class _Folding:
    """Reads boxes into the extremes, with an eye on the clock."""

    def __init__(
        self,
        array: StoredArray,
        cut: PlaneCut,
        extremes: Extremes,
        draw: Callable[[bool], Plane | Line],
        insist: bool,
    ) -> None:
        self._array = array
        self._cut = cut
        self._extremes = extremes
        self._draw = draw
        self._insist = insist
        self._total = min(array.cost(cut.region), MOST_EVER)
        self._picture_due = time.monotonic() + _FIRST_PICTURE

    def all_of(self, boxes: Iterator[Box]) -> Iterator[Progress | Plane | Line]:
        """Fold every box; a picture now and then."""
        for progress in self._fold(boxes):
            if time.monotonic() < self._picture_due:
                yield progress
            else:
                yield self._draw(False)
                self._picture_due = time.monotonic() + _NEXT_PICTURE

    def some_of(self, boxes: Iterator[Box]) -> Iterator[Progress | Plane | Line]:
        """Fold boxes for a short while, and draw what they show."""
        self._picture_due = time.monotonic() + _SAMPLING
        with closing(self._fold(boxes)) as steps:
            for progress in steps:
                if time.monotonic() > self._picture_due:
                    break
                yield progress
        yield self._draw(False)
        self._picture_due = time.monotonic() + _NEXT_PICTURE

    def _fold(self, boxes: Iterator[Box]) -> Generator[Progress, None, None]:
        done = 0
        next_yield = time.monotonic() + _YIELD
        with closing(self._array.process(boxes, self._folded, insist=self._insist)) as parts:
            for box, part in parts:
                self._extremes.add(part)
                done += self._array.cost(box)
                now = time.monotonic()
                if now >= min(next_yield, self._picture_due):
                    yield Progress(done=min(done, self._total), total=self._total, unit="bytes")
                    next_yield = time.monotonic() + _YIELD

    def _folded(self, box: Box, values: NDArray[Any]) -> Folded:
        plane = self._cut.stored_plane(as_numbers(values))
        return fold(plane, self._cut.stored_spans(box), self._extremes.grids)


def _packed(picture: NDArray[Any], facts: Dataset) -> Array:
    if facts.dtype.kind == "float" and facts.dtype.itemsize == 2:
        picture = picture.astype(np.float16)  # computed as float32, where each value is exact
    return Array.of(picture)
