"""Places of an input and of a layer: those of pictures, steps of signals, slices of volumes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.network.class_activation import resized
from h5viewer.nodes import Array, NetworkInput

_FLATTEST = 6  # a drawn signal is no longer than so many times its height, where it can be
_MOST_TOKENS_BESIDE = 2  # of a transformer: the class's own, and that of distillation


def input_with_places(inputs: Sequence[NetworkInput]) -> int | None:
    """The number of the first picture; where there is none, of the first signal or volume."""
    for at, each in enumerate(inputs):
        if each.kind == "picture":
            return at
    for at, each in enumerate(inputs):
        if each.kind == "values" and len(each.shape) in (3, 5):
            return at
    return None


def picture_of(values: NDArray[Any]) -> Array:
    """An input that is no picture, drawn: steps from left to right, or the mean of all slices.

    Args:
        values: (steps, numbers) or (slices, rows, columns, channels).

    Returns:
        (rows, columns, 1) uint8.
    """
    plane = np.nan_to_num(values.astype(np.float64))
    if plane.ndim == 2:
        low, high = plane.min(axis=0), plane.max(axis=0)  # each number has a scale of its own
        plane = ((plane - low) / np.where(high > low, high - low, 1)).T
        plane = plane.repeat(max(1, plane.shape[1] // (_FLATTEST * len(plane))), axis=0)
    else:
        plane = plane.mean(axis=(0, -1))
        plane = (plane - plane.min()) / ((plane.max() - plane.min()) or 1)
    return Array.of(np.ascontiguousarray(np.rint(255 * plane).astype(np.uint8)[:, :, None]))


def laid_out(heat: NDArray[np.float32], rows: int, columns: int, *, has_steps: bool) -> Array:
    """A map of a layer's places in the size of the picture.

    Args:
        heat: (rows, columns); (steps,); or (slices, rows, columns), of which each place counts
            as its strongest slice.
        has_steps: the picture is a signal, its columns are steps.

    Returns:
        (rows, columns) float32.
    """
    if heat.ndim == 3:
        heat = heat.max(axis=0)
    elif heat.ndim == 1:
        heat = heat[None] if has_steps else _tokens(heat, rows, columns)
    return Array.of(resized(heat, rows, columns))


def _tokens(heat: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Steps of a picture as its places: patches of a transformer, or its rows."""
    for n_beside in range(_MOST_TOKENS_BESIDE + 1):
        n = len(heat) - n_beside
        down = round(math.sqrt(n * rows / columns)) if n > 0 else 0
        if down > 1 and n % down == 0 and _is_alike(rows / columns, down / (n // down)):
            return heat[n_beside:].reshape(down, n // down)
    return heat[:, None]


def _is_alike(wanted: float, found: float) -> bool:
    return abs(math.log(wanted / found)) < 0.1
