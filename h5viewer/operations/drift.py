"""How one weight went through a run: sums over pieces, each read once from every file.

Of a piece the first and the last step are kept, and the one before; with its neighbours it
stays in the processor's cache, so that a run of any length takes the memory of four pieces.
Numbers of 32 bits are computed with as such: their differences are exact where they are small,
and the sums of 65,536 squares to a millionth.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.operations.cuts import as_numbers

Read = Callable[[int, int], NDArray[Any] | None]
"""The values of a step, by its place, in a room: 0 and 1 in turns, 2 first, 3 last; None: lost."""

COUNT, MEAN, SCATTER, LOW, HIGH, ODD, PREVIOUS, FIRST, LAST = range(9)
N_SUMS = 9

_SAFE = (1e-15, 1e15)  # magnitudes whose squares are normal numbers of 32 bits

_LITTLE = 0.1  # of the squares: one digit is lost where the mean is taken off
_USUAL = 1 << 16  # numbers of a piece
_kept = threading.local()

Sums = NDArray[np.float64]
"""(steps, 9): finite values, their mean, sum of squares around it, extremes, others; squares of
distances from the step before, the first, the last. NaN: there is none."""


def follow(steps: Sequence[bool], read: Read) -> Sums:
    """Sums of one piece over all steps.

    Args:
        steps: which of them have the weight.
        read: brings its values; those of a room are valid until the next ones in it.
    """
    sums = np.full((len(steps), N_SUMS), np.nan)
    present = [step for step, is_there in enumerate(steps) if is_there]
    if not present:
        return sums
    first_step, last_step = present[0], present[-1]
    last = _numbers(read(last_step, 3))
    first = last if first_step == last_step else _numbers(read(first_step, 2))
    previous = None
    with np.errstate(all="ignore"):
        for turn, step in enumerate(present):
            if step == last_step:
                values = last
            elif step == first_step:
                values = first
            else:
                values = _numbers(read(step, turn % 2))
            if values is None:
                previous = None
                continue
            _sum_up(values, sums[step])
            for column, other in ((PREVIOUS, previous), (FIRST, first), (LAST, last)):
                sums[step, column] = _apart(values, other, sums[step])
            previous = values
            if step == first_step:
                sums[step, PREVIOUS] = 0.0
    return sums


def merged(a: Sums, b: Sums) -> Sums:
    """Both pieces together."""
    together = a + b
    count = together[:, COUNT]
    with np.errstate(all="ignore"):
        apart = b[:, MEAN] - a[:, MEAN]
        share = np.where(count > 0, b[:, COUNT] / count, 0.0)
        together[:, MEAN] = a[:, MEAN] + apart * share
        together[:, SCATTER] += apart * apart * a[:, COUNT] * share
    together[:, LOW] = np.minimum(a[:, LOW], b[:, LOW])
    together[:, HIGH] = np.maximum(a[:, HIGH], b[:, HIGH])
    return together


def _numbers(values: NDArray[Any] | None) -> NDArray[Any] | None:
    """As floating-point numbers of this machine, 32 or 64 bits."""
    if values is None:
        return None
    values = as_numbers(values.reshape(-1))
    if values.dtype.kind == "f":
        return values.astype(values.dtype.newbyteorder("="), copy=False)
    return values.astype(np.float64)


def _sum_up(values: NDArray[Any], into: Sums) -> None:
    """One piece at one step; extremes are infinite where no value is finite."""
    into[:] = (0.0, 0.0, 0.0, math.inf, -math.inf, 0.0, 0.0, 0.0, 0.0)
    if not values.size:
        return
    low, high = float(values.min()), float(values.max())  # both hand NaN on
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = values[np.isfinite(values)]
        into[ODD] = values.size - finite.size
        values = finite.astype(np.float64)
        if not values.size:
            return
        low, high = float(values.min()), float(values.max())
    elif not _is_safe(low, high):
        values = values.astype(np.float64)
    into[: COUNT + 1] = values.size
    into[MEAN], into[SCATTER] = _spread(values)
    into[LOW], into[HIGH] = low, high


def _spread(values: NDArray[Any]) -> tuple[float, float]:
    """The mean, and the sum of squares around it."""
    ones = _ones(values)
    mean = float(np.dot(values, ones)) / values.size
    squares = float(np.dot(values, values))
    if mean * mean * values.size < _LITTLE * squares:
        return mean, squares - mean * mean * values.size
    shift = values.dtype.type(mean)  # else too few digits were left
    centred = np.subtract(values, shift, out=_room(values))
    rest = float(np.dot(centred, ones)) / values.size
    scatter = float(np.dot(centred, centred)) - rest * rest * values.size
    return float(shift) + rest, max(0.0, scatter)


def _apart(values: NDArray[Any], other: NDArray[Any] | None, sums: Sums) -> float:
    """The sum of squares of differences, of values that are finite in both; NaN: no other."""
    if other is None:
        return math.nan
    if values is other or not values.size:
        return 0.0
    is_plain = not sums[ODD] and _is_safe(sums[LOW], sums[HIGH])
    if is_plain and values.dtype == other.dtype:
        apart = np.subtract(values, other, out=_room(values))
        squares = float(np.dot(apart, apart))
        if math.isfinite(squares):
            return squares
    apart = values.astype(np.float64) - other
    apart[~np.isfinite(apart)] = 0
    return float(np.dot(apart, apart))


def _room(values: NDArray[Any]) -> NDArray[Any]:
    """Where differences of these values go: new memory costs more than they do."""
    return _of(values, "room")


def _ones(values: NDArray[Any]) -> NDArray[Any]:
    """As many ones: a product with them is three times faster than a sum."""
    return _of(values, "ones")


def _of(values: NDArray[Any], name: str) -> NDArray[Any]:
    key = f"{name}{values.dtype.itemsize}"
    kept: NDArray[Any] | None = getattr(_kept, key, None)
    if kept is None or kept.size < values.size:
        kept = np.ones(max(values.size, _USUAL), values.dtype)
        setattr(_kept, key, kept)
    return kept[: values.size]


def _is_safe(low: float, high: float) -> bool:
    largest = max(-low, high)
    return largest == 0 or _SAFE[0] < largest < _SAFE[1]
