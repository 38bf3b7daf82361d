"""How much each place speaks for a class, as a coloured layer over the picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from h5viewer.gui.array.colour_maps import COLOUR_MAPS, colour_table, coloured
from h5viewer.gui.meaning.pixels import rgba_image
from h5viewer.nodes import Array

_FOR = next(row for row in COLOUR_MAPS if row.key == "turbo")
_FOR_AND_AGAINST = next(row for row in COLOUR_MAPS if row.key == "blue-white-red")
_BEFORE, _BEYOND = 0.1, 0.12  # of the map's colours, left out at its ends
_SMOOTH_FROM = 320  # pixels a side; smaller maps are drawn smoothly, the picture below is not
_LARGEST = 512  # pixels a side: a map is smooth, and painting a million takes 30 ms
_FAINTEST = 0.02
"""Of the largest: below it nothing is drawn."""


def heat_layer(heat: Array) -> QImage:
    """A map of (rows, columns): clear where nothing is, opaque where it is strongest.

    With numbers below zero: blue speaks against, red for.
    """
    step = max(1, max(heat.shape) // _LARGEST)
    values = np.nan_to_num(np.asarray(heat.values[::step, ::step], np.float64))
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    if is_signed(heat):
        pixels = coloured(values, -largest, largest, colour_table(_FOR_AND_AGAINST))
    else:  # the ends of the map are dark: the strongest places would look faint
        low, high = -_BEFORE * largest, (1 + _BEYOND) * largest
        pixels = coloured(values, low, high, colour_table(_FOR))
    strength = np.abs(values) / largest
    strength[strength < _FAINTEST] = 0
    pixels[..., 3] = np.round(255 * np.sqrt(strength)).astype(np.uint8)
    image = rgba_image(pixels)
    if max(image.width(), image.height()) >= _SMOOTH_FROM:
        return image
    return image.scaled(
        _SMOOTH_FROM,
        _SMOOTH_FROM,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )


def is_signed(heat: Array) -> bool:
    """True where some place speaks against the class."""
    values = np.nan_to_num(np.asarray(heat.values, np.float64))
    return bool((values < -_FAINTEST * (np.abs(values).max(initial=0.0) or 1.0)).any())
