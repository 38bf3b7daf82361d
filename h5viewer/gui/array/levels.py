"""Which numbers get the first and the last colour."""

from __future__ import annotations

from typing import Literal, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.gui.array.colour_maps import magnitudes

Mode = Literal["full", "robust", "manual"]

_ROBUST_PERCENTS = (1.0, 99.0)
_SAMPLE = 200_000  # elements looked at for percentiles: 4 ms instead of 25 for a full picture


class Levels(msgspec.Struct, frozen=True):
    """Numbers drawn in the first and the last colour; `low` < `high`, both finite."""

    low: float
    high: float


PALETTE_LEVELS = Levels(0.0, 256.0)
"""Bytes drawn as the numbers of 256 colours: each gets its own."""


def automatic_levels(values: NDArray[np.generic], mode: Mode, *, symmetric: bool) -> Levels:
    """From the lowest to the highest finite element of a picture, or without the outer 1 %.

    Args:
        values: the picture, any shape.
        mode: "full" or "robust".
        symmetric: as far below zero as above, so that a diverging map has its centre at zero.
    """
    numbers = magnitudes(values)
    finite = numbers[np.isfinite(numbers)].astype(np.float64)
    if finite.size == 0:
        return Levels(-1.0, 1.0) if symmetric else Levels(0.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    if mode == "robust":
        sample = finite[:: max(1, finite.size // _SAMPLE)]
        # "nearest" does not overflow between -1e308 and 1e308, as interpolation does
        inner = np.percentile(sample, _ROBUST_PERCENTS, method="nearest")
        inner_low, inner_high = float(inner[0]), float(inner[1])
        if inner_low < inner_high:  # nearly everything is one number: show the rest
            low, high = inner_low, inner_high
    if symmetric:
        high = max(abs(low), abs(high))
        low = -high
    return widened(low, high)


def widened(low: float, high: float) -> Levels:
    """The same levels, moved apart where they coincide: a constant has the middle colour."""
    if low < high:
        return Levels(low, high)
    margin = abs(low) / 2 or 1.0
    return Levels(low - margin, low + margin)


def has_negative(values: NDArray[np.generic]) -> bool:
    """True when a finite element is below zero."""
    if values.dtype.kind not in "if":
        return False
    numbers = cast("NDArray[np.floating]", values)
    with np.errstate(invalid="ignore"):
        return bool(((numbers < 0) & np.isfinite(numbers)).any())
