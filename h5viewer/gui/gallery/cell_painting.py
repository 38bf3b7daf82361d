"""How one picture of the gallery is painted: chosen, current, lost, with words below."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from h5viewer.gui import theme


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


def paint_cell(painter: QPainter, cell: Cell) -> None:
    """Ground, picture, frame, words."""
    shade = theme.colours()
    frame = QRect(cell.rect.topLeft(), QRect(0, 0, *cell.size).size())
    if cell.is_chosen:
        painter.fillRect(cell.rect.adjusted(-3, -3, 3, 3), QColor(shade.accent_soft))
    _paint_picture(painter, frame, cell)
    if cell.is_current or cell.is_chosen or cell.is_hovered:
        is_strong = cell.is_current or cell.is_chosen
        colour = QColor(shade.accent if is_strong else shade.muted)
        painter.setPen(QPen(colour, 2 if cell.is_current else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame.adjusted(-1, -1, 0, 0))
    if cell.caption:
        painter.setPen(QColor(shade.text if cell.is_chosen else shade.muted))
        metrics = painter.fontMetrics()
        room = QRect(frame.left(), frame.bottom() + 3, frame.width(), metrics.height())
        words = metrics.elidedText(cell.caption, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.TextFlag.TextSingleLine), words)


def _paint_picture(painter: QPainter, frame: QRect, cell: Cell) -> None:
    image = cell.image
    if image is not None:
        grows = frame.width() * painter.device().devicePixelRatioF() / max(1, image.width())
        is_smooth = 0.5 < grows < 1.5 and grows != 1.0  # else pixels stay squares, and it is fast
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
        painter.drawImage(frame, image)
        return
    painter.fillRect(frame, QColor(theme.colours().hover))
    if cell.is_lost:
        cross_out(painter, frame)


def cross_out(painter: QPainter, frame: QRect) -> None:
    """There is no picture."""
    painter.setPen(QColor(theme.colours().faint))
    painter.drawLine(frame.topLeft(), frame.bottomRight())
    painter.drawLine(frame.bottomLeft(), frame.topRight())
