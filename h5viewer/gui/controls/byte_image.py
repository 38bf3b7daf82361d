"""Bytes of pixels as a picture of Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

_FORMS = {  # by the number of channels: as they lie, and as Qt draws them fastest
    1: (QImage.Format.Format_Grayscale8, QImage.Format.Format_RGB32),
    3: (QImage.Format.Format_RGB888, QImage.Format.Format_RGB32),
    4: (QImage.Format.Format_RGBA8888, QImage.Format.Format_ARGB32),
}


def byte_image(pixels: NDArray[np.uint8]) -> QImage:
    """(rows, columns), (rows, columns, 3) or, with alpha, (rows, columns, 4) bytes as they are."""
    data = np.ascontiguousarray(pixels)
    rows, columns = data.shape[:2]
    n_channels = data.shape[2] if data.ndim == 3 else 1
    stored, drawn = _FORMS[n_channels]
    image = QImage(data.data, columns, rows, columns * n_channels, stored)
    return image.convertToFormat(drawn)  # a copy, which outlives `data`
