"""Titles beside fields, each on one line with what its field says."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QLayout, QWidget

_MOST_LINES = 3  # of text: what is higher has its title beside the first line


class Form(QFormLayout):
    """Rows of titles and fields; `add` gives a field its title."""

    def add(self, title: str, field: QWidget | QLayout) -> None:
        """One row more; without a title the field stands below the one before."""
        if isinstance(field, QWidget):
            self.addRow(_Title(title, field), field)
        else:
            self.addRow(_Title(title, field), field)


class _Title(QLabel):
    """As high as a field of one line, so that both stand in the middle of the same height.

    QFormLayout puts titles at the top of their row, a few pixels above the field's text.
    """

    def __init__(self, text: str, field: QWidget | QLayout) -> None:
        super().__init__(text.replace("&", "&&"))
        self.setTextFormat(Qt.TextFormat.PlainText)
        if isinstance(field, QWidget):
            self.setBuddy(field)
        self._field = field

    # Qt overrides

    def sizeHint(self) -> QSize:
        """With the height of the field."""
        hint = super().sizeHint()
        height = self._field.sizeHint().height()
        if height <= _MOST_LINES * self.fontMetrics().lineSpacing():
            hint.setHeight(max(hint.height(), height))
        return hint

    def minimumSizeHint(self) -> QSize:
        """All of it."""
        return self.sizeHint()
