"""One picture, as large as there is room, with a layer laid over it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from h5viewer.gui import theme

_MOST_SIDE = 420  # pixels
_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class PictureView(QWidget):
    """Shows a picture whole; few pixels are drawn as squares, many are smoothed.

    Without a picture it shows a dashed frame and, where it can be clicked, says what for.

    Signals:
        clicked: it was clicked, or Enter was pressed on it.
    """

    clicked = Signal()

    def __init__(
        self,
        name: str,
        *,
        side: int = 200,
        hint: str = "",
        keeps_proportions: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.image: QImage | None = None
        self._layer: QImage | None = None
        self._opacity = 0.5
        self._side = side
        self._keeps_proportions = keeps_proportions
        self._words = hint  # in the empty frame
        self._is_clickable = bool(hint)
        self._is_target = False
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        if hint:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip(hint)
        theme.changed.connect(self.update)

    def show_image(self, image: QImage | None) -> None:
        """Show another picture, without a layer."""
        if (self.image is None) != (image is None):
            self.updateGeometry()
        self.image, self._layer = image, None
        self.update()

    def show_layer(self, layer: QImage | None, opacity: float) -> None:
        """Lay this over the picture; 0: it is not seen, 1: nothing is seen through it."""
        self._layer, self._opacity = layer, opacity
        self.update()

    def set_words(self, words: str) -> None:
        """Say this in the empty frame."""
        self._words = words
        self.update()

    def set_target(self, is_target: bool) -> None:
        """Light up: what is dropped now goes here."""
        self._is_target = is_target
        self.update()

    @property
    def place(self) -> QRect:
        """Where the picture is drawn; empty without one."""
        if self.image is None or self.image.isNull():
            return QRect()
        room = self.rect().adjusted(1, 1, -1, -1)
        if not self._keeps_proportions:
            return room
        size = self.image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint(0, 0), size.expandedTo(QSize(1, 1)))
        place.moveCenter(room.center())
        return place

    def _paint_image(self, painter: QPainter, image: QImage, place: QRect) -> None:
        ratio = self.devicePixelRatioF()
        grows = place.width() * ratio > 1.5 * image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not grows)
        painter.drawImage(place, image)

    def _paint_empty(self, painter: QPainter) -> None:
        shade = theme.colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(shade.border), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(shade.background))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)
        painter.setPen(QColor(shade.muted))
        room = self.rect().adjusted(theme.SPACE_M, 0, -theme.SPACE_M, 0)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, int(flags), self._words)

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, its layer, a frame."""
        painter = QPainter(self)
        shade = theme.colours()
        place = self.place
        if self.image is None or place.isEmpty():
            self._paint_empty(painter)
        else:
            self._paint_image(painter, self.image, place)
            if self._layer is not None:
                painter.setOpacity(self._opacity)
                self._paint_image(painter, self._layer, place)
                painter.setOpacity(1.0)
            painter.setPen(QColor(shade.border))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place.adjusted(0, 0, -1, -1))
        if self._is_target or self.hasFocus():
            painter.setPen(QPen(QColor(shade.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)
        painter.end()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._side, self._side)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """It is as high as it is wide."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Square, up to a size; an empty frame needs no more than it would like."""
        return min(width, self._side if self.image is None else _MOST_SIDE)

    def minimumSizeHint(self) -> QSize:
        """Small pictures can still be seen."""
        return QSize(64, 64)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click, where it leads somewhere."""
        inside = self.rect().contains(event.position().toPoint())
        if self._is_clickable and inside and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
        else:
            super().mouseReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The release decides."""
        if not self._is_clickable:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and the space bar are clicks."""
        if self._is_clickable and event.key() in (
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
            Qt.Key.Key_Space,
        ):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
