"""One dataset as a PNG: what the Array panel shows of it, one element a pixel.

Bytes are drawn as they are, as grey or, with an axis of three or four channels, as colours;
numbers of 16 bits without a sign as greys of 16 bits. All others are spread from their least to
their greatest value, or over the levels that the request states, over 256 greys or the colours
that it gives.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, count_elements
from h5viewer.formats.checked_writing import CheckedWriting
from h5viewer.formats.consecutive import consecutive_boxes, read_box
from h5viewer.formats.png_writing import PngWriting
from h5viewer.operations.cuts import as_numbers, named, require_numbers
from h5viewer.operations.dataset_choice import Chosen
from h5viewer.requests import Progress, SaveDataset
from h5viewer.wording import count_text, plural

_MOST_PIXELS = 1_000_000_000
_LONGEST_ROW = 16 << 20  # elements; a row is held as a whole
_BAND = 4 << 20  # elements of rows that are packed at once
_CHANNELS = (3, 4)


class Drawn(msgspec.Struct):
    """What is to be said of a picture."""

    note: str = ""


class _Picture(msgspec.Struct, frozen=True):
    """Where rows, columns and channels are."""

    rows: int  # elements
    columns: int
    channels: int
    order: tuple[int, ...]  # of the axes that are left: rows, columns, channels


def require_picture(request: SaveDataset, chosen: Chosen) -> None:
    """Refuse what has no form as a picture.

    Raises:
        CannotRead: no numbers, or not two axes.
    """
    _picture(request, chosen)


def write_png(
    request: SaveDataset, chosen: Chosen, writing: CheckedWriting, drawn: Drawn
) -> Generator[Progress, None, None]:
    """All rows.

    Raises:
        CannotRead: damage, or no picture.
        CannotWrite: the disk refuses.
    """
    picture = _picture(request, chosen)
    n_channels, dtype, painting = picture.channels, chosen.element, None
    if not _is_exact(request, chosen):
        painting = yield from _painting(request, chosen, drawn)
        n_channels, dtype = painting.table.shape[1], np.dtype(np.uint8)
    png = PngWriting(writing.write, picture.rows, picture.columns, n_channels, dtype)
    done, total = 0, picture.rows
    for band in _bands(chosen, picture):
        png.rows(band if painting is None else painting.paint(band))
        done += len(band)
        yield Progress(done=done, total=total, unit="rows", text="Drawing…")
    png.close()


def _picture(request: SaveDataset, chosen: Chosen) -> _Picture:
    require_numbers(chosen.facts, insist=False)
    channels = _channels(request, chosen)
    down = [place for place in range(len(chosen.axes)) if place != channels]
    if chosen.inner_shape or len(down) not in (1, 2):
        raise CannotRead(
            f"{named(chosen.facts)} has {len(chosen.shape)} axes; a picture has two.",
            hint="Choose a part of it, or a name that ends in .npy.",
        )
    columns = chosen.shape[down[-1]]
    rows = chosen.shape[down[0]] if len(down) == 2 else 1
    if chosen.is_turned:
        rows, columns = columns, rows
    _require_size(chosen, rows, columns)
    order = tuple(down if channels is None else [*down, channels])
    n_channels = 1 if channels is None else chosen.shape[channels]
    return _Picture(rows, columns, n_channels, order)


def _channels(request: SaveDataset, chosen: Chosen) -> int | None:
    """Which of the axes that are left holds red, green and blue."""
    if request.channels is None:
        is_coloured = len(chosen.shape) == 3 and chosen.shape[-1] in _CHANNELS and _is_bytes(chosen)
        return 2 if is_coloured else None
    found = chosen.axes.index(request.channels) if request.channels in chosen.axes else None
    if found is None or chosen.shape[found] not in _CHANNELS or not _is_bytes(chosen):
        raise CannotRead(f"{named(chosen.facts)} has no such axis of red, green and blue bytes.")
    return found


def _is_exact(request: SaveDataset, chosen: Chosen) -> bool:
    """True when elements are drawn as they are."""
    is_asked = request.colours or request.low is not None or request.high is not None
    is_named = chosen.facts.dtype.kind != "uint"  # a list of names, or truth
    return not is_asked and not is_named and chosen.element in (np.uint8, np.uint16)


def _is_bytes(chosen: Chosen) -> bool:
    return chosen.element == np.dtype(np.uint8)


def _require_size(chosen: Chosen, rows: int, columns: int) -> None:
    if not rows or not columns:
        raise CannotRead(f"{named(chosen.facts)} has no elements to be drawn.")
    if rows * columns > _MOST_PIXELS or columns > _LONGEST_ROW:
        raise CannotRead(
            f"{named(chosen.facts)} would be a picture of {count_text(rows)} by "
            f"{count_text(columns)} pixels, which no program opens.",
            hint="Choose a part of it, or a name that ends in .npy.",
        )


def _bands(chosen: Chosen, picture: _Picture) -> Iterator[NDArray[Any]]:
    """Rows from the top, some at a time: (rows, columns), with channels behind."""
    for box in _boxes(chosen, picture):
        values = chosen.shaped(read_box(chosen.array, box), box)
        if values.ndim > 1:
            values = values.transpose(picture.order)
        band = values.reshape(-1, picture.columns, *values.shape[2:])
        if chosen.is_turned:
            band = values.swapaxes(0, 1)
        yield band


def _boxes(chosen: Chosen, picture: _Picture) -> Iterator[Box]:
    if len(picture.order) == 1:
        yield chosen.region
        return
    axis = chosen.axes[picture.order[1 if chosen.is_turned else 0]]
    span, cell = chosen.region[axis], chosen.array.cell[axis]
    a_row = max(1, count_elements(chosen.region) // max(1, span.stop - span.start))
    step = max(1, _BAND // a_row)
    step = step // cell * cell if step > cell else step
    for start in range(span.start, span.stop, step):
        box = list(chosen.region)
        box[axis] = slice(start, min(span.stop, start + step))
        yield tuple(box)


class _Painting(msgspec.Struct, frozen=True):
    """Numbers as places in a table of colours."""

    low: float
    high: float
    table: NDArray[np.uint8]  # (n, channels); the last one for what is no number

    def paint(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """As the window draws: (rows, columns, channels)."""
        n_colours = len(self.table) - 1
        numbers = as_numbers(values).astype(np.float64)
        low, high = self.low, self.high
        if not np.isfinite(high - low):  # the span of ±1e308 overflows
            numbers, low, high = numbers / 4, low / 4, high / 4
        with np.errstate(all="ignore"):
            places = (numbers - low) / (high - low) * n_colours if high > low else numbers * 0
            places = np.clip(places, 0, n_colours - 1)  # leaves NaN
        places[np.isnan(places)] = n_colours
        return self.table[places.astype(np.intp)]


def _painting(
    request: SaveDataset, chosen: Chosen, drawn: Drawn
) -> Generator[Progress, None, _Painting]:
    low, high, n_strange = yield from _range(chosen)
    low = low if request.low is None else request.low
    high = high if request.high is None else request.high
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise CannotRead("The levels that were asked for are no range of numbers.")
    drawn.note = _told(low, high, n_strange, has_colours=bool(request.colours))
    return _Painting(low, high, _colours(request))


def _range(chosen: Chosen) -> Generator[Progress, None, tuple[float, float, int]]:
    """The least and the greatest value, and how many values are no finite numbers."""
    low, high, n_strange = math.inf, -math.inf, 0
    done, total = 0, math.prod(chosen.shape)
    for box in consecutive_boxes(chosen.array, chosen.region):
        values = as_numbers(read_box(chosen.array, box))
        finite = np.isfinite(values)
        n_strange += int(values.size - np.count_nonzero(finite))
        if finite.any():
            known = values if finite.all() else values[finite]
            low, high = min(low, float(known.min())), max(high, float(known.max()))
        done += values.size
        yield Progress(done=done, total=total, text="Looking for the range…")
    return (low + 0.0, high + 0.0, n_strange) if low <= high else (0.0, 0.0, n_strange)


def _colours(request: SaveDataset) -> NDArray[np.uint8]:
    """256 colours (257, 3) or greys (257, 1), and one for what is no number."""
    if not request.colours:
        return np.append(np.arange(256), 0).astype(np.uint8).reshape(-1, 1)
    n_colours, rest = divmod(len(request.colours), 3)
    if rest or n_colours not in (256, 257):
        raise CannotRead("The colours that were asked for are not 256 of red, green and blue.")
    table = np.frombuffer(request.colours, np.uint8).reshape(-1, 3)
    return table if n_colours == 257 else np.concatenate([table, table[:1]])


def _told(low: float, high: float, n_strange: int, *, has_colours: bool) -> str:
    first, last = ("the first colour", "the last") if has_colours else ("black", "white")
    told = f"Drawn from {low:.6g} ({first}) to {high:.6g} ({last})."
    if n_strange:
        told += f" {plural(n_strange, 'value is', 'values are')} no finite number."
    return told
