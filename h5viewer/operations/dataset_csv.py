"""One dataset as CSV: numbers in the fewest digits that give the stored value back.

One axis: one element a line. Two: one row a line. More: one line for each row along the last
axis, behind its positions on the others, below a heading. Records have a column for each
field, below a heading with their names, and stand one a line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.boxes import Box, tiles
from h5viewer.formats.checked_writing import CheckedWriting
from h5viewer.formats.consecutive import consecutive_boxes, read_box
from h5viewer.operations.cell_text import bfloat16_text, enum_names
from h5viewer.operations.dataset_choice import Chosen
from h5viewer.operations.element_text import element_text
from h5viewer.requests import Progress

_TEXTS = 2000  # elements of no fixed length read at once
_LINES = 20_000  # elements made text between two yields
_TURNED = 200_000  # elements read at once where rows and columns are swapped
_QUOTED = (",", '"', "\n", "\r")
# What makes a spreadsheet read a cell as a formula: it gets an apostrophe before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_csv(chosen: Chosen, writing: CheckedWriting) -> Generator[Progress, None, None]:
    """Heading and lines.

    Raises:
        CannotRead: damage.
        CannotWrite: the disk refuses.
    """
    sheet = _Sheet(chosen)
    writing.write(_encoded(sheet.heading))
    done = 0
    for box in _boxes(chosen):
        values = chosen.shaped(read_box(chosen.array, box), box)
        values = values.swapaxes(0, 1) if chosen.is_turned else values
        for text, n_elements in sheet.pieces(values, box):
            writing.write(_encoded(text))
            done += n_elements
            yield Progress(done=done, total=sheet.n_elements, text="Writing…")


class _Sheet:
    """How values become lines."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen
        shape = (*chosen.shape, *chosen.inner_shape)
        self._shape = shape[::-1] if chosen.is_turned else shape
        self._fields = tuple(chosen.element.names or ())
        n_across = 1 if len(self._shape) > 1 and not self._fields else 0
        self._n_down = len(self._shape) - n_across
        self._n_positions = self._n_down if self._n_down > 1 else 0
        self._cells = self._field_cells() if self._fields else _cells_of(chosen)
        self.n_elements = math.prod(self._shape)

    @property
    def heading(self) -> str:
        """The first line; empty where one axis or two say it all."""
        if not self._fields and not self._n_positions:
            return ""
        across = self._fields or [str(n) for n in range(self._shape[-1])]
        positions = [f"axis {axis}" for axis in range(self._n_positions)]
        return ",".join([*positions, *map(_as_cell, across)]) + "\n"

    def pieces(self, values: NDArray[Any], box: Box) -> Iterator[tuple[str, int]]:
        """The text of a box, some lines at a time, with the number of elements in it.

        A box may be a part of one very long row; the line then goes on with the next.
        """
        begins, ends = self._is_first(box), self._is_last(box)
        start = self._starts(box)
        lines: list[str] = []
        n_elements = 0
        for position in np.ndindex(*values.shape[: self._n_down]):
            where = zip(position, start, strict=False) if self._n_positions and begins else ()
            cells = [str(n + first) for n, first in where]
            cells += self._cells(values[position])
            lines.append(",".join(cells) if begins else "," + ",".join(cells))
            n_elements += max(1, int(np.size(values[position])))
            if n_elements >= _LINES:
                yield "\n".join(lines) + ("\n" if ends else ""), n_elements
                lines, n_elements = [], 0
        if lines:
            yield "\n".join(lines) + ("\n" if ends else ""), n_elements

    def _starts(self, box: Box) -> list[int]:
        chosen = self._chosen
        starts = [box[axis].start - chosen.region[axis].start for axis in chosen.axes]
        return [*(starts[::-1] if chosen.is_turned else starts), *(0 for _ in chosen.inner_shape)]

    def _across(self) -> int | None:
        """The axis of the dataset that runs across; None: whole lines always."""
        chosen = self._chosen
        is_cut = self._n_down < len(self._shape) and not chosen.inner_shape
        return chosen.axes[-1] if is_cut and not chosen.is_turned else None

    def _is_first(self, box: Box) -> bool:
        axis = self._across()
        return axis is None or box[axis].start == self._chosen.region[axis].start

    def _is_last(self, box: Box) -> bool:
        axis = self._across()
        return axis is None or box[axis].stop == self._chosen.region[axis].stop

    def _field_cells(self) -> Callable[[Any], list[str]]:
        dtype = self._chosen.element
        names = {field: enum_names(dtype[field]) for field in self._fields}
        return lambda record: [_text_cell(record[field], names[field]) for field in self._fields]


def _cells_of(chosen: Chosen) -> Callable[[Any], list[str]]:
    """What makes the cells of a line from a row or an element."""
    dtype = chosen.element
    if dtype.hasobject:
        return lambda row: [_text_cell(value, {}) for value in _each(row)]
    if chosen.facts.dtype.kind == "bfloat16":
        return lambda row: [bfloat16_text(value) for value in row.reshape(-1)]
    if dtype.kind in "fc" and dtype.str[1:] != "f8":
        # NumPy's own text has the fewest digits of the value's own type; Python's those of float64
        return lambda row: [element_text(value) for value in row.reshape(-1)]
    if dtype.kind in "fiu" and not enum_names(dtype):
        return lambda row: list(map(repr, row.reshape(-1).tolist()))
    names = enum_names(dtype)
    return lambda row: [_text_cell(value, names) for value in row.reshape(-1)]


def _each(row: Any) -> Iterator[Any]:
    """The elements of a row of objects; one object may be a list itself."""
    if isinstance(row, np.ndarray) and row.dtype.hasobject and row.dtype.names is None:
        yield from row.flat
    else:
        yield row


def _text_cell(value: Any, names: dict[int, str]) -> str:
    text = element_text(value, names)
    if isinstance(value, np.number | np.bool_) and not names:
        return text
    return _as_cell(text)


def _as_cell(text: str) -> str:
    text = f"'{text}" if text.startswith(_FORMULA) else text
    if any(mark in text for mark in _QUOTED):
        return '"' + text.replace('"', '""') + '"'
    return text


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _boxes(chosen: Chosen) -> Iterator[Box]:
    """In the order of the lines; turned, some stored columns at a time."""
    if chosen.is_turned:
        yield from turned_boxes(chosen)
    elif chosen.facts.dtype.is_numeric:
        yield from consecutive_boxes(chosen.array, chosen.region)
    else:
        yield from tiles(chosen.region, (1,) * len(chosen.region), _TEXTS)


def turned_boxes(chosen: Chosen) -> Iterator[Box]:
    """All stored rows and some columns, which are rows of the result."""
    rows, columns = (chosen.region[axis] for axis in chosen.axes)
    step = max(1, _TURNED // max(1, rows.stop - rows.start))
    for start in range(columns.start, columns.stop, step):
        box = list(chosen.region)
        box[chosen.axes[1]] = slice(start, min(columns.stop, start + step))
        yield tuple(box)
