"""A text that leads somewhere: clicked, or chosen with Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from h5viewer.gui.controls.labels import PlainLabel

_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class LinkLabel(PlainLabel):
    """A PlainLabel in the colour of links; the text may come from a file.

    Signals:
        activated: the user wants to go there.
    """

    activated = Signal()

    def __init__(self, text: str, *, wrap: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, wrap=wrap, role="accent", parent=parent)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"Go to {text}")

    def _underline(self, wanted: bool) -> None:
        font = self.font()
        font.setUnderline(wanted)
        self.setFont(font)

    # Qt overrides

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go there, unless the button was let go elsewhere."""
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.activated.emit()
        else:
            super().mouseReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The release decides."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and the space bar go there."""
        if event.key() in _KEYS:
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Underlined while it is pointed at."""
        super().enterEvent(event)
        self._underline(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Plain again."""
        super().leaveEvent(event)
        self._underline(self.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Underlined while Enter would go there."""
        super().focusInEvent(event)
        self._underline(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Plain again."""
        super().focusOutEvent(event)
        self._underline(False)
