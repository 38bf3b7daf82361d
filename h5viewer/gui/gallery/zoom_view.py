"""One picture large: fitted, or magnified where one looks; its pixels stay squares."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from h5viewer.gui import theme

_STEP = 1.25
_MOST = 64.0  # pixels of the screen for one of the picture
_ROOM = 16  # pixels around a fitted picture


class ZoomView(QWidget):
    """Keeps its place and scale from picture to picture.

    Signals:
        pointed(str): what is under the cursor; "": nothing.
        step_wanted(int): to the next picture (1), to the one before (−1).
        closed: the user wants to see all again.
        menu_wanted(QPoint): on the screen.
        copy_wanted: the picture is to be copied.
    """

    pointed = Signal(str)
    step_wanted = Signal(int)
    closed = Signal()
    menu_wanted = Signal(QPoint)
    copy_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Picture, large")
        self.setToolTip("The wheel magnifies, dragging moves; arrow keys go to other pictures")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.image = QImage()  # null: none
        self._scale = 0.0  # 0: fitted
        self._centre = QPointF(0.5, 0.5)  # share of the picture that is in the middle
        self._dragged_from: QPointF | None = None
        theme.changed.connect(self.update)

    def show_image(self, image: QImage) -> None:
        """Show another picture at the same scale; a null one: none."""
        self.image = image
        self.update()

    @property
    def scale(self) -> float:
        """Pixels of the screen for one of the picture."""
        if self._scale or self.image.isNull():
            return self._scale or 1.0
        room = QSize(self.width() - 2 * _ROOM, self.height() - 2 * _ROOM)
        return max(
            0.01, min(room.width() / self.image.width(), room.height() / self.image.height())
        )

    def fit(self) -> None:
        """As large as there is room."""
        self._scale, self._centre = 0.0, QPointF(0.5, 0.5)
        self.update()

    def magnify(self, factor: float, about: QPointF | None = None) -> None:
        """Larger or smaller; what is at `about` stays there."""
        place = self.place
        about = about or QPointF(self.rect().center())
        scale = min(_MOST, max(0.02, self.scale * factor))
        at = QPointF(
            (about.x() - place.x()) / place.width(), (about.y() - place.y()) / place.height()
        )
        self._scale = scale
        new = self.place
        wanted = QPointF(about.x() - at.x() * new.width(), about.y() - at.y() * new.height())
        self._move_by(wanted - new.topLeft())

    @property
    def place(self) -> QRectF:
        """Where the picture is drawn."""
        if self.image.isNull():
            return QRectF(0, 0, 1, 1)
        width, height = self.image.width() * self.scale, self.image.height() * self.scale
        middle = QPointF(self.width() / 2, self.height() / 2)
        return QRectF(
            middle.x() - self._centre.x() * width,
            middle.y() - self._centre.y() * height,
            width,
            height,
        )

    def _move_by(self, way: QPointF) -> None:
        """Shift the picture; its middle stays inside the view."""
        place = self.place
        x = self._centre.x() - way.x() / place.width()
        y = self._centre.y() - way.y() / place.height()
        self._centre = QPointF(min(1.0, max(0.0, x)), min(1.0, max(0.0, y)))
        self.update()

    def _tell(self, at: QPointF) -> None:
        image, place = self.image, self.place
        if image.isNull() or not place.contains(at):
            self.pointed.emit("")
            return
        column = min(image.width() - 1, math.floor((at.x() - place.x()) / self.scale))
        row = min(image.height() - 1, math.floor((at.y() - place.y()) / self.scale))
        colour = image.pixelColor(column, row)
        red, green, blue = colour.red(), colour.green(), colour.blue()
        drawn = f"{red}" if red == green == blue else f"red {red}, green {green}, blue {blue}"
        self.pointed.emit(f"Row {row:,}, column {column:,}: drawn as {drawn} of 255")

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture and a frame."""
        painter = QPainter(self)
        shade = theme.colours()
        painter.fillRect(self.rect(), QColor(shade.background))
        if not self.image.isNull():
            place = self.place
            is_smooth = self.scale * self.devicePixelRatioF() < 1.0
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
            painter.drawImage(place, self.image, QRectF(self.image.rect()))
            painter.setPen(QColor(shade.border))
            painter.drawRect(place.adjusted(-1, -1, 0, 0))
        if self.hasFocus():
            painter.setPen(QPen(QColor(shade.accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fitted anew."""
        super().resizeEvent(event)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Magnify where the cursor is."""
        turns = event.angleDelta().y() / 120
        self.magnify(_STEP**turns, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged_from = event.position()
        elif event.button() == Qt.MouseButton.RightButton:
            self.menu_wanted.emit(event.globalPosition().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move, or say what is there."""
        if self._dragged_from is not None and event.buttons() & Qt.MouseButton.LeftButton:
            if not self._scale:
                self._scale = self.scale
            self._move_by(event.position() - self._dragged_from)
            self._dragged_from = event.position()
        else:
            self._tell(event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._dragged_from = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Fitted, or back to all."""
        if self._scale:
            self.fit()
        else:
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Other pictures, other scales, back."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_PageUp):
            self.step_wanted.emit(-1)
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_Space):
            self.step_wanted.emit(1)
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.closed.emit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.magnify(_STEP)
        elif key == Qt.Key.Key_Minus:
            self.magnify(1 / _STEP)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_Menu:
            self.menu_wanted.emit(self.mapToGlobal(self.rect().center()))
        else:
            super().keyPressEvent(event)
