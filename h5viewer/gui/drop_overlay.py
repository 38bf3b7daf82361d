"""Files dropped anywhere on a window, and what covers it meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDragMoveEvent, QDropEvent, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from h5viewer.gui import theme
from h5viewer.gui.dropped_files import accept_copy, local_files


class DropOverlay(QWidget):
    """Takes the drops of its window, and says so while files are above it.

    Signals:
        files_entered(paths: list[str]): they are dragged over the window, and may be dropped.
        files_dropped(paths: list[str])
    """

    files_entered = Signal(list)
    files_dropped = Signal(list)

    def __init__(self, window: QWidget, words: Callable[[list[str]], str]) -> None:
        """`words`: what a drop of these files would do."""
        super().__init__(window)
        self._window = window
        self._words = words
        self._sentence = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Drop files here")
        self.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Cover the window while files are dragged over it; take them."""
        match event:
            case QDropEvent() if event.type() == QEvent.Type.Drop:
                self.hide()
                accept_copy(event)
                self.files_dropped.emit(local_files(event.mimeData()))
                return True
            case QDragMoveEvent() if local_files(event.mimeData()):  # entering is a move, too
                accept_copy(event)
                if self._is_at_source(event):
                    self.hide()
                    if event.type() == QEvent.Type.DragMove:
                        event.ignore()  # let go of there, nothing happens
                elif not self.isVisible():
                    self._cover(local_files(event.mimeData()))
                if event.type() == QEvent.Type.DragEnter:
                    self.files_entered.emit(local_files(event.mimeData()))
                return True
        if event.type() == QEvent.Type.DragLeave:
            self.hide()
        elif event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)

    def _is_at_source(self, event: QDragMoveEvent) -> bool:
        """What was dragged from here is still where it came from."""
        source = event.source()
        if not isinstance(source, QWidget) or source.window() is not self._window:
            return False
        place = source.mapFrom(self._window, event.position().toPoint())
        return source.rect().contains(place)

    def _cover(self, paths: list[str]) -> None:
        self._sentence = self._words(paths)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A veil, a dashed frame, one sentence."""
        shade = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(shade.surface)
        veil.setAlphaF(0.88)
        painter.fillRect(self.rect(), veil)
        frame = QRectF(self.rect()).adjusted(*[theme.SPACE_L] * 2, *[-theme.SPACE_L] * 2)
        painter.setPen(QPen(QColor(shade.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(frame, 12, 12)
        painter.setFont(theme.scaled_font(1.4, QFont.Weight.DemiBold))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, self._sentence)
        painter.end()
