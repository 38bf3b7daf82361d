"""Findings in the units of a kernel: dead, constant, duplicate; embeddings' untouched rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.alikeness import much_alike
from h5viewer.documents.health.kinds import of_weight
from h5viewer.documents.health.measured import Measured
from h5viewer.documents.initializers import expected
from h5viewer.nodes import Gravity, HealthFinding
from h5viewer.wording import count_text, plural

_FEWEST_DRAWN = 16  # values of a row, before their limits mean anything
_FEWEST_VALUES = 8  # of a unit, before equal ones mean anything
MOST_COMPARED = 4096  # units: 8 million pairs


def dead_units(measured: Measured) -> Iterator[HealthFinding]:
    """Units whose values are all (nearly) zero."""
    subject = measured.subject
    if measured.unit_low is None or measured.unit_high is None or "token" in subject.weight.axes:
        return
    dead = is_dead(measured)
    n_dead = int(np.count_nonzero(dead))
    if not n_dead:
        return
    largest = float(np.maximum(-measured.unit_low, measured.unit_high)[dead].max())
    share = largest / measured.counted.rms if measured.counted.rms else 0.0
    how = "all zero" if largest == 0 else f"zero but for at most {largest:.1e}"
    message = f"{_of_units(n_dead, measured)} {_are(n_dead)} {how}{_where(dead)}."
    yield of_weight(
        kinds.DEAD_UNITS, gravity_of(n_dead, dead.size), subject, share, limits.DEAD_SHARE, message
    )


def constant_units(measured: Measured) -> Iterator[HealthFinding]:
    """Units whose values are all the same, other than zero."""
    subject = measured.subject
    if measured.unit_low is None or measured.unit_high is None or "token" in subject.weight.axes:
        return
    if measured.fan_in < _FEWEST_VALUES:
        return
    constant = (measured.unit_low == measured.unit_high) & ~is_dead(measured)
    n_constant = int(np.count_nonzero(constant))
    if n_constant:
        value = float(measured.unit_low[constant][0])
        message = (
            f"{_of_units(n_constant, measured)} {_are(n_constant)} constant, "
            f"each of {plural(measured.fan_in, 'value')} the same ({value:.4g}){_where(constant)}."
        )
        yield of_weight(kinds.CONSTANT_UNITS, "warning", subject, 0, limits.CONSTANT, message)


def unit_scale(measured: Measured) -> Iterator[HealthFinding]:
    """Units that are far stronger than those beside them."""
    subject, low, high = measured.subject, measured.unit_low, measured.unit_high
    if low is None or high is None or "token" in subject.weight.axes:
        return
    strengths = np.maximum(-low, high)
    alive = ~is_dead(measured) & np.isfinite(strengths)
    if np.count_nonzero(alive) < _FEWEST_VALUES:
        return
    median = float(np.median(strengths[alive]))
    strong = alive & (strengths > limits.UNIT_RATIO.value * median)
    n_strong = int(np.count_nonzero(strong))
    if n_strong:
        ratio = float(strengths[strong].max()) / median
        message = (
            f"{_of_units(n_strong, measured)} {_are(n_strong)} up to {ratio:,.0f} times as strong "
            f"as the median{_where(strong)}."
        )
        yield of_weight(kinds.UNIT_SCALE, "warning", subject, ratio, limits.UNIT_RATIO, message)


def duplicate_units(measured: Measured) -> Iterator[HealthFinding | None]:
    """Units of the same direction; None only says that time passed."""
    subject, kept = measured.subject, measured.kept
    if kept is None or measured.unit_low is None or measured.unit_high is None:
        return
    if subject.is_depthwise or "token" in subject.weight.axes or len(kept) < _FEWEST_VALUES:
        return
    alive = ~is_dead(measured) & (measured.unit_low != measured.unit_high)
    alive &= np.isfinite(measured.unit_low) & np.isfinite(measured.unit_high)
    numbers = np.flatnonzero(alive)[:MOST_COMPARED]
    first_of: dict[int, int] = {}
    likest = 0.0
    strengths = np.maximum(-measured.unit_low, measured.unit_high)
    for one, others in much_alike(kept, strengths, numbers):
        for other in others:
            if int(other) in first_of:
                continue
            cosine = _cosine(kept[:, numbers[one]], kept[:, numbers[other]])
            if cosine > limits.COSINE.value:
                first_of[int(other)] = first_of.get(one, one)
                likest = max(likest, cosine)
        yield None
    if first_of:
        same = np.zeros(alive.size, bool)
        same[numbers[list(first_of)]] = True
        original = int(numbers[min(first_of.values())])
        message = (
            f"{_of_units(len(first_of), measured)} "
            f"{'repeats' if len(first_of) == 1 else 'repeat'} another one "
            f"(cosine {likest:.6f}){_where(same)}; the first that is repeated is {original}."
        )
        yield of_weight(
            kinds.DUPLICATE_UNITS,
            gravity_of(len(first_of), alive.size),
            subject,
            likest,
            limits.COSINE,
            message,
        )


def untrained_rows(measured: Measured) -> Iterator[HealthFinding]:
    """Embedding rows as Keras draws them, among others that were trained."""
    subject, low, high = measured.subject, measured.unit_low, measured.unit_high
    if "token" not in subject.weight.axes or low is None or high is None:
        return
    n_rows = low.size
    untouched = _untouched(measured)
    n_untouched = int(np.count_nonzero(untouched))
    if n_untouched > 1:  # one is for padding
        message = (
            f"{count_text(n_untouched)} of {plural(n_rows, 'row')} lie between -0.05 and 0.05, "
            f"as Keras draws them, while the values of all rows are of size "
            f"{measured.counted.rms:.3g}."
        )
        largest = float(np.maximum(-low, high)[untouched].max())
        yield of_weight(
            kinds.UNTRAINED_ROWS, "note", subject, largest, limits.UNTRAINED_ROWS, message
        )
    zero = (low == 0) & (high == 0)
    n_zero = int(np.count_nonzero(zero))
    if n_zero > limits.ZERO_ROWS.value:
        message = f"{count_text(n_zero)} of {plural(n_rows, 'row')} are all zero{_where(zero)}."
        yield of_weight(kinds.UNTRAINED_ROWS, "note", subject, n_zero, limits.ZERO_ROWS, message)


def _untouched(measured: Measured) -> NDArray[np.bool_]:
    """Rows as Keras draws them by default, where most rows have moved away from there."""
    assert measured.unit_low is not None
    assert measured.unit_high is not None
    declared, limit = measured.subject.declared, limits.UNTRAINED_ROWS.value
    stated = declared.config.get("embeddings_initializer") if declared is not None else None
    start = expected(stated or "uniform", measured.subject.shape)
    low, high = measured.unit_low, measured.unit_high
    if start is None or start.kind != "uniform" or start.high != limit:
        return np.zeros(low.size, bool)
    if measured.fan_in < _FEWEST_DRAWN or measured.counted.rms < 1.5 * start.std:
        return np.zeros(low.size, bool)
    # of 16 draws the largest is beyond half of the limit, but for 1 row in 65,000
    inside: NDArray[np.bool_] = (low >= -limit) & (high <= limit)
    inside &= np.maximum(-low, high) > limit / 2
    return inside


def is_dead(measured: Measured) -> NDArray[np.bool_]:
    """Which units are all zero, or nothing beside the others."""
    assert measured.unit_low is not None
    assert measured.unit_high is not None
    limit = limits.DEAD_SHARE.value * measured.counted.rms
    dead: NDArray[np.bool_] = np.maximum(-measured.unit_low, measured.unit_high) <= limit
    return dead


def gravity_of(n_units: int, total: int) -> Gravity:
    """A few units of a layer are worth a note, many a warning."""
    return "warning" if n_units >= limits.MANY_SHARE.value * total else "note"


def _cosine(one: NDArray[Any], other: NDArray[Any]) -> float:
    a, b = one.astype(np.float64), other.astype(np.float64)
    a, b = a / np.abs(a).max(), b / np.abs(b).max()
    return min(1.0, float(a @ b / math.sqrt(float(a @ a) * float(b @ b))))


def _of_units(n: int, measured: Measured) -> str:
    subject = measured.subject
    return f"{count_text(n)} of {plural(subject.n_units, subject.unit_word)}"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _where(chosen: NDArray[np.bool_], limit: int = 5) -> str:
    """Which ones, when that says something: " (numbers 3, 17, …)"."""
    if bool(chosen.all()):
        return ""
    numbers = np.flatnonzero(chosen)
    shown = ", ".join(str(n) for n in numbers[:limit])
    word = "number" if numbers.size == 1 else "numbers"
    return f" ({word} {shown}{', …' if numbers.size > limit else ''})"
