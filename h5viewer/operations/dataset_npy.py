"""One dataset as `.npy`.

Numbers, records and text of fixed length stay what they are, little-endian; bfloat16 becomes
float32, which holds it exactly; text of any length becomes text as long as the longest. Lists
and references have no form in such a file.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, tiles
from h5viewer.formats.checked_writing import CheckedWriting
from h5viewer.formats.consecutive import consecutive_boxes, read_box
from h5viewer.formats.npy_writing import as_bytes, npy_header, stored_form
from h5viewer.operations.cell_text import enum_names
from h5viewer.operations.cuts import named
from h5viewer.operations.dataset_choice import Chosen
from h5viewer.requests import Progress
from h5viewer.wording import bytes_text

_TEXTS = 2000  # elements of no fixed length read at once
_MOST_PADDING = 64 << 30  # bytes of text that is padded to the longest


def npy_dtype(chosen: Chosen) -> np.dtype[Any] | None:
    """How an element is stored; None: text, as long as the longest.

    Raises:
        CannotRead: such elements have no form in the file.
    """
    dtype = chosen.element
    if chosen.facts.dtype.kind == "string" and dtype.hasobject:
        return None
    if dtype.hasobject:
        raise CannotRead(
            f"{named(chosen.facts)} is {chosen.facts.dtype.text}, which .npy files cannot hold.",
            hint="Choose a name that ends in .csv.",
        )
    with suppress(ValueError, TypeError):  # more than NumPy can describe
        return stored_form(dtype)
    raise CannotRead(f"{named(chosen.facts)} is {chosen.facts.dtype.text}: .npy cannot hold that.")


def npy_notes(chosen: Chosen) -> Iterator[str]:
    """What somebody who loads it has to know."""
    if chosen.facts.dtype.kind == "bfloat16":
        yield "NumPy has no bfloat16: the values are stored as float32, which holds them exactly."
    names = enum_names(chosen.element)
    if names and chosen.facts.dtype.kind == "enum":
        listed = ", ".join(f"{value} = {name}" for value, name in list(names.items())[:8])
        yield f"Names of values are stored as their numbers: {listed}."


def write_npy(chosen: Chosen, writing: CheckedWriting) -> Generator[Progress, None, None]:
    """Header and elements.

    Raises:
        CannotRead: damage, or elements that have no form in the file.
        CannotWrite: the disk refuses.
    """
    dtype = npy_dtype(chosen)
    if dtype is None:
        dtype = yield from _text_dtype(chosen)
    shape = (*chosen.shape, *chosen.inner_shape)
    total = math.prod(shape) * dtype.itemsize
    # turned, the elements stay as they are, and the header says that they run downwards
    header_shape = shape[::-1] if chosen.is_turned else shape
    writing.write(npy_header(dtype, header_shape, is_turned=chosen.is_turned))
    start = writing.position
    for box in boxes_in_order(chosen):
        values = read_box(chosen.array, box)
        text = as_text(values) if dtype.kind == "U" else values
        writing.write(as_bytes(text, dtype))
        yield Progress(
            done=(writing.position - start) // 2, total=total, unit="bytes", text="Writing…"
        )


def boxes_in_order(chosen: Chosen) -> Iterator[Box]:
    """Boxes of the part, each behind the last in C order."""
    if chosen.element.hasobject:
        yield from tiles(chosen.region, (1,) * len(chosen.region), _TEXTS)
    else:
        yield from consecutive_boxes(chosen.array, chosen.region)


def as_text(values: NDArray[Any]) -> NDArray[Any]:
    """Bytes and text as text; bytes that are no UTF-8 as Python keeps them."""
    found = np.empty(values.shape, object)
    for place, value in np.ndenumerate(values):
        is_bytes = isinstance(value, bytes)
        found[place] = value.decode("utf-8", "surrogateescape") if is_bytes else str(value)
    return found


def _text_dtype(chosen: Chosen) -> Generator[Progress, None, np.dtype[Any]]:
    """As long as the longest, which has to be looked for."""
    longest, n_elements, done = 1, math.prod(chosen.shape), 0
    for box in boxes_in_order(chosen):
        texts = as_text(chosen.array.read(box))
        longest = max(longest, *(len(text) for text in texts.flat), 1)
        done += texts.size
        yield Progress(done=done, total=n_elements, text="Looking for the longest text…")
    n_bytes = 4 * longest * n_elements
    if n_bytes > _MOST_PADDING:
        raise CannotRead(
            f"{named(chosen.facts)} would take {bytes_text(n_bytes)} as .npy, where every text is "
            "as long as the longest.",
            hint="Choose a name that ends in .csv.",
        )
    return np.dtype(f"<U{longest}")
