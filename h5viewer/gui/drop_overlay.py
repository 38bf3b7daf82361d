"""What covers the window while files are dragged over it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from h5viewer.gui import theme


class DropOverlay(QWidget):
    """Says that dropping opens the files."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Drop to open")
        self.hide()

    def cover(self) -> None:
        """Appear over all of the parent."""
        self.setGeometry(self.window().rect())
        self.raise_()
        self.show()

    # Qt overrides

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
        painter.setPen(QColor(shade.accent))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, "Drop to open")
        painter.end()


def dropped_files(mime: QMimeData) -> list[str]:
    """Paths of the local files in what is dragged."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
