"""Ten digits as a pen draws them: a network that reads them tells how it wants them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

_SIDE = 168  # drawn large: six times MNIST's 28 pixels
_PEN = 15

Point = tuple[float, float]
Line = tuple[Point, ...]


def _arc(x: float, y: float, width: float, height: float, start: float, end: float) -> Line:
    """Part of an ellipse; degrees from the right, clockwise as rows go down."""
    angles = np.radians(np.linspace(start, end, 24))
    return tuple(
        (float(x + width * np.cos(angle)), float(y + height * np.sin(angle))) for angle in angles
    )


# Two hands: x to the right and y downwards, from 0 to 1.
_HANDS: tuple[tuple[tuple[Line, ...], ...], ...] = (
    (
        (_arc(0.5, 0.5, 0.3, 0.45, 0, 360),),
        (((0.5, 0.05), (0.5, 0.95)),),
        ((*_arc(0.5, 0.3, 0.28, 0.25, 180, 385), (0.2, 0.95), (0.82, 0.95)),),
        ((*_arc(0.47, 0.27, 0.27, 0.22, 190, 450), *_arc(0.47, 0.72, 0.31, 0.24, 270, 530)),),
        (((0.28, 0.05), (0.2, 0.55), (0.8, 0.55)), ((0.72, 0.1), (0.68, 0.95))),
        (
            ((0.78, 0.06), (0.33, 0.06), (0.28, 0.45), *_arc(0.47, 0.68, 0.3, 0.26, 230, 500)),
        ),
        (((0.62, 0.04), (0.36, 0.35), *_arc(0.5, 0.7, 0.25, 0.24, 180, 540)),),
        (((0.2, 0.08), (0.8, 0.08), (0.45, 0.95)),),
        (_arc(0.5, 0.28, 0.22, 0.21, 90, 450), _arc(0.5, 0.72, 0.27, 0.23, 270, 630)),
        (_arc(0.47, 0.3, 0.25, 0.24, 0, 360), ((0.72, 0.3), (0.66, 0.95))),
    ),
    (
        (_arc(0.5, 0.5, 0.38, 0.42, 20, 385),),
        (((0.6, 0.05), (0.42, 0.95)),),
        (
            (*_arc(0.52, 0.28, 0.26, 0.22, 200, 400), (0.3, 0.85)),
            (*_arc(0.3, 0.82, 0.12, 0.1, 180, 360), (0.85, 0.92)),
        ),
        (((0.25, 0.08), (0.75, 0.08), (0.48, 0.42), *_arc(0.48, 0.68, 0.28, 0.27, 280, 510)),),
        (((0.66, 0.95), (0.66, 0.05), (0.15, 0.65), (0.88, 0.65)),),
        (
            ((0.32, 0.1), (0.3, 0.45), *_arc(0.48, 0.68, 0.29, 0.26, 225, 510)),
            ((0.32, 0.1), (0.8, 0.07)),
        ),
        (
            (*_arc(0.62, 0.5, 0.34, 0.46, 260, 180), *_arc(0.52, 0.72, 0.25, 0.22, 180, 545)),
        ),
        (((0.18, 0.12), (0.82, 0.1), (0.55, 0.5), (0.42, 0.95)),),
        (
            (
                *_arc(0.52, 0.27, 0.2, 0.2, 300, 90),
                *_arc(0.48, 0.71, 0.24, 0.23, 270, 630),
                (0.7, 0.14),
            ),
        ),
        ((*_arc(0.5, 0.3, 0.24, 0.24, 350, 0), (0.74, 0.3), (0.7, 0.6), (0.45, 0.95)),),
    ),
)  # fmt: skip


@lru_cache(maxsize=1)
def drawn_digits() -> tuple[tuple[int, NDArray[np.uint8]], ...]:
    """Each digit with its picture (168, 168, 3), light on dark, by two hands."""
    return tuple((digit, _drawn(lines)) for hand in _HANDS for digit, lines in enumerate(hand))


def _drawn(lines: tuple[Line, ...]) -> NDArray[np.uint8]:
    image = Image.new("L", (_SIDE, _SIDE))
    draw = ImageDraw.Draw(image)
    inner, rim = _SIDE * 0.7, _SIDE * 0.15
    for line in lines:
        points = [(rim + x * inner, rim + y * inner) for x, y in line]
        draw.line(points, fill=255, width=_PEN, joint="curve")
        for x, y in (points[0], points[-1]):  # round ends
            draw.ellipse((x - _PEN / 2, y - _PEN / 2, x + _PEN / 2, y + _PEN / 2), fill=255)
    return np.repeat(np.asarray(image)[:, :, None], 3, axis=2)
