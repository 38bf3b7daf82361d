"""Datasets of one shape, two or more, read side by side by several threads."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from numpy.typing import NDArray

from h5viewer.formats.boxes import Box
from h5viewer.formats.chunk_codec import Undecodable
from h5viewer.formats.container import Get, StoredArray
from h5viewer.formats.hdf5_errors import cannot_read
from h5viewer.formats.parallel import in_threads, n_threads
from h5viewer.names import path_text, visible

T = TypeVar("T")
Work = Callable[[Box, NDArray[Any], NDArray[Any]], T]
WorkOnAll = Callable[[Box, Sequence[Get]], T]
"""Takes the values of one dataset after the other; each is valid until it returns."""

_IN_FLIGHT = 96 << 20  # decoded bytes in all threads together


def paired_boxes(a: StoredArray, b: StoredArray, region: Box, n_bytes: int) -> Iterator[Box]:
    """`region` in boxes along the larger chunks of the two: few are decoded twice."""
    return boxes_for_all((a, b), region, n_bytes)


def boxes_for_all(arrays: Sequence[StoredArray], region: Box, n_bytes: int) -> Iterator[Box]:
    """`region` in boxes along the largest chunks, of the first where they are as large."""
    coarse = max(arrays, key=_cell_bytes)
    return coarse.boxes(region, max(n_bytes, _cell_bytes(coarse)))


def process_both(
    a: StoredArray, b: StoredArray, boxes: Iterator[Box], work: Work[T], *, insist: bool = False
) -> Generator[tuple[Box, T], None, None]:
    """Each box with what `work` makes of the values of both, in order.

    `work` may run in several threads; the values are valid only until it returns.

    Raises:
        CannotRead, TooLarge: an obstacle, damage.
    """

    def both(box: Box, gets: Sequence[Get]) -> T:
        return work(box, gets[0](), gets[1]())

    return process_all((a, b), boxes, both, insist=insist)


def process_all(
    arrays: Sequence[StoredArray], boxes: Iterator[Box], work: WorkOnAll[T], *, insist: bool = False
) -> Generator[tuple[Box, T], None, None]:
    """Each box with what `work` makes of the values of all, in order.

    `work` may run in several threads, and a second time where a dataset has to be read the
    usual way; the values are valid only until it returns.

    Raises:
        CannotRead, TooLarge: an obstacle, damage.
    """
    prepare = [array.getter(insist=insist) for array in arrays]
    tasks = (_task(box, [each(box) for each in prepare], work) for box in boxes)
    cells = sum(_cell_bytes(array) for array in arrays)
    n_ahead = max(1, min(2 * n_threads(), _IN_FLIGHT // (3 * cells)))
    try:
        for box, result in in_threads(tasks, n_ahead):
            if result is not None:
                yield box, result[0]
            else:  # never written, unusual or damaged
                gets = [partial(array.read, box, insist=insist) for array in arrays]
                yield box, work(box, gets)
    except (OSError, MemoryError) as error:
        name = visible(path_text(arrays[0].facts.path))
        raise cannot_read(f"The dataset {name}", error) from error


def _task(
    box: Box, gets: Sequence[Get], work: WorkOnAll[T]
) -> Callable[[], tuple[Box, tuple[T] | None]]:
    def run() -> tuple[Box, tuple[T] | None]:
        try:
            return box, (work(box, gets),)
        except Undecodable:
            return box, None

    return run


def _cell_bytes(array: StoredArray) -> int:
    return max(1, math.prod(array.cell) * array.facts.dtype.itemsize)
