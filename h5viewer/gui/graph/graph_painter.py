"""Draws a graph, in as much detail as its scale has room for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

import msgspec
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication

from h5viewer.gui import theme
from h5viewer.gui.architecture.layer_kinds import LayerKind
from h5viewer.gui.graph.graph_scene import HEADER, GraphScene, is_frame

_BODY, _NAMES, _LABELS, _ROUND = 0.13, 0.34, 0.55, 0.3
"""Scales below which boxes are plain, have no text, edges no labels, no arrows."""

_RADIUS = 6.0
_PAD = 9.0
_A_TURN = 60  # boxes and edges drawn between two looks at mouse and keyboard


class Marks(msgspec.Struct):
    """What stands out."""

    selected: int | None = None
    hits: Collection[int] = ()
    focused: bool = False


class Fonts(msgspec.Struct):
    """Sizes in scene units: text grows and shrinks with the boxes."""

    head: QFont = msgspec.field(default_factory=lambda: _font(11, QFont.Weight.DemiBold))
    name: QFont = msgspec.field(default_factory=lambda: _font(12))
    small: QFont = msgspec.field(default_factory=lambda: _font(10))


class GraphPainter:
    """One graph in the colours in force when it was made."""

    def __init__(self, scene: GraphScene) -> None:
        self._scene = scene
        self._fonts = Fonts()
        self._shade = theme.colours()
        self._metrics = {
            id(font): QFontMetricsF(font)
            for font in (self._fonts.head, self._fonts.name, self._fonts.small)
        }
        self._cut: dict[tuple[str, int, float], str] = {}

    def paint(self, painter: QPainter, area: QRectF, scale: float, marks: Marks) -> None:
        """Draw what touches the area; the painter stands in scene units."""
        for _ in self.steps(painter, area, scale, marks):
            pass

    def steps(self, painter: QPainter, area: QRectF, scale: float, marks: Marks) -> Iterator[None]:
        """The same with a pause now and then."""
        boxes = self._scene.boxes_in(area)
        frames = [number for number in boxes if is_frame(self._scene.boxes[number])]
        for number in frames:
            self._draw_frame(painter, number, scale, marks)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, scale >= _ROUND)
        for place, number in enumerate(self._scene.edges_in(area)):
            self._draw_edge(painter, number, scale, marks)
            if place % _A_TURN == _A_TURN - 1:
                yield
        for number in frames if scale >= _NAMES else ():
            self._draw_title(painter, number)
        for place, number in enumerate(boxes):
            if not is_frame(self._scene.boxes[number]):
                self._draw_box(painter, number, scale, marks)
            if place % _A_TURN == _A_TURN - 1:
                yield
        if scale >= _LABELS:
            for place, number in enumerate(self._scene.edges_in(area)):
                self._draw_label(painter, number)
                if place % _A_TURN == _A_TURN - 1:
                    yield

    # Edges

    def _draw_edge(self, painter: QPainter, number: int, scale: float, marks: Marks) -> None:
        edge = self._scene.edges[number]
        is_near = marks.selected in (edge.source, edge.target)
        colour = QColor(self._shade.accent if is_near else self._shade.faint)
        pen = QPen(colour, 2.0 if is_near else 1.3)
        if scale < _ROUND:
            pen.setCosmetic(True)
            pen.setWidthF(2.0 if is_near else 1.0)
            painter.setPen(pen)
            xs, ys = edge.points[::2], edge.points[1::2]
            corners = list(zip(xs, ys, strict=True))
            painter.drawLines([QLineF(*a, *b) for a, b in pairwise(corners)])
            return
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._scene.path(number))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(self._scene.arrow(number))

    def _draw_label(self, painter: QPainter, number: int) -> None:
        text = self._scene.edge_label(number)
        if not text:
            return
        edge = self._scene.edges[number]
        metrics = self._metrics[id(self._fonts.small)]
        text = self._elided(text, self._fonts.small, 150)
        width = metrics.horizontalAdvance(text) + 4
        turns_right = len(edge.points) > 4 and edge.points[4] > edge.points[0]
        spot = QRectF(
            edge.points[0] + (-5 - width if turns_right else 5),  # beside the edge, not on it
            edge.points[1] + (8 if self._scene.boxes[edge.source].kind == "repeats" else 2),
            width,
            metrics.height(),
        )
        ground = QColor(self._shade.surface)
        ground.setAlphaF(0.85)
        painter.fillRect(spot, ground)
        self._draw_text(painter, spot.translated(2, 0), text, self._fonts.small, self._shade.muted)

    # Boxes

    def _draw_frame(self, painter: QPainter, number: int, scale: float, marks: Marks) -> None:
        rect = self._scene.rects[number]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, scale >= _BODY)
        ground = QColor(self._shade.text)
        ground.setAlphaF(0.04)
        painter.setPen(self._border(number, marks))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, _RADIUS + 2, _RADIUS + 2)

    def _draw_title(self, painter: QPainter, number: int) -> None:
        """The header of a frame, above the edges that pass through it."""
        text = self._scene.text(number)
        title = f"{text.name}  ·  {text.head}"
        room = self._scene.header(number).adjusted(_PAD, 0, -_PAD - 22, 0)
        shown = self._elided(title, self._fonts.head, room.width())
        width = self._metrics[id(self._fonts.head)].horizontalAdvance(shown)
        ground = QColor(self._shade.surface)
        ground.setAlphaF(0.85)
        painter.fillRect(QRectF(room.x() - 3, room.y() + 5, width + 6, HEADER - 10), ground)
        self._draw_text(painter, room, shown, self._fonts.head, self._shade.muted)
        self._draw_button(painter, number)

    def _draw_box(self, painter: QPainter, number: int, scale: float, marks: Marks) -> None:
        rect = self._scene.rects[number]
        text = self._scene.text(number)
        colour = QColor(text.kind.colour(theme.is_dark()))
        if scale < _BODY and number != marks.selected and number not in marks.hits:
            painter.fillRect(rect, colour)
            return
        is_round = scale >= _ROUND
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_round)
        if self._scene.boxes[number].kind == "repeats":
            self._draw_stack(painter, rect)
        painter.setPen(self._border(number, marks, colour))
        painter.setBrush(QColor(self._shade.raised))
        if not is_round:
            painter.drawRect(rect)
            painter.fillRect(QRectF(rect.x(), rect.y(), rect.width(), HEADER), colour)
            return
        painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
        self._draw_header(painter, rect, text.kind)
        self._draw_share(painter, rect, colour, text.share)
        if scale >= _NAMES:
            self._draw_texts(painter, number, rect)
        painter.setPen(self._border(number, marks, colour))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, _RADIUS, _RADIUS)

    def _draw_stack(self, painter: QPainter, rect: QRectF) -> None:
        """Sheets behind: one box stands for several."""
        painter.setPen(QPen(QColor(self._shade.faint), 1.0))
        painter.setBrush(QColor(self._shade.background))
        for offset in (6, 3):
            painter.drawRoundedRect(rect.translated(offset, offset), _RADIUS, _RADIUS)

    def _draw_header(self, painter: QPainter, rect: QRectF, kind: LayerKind) -> None:
        tint = QColor(kind.colour(theme.is_dark()))
        tint.setAlphaF(0.10 if kind.is_hollow else 0.26)
        top = QPainterPath()
        top.addRoundedRect(rect, _RADIUS, _RADIUS)
        strip = QPainterPath()
        strip.addRect(QRectF(rect.x(), rect.y(), rect.width(), HEADER))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillPath(top & strip, QBrush(tint))
        band = QPainterPath()
        band.addRect(QRectF(rect.x(), rect.y(), 5, rect.height()))
        tint.setAlphaF(1.0)
        if not kind.is_hollow:
            painter.fillPath(top & band, QBrush(tint))

    def _draw_share(self, painter: QPainter, rect: QRectF, colour: QColor, share: float) -> None:
        """A bar at the foot of the box: its share of all parameters."""
        if share <= 0:
            return
        whole = QRectF(rect.x() + _PAD + 3, rect.bottom() - 6, rect.width() - 2 * _PAD - 3, 3)
        painter.fillRect(whole, QColor(self._shade.hover))
        painter.fillRect(QRectF(whole.x(), whole.y(), max(1.0, whole.width() * share), 3), colour)

    def _draw_texts(self, painter: QPainter, number: int, rect: QRectF) -> None:
        text, fonts, shade = self._scene.text(number), self._fonts, self._shade
        left, width = rect.x() + _PAD + 3, rect.width() - 2 * _PAD - 3
        taken = 16 if text.is_marked else 0
        taken += 20 if self._scene.can_fold(number) else 0
        head = QRectF(left, rect.y(), width - taken, HEADER)
        self._draw_text(
            painter, head, self._elided(text.head, fonts.head, head.width()), fonts.head, shade.text
        )
        name = QRectF(left, rect.y() + HEADER, width, 18)
        cut = self._elided(text.name, fonts.name, width)
        self._draw_text(painter, name, cut, fonts.name, shade.text)
        foot = QRectF(left, rect.y() + HEADER + 17, width, 15)
        metrics = self._metrics[id(fonts.small)]
        count = text.parameters.split(" ")[0]
        room = width - metrics.horizontalAdvance(count) - 8
        cut = self._elided(text.shape, fonts.small, room)
        self._draw_text(painter, foot, cut, fonts.small, shade.muted)
        right = Qt.AlignmentFlag.AlignRight
        self._draw_text(painter, foot, count, fonts.small, shade.muted, right)
        if text.is_marked:
            sign = QRectF(head.right(), rect.y() + 6, 14, 14)
            theme.icon("warning", "warning").paint(painter, sign.toRect())
        self._draw_button(painter, number)

    def _draw_button(self, painter: QPainter, number: int) -> None:
        """Plus or minus."""
        spot = self._scene.button(number)
        if spot.isEmpty():
            return
        square = QRectF(0, 0, 13, 13)
        square.moveCenter(spot.center())
        painter.setPen(QPen(QColor(self._shade.muted), 1.0))
        painter.setBrush(QColor(self._shade.surface))
        painter.drawRoundedRect(square, 3, 3)
        middle = square.center()
        painter.setPen(QPen(QColor(self._shade.text), 1.4))
        painter.drawLine(middle - QPointF(3.2, 0), middle + QPointF(3.2, 0))
        if not is_frame(self._scene.boxes[number]):
            painter.drawLine(middle - QPointF(0, 3.2), middle + QPointF(0, 3.2))

    def _border(self, number: int, marks: Marks, colour: QColor | None = None) -> QPen:
        if number == marks.selected:
            return QPen(QColor(self._shade.accent), 3.0 if marks.focused else 2.2)
        if number in marks.hits:
            return QPen(QColor(self._shade.warning), 2.4)
        if colour is None:
            return QPen(QColor(self._shade.faint), 1.0, Qt.PenStyle.DashLine)
        soft = QColor(colour)
        soft.setAlphaF(0.75)
        return QPen(soft, 1.0)

    # Text

    def _draw_text(
        self,
        painter: QPainter,
        room: QRectF,
        text: str,
        font: QFont,
        colour: str,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(room, align.value | _ONE_LINE, text)

    def _elided(self, text: str, font: QFont, room: float) -> str:
        key = (text, id(font), room)
        if key not in self._cut:
            metrics = self._metrics[id(font)]
            self._cut[key] = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room)
        return self._cut[key]


_ONE_LINE = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value


def _font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(QApplication.font())
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font
