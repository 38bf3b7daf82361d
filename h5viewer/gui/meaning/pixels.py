"""Small pictures of numbers: painted here, scaled by Qt without smoothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from h5viewer.gui.array.colour_maps import DIVERGING, SEQUENTIAL, colour_table, coloured


def image_of(values: NDArray[np.generic], low: float, high: float) -> QImage:
    """A matrix as a picture: blue – white – red where there are numbers below zero.

    Args:
        values: (rows, columns).
        low, high: numbers that get the first and the last colour.
    """
    colour_map = DIVERGING if low < 0 else SEQUENTIAL
    return rgba_image(coloured(values, low, high, colour_table(colour_map)))


def rgba_image(pixels: NDArray[np.uint8]) -> QImage:
    """A picture of (rows, columns, 4) bytes; Qt keeps its own copy."""
    rows, columns = pixels.shape[:2]
    data = np.ascontiguousarray(pixels)
    image = QImage(data.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
    return image.copy()


def rgb_image(values: NDArray[np.floating], low: float, high: float) -> QImage:
    """(rows, columns, 3) numbers as red, green and blue; NaN is black."""
    span = high - low if high > low else 1.0
    with np.errstate(all="ignore"):
        scaled = np.clip((values.astype(np.float64) - low) / span, 0, 1) * 255
    pixels = np.full((*values.shape[:2], 4), 255, np.uint8)
    pixels[..., :3] = np.nan_to_num(scaled)
    return rgba_image(pixels)


def span_of(values: NDArray[np.generic], *, is_signed: bool = True) -> tuple[float, float]:
    """Levels for these numbers: as far below zero as above where any is below zero."""
    numbers = values[np.isfinite(values)]
    if not numbers.size:
        return (0.0, 1.0)
    low, high = float(numbers.min()), float(numbers.max())
    if low < 0 and is_signed:
        high = max(-low, high)
        low = -high
    return (low, high) if low < high else (low - (abs(low) or 1.0), high + (abs(high) or 1.0))
