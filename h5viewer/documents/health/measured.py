"""What one pass over a weight's values finds, box by box, in bounded memory."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.health.subject import Subject
from h5viewer.formats.boxes import Box, count_elements

Values = NDArray[np.floating[Any]]

KEPT_BYTES = 24 << 20
"""Values of one weight that are kept for what needs them together."""

_SAMPLED = 200_000  # values of one weight whose distribution is looked at
_LOST = 2.0**-25  # rounds to zero in float16
_LARGEST_16 = 65504.0
_HUGE = 2.0**500
_BLOCK = 1 << 17  # values looked at together: what is made of them stays in the cache


class Counted(msgspec.Struct):
    """What adds up over the boxes."""

    count: int = 0
    n_nan: int = 0
    n_infinite: int = 0
    n_zero: int = 0
    n_lost: int = 0  # not zero, but zero in float16
    n_overflow: int = 0  # infinite in float16
    low: float = math.inf  # of the finite values
    high: float = -math.inf
    squares: float = 0.0

    def add(self, other: Counted) -> None:
        """Both together."""
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def n_finite(self) -> int:
        """How many values are numbers."""
        return self.count - self.n_nan - self.n_infinite

    @property
    def rms(self) -> float:
        """Root mean square of the finite values; 0 when there is none."""
        return math.sqrt(self.squares / self.n_finite) if self.n_finite else 0.0

    @property
    def largest(self) -> float:
        """Largest magnitude of the finite values; 0 when there is none."""
        return max(abs(self.low), abs(self.high)) if self.low <= self.high else 0.0


_SUMS = ("count", "n_nan", "n_infinite", "n_zero", "n_lost", "n_overflow", "squares")


class Piece(msgspec.Struct):
    """What one box adds."""

    counted: Counted
    unit_low: Values | None
    unit_high: Values | None
    kept: Values | None
    sample: Values


def count_values(values: NDArray[Any]) -> Counted:
    """Of one box, any shape."""
    numbers = values.reshape(-1)
    found = Counted()
    for start in range(0, numbers.size, _BLOCK):
        block = numbers[start : start + _BLOCK]
        found.add(_counted(block, float(block.min()), float(block.max())))
    return found


def count_columns(values: NDArray[Any]) -> tuple[Counted, Values, Values]:
    """Of (values of a unit, units): what adds up, and the least and largest of each unit."""
    found = Counted()
    n_units = values.shape[1]
    least, largest = (np.full(n_units, end, values.dtype) for end in (np.inf, -np.inf))
    n_rows = max(1, _BLOCK // max(1, n_units))
    for start in range(0, len(values), n_rows):
        block = values[start : start + n_rows]
        low, high = block.min(axis=0), block.max(axis=0)
        np.minimum(least, low, out=least)
        np.maximum(largest, high, out=largest)
        found.add(_counted(block.reshape(-1), float(low.min()), float(high.max())))
    return found, least, largest


def _counted(numbers: NDArray[Any], low: float, high: float) -> Counted:
    """Of 1-D values and their extremes, which are NaN where one value is."""
    n_nan = n_infinite = 0
    count = numbers.size
    if not (math.isfinite(low) and math.isfinite(high)):
        n_nan = int(np.count_nonzero(np.isnan(numbers)))
        n_infinite = int(np.count_nonzero(np.isinf(numbers)))
        numbers = numbers[np.isfinite(numbers)]
        if not numbers.size:
            return Counted(count, n_nan, n_infinite)
        low, high = float(numbers.min()), float(numbers.max())
    largest = max(-low, high)
    sizes = np.abs(numbers)
    n_zero = n_lost = n_overflow = 0
    if sizes.min() <= _LOST:  # rarely: each count is a pass of its own
        n_zero = numbers.size - int(np.count_nonzero(numbers))
        n_lost = numbers.size - n_zero - int(np.count_nonzero(sizes > _LOST))
    if largest > _LARGEST_16:
        n_overflow = int(np.count_nonzero(sizes > _LARGEST_16))
    if largest > _HUGE:
        numbers = np.clip(numbers, -_HUGE, _HUGE)  # squares of larger ones would overflow
    wide = numbers.astype(np.float64, copy=False)
    squares = float(np.dot(wide, wide))
    return Counted(count, n_nan, n_infinite, n_zero, n_lost, n_overflow, low, high, squares)


class Measured(msgspec.Struct):
    """A weight's numbers.

    `kept` are values as (values of a unit, units), all of them or rows spread evenly;
    `sample` are values spread evenly, in the order of the file.
    """

    subject: Subject
    counted: Counted = msgspec.field(default_factory=Counted)
    unit_low: Values | None = None
    unit_high: Values | None = None
    kept: Values | None = None
    sample: Values | None = None
    is_whole: bool = True  # False: `kept` is not all

    @property
    def fan_in(self) -> int:
        """Values that a unit has."""
        n_units = self.subject.n_units
        return math.prod(self.subject.shape) // n_units if n_units else 0

    @property
    def gain(self) -> float:
        """Root mean square times sqrt(fan in): about 1 where the signal keeps its scale."""
        return self.counted.rms * math.sqrt(self.fan_in or self.subject.fans[0])


class Room:
    """Memory for what is kept of a weight, used again for the next.

    New pages cost more than what is done with them.
    """

    def __init__(self) -> None:
        self._bytes = np.empty(0, np.uint8)
        self._like = np.empty((0, 0), np.float32)

    def add(self, at: int, rows: Values) -> int:
        """Keep rows, after `at` of them; how many found room."""
        if not at:
            self._like = rows[:0]
            n_bytes = KEPT_BYTES + rows[:1].nbytes
            if self._bytes.size < n_bytes:
                self._bytes = np.empty(n_bytes, np.uint8)
        n_there = len(self.rows(at + len(rows)))
        self.rows(n_there)[at:] = rows[: n_there - at]
        return n_there - at

    def rows(self, count: int) -> Values:
        """The first ones; fewer where there is no room for as many."""
        width, dtype = self._like.shape[1], self._like.dtype
        count = min(count, self._bytes.size // max(1, width * dtype.itemsize))
        kept: Values = self._bytes[: count * width * dtype.itemsize].view(dtype)
        return kept.reshape(count, width)


class Measuring:
    """Takes the boxes of one weight, in file order."""

    def __init__(self, subject: Subject, itemsize: int, room: Room | None = None) -> None:
        """Nothing is looked at yet; what is kept lies in `room` until the next weight."""
        self._subject = subject
        self._counted = Counted()
        self._room = room or Room()
        self._units = subject.unit_axes if subject.n_units else ()
        shape = subject.unit_shape
        self._low = np.full(shape, np.inf) if self._units else None
        self._high = np.full(shape, -np.inf) if self._units else None
        self._n_kept = 0
        self._sample: list[Values] = []
        n_values = math.prod(subject.shape)
        self._row_step = max(1, -(-n_values * max(4, itemsize) // KEPT_BYTES))
        self._step = _step_across(n_values // _SAMPLED, subject.shape[-1] if subject.shape else 1)
        self._n_cut = 0

    def take(self, box: Box, values: NDArray[Any]) -> Piece:
        """Look at one box; may run in any thread."""
        wide = np.float64 if values.dtype.itemsize == 8 else np.float32
        numbers: Values = values.astype(wide, copy=False)
        sample = numbers.reshape(-1)[:: self._step].copy()
        with np.errstate(over="ignore", invalid="ignore"):
            if not self._units:
                return Piece(count_values(numbers), None, None, None, sample)
            others = tuple(axis for axis in range(numbers.ndim) if axis not in self._units)
            rows = self._rows(box, numbers, others)
            if rows is not None and rows.flags.c_contiguous:
                counted, low, high = count_columns(rows)
                shape = tuple(numbers.shape[axis] for axis in self._units)
                low, high = low.reshape(shape), high.reshape(shape)
            else:
                counted = count_values(numbers)
                low, high = numbers.min(axis=others), numbers.max(axis=others)
        kept = (
            None if rows is None else rows[-self._n_before(box) % self._row_step :: self._row_step]
        )
        kept = None if kept is None else kept.copy()
        return Piece(counted, low, high, kept, sample)

    def add(self, box: Box, piece: Piece) -> None:
        """Take a piece into account."""
        self._counted.add(piece.counted)
        self._sample.append(piece.sample)
        low, high = piece.unit_low, piece.unit_high
        if self._low is None or self._high is None or low is None or high is None:
            return
        part = tuple(box[axis] for axis in self._units)
        np.minimum(self._low[part], low, out=self._low[part])
        np.maximum(self._high[part], high, out=self._high[part])
        if piece.kept is not None:
            self._n_kept += self._room.add(self._n_kept, piece.kept)
        else:
            self._n_cut += 1

    def measured(self) -> Measured:
        """After the last box."""
        found = Measured(self._subject, self._counted)
        if self._low is not None and self._high is not None:
            found.unit_low, found.unit_high = self._low.reshape(-1), self._high.reshape(-1)
        if self._n_kept:
            found.kept = self._room.rows(self._n_kept)
        if self._sample:
            found.sample = np.concatenate(self._sample)
        found.is_whole = self._row_step <= 1 and not self._n_cut
        return found

    def takes_whole_units(self, box: Box) -> bool:
        """True where boxes like this one are rows with a value of every unit."""
        trailing = range(len(box) - len(self._units), len(box))
        return tuple(trailing) == self._units and self._has_all_units(box)

    def _has_all_units(self, box: Box) -> bool:
        n_units = count_elements(tuple(box[axis] for axis in self._units))
        return n_units == self._subject.n_units

    def _n_before(self, box: Box) -> int:
        """How many values each unit has before the box."""
        before = 0
        for axis, (part, length) in enumerate(zip(box, self._subject.shape, strict=True)):
            if axis not in self._units:
                before = before * length + part.start
        return before

    def _rows(self, box: Box, numbers: Values, others: tuple[int, ...]) -> Values | None:
        """The box as (values of a unit, units), where it holds all units."""
        if not self._has_all_units(box):
            return None
        turned = numbers.transpose(*others, *self._units)
        return turned.reshape(-1, self._subject.n_units)


def _step_across(step: int, length: int) -> int:
    """A step that meets every position of the last axis, not the same unit again and again."""
    step = max(1, step)
    while math.gcd(step, length) > 1:
        step += 1
    return step
