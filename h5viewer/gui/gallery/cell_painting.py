"""How one picture of the gallery is painted: chosen, current, lost, with words below."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from h5viewer.gui import theme

LOST = "Cannot be read"
"""What stands in the place of a picture."""


class Cell(msgspec.Struct, frozen=True):
    """All that is seen of one."""

    rect: QRect
    size: tuple[int, int]  # of its picture, at the top
    image: QImage | None  # None: it comes
    caption: str = ""
    is_lost: bool = False
    is_chosen: bool = False
    is_current: bool = False
    is_hovered: bool = False
    keeps_shape: bool = False  # else it fills its place


def paint_cell(painter: QPainter, cell: Cell) -> None:
    """Ground, picture, frame, words."""
    shade = theme.colours()
    frame = QRect(cell.rect.topLeft(), QRect(0, 0, *cell.size).size())
    if cell.is_chosen:
        painter.fillRect(cell.rect.adjusted(-3, -3, 3, 3), QColor(shade.accent_soft))
    _paint_picture(painter, frame, cell)
    is_strong = cell.is_current or cell.is_chosen
    if is_strong or cell.is_hovered or not cell.keeps_shape:  # white ones on white have an edge
        quiet = shade.muted if cell.is_hovered else shade.border
        colour = QColor(shade.accent if is_strong else quiet)
        painter.setPen(QPen(colour, 2 if cell.is_current else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame.adjusted(-1, -1, 0, 0))
    if cell.caption:
        painter.setPen(QColor(shade.text if cell.is_chosen else shade.muted))
        metrics = painter.fontMetrics()
        room = QRect(frame.left(), frame.bottom() + 3, frame.width(), metrics.height())
        words = metrics.elidedText(cell.caption, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, int(Qt.TextFlag.TextSingleLine), words)


def _paint_picture(painter: QPainter, frame: QRect, cell: Cell) -> None:
    image = cell.image
    if image is not None:
        grows = frame.width() * painter.device().devicePixelRatioF() / max(1, image.width())
        is_smooth = 0.5 < grows < 1.5 and grows != 1.0  # else pixels stay squares, and it is fast
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
        painter.drawImage(_fitted(frame, image) if cell.keeps_shape else frame, image)
        return
    painter.fillRect(frame, QColor(theme.colours().hover))
    if cell.is_lost:
        cross_out(painter, frame)
        _say_lost(painter, frame)


def _fitted(frame: QRect, image: QImage) -> QRect:
    """As large as there is room, in the middle."""
    size = image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(0, 0, max(1, size.width()), max(1, size.height()))
    place.moveCenter(frame.center())
    return place


def _say_lost(painter: QPainter, frame: QRect) -> None:
    """Words across it, where there is room for them."""
    metrics = painter.fontMetrics()
    words = QRect(0, 0, metrics.horizontalAdvance(LOST) + 6, metrics.height())
    words.moveCenter(frame.center())
    if frame.contains(words):
        painter.fillRect(words, QColor(theme.colours().hover))
        painter.setPen(QColor(theme.colours().muted))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, LOST)


def cross_out(painter: QPainter, frame: QRect) -> None:
    """There is no picture."""
    painter.setPen(QColor(theme.colours().faint))
    painter.drawLine(frame.topLeft(), frame.bottomRight())
    painter.drawLine(frame.bottomLeft(), frame.topRight())
