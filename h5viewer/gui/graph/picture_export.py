"""The graph as a picture: SVG text in pieces, or pixels; drawn a little a turn."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from h5viewer.gui import theme
from h5viewer.gui.graph.graph_painter import GraphPainter, Marks
from h5viewer.gui.graph.graph_scene import GraphScene

MARGIN = 24.0
_MOST_PIXELS = 24_000_000
_LONGEST_SIDE = 30_000  # pixels; what common viewers take
_PIECE = 1 << 16


def svg_pieces(scene: GraphScene) -> Iterator[str]:
    """The whole graph as SVG; empty pieces come while it is drawn."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    area = _area(scene)
    generator.setSize(area.size().toSize())
    generator.setViewBox(QRectF(0, 0, area.width(), area.height()))
    painter = QPainter(generator)
    yield from _drawn(painter, scene, area, 1.0)
    text = bytes(buffer.data().data()).decode("utf-8", "replace")
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE]


def picture_steps(scene: GraphScene) -> Iterator[QImage | None]:
    """The whole graph as pixels: None while it is drawn, then the picture, twice as sharp."""
    area = _area(scene)
    scale = min(
        2.0,
        (_MOST_PIXELS / (area.width() * area.height())) ** 0.5,
        _LONGEST_SIDE / max(area.width(), area.height()),
    )
    size = QSize(max(1, round(area.width() * scale)), max(1, round(area.height() * scale)))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.colours().surface))
    painter = QPainter(image)
    painter.scale(scale, scale)
    for _ in _drawn(painter, scene, area, scale):
        yield None
    image.setDevicePixelRatio(scale)
    yield image


def _area(scene: GraphScene) -> QRectF:
    return scene.bounds.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)


def _drawn(painter: QPainter, scene: GraphScene, area: QRectF, scale: float) -> Iterator[str]:
    painter.fillRect(QRectF(0, 0, area.width(), area.height()), QColor(theme.colours().surface))
    painter.translate(-area.topLeft())
    painter.setBrush(Qt.BrushStyle.NoBrush)
    try:
        for _ in GraphPainter(scene).steps(painter, area, scale, Marks()):
            yield ""
    finally:
        painter.end()
