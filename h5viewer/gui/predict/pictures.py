"""Arrays from the network worker as pictures of the window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from h5viewer.gui import theme
from h5viewer.gui.controls.byte_image import byte_image
from h5viewer.gui.meaning.pixels import rgba_image
from h5viewer.nodes import Array

THUMBNAIL_SIDE = 48
"""Pixels; drawn at half of it, sharp on fine screens."""

_LINE_SIZE = (480, 200)
_LINE_MARGIN = 6
_LINE_WIDTH = 2

NO_IMAGE = QImage()
"""Nothing is drawn of it."""

CLASS_COLOURS = np.array(
    [(0, 0, 0), (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178),
     (213, 94, 0), (204, 121, 167), (128, 128, 128), (120, 80, 40)],
    np.uint8,
)  # fmt: skip
"""Told apart by the colour-blind, too: Okabe and Ito, jfly.uni-koeln.de/color (2008)."""


def picture(array: Array) -> QImage:
    """A picture of (rows, columns), (rows, columns, 1) or (rows, columns, 3) as it is.

    Bytes are colours; other numbers are stretched between their lowest and highest. A row of
    numbers is a line.
    """
    if len(array.shape) == 1:
        return line(array.values)
    pixels = as_bytes(array.values)
    if pixels.ndim == 3 and pixels.shape[2] == 3:  # Qt takes 0.1 ms, NumPy 3
        return byte_image(pixels)
    return rgba_image(_rgba(pixels))


def line(values: NDArray[np.generic]) -> QImage:
    """Numbers as a line from left to right, on nothing."""
    image = QImage(*_LINE_SIZE, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    numbers = values.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    if not finite.size:
        return image
    low, high = float(finite.min()), float(finite.max())
    width, height = image.width() - 2 * _LINE_MARGIN, image.height() - 2 * _LINE_MARGIN
    points = QPolygonF()
    for at, number in enumerate(np.nan_to_num(numbers, nan=low, posinf=high, neginf=low)):
        x = _LINE_MARGIN + width * at / max(1, len(numbers) - 1)
        y = _LINE_MARGIN + height * (1 - (number - low) / ((high - low) or 1.0))
        points.append(QPointF(x, y))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.colours().accent), _LINE_WIDTH))
    painter.drawPolyline(points)
    painter.end()
    return image


def mask(array: Array, colour: tuple[int, int, int]) -> QImage:
    """A mask as a coloured layer: the larger the number, the less is seen through it.

    Of several channels each is a class with a colour of its own, the first one is clear.
    """
    values = array.values
    if values.ndim == 3 and values.shape[2] > 1:
        classes = values.argmax(axis=2)
        pixels = np.full((*classes.shape, 4), 255, np.uint8)
        pixels[..., :3] = CLASS_COLOURS[classes % len(CLASS_COLOURS)]
        pixels[..., 3] = np.where(classes == 0, 0, 255)
        return rgba_image(pixels)
    flat = values.reshape(values.shape[:2])
    pixels = np.empty((*flat.shape, 4), np.uint8)
    pixels[..., :3] = colour
    with np.errstate(all="ignore"):
        pixels[..., 3] = np.nan_to_num(np.clip(flat.astype(np.float64), 0, 1) * 255)
    return rgba_image(pixels)


def as_bytes(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Numbers as shades, their lowest black and their highest white."""
    if values.dtype == np.uint8:
        return values  # type: ignore[return-value]
    numbers = values.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif -1 <= low < 0 and high <= 1:
        low, high = -1.0, 1.0
    with np.errstate(all="ignore"):
        scaled = np.clip((numbers - low) / ((high - low) or 1.0), 0, 1) * 255
    return np.nan_to_num(scaled).round().astype(np.uint8)


def _rgba(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    shape = pixels.shape
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    channels = pixels[..., :3] if pixels.shape[2] >= 3 else pixels[..., :1]
    whole = np.full((*shape[:2], 4), 255, np.uint8)
    whole[..., :3] = channels
    return whole


def thumbnail(array: Array) -> QImage:
    """A picture of at most THUMBNAIL_SIDE pixels a side: of a large one pixels are left out."""
    if len(array.shape) == 1:
        return _smaller(line(array.values))
    rows, columns = array.shape[:2]
    step = max(1, max(rows, columns) // (2 * THUMBNAIL_SIDE))
    image = rgba_image(_rgba(as_bytes(array.values[::step, ::step])))
    return _smaller(image)


def _smaller(image: QImage) -> QImage:
    if max(image.width(), image.height()) <= THUMBNAIL_SIDE:
        return image
    return image.scaled(
        THUMBNAIL_SIDE,
        THUMBNAIL_SIDE,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
