"""What one pass over a weight's values finds, box by box, in bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(slots=True)
class Counted:
    """What adds up over the boxes."""

    count: int = 0
    n_nan: int = 0
    n_infinite: int = 0
    n_zero: int = 0
    n_lost: int = 0  # not zero, but zero in float16
    n_overflow: int = 0  # infinite in float16
    low: float = math.inf  # of the finite values
    high: float = -math.inf
    total: float = 0.0
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


_SUMS = (
    "count", "n_nan", "n_infinite", "n_zero", "n_lost", "n_overflow", "total", "squares"
)  # fmt: skip


@dataclass(slots=True)
class Piece:
    """What one box adds."""

    counted: Counted
    unit_low: Values | None
    unit_high: Values | None
    kept: Values | None
    sample: Values


def count_values(values: NDArray[Any]) -> Counted:
    """Of one box, any shape."""
    numbers = values.reshape(-1)
    low, high = float(numbers.min()), float(numbers.max())  # both hand NaN on
    n_nan = n_infinite = 0
    count = numbers.size
    if not (math.isfinite(low) and math.isfinite(high)):
        n_nan = int(np.count_nonzero(np.isnan(numbers)))
        n_infinite = int(np.count_nonzero(np.isinf(numbers)))
        numbers = numbers[np.isfinite(numbers)]
        if not numbers.size:
            return Counted(count, n_nan, n_infinite)
        low, high = float(numbers.min()), float(numbers.max())
    sizes = np.abs(numbers)
    n_not_zero = int(np.count_nonzero(numbers))
    n_lost = n_not_zero - int(np.count_nonzero(sizes > _LOST))
    n_overflow = int(np.count_nonzero(sizes > _LARGEST_16))
    if max(-low, high) > _HUGE:
        numbers = np.clip(numbers, -_HUGE, _HUGE)  # squares of larger ones would overflow
    wide = numbers.astype(np.float64, copy=False)
    return Counted(
        count, n_nan, n_infinite, numbers.size - n_not_zero, n_lost, n_overflow, low, high,
        float(wide.sum()), float(np.einsum("i,i->", wide, wide)),
    )  # fmt: skip


@dataclass
class Measured:
    """A weight's numbers.

    `kept` are values as (values of a unit, units), all of them or rows spread evenly;
    `sample` are values spread evenly, in the order of the file.
    """

    subject: Subject
    counted: Counted = field(default_factory=Counted)
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


class Measuring:
    """Takes the boxes of one weight, in file order."""

    def __init__(self, subject: Subject, itemsize: int) -> None:
        self._subject = subject
        self._counted = Counted()
        self._units = subject.unit_axes if subject.n_units else ()
        shape = subject.unit_shape
        self._low = np.full(shape, np.inf) if self._units else None
        self._high = np.full(shape, -np.inf) if self._units else None
        self._kept: list[Values] = []
        self._sample: list[Values] = []
        n_values = math.prod(subject.shape)
        self._row_step = -(-n_values * max(4, itemsize) // KEPT_BYTES)
        self._step = _step_across(n_values // _SAMPLED, subject.shape[-1] if subject.shape else 1)
        self._n_cut = 0

    def take(self, box: Box, values: NDArray[Any]) -> Piece:
        """Look at one box; may run in any thread."""
        wide = np.float64 if values.dtype.itemsize == 8 else np.float32
        numbers: Values = values.astype(wide, copy=False)
        sample = numbers.reshape(-1)[:: self._step].copy()
        with np.errstate(over="ignore", invalid="ignore"):
            counted = count_values(numbers)
            if not self._units:
                return Piece(counted, None, None, None, sample)
            others = tuple(axis for axis in range(numbers.ndim) if axis not in self._units)
            low, high = numbers.min(axis=others), numbers.max(axis=others)
        return Piece(counted, low, high, self._rows(box, numbers, others), sample)

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
            self._kept.append(piece.kept)
        else:
            self._n_cut += 1

    def measured(self) -> Measured:
        """After the last box."""
        found = Measured(self._subject, self._counted)
        if self._low is not None and self._high is not None:
            found.unit_low, found.unit_high = self._low.reshape(-1), self._high.reshape(-1)
        if self._kept:
            found.kept = np.concatenate(self._kept)
        if self._sample:
            found.sample = np.concatenate(self._sample)
        found.is_whole = self._row_step <= 1 and not self._n_cut
        return found

    def _rows(self, box: Box, numbers: Values, others: tuple[int, ...]) -> Values | None:
        """The box as (values of a unit, units), where it holds all units; thinned when large."""
        if count_elements(tuple(box[axis] for axis in self._units)) != self._subject.n_units:
            return None
        turned = numbers.transpose(*others, *self._units)
        return turned.reshape(-1, self._subject.n_units)[:: max(1, self._row_step)].copy()


def _step_across(step: int, length: int) -> int:
    """A step that meets every position of the last axis, not the same unit again and again."""
    step = max(1, step)
    while math.gcd(step, length) > 1:
        step += 1
    return step
