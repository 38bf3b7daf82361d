"""Pages of values as text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import TooLarge
from h5viewer.formats.boxes import Box, tiles
from h5viewer.formats.container import Container, StoredArray
from h5viewer.formats.obstacles import refuse_obstacle
from h5viewer.formats.reference_text import ReferenceText
from h5viewer.names import NodePath
from h5viewer.nodes import Cells
from h5viewer.operations import Operation
from h5viewer.operations.cell_text import bfloat16_text, cell_text, enum_names
from h5viewer.operations.cuts import READ_BUDGET, PlaneCut, named, plane_cut
from h5viewer.requests import Cut, Progress, ReadCells

_MOST_CELLS = 100_000  # of one page
_MOST_FIELDS = 1000  # columns of a compound
_DEEPEST = 8  # compounds inside compounds
_BOX = 4 << 20  # bytes decoded between two looks at the clock
_ELEMENTS = 200  # the same for strings, lists and records, whose size nobody knows
_YIELD = 0.04  # seconds between yields

Field = tuple[str, ...]


def read_cells(request: ReadCells, container: Container) -> Operation[Cells]:
    """A page of the cut. A 1-D cut is one column, of a compound one for each field.

    Raises:
        CannotRead, TooLarge: a cut outside of the dataset, an obstacle, damage.
    """
    array = container.array(request.node)
    table = _Table(array, request)
    if not table.is_empty:
        next_yield = time.monotonic() + _YIELD
        boxes = _boxes(array, table.page)
        with closing(
            array.process(boxes, lambda _, values: values.copy(), insist=request.insist)
        ) as parts:
            for n_done, (box, values) in enumerate(parts):
                table.fill(box, values)
                if time.monotonic() > next_yield:
                    yield Progress(done=n_done + 1)
                    next_yield = time.monotonic() + _YIELD
    return table.cells()


class _Table:
    """The text of one page."""

    def __init__(self, array: StoredArray, request: ReadCells) -> None:
        """Nothing but the element type is read.

        Raises:
            CannotRead, TooLarge: as `read_cells`.
        """
        facts, cut = array.facts, _upright(request.cut)
        if facts.shape is not None:
            refuse_obstacle(facts, insist=request.insist)
        whole = plane_cut(facts, cut, None)
        self._fields: tuple[Field, ...] = ()
        self._is_bfloat16 = facts.dtype.kind == "bfloat16"
        self.is_empty = facts.shape is None or 0 in facts.shape
        self._n_rows = 0 if self.is_empty else _length(whole.span(whole.rows))
        self._n_columns = 0 if self.is_empty else _length(whole.span(whole.columns))
        if not self.is_empty and cut.columns is None:
            self._fields = _fields(_element_dtype(array, request.insist))
            self._n_columns = len(self._fields) or 1
        self._columns = _page_range(request.column_start, request.column_count, self._n_columns)
        most_rows = _MOST_CELLS // max(1, len(self._columns))
        self._rows = _page_range(request.row_start, min(request.row_count, most_rows), self._n_rows)
        region = (self._rows.start, self._rows.stop, self._columns.start, self._columns.stop)
        self.page = plane_cut(facts, cut, region)
        self._targets: list[tuple[int, int, NodePath]] = []
        self._text = [[""] * len(self._columns) for _ in self._rows]
        self.is_empty = self.is_empty or not self._rows or not self._columns
        if not self.is_empty and array.cost(self.page.region) > READ_BUDGET and not request.insist:
            raise TooLarge(f"This part of {named(facts)} is spread over too much of the file.")

    def fill(self, box: Box, values: NDArray[Any]) -> None:
        """Put the text of a box into its place."""
        plane = self.page.stored_plane(values)
        spans = self.page.stored_spans(box)
        if self.page.is_turned:
            plane, spans = plane.swapaxes(0, 1), spans[::-1]
        row = spans[0].start - self.page.span(self.page.rows).start
        if self._fields:
            for column, number in enumerate(self._columns):
                self._put(row, column, _field_values(plane[:, :1], self._fields[number]))
        else:
            self._put(row, spans[1].start - self.page.span(self.page.columns).start, plane)

    def _put(self, row: int, column: int, plane: NDArray[Any]) -> None:
        names = enum_names(plane.dtype)
        if plane.dtype.hasobject:
            self._targets += [
                (row + i, column + j, value.path)
                for (i, j), value in np.ndenumerate(plane)
                if isinstance(value, ReferenceText) and value.path is not None
            ]
        for i in range(plane.shape[0]):
            self._text[row + i][column : column + plane.shape[1]] = [
                bfloat16_text(value) if self._is_bfloat16 else cell_text(value, names)
                for value in plane[i]
            ]

    def cells(self) -> Cells:
        """The page as it is sent."""
        return Cells(
            row_start=self._rows.start,
            column_start=self._columns.start,
            n_rows=self._n_rows,
            n_columns=self._n_columns,
            headings=tuple(".".join(field) for field in self._fields),
            text=tuple(tuple(row) for row in self._text),
            targets=tuple(self._targets),
        )


def _upright(cut: Cut) -> Cut:
    """A 1-D cut runs down, not across."""
    if cut.rows is None and cut.columns is not None:
        return Cut(rows=cut.columns, columns=None, index=cut.index)
    return cut


def _boxes(array: StoredArray, page: PlaneCut) -> Iterator[Box]:
    dtype = array.facts.dtype
    if dtype.is_numeric:
        return array.boxes(page.region, _BOX)
    at_once = max(1, min(_ELEMENTS, _BOX // max(1, dtype.itemsize)))
    return tiles(page.region, (1,) * len(page.region), at_once)


def _element_dtype(array: StoredArray, insist: bool) -> np.dtype[Any]:
    nothing = tuple(slice(0, 0) for _ in array.facts.shape or ())
    return array.read(nothing, insist=insist).dtype


def _fields(dtype: np.dtype[Any], depth: int = 0) -> tuple[Field, ...]:
    """The paths of a compound's innermost fields; none for other types."""
    found: list[Field] = []
    for name in dtype.names or ():
        inner = _fields(dtype[name], depth + 1) if depth < _DEEPEST else ()
        found += [(name, *rest) for rest in inner or ((),)]
        if len(found) >= _MOST_FIELDS:
            break
    return tuple(found[:_MOST_FIELDS])


def _field_values(plane: NDArray[Any], field: Field) -> NDArray[Any]:
    for name in field:
        plane = plane[name]
    return plane


def _page_range(start: int, count: int, total: int) -> range:
    first = min(max(0, start), total)
    return range(first, min(total, first + max(0, count)))


def _length(span: slice) -> int:
    return int(span.stop - span.start)
