"""The value under the cursor, exactly: its element numbers and what a pixel stands for."""

from __future__ import annotations

import numpy as np

from h5viewer.gui.array.heat_map import Picture
from h5viewer.nodes import Line
from h5viewer.requests import Cut
from h5viewer.wording import count_text


def number_text(value: np.generic) -> str:
    """The shortest text that gives back the same number: 0.1, not 0.100000001."""
    return str(value)


def picture_text(picture: Picture, row: int, column: int, cut: Cut) -> str:
    """Element (row, column) of the cut: `[1, 1, 12, 5]   0.25`; of a block its extent."""
    plane = picture.planes[0]
    i = (row - plane.row_start) // plane.row_step
    j = (column - plane.column_start) // plane.column_step
    rows = _covered(plane.row_start, i, plane.row_step, plane.n_rows)
    columns = _covered(plane.column_start, j, plane.column_step, plane.n_columns)
    numbers = [number_text(part.values.values[i, j]) for part in picture.planes]
    text = numbers[0] if len(numbers) == 1 else f"({', '.join(numbers)})"
    n_elements = len(rows) * len(columns)
    note = (
        "" if n_elements == 1 else f"   the most extreme of {len(rows)} × {len(columns)} elements"
    )
    if not plane.is_sharp:
        note += "   (sampled)"
    where = {cut.rows: _range_text(rows), cut.columns: _range_text(columns)}
    return f"{_index_text(cut, where)}   {text}{note}"


def line_text(line: Line, element: int, cut: Cut) -> str:
    """Element of a line: `[5]   0.25`; of a bin its lowest and highest."""
    i = (element - line.start) // line.step
    elements = _covered(line.start, i, line.step, line.n_elements)
    low, high = (number_text(values.values[i]) for values in (line.low, line.high))
    where = {cut.columns: _range_text(elements)}
    if len(elements) == 1:
        text = low
    else:
        text = f"{low} to {high}   of {count_text(len(elements))} elements"
    if not line.is_sharp:
        text += "   (sampled)"
    return f"{_index_text(cut, where)}   {text}"


def _covered(start: int, pixel: int, step: int, count: int) -> range:
    first = start + pixel * step
    return range(first, min(first + step, start + count))


def _range_text(elements: range) -> str:
    if len(elements) == 1:
        return str(elements.start)
    return f"{elements.start}:{elements.stop}"


def _index_text(cut: Cut, where: dict[int | None, str]) -> str:
    positions = [where.get(axis, str(position)) for axis, position in enumerate(cut.index)]
    return f"[{', '.join(positions)}]"
