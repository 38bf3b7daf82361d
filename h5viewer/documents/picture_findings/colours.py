"""Whether red and blue are exchanged, and whether colours are there at all.

Earth, wood, skin, fur and lamplight are warm; what is blue in photographs is mostly the sky, and
bright. So among the darker pixels warm ones are several times as many as cold ones, whatever the
pictures show: six times in 259 photographs of cats and other things. Exchanged, it is the reverse.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.nodes import PictureLayout

EXCHANGED = 3
"""How many times as many dark cold pixels as warm ones are suspicious."""

EXCHANGED_SHARE = 0.7
"""... if they are more in this share of the pictures."""

FEWEST = 20  # pictures with such pixels
_LEAST_WARM = 0.002  # of the pixels: where nothing is warm, the pictures have one colour only
_CLEAR = 0.08  # difference of red and blue, of the range
_DARK = 0.5
_SIDE = 16  # pixels that are looked at along each side
_SOME = 0.01  # share of dark coloured pixels that say something of a picture


class ColourCounts(msgspec.Struct, frozen=True):
    """Shares of pixels, of the pictures that were looked at."""

    warm: NDArray[np.float32] = msgspec.field(default_factory=lambda: np.zeros(0, np.float32))
    cold: NDArray[np.float32] = msgspec.field(default_factory=lambda: np.zeros(0, np.float32))
    n_looked_at: int = 0
    n_grey: int = 0  # of them: all channels equal
    n_whole: int = 0  # of them: all values whole numbers


def joined_counts(parts: Sequence[ColourCounts]) -> ColourCounts:
    """One after the other."""
    if not parts:
        return ColourCounts()
    return ColourCounts(
        warm=np.concatenate([part.warm for part in parts]),
        cold=np.concatenate([part.cold for part in parts]),
        n_looked_at=sum(part.n_looked_at for part in parts),
        n_grey=sum(part.n_grey for part in parts),
        n_whole=sum(part.n_whole for part in parts),
    )


def count_colours(pictures: NDArray[Any], layout: PictureLayout) -> ColourCounts:
    """Look at (pictures, rows, columns, channels)."""
    rows, columns = pictures.shape[1:3]
    thin = pictures[:, :: -(-rows // _SIDE), :: -(-columns // _SIDE)]
    is_whole = np.ones(len(thin), bool)
    with np.errstate(all="ignore"):
        if thin.dtype.kind == "f":
            is_whole = (thin == np.rint(thin)).all(axis=(1, 2, 3))
        if thin.shape[-1] < 3:
            return ColourCounts(n_looked_at=len(thin), n_whole=int(is_whole.sum()))
        # channel by channel: NumPy takes 50 times as long along an axis of three
        channels = [np.ascontiguousarray(thin[..., n]).astype(np.float32) for n in range(3)]
        brightest = np.maximum(np.maximum(channels[0], channels[1]), channels[2])
        darkest = np.minimum(np.minimum(channels[0], channels[1]), channels[2])
        red, _, blue = reversed(channels) if layout.is_bgr else channels
        span = layout.high - layout.low
        is_dark = brightest < layout.low + _DARK * span
        difference = red - blue
        return ColourCounts(
            warm=(is_dark & (difference > _CLEAR * span)).mean(axis=(1, 2), dtype=np.float32),
            cold=(is_dark & (difference < -_CLEAR * span)).mean(axis=(1, 2), dtype=np.float32),
            n_looked_at=len(thin),
            n_grey=int((brightest == darkest).all(axis=(1, 2)).sum()),
            n_whole=int(is_whole.sum()),
        )


def are_exchanged(counts: ColourCounts) -> bool:
    """True when red and blue seem to be exchanged."""
    says = counts.warm + counts.cold > _SOME
    if int(says.sum()) < FEWEST or counts.warm.mean() < _LEAST_WARM:
        return False
    is_cold = counts.cold[says] > counts.warm[says]
    return bool(
        counts.cold.mean() >= EXCHANGED * counts.warm.mean() and is_cold.mean() >= EXCHANGED_SHARE
    )
