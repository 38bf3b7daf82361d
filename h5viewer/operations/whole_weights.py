"""Whole weights, or boxes of them, for operations that need every number."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.boxes import Box, count_elements, whole
from h5viewer.formats.container import Container, StoredArray
from h5viewer.names import NodePath
from h5viewer.operations.cuts import READ_BUDGET, as_numbers, named, require_numbers
from h5viewer.requests import Progress
from h5viewer.wording import bytes_text, count_text

_BOX = 4 << 20  # bytes
_YIELD = 0.04  # seconds
MOST_AT_ONCE = 32_000_000
"""Numbers in memory at a time, 256 MB as float64."""


def weight_array(container: Container, node: NodePath, *, n_axes: int = 1) -> StoredArray:
    """The values of a dataset of numbers with at least `n_axes` axes.

    Raises:
        CannotRead, TooLarge: no numbers, too few axes, nothing in it, too much of it.
    """
    array = container.array(node)
    require_numbers(array.facts, insist=False)
    shape = array.facts.shape or ()
    if len(shape) < n_axes or 0 in shape:
        raise CannotRead(f"{named(array.facts)} has no values that could be shown like this.")
    cost = array.cost(whole(shape))
    if cost > READ_BUDGET:
        raise TooLarge(
            f"{named(array.facts)} would have to be read as a whole, {bytes_text(cost)}.",
            hint="The Array panel shows parts of it.",
        )
    return array


def boxes_of(
    array: StoredArray, region: Box | None = None
) -> Generator[Progress | tuple[Box, NDArray[Any]], None, None]:
    """Every box of the region with its numbers, float64; progress in between.

    Values that are not finite stay as they are.
    """
    region = whole(array.facts.shape or ()) if region is None else region
    total, done, due = max(1, array.cost(region)), 0, time.monotonic() + _YIELD

    def numbers(_: Box, values: NDArray[Any]) -> NDArray[Any]:
        return as_numbers(values).astype(np.float64)

    with closing(array.process(array.boxes(region, _BOX), numbers)) as parts:
        for box, values in parts:
            yield box, values
            done += array.cost(box)
            if time.monotonic() >= due:
                yield Progress(done=min(done, total), total=total, unit="bytes")
                due = time.monotonic() + _YIELD


def gathered(
    array: StoredArray, most_elements: int, what: str
) -> Generator[Progress, None, NDArray[np.float64]]:
    """All values at once, float64.

    Raises:
        TooLarge: more than `most_elements`; `what` says what would have been computed.
    """
    shape = array.facts.shape or ()
    n_elements = array.facts.n_elements
    if n_elements > most_elements:
        raise TooLarge(
            f"{what} of {named(array.facts)} would need {count_text(n_elements)} numbers at once; "
            f"{count_text(most_elements)} is the limit."
        )
    return (yield from _filled(array, whole(shape)))


def slab_of(array: StoredArray, region: Box) -> Generator[Progress, None, NDArray[np.float64]]:
    """All values of the region at once, float64.

    Raises:
        TooLarge: more than MOST_AT_ONCE.
    """
    require_pieces(array, count_elements(region))
    return (yield from _filled(array, region))


def _filled(array: StoredArray, region: Box) -> Generator[Progress, None, NDArray[np.float64]]:
    values = np.empty([part.stop - part.start for part in region], np.float64)
    for item in boxes_of(array, region):
        if isinstance(item, Progress):
            yield item
            continue
        at = tuple(
            slice(box.start - part.start, box.stop - part.start)
            for box, part in zip(item[0], region, strict=True)
        )
        values[at] = item[1]
    return values


def require_pieces(array: StoredArray, n_elements: int) -> None:
    """Refuse what could only be computed with too many numbers in memory at once.

    Raises:
        TooLarge: more than MOST_AT_ONCE.
    """
    if n_elements > MOST_AT_ONCE:
        raise TooLarge(
            f"{named(array.facts)} would need {count_text(n_elements)} numbers at once; "
            f"{count_text(MOST_AT_ONCE)} is the limit.",
            hint="The Array panel shows parts of it.",
        )


def require_comparable(array: StoredArray, products: NDArray[np.float64]) -> None:
    """Refuse numbers whose products overflow: beyond 1e154.

    Raises:
        CannotRead: some products are infinite.
    """
    if not np.isfinite(products).all():
        raise CannotRead(f"The numbers of {named(array.facts)} are too large to be compared.")


def without_strange(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """NaN and infinity as zero, and how many there were."""
    finite = np.isfinite(values)
    if finite.all():
        return values, 0
    return np.where(finite, values, 0.0), int(values.size - np.count_nonzero(finite))


def blocks(length: int, most: int) -> Iterator[slice]:
    """Positions of an axis in at most `most` blocks of one size."""
    step = max(1, -(-length // most))
    for start in range(0, length, step):
        yield slice(start, min(length, start + step))


def shrunk(values: NDArray[np.float64], most_rows: int, most_columns: int) -> NDArray[np.float64]:
    """A matrix with few enough pixels: each block by its element farthest from zero; NaN stays."""
    row_starts = [part.start for part in blocks(values.shape[0], most_rows)]
    column_starts = [part.start for part in blocks(values.shape[1], most_columns)]
    for axis, starts in ((0, row_starts), (1, column_starts)):
        if len(starts) < values.shape[axis]:
            high = np.maximum.reduceat(values, starts, axis=axis)
            low = np.minimum.reduceat(values, starts, axis=axis)
            values = np.where(np.abs(low) > np.abs(high), low, high)
    return values
