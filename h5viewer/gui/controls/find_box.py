"""The small search field of panels: Ctrl+F goes to it, Escape empties it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from h5viewer.gui import theme

_WIDTH = 220


class FindBox(QLineEdit):
    """A field with a magnifying glass.

    Signals:
        left: Escape was pressed in the empty field; whoever is searched takes the keyboard.
        next_wanted(bool): Enter was pressed; True with Shift, backwards.
    """

    left = Signal()
    next_wanted = Signal(bool)

    def __init__(self, placeholder: str, tooltip: str, owner: QWidget) -> None:
        super().__init__(owner, placeholderText=placeholder, clearButtonEnabled=True)
        self.setAccessibleName(placeholder)
        self.setToolTip(tooltip)
        self.setMaximumWidth(_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        clear = self.findChild(QAction)
        if clear is not None:
            clear.setIcon(theme.icon("close", "muted"))
        leading = QLineEdit.ActionPosition.LeadingPosition
        self.addAction(theme.icon("search", "muted"), leading)
        self._owner = owner
        owner.installEventFilter(self)

    # Qt overrides

    def sizeHint(self) -> QSize:
        """Wide enough for a layer's name."""
        return QSize(_WIDTH, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Narrow panels leave less."""
        return QSize(_WIDTH // 2, super().minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Ctrl+F anywhere in the owner, before a shortcut of the window takes it."""
        if (
            watched is self._owner
            and isinstance(event, QKeyEvent)
            and event.matches(_FIND)
            and self.isVisible()
        ):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.setFocus(Qt.FocusReason.ShortcutFocusReason)
                self.selectAll()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape, Enter, Down."""
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.next_wanted.emit(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif event.key() == Qt.Key.Key_Down:
            self.left.emit()
        else:
            super().keyPressEvent(event)


_FIND = QKeySequence.StandardKey.Find
