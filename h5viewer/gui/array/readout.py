"""The value under the cursor, exactly: its element numbers and what a pixel stands for."""

from __future__ import annotations

import numpy as np

from h5viewer.gui.array.coordinates import NO_SCALES, Scales
from h5viewer.gui.array.heat_map import Picture
from h5viewer.nodes import Line
from h5viewer.requests import Cut
from h5viewer.wording import count_text


def number_text(value: np.generic) -> str:
    """The shortest text that gives back the same number: 0.1, not 0.100000001."""
    return str(value)


def picture_text(
    picture: Picture, row: int, column: int, cut: Cut, scales: Scales = NO_SCALES
) -> str:
    """Element (row, column) of the cut: `[1, 1, 12, 5]   0.25`; of a block its extent.

    With scales also where that is: `[12, 5]   time 3.5 s   0.25 mV`.
    """
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
    where = {cut.rows: rows, cut.columns: columns}
    return f"{_place_text(cut, where, scales)}   {_with_unit(text, scales)}{note}"


def line_text(line: Line, element: int, cut: Cut, scales: Scales = NO_SCALES) -> str:
    """Element of a line: `[5]   0.25`; of a bin its lowest and highest; with scales where."""
    i = (element - line.start) // line.step
    elements = _covered(line.start, i, line.step, line.n_elements)
    low, high = (number_text(values.values[i]) for values in (line.low, line.high))
    text = _with_unit(low if len(elements) == 1 else f"{low} to {high}", scales)
    if len(elements) > 1:
        text += f"   of {count_text(len(elements))} elements"
    if not line.is_sharp:
        text += "   (sampled)"
    return f"{_place_text(cut, {cut.columns: elements}, scales)}   {text}"


def _covered(start: int, pixel: int, step: int, count: int) -> range:
    first = start + pixel * step
    return range(first, min(first + step, start + count))


def _range_text(elements: range) -> str:
    if len(elements) == 1:
        return str(elements.start)
    return f"{elements.start}:{elements.stop}"


def _place_text(cut: Cut, where: dict[int | None, range], scales: Scales) -> str:
    positions = [
        _range_text(where[axis]) if axis in where else str(position)
        for axis, position in enumerate(cut.index)
    ]
    coordinates = scales.where(where, cut.index)
    return f"[{', '.join(positions)}]" + (f"   {coordinates}" if coordinates else "")


def _with_unit(text: str, scales: Scales) -> str:
    return f"{text} {scales.unit}" if scales.unit else text
