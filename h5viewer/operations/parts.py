"""Pictures and numbers of the gates or heads of a weight, each by itself."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, whole
from h5viewer.formats.container import Container
from h5viewer.nodes import Array, PartNumbers, Parts
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named
from h5viewer.operations.moments import Moments
from h5viewer.operations.whole_weights import blocks, slab_of, weight_array
from h5viewer.requests import Block, Progress, ReadParts

_SLAB = 4_000_000  # numbers held at once
_PIXELS = 256  # a side


def read_parts(request: ReadParts, container: Container) -> Operation[Parts]:
    """Each part in turn; more than two axes are laid out as rows by all but the last.

    Raises:
        CannotRead, TooLarge: no numbers, a part outside of its dataset, too much to read.
    """
    found = []
    for part in request.parts:
        array = weight_array(container, part.path, n_axes=0)
        region = _region(array.facts.shape or (), part)
        if region is None:
            raise CannotRead(f"{named(array.facts)} has no such part.")
        gathered = _Gathered(_matrix_shape(region, part))
        for slab in _slabs(region):
            values = yield from slab_of(array, slab)
            gathered.add(values.reshape(-1, gathered.n_columns))
        found.append(gathered.numbers())
        yield Progress(done=len(found), total=len(request.parts))
    return Parts(parts=tuple(found))


class _Gathered:
    """A matrix, row by row: its moments, and a small picture of it."""

    def __init__(self, shape: tuple[int, int]) -> None:
        n_rows, self.n_columns = shape
        self._row_step = max(1, -(-n_rows // _PIXELS))
        self._column_starts = [part.start for part in blocks(self.n_columns, _PIXELS)]
        pixels = (-(-n_rows // self._row_step), len(self._column_starts))
        self._high, self._low = np.full(pixels, -np.inf), np.full(pixels, np.inf)
        self._n_rows = 0
        self._moments = Moments()
        self._minimum, self._maximum = math.inf, -math.inf
        self._count = self._n_zero = self._n_strange = 0
        self._squares = 0.0

    def add(self, values: NDArray[np.float64]) -> None:
        """The next rows."""
        place = (self._n_rows + np.arange(len(values))) // self._row_step
        self._n_rows += len(values)
        for reduce, pixels in ((np.maximum, self._high), (np.minimum, self._low)):
            reduce.at(pixels, place, reduce.reduceat(values, self._column_starts, axis=1))
        finite = values[np.isfinite(values)]
        self._count += values.size
        self._n_strange += int(values.size - finite.size)
        if not finite.size:
            return
        self._n_zero += int(finite.size - np.count_nonzero(finite))
        low, high = float(finite.min()), float(finite.max())
        self._minimum, self._maximum = min(self._minimum, low), max(self._maximum, high)
        self._moments = self._moments.merged(Moments.of(finite, max(abs(low), abs(high))))
        with np.errstate(over="ignore"):
            self._squares += float(np.square(finite).sum())

    def numbers(self) -> PartNumbers:
        """Of all rows that were added."""
        has_any = self._count > self._n_strange
        mean, std = self._moments.mean_and_std
        picture = np.where(np.abs(self._low) > np.abs(self._high), self._low, self._high)
        with np.errstate(over="ignore"):
            packed = picture.astype(np.float32)
        return PartNumbers(
            values=Array.of(packed),
            count=self._count,
            minimum=self._minimum if has_any else math.nan,
            maximum=self._maximum if has_any else math.nan,
            mean=mean if has_any else math.nan,
            std=std if has_any else math.nan,
            norm=math.sqrt(self._squares),
            n_zero=self._n_zero,
            n_not_finite=self._n_strange,
        )


def _region(shape: tuple[int, ...], part: Block) -> Box | None:
    region = list(whole(shape))
    if part.axis is not None:
        if not 0 <= part.axis < len(shape) or not 0 <= part.start < part.stop <= shape[part.axis]:
            return None
        region[part.axis] = slice(part.start, part.stop)
    if part.row is not None:
        if len(shape) != 2 or not 0 <= part.row < shape[0]:
            return None
        region[0] = slice(part.row, part.row + 1)
    return tuple(region)


def _matrix_shape(region: Box, part: Block) -> tuple[int, int]:
    """Rows and columns: the last axis goes across, but not one that is a single head."""
    lengths = [box.stop - box.start for box in region]
    if len(lengths) < 2:
        return 1, math.prod(lengths)
    if part.axis == len(lengths) - 1 and lengths[-1] == 1 and len(lengths) > 2:
        lengths.pop()
    return math.prod(lengths[:-1]), lengths[-1]


def _slabs(region: Box) -> Iterator[Box]:
    """Runs of the first axis, so that rows of the matrix stay whole."""
    if len(region) < 2:
        yield region
        return
    rest = math.prod(box.stop - box.start for box in region[1:])
    step = max(1, _SLAB // max(1, rest))
    for start in range(region[0].start, region[0].stop, step):
        yield (slice(start, min(region[0].stop, start + step)), *region[1:])
