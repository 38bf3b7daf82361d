"""What the colours of the graph mean: the kinds of layers in it, most frequent first."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from h5viewer.gui import theme
from h5viewer.gui.architecture.layer_kinds import LayerKind
from h5viewer.gui.architecture.layer_table import draw_marker
from h5viewer.gui.graph.graph_scene import GraphScene, is_frame

_MARKER, _GAP = 10, 16


class Legend(QWidget):
    """As many lines as it takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds: list[tuple[LayerKind, str]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_scene(self, scene: GraphScene | None) -> None:
        """The kinds of another graph."""
        counted: Counter[LayerKind] = Counter()
        if scene is not None:
            counted.update(
                scene.kind(number) for number, box in enumerate(scene.boxes) if not is_frame(box)
            )
        self._kinds = [(kind, kind.name) for kind, _ in counted.most_common()]
        words = ", ".join(text for _, text in self._kinds)
        self.setAccessibleName(f"Colours: {words}")
        self.setVisible(bool(self._kinds))
        self.updateGeometry()
        self.update()

    # Qt overrides

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Narrow legends are high."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """All lines."""
        places = self._places(width)
        last = max((line for _, line in places), default=0)
        return (last + 1) * self._line() + 2 * theme.SPACE_XS

    def sizeHint(self) -> QSize:
        """For the width it has."""
        return QSize(200, self.heightForWidth(max(120, self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A layout asks for the height once, not again when the width changes."""
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Markers and names."""
        painter = QPainter(self)
        line = self._line()
        for (kind, text), (left, row) in zip(self._kinds, self._places(self.width()), strict=True):
            top = theme.SPACE_XS + row * line
            spot = QRectF(left, top + (line - _MARKER) / 2, _MARKER, _MARKER)
            draw_marker(painter, spot, kind)
            painter.setPen(QColor(theme.colours().muted))
            room = QRectF(left + _MARKER + 5, top, self.width(), line)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter.value, text)
        painter.end()

    def _line(self) -> int:
        return self.fontMetrics().height() + 2

    def _places(self, width: int) -> list[tuple[float, int]]:
        """Left edge and line of each kind."""
        places: list[tuple[float, int]] = []
        left, row = float(theme.SPACE_M), 0
        for _, text in self._kinds:
            wide = _MARKER + 5 + self.fontMetrics().horizontalAdvance(text) + _GAP
            if places and left + wide - _GAP > width - theme.SPACE_S:
                left, row = float(theme.SPACE_M), row + 1
            places.append((left, row))
            left += wide
        return places
