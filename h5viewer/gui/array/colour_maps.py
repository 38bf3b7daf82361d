"""Colour maps, and numbers turned into pixels with them.

Painting is done here instead of in pyqtgraph, so that a NaN has a colour of its own in
every map and integers, complex numbers and extreme floats take the same road.
"""

from __future__ import annotations

from functools import cache

import msgspec
import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

N_COLOURS = 256
_MAGENTA, _GREEN, _AQUA = "#ff2bd6", "#00d05a", "#00e5d0"


class ColourMap(msgspec.Struct, frozen=True):
    """One row of the table. `source` is a name that pyqtgraph knows."""

    key: str
    title: str
    source: str
    missing: str  # the colour of NaN: one that the map itself does not contain
    is_diverging: bool = False


COLOUR_MAPS = (
    ColourMap("blue-white-red", "Blue – white – red", "CET-D1A", _GREEN, is_diverging=True),
    ColourMap("blue-black-red", "Blue – black – red", "CET-D4", _GREEN, is_diverging=True),
    ColourMap("green-white-violet", "Green – white – violet", "CET-D2", "#ff8a00", True),
    ColourMap("viridis", "Viridis", "viridis", _MAGENTA),
    ColourMap("cividis", "Cividis", "cividis", _MAGENTA),
    ColourMap("magma", "Magma", "magma", _AQUA),
    ColourMap("inferno", "Inferno", "inferno", _AQUA),
    ColourMap("plasma", "Plasma", "plasma", _AQUA),
    ColourMap("grey", "Grey", "CET-L1", _MAGENTA),
    ColourMap("turbo", "Turbo", "turbo", "#ff9df0"),
)
"""What the user can choose from, diverging ones first."""

DIVERGING, SEQUENTIAL = COLOUR_MAPS[0], COLOUR_MAPS[3]
"""Defaults for data with negative numbers and without."""

GREY = next(row for row in COLOUR_MAPS if row.key == "grey")
"""For pictures that are grey themselves."""


@cache
def colour_table(colour_map: ColourMap, reverse: bool = False) -> NDArray[np.uint8]:
    """(257, 4) RGBA: the map from low to high, then the colour of NaN."""
    colours = pg.colormap.get(colour_map.source).getLookupTable(nPts=N_COLOURS, alpha=False)
    table = np.full((N_COLOURS + 1, 4), 255, np.uint8)
    table[:N_COLOURS, :3] = colours[::-1] if reverse else colours
    missing = colour_map.missing
    table[N_COLOURS, :3] = [int(missing[at : at + 2], 16) for at in (1, 3, 5)]
    table.flags.writeable = False
    return table


def palette_table(colours: NDArray[np.generic]) -> NDArray[np.uint8]:
    """(257, 4) RGBA of a palette (n, 3) of bytes: its first 256, then its last again."""
    table = np.full((N_COLOURS + 1, 4), 255, np.uint8)
    used = colours[:N_COLOURS].astype(np.uint8)
    table[:, :3] = used[-1]
    table[: len(used), :3] = used
    return table


for _each in COLOUR_MAPS:  # 30 ms, spent where this module is loaded: not on the GUI thread
    colour_table(_each)


def magnitudes(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Real numbers as they are; complex ones by their absolute value."""
    if values.dtype.kind != "c":
        return values
    with np.errstate(all="ignore"):
        return np.abs(values)  # type: ignore[no-any-return, unused-ignore]


def coloured(
    values: NDArray[np.generic], low: float, high: float, table: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Paint numbers.

    Args:
        values: any shape; real or complex (drawn by magnitude).
        low, high: numbers that get the first and the last colour; those beyond, infinite
            ones too, get the nearest.
        table: from `colour_table`.

    Returns:
        The shape of `values` with a last axis of 4: red, green, blue, alpha.
    """
    numbers = magnitudes(values).astype(np.float64)
    if not np.isfinite(high - low):  # the span of ±1e308 overflows
        numbers, low, high = numbers / 4, low / 4, high / 4
    with np.errstate(all="ignore"):
        numbers -= low
        numbers *= 1 / (high - low) if high - low > 1e-300 else 1e300
        numbers *= N_COLOURS
        np.clip(numbers, 0, N_COLOURS - 1, out=numbers)  # leaves NaN
    missing = np.isnan(numbers)
    if missing.any():
        numbers[missing] = N_COLOURS
    packed = np.ascontiguousarray(table).view(np.uint32).ravel()
    return packed[numbers.astype(np.intp)].view(np.uint8).reshape((*values.shape, 4))
