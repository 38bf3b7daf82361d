"""Draw the desktop icon in every size of the icon theme: `make icons`."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).parents[2]
DRAWING = ROOT / "resources" / "icons" / "h5viewer.svg"
ICONS = Path(__file__).parent / "icons"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)  # pixels


def main() -> None:
    """Write `icons/16x16.png` and its larger brothers."""
    _application = QGuiApplication([])
    ICONS.mkdir(exist_ok=True)
    for size in SIZES:
        render(size).save(str(ICONS / f"{size}x{size}.png"))


def render(size: int) -> QImage:
    """The icon as a square of `size` pixels with a transparent ground."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    return image


if __name__ == "__main__":
    main()
