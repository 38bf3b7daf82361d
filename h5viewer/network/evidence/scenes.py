"""Made-up coloured pictures, as uneven as photographs: to see how a network's answers differ."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SMALL = 128
"""Pixels of a side: larger networks see one picture where one is enough."""

_SIDE = 96
_N = 6
_MEANS, _DEVIATION = (124, 117, 104), 60  # of photographs


@lru_cache(maxsize=1)
def scenes() -> tuple[NDArray[np.uint8], ...]:
    """(96, 96, 3) each; always the same."""
    random = np.random.default_rng(0)
    return tuple(_scene(random) for _ in range(_N))


def _scene(random: np.random.Generator) -> NDArray[np.uint8]:
    """Noise whose amplitudes fall with frequency, and a few plain discs before it."""
    down = np.fft.fftfreq(_SIDE)[:, None]
    across = np.fft.fftfreq(_SIDE)[None]
    fall = np.maximum(np.hypot(down, across), 1 / _SIDE) ** -1.7
    grey = np.fft.ifft2(np.fft.fft2(random.normal(size=(_SIDE, _SIDE))) * fall).real
    picture = np.repeat(grey[:, :, None], 3, axis=2) / grey.std()
    picture += 0.4 * random.normal(size=3)
    rows, columns = np.mgrid[:_SIDE, :_SIDE]
    for _ in range(4):
        middle, size = random.uniform(0, _SIDE, 2), random.uniform(8, 24)
        inside = np.hypot(rows - middle[0], columns - middle[1]) < size
        picture[inside] = random.normal(size=3)
    picture = (picture - picture.mean(axis=(0, 1))) / picture.std(axis=(0, 1))
    return np.asarray(np.rint(picture * _DEVIATION + _MEANS).clip(0, 255), np.uint8)
