"""How much each place speaks for a class, as a coloured layer over the picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from h5viewer.gui.array.colour_maps import COLOUR_MAPS, colour_table, coloured
from h5viewer.gui.meaning.pixels import rgba_image
from h5viewer.nodes import Array

_FOR = next(row for row in COLOUR_MAPS if row.key == "turbo")
_FOR_AND_AGAINST = next(row for row in COLOUR_MAPS if row.key == "blue-white-red")
_FAINTEST = 0.02
"""Of the largest: below it nothing is drawn."""


def heat_layer(heat: Array) -> QImage:
    """A map of (rows, columns): clear where nothing is, opaque where it is strongest.

    With numbers below zero: blue speaks against, red for.
    """
    values = np.nan_to_num(np.asarray(heat.values, np.float64))
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    is_signed = bool((values < -_FAINTEST * largest).any())
    low = -largest if is_signed else 0.0
    table = colour_table(_FOR_AND_AGAINST if is_signed else _FOR)
    pixels = coloured(values, low, largest, table)
    strength = np.abs(values) / largest
    strength[strength < _FAINTEST] = 0
    pixels[..., 3] = np.round(255 * np.sqrt(strength)).astype(np.uint8)
    return rgba_image(pixels)


def is_signed(heat: Array) -> bool:
    """True where some place speaks against the class."""
    values = np.nan_to_num(np.asarray(heat.values, np.float64))
    return bool((values < -_FAINTEST * (np.abs(values).max(initial=0.0) or 1.0)).any())
