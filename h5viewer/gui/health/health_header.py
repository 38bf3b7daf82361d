"""The report in one sentence, what was looked at, and what to do with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.tool_button import push_button


class HealthHeader(QWidget):
    """A picture, two lines, two buttons.

    Signals:
        copy_wanted: the report as text, into the clipboard.
        again_wanted: look anew.
    """

    copy_wanted = Signal()
    again_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = "search"
        self._role: theme.Role = "muted"
        self._picture = QLabel()
        self._sentence = PlainLabel(wrap=True)
        self._sentence.setFont(theme.scaled_font(1.15, QFont.Weight.DemiBold))
        self._scope = PlainLabel(wrap=True, role="muted")
        self._copy = _button("Copy", "Copy the whole report as text")
        self._copy.clicked.connect(self.copy_wanted)
        self._again = _button("Check again", "Look at all weights anew")
        self._again.clicked.connect(self.again_wanted)
        theme.changed.connect(self._paint)
        self._arrange()

    def say(self, icon: str, role: theme.Role, sentence: str, scope: str = "") -> None:
        """Say this."""
        self._icon, self._role = icon, role
        self._sentence.set_text(sentence)
        self._scope.set_text(scope)
        self._scope.setVisible(bool(scope))
        self._paint()

    @property
    def sentence(self) -> str:
        """What it says now."""
        return self._sentence.whole_text

    def focus_again(self) -> None:
        """The keyboard goes to the button that looks anew."""
        self._again.setFocus()

    def _paint(self) -> None:
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(theme.pixmap(self._icon, 24, self._role, ratio))

    def _arrange(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._sentence)
        texts.addWidget(self._scope)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_M, theme.SPACE_S)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self._picture)
        row.addLayout(texts, 1)
        row.addWidget(self._copy)
        row.addWidget(self._again)


def _button(text: str, words: str) -> QPushButton:
    return push_button(text, words, name=words)
