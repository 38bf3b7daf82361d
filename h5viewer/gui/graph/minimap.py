"""The whole graph, small, in a corner of the view: where one is, and a way to elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from h5viewer.gui import theme
from h5viewer.gui.graph.graph_scene import GraphScene, is_frame

if TYPE_CHECKING:
    from h5viewer.gui.graph.graph_view import GraphView

_WIDEST, _HIGHEST, _LEAST = 110, 150, 36  # pixels
_MARGIN = 6
_AWAY = 12  # from the edges of the view


class Minimap(QWidget):
    """Hidden while all of the graph is in sight.

    A very long graph is squeezed: its map has its own scale across and along.
    """

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        self._view = view
        self._scene: GraphScene | None = None
        self._picture = QPixmap()
        self.setToolTip("The whole graph; click or drag to go elsewhere")
        self.setAccessibleName("Map of the graph")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()

    def show_scene(self, scene: GraphScene | None) -> None:
        """Show another graph."""
        self._scene = scene
        if scene is not None and not scene.bounds.isEmpty():
            bounds = scene.bounds
            scale = min(_WIDEST / bounds.width(), _HIGHEST / bounds.height(), 0.2)
            width = max(_LEAST, round(bounds.width() * scale))
            height = max(_LEAST, round(bounds.height() * scale))
            self.resize(width + 2 * _MARGIN, height + 2 * _MARGIN)
        self.redraw()
        self.place()
        self.follow()

    def place(self) -> None:
        """To its corner."""
        view = self._view
        self.move(view.width() - self.width() - _AWAY, view.height() - self.height() - _AWAY)

    def follow(self) -> None:
        """The view has moved."""
        scene = self._scene
        is_needed = (
            scene is not None
            and not self._view.seen().contains(scene.bounds)
            and self._view.width() > 2.5 * self.width()
            and self._view.height() > 2 * self.height()
        )
        self.setVisible(is_needed)
        self.update()

    def redraw(self) -> None:
        """Draw the boxes once; what moves is only the frame of what is seen."""
        scene = self._scene
        if scene is None or scene.bounds.isEmpty():
            self._picture = QPixmap()
            return
        ratio = self.devicePixelRatioF()
        self._picture = QPixmap(self.size() * ratio)
        self._picture.setDevicePixelRatio(ratio)
        self._picture.fill(QColor(theme.colours().background))
        painter = QPainter(self._picture)
        for number, box in enumerate(scene.boxes):
            if not is_frame(box):
                colour = QColor(scene.kind(number).colour(theme.is_dark()))
                spot = self._to_map(scene.rects[number])
                spot.setHeight(max(1.0, spot.height()))
                spot.setWidth(max(2.0, spot.width()))
                painter.fillRect(spot, colour)
        painter.end()
        self.update()

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture and the frame of what is seen."""
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setPen(QPen(QColor(theme.colours().border), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        if self._scene is not None:
            seen = self._to_map(self._view.seen().intersected(self._scene.bounds))
            accent = QColor(theme.colours().accent)
            painter.setPen(QPen(accent, 1.5))
            accent.setAlphaF(0.15)
            painter.setBrush(accent)
            seen.setHeight(max(4.0, seen.height()))
            painter.drawRect(seen)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._go_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Not for the view below."""
        event.accept()

    # Inside

    def _room(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)

    def _to_map(self, rect: QRectF) -> QRectF:
        assert self._scene is not None
        room, bounds = self._room(), self._scene.bounds
        across, along = room.width() / bounds.width(), room.height() / bounds.height()
        return QRectF(
            room.x() + (rect.x() - bounds.x()) * across,
            room.y() + (rect.y() - bounds.y()) * along,
            rect.width() * across,
            rect.height() * along,
        )

    def _go_to(self, spot: QPointF) -> None:
        if self._scene is None:
            return
        room, bounds = self._room(), self._scene.bounds
        centre = QPointF(
            bounds.x() + (spot.x() - room.x()) / room.width() * bounds.width(),
            bounds.y() + (spot.y() - room.y()) / room.height() * bounds.height(),
        )
        self._view.look_at(centre, self._view.scale)
