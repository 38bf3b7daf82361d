"""A treemap of bytes: a block a part, coloured by kind; mouse and keyboard choose one."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.gui.weights.byte_words import KINDS, kind_sums, part_name, part_words
from h5viewer.gui.weights.treemap_layout import Area, squarified
from h5viewer.nodes import ByteMap, BytePart

_GAP = 1.0  # pixels around a block
_KIND_GAP = 1.5  # more between kinds
_LABEL_ROOM = (44, 18)  # pixels; smaller blocks have no label

_LEAST_LETTERS = 5  # of a label that is cut


class TreemapView(QWidget):
    """Blocks of a ByteMap.

    Signals:
        part_chosen(BytePart | None): by a click or the arrow keys.
        part_opened(BytePart): by a double click or Enter.
    """

    part_chosen = Signal(object)
    part_opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map = ByteMap(n_bytes=0, parts=())
        self._parts: list[BytePart] = []
        self._areas: list[Area] = []
        self._chosen = self._hovered = -1
        self.setAccessibleName("Where the bytes go")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_map(self, byte_map: ByteMap) -> None:
        """Show another file."""
        self._map = byte_map
        order = {kind: n for n, kind in enumerate(kind_sums(byte_map))}
        self._parts = sorted(
            (part for part in byte_map.parts if part.n_bytes),
            key=lambda part: (order[part.kind], -part.n_bytes),
        )
        self._chosen = self._hovered = -1
        self._lay_out()

    @property
    def chosen(self) -> BytePart | None:
        """The block with the keyboard."""
        return self._parts[self._chosen] if 0 <= self._chosen < len(self._parts) else None

    def choose(self, number: int) -> None:
        """Choose a block by its place in the order of size; -1: none."""
        if self._parts and number != self._chosen:
            self._chosen = max(-1, min(number, len(self._parts) - 1))
            part = self.chosen
            self.setAccessibleDescription(part_words(part, self._map.n_bytes) if part else "")
            self.part_chosen.emit(part)
            self.update()

    # Qt overrides

    def sizeHint(self) -> QSize:
        """As much as there is."""
        return QSize(640, 400)

    def minimumSizeHint(self) -> QSize:
        """Enough for a few blocks."""
        return QSize(160, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        super().resizeEvent(event)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Blocks, labels, the chosen one's frame."""
        painter = QPainter(self)
        dirty = QRectF(event.rect())
        for number, (part, area) in enumerate(zip(self._parts, self._areas, strict=True)):
            block = _rectangle(area)
            if block.width() > 0 and block.intersects(dirty):
                self._draw_block(painter, part, block, number)
        if 0 <= self._chosen < len(self._areas):
            painter.setPen(QPen(QColor(theme.colours().text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(_rectangle(self._areas[self._chosen]).adjusted(1, 1, -1, -1))
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Tooltips of blocks."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self._at(event.pos().x(), event.pos().y())
            if number >= 0:
                text = part_words(self._parts[number], self._map.n_bytes)
                QToolTip.showText(event.globalPos(), plain_tooltip(text), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the block under the cursor."""
        self._hover(self._at(event.position().x(), event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        """No block is under the cursor."""
        super().leaveEvent(event)
        self._hover(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose(self._at(event.position().x(), event.position().y()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        if event.button() == Qt.MouseButton.LeftButton and self.chosen is not None:
            self.part_opened.emit(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from block to block in the order of size within a kind."""
        last = len(self._parts) - 1
        match event.key():
            case Qt.Key.Key_Right | Qt.Key.Key_Down:
                self.choose(min(self._chosen + 1, last))
            case Qt.Key.Key_Left | Qt.Key.Key_Up:
                self.choose(max(self._chosen - 1, 0))
            case Qt.Key.Key_Home:
                self.choose(0)
            case Qt.Key.Key_End:
                self.choose(last)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.chosen is not None:
                self.part_opened.emit(self.chosen)
            case Qt.Key.Key_Escape if self._chosen >= 0:
                self.choose(-1)
            case _:
                super().keyPressEvent(event)

    # Parts

    def _lay_out(self) -> None:
        """Kinds first, so that each keeps together, then the parts of each."""
        groups = [list(group) for _, group in groupby(self._parts, key=lambda part: part.kind)]
        room = Area(0, 0, self.width(), self.height())
        sizes = [float(sum(part.n_bytes for part in group)) for group in groups]
        self._areas = []
        for group, area in zip(groups, squarified(sizes, room), strict=True):
            inside = area.shrunk(_KIND_GAP)
            self._areas += squarified([float(part.n_bytes) for part in group], inside)
        self.update()

    def _draw_block(self, painter: QPainter, part: BytePart, block: QRectF, number: int) -> None:
        shade = theme.colours()
        inside = block.adjusted(_GAP / 2, _GAP / 2, -_GAP / 2, -_GAP / 2)
        if inside.width() < 1 or inside.height() < 1:
            inside = block
        colour = QColor(KINDS[part.kind].colour)
        if number == self._hovered:
            colour = colour.lighter(120) if theme.is_dark() else colour.darker(108)
        painter.fillRect(inside, colour)
        if block.width() < _LABEL_ROOM[0] or block.height() < _LABEL_ROOM[1]:
            return
        painter.setPen(QColor(shade.text))
        metrics = painter.fontMetrics()
        room = inside.adjusted(5, 3, -3, -3)
        middle = Qt.TextElideMode.ElideMiddle  # of conv_001 … conv_100 both ends tell
        name = metrics.elidedText(part_name(part), middle, int(room.width()))
        if len(name) < min(_LEAST_LETTERS, len(part_name(part))):
            return
        painter.drawText(room, Qt.TextFlag.TextSingleLine, name)
        size = wording.bytes_text(part.n_bytes)
        room.setTop(room.top() + metrics.height())
        if room.height() >= metrics.height() and metrics.horizontalAdvance(size) <= room.width():
            painter.drawText(room, Qt.TextFlag.TextSingleLine, size)

    def _at(self, x: float, y: float) -> int:
        return next((n for n, area in enumerate(self._areas) if area.contains(x, y)), -1)

    def _hover(self, number: int) -> None:
        for changed in (self._hovered, number):
            if changed != -1 and self._hovered != number and changed < len(self._areas):
                self.update(_rectangle(self._areas[changed]).toAlignedRect())
        self._hovered = number


def _rectangle(area: Area) -> QRectF:
    return QRectF(area.left, area.top, area.width, area.height)
