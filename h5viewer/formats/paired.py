"""Two datasets of one shape, read side by side by several threads."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
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

_IN_FLIGHT = 96 << 20  # decoded bytes in all threads together


def paired_boxes(a: StoredArray, b: StoredArray, region: Box, n_bytes: int) -> Iterator[Box]:
    """`region` in boxes along the larger chunks of the two: few are decoded twice."""
    coarse = a if _cell_bytes(a) >= _cell_bytes(b) else b
    return coarse.boxes(region, max(n_bytes, _cell_bytes(coarse)))


def process_both(
    a: StoredArray, b: StoredArray, boxes: Iterator[Box], work: Work[T], *, insist: bool = False
) -> Generator[tuple[Box, T], None, None]:
    """Each box with what `work` makes of the values of both, in order.

    `work` may run in several threads; the values are valid only until it returns.

    Raises:
        CannotRead, TooLarge: an obstacle, damage.
    """
    prepare_a, prepare_b = a.getter(insist=insist), b.getter(insist=insist)
    tasks = (_task(box, prepare_a(box), prepare_b(box), work) for box in boxes)
    n_ahead = max(1, min(2 * n_threads(), _IN_FLIGHT // (3 * (_cell_bytes(a) + _cell_bytes(b)))))
    try:
        for box, result in in_threads(tasks, n_ahead):
            if result is not None:
                yield box, result[0]
            else:  # never written, unusual or damaged
                yield box, work(box, a.read(box, insist=insist), b.read(box, insist=insist))
    except (OSError, MemoryError) as error:
        name = visible(path_text(a.facts.path))
        raise cannot_read(f"The dataset {name}", error) from error


def _task(
    box: Box, get_a: Get, get_b: Get, work: Work[T]
) -> Callable[[], tuple[Box, tuple[T] | None]]:
    def run() -> tuple[Box, tuple[T] | None]:
        try:
            return box, (work(box, get_a(), get_b()),)
        except Undecodable:
            return box, None

    return run


def _cell_bytes(array: StoredArray) -> int:
    return max(1, math.prod(array.cell) * array.facts.dtype.itemsize)
