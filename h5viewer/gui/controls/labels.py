"""Labels that show names from files letter by letter."""

from __future__ import annotations

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QWidget

from h5viewer.gui.node_text import plain_tooltip
from h5viewer.names import visible

# Qt breaks lines between words alone; a longer one would be cut, and widen what it stands in.
_LONG_WORD = re.compile(r"[!-~]{25,}")
_PIECE = re.compile(r"[^_\-./\\]{1,24}[_\-./\\]*|[_\-./\\]{1,24}")
_MAY_BREAK = "\u200b"  # a space without width


class PlainLabel(QLabel):
    """A label that shows its text letter by letter, cut with an ellipsis where space ends.

    Cut text is whole in the tooltip and in the clipboard. With `wrap` it breaks lines
    instead of being cut, within long names, too.
    """

    def __init__(
        self,
        text: str = "",
        *,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        wrap: bool = False,
        role: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._elide = elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWordWrap(wrap)
        if role:
            self.setProperty("role", role)
        if not wrap:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show `text`."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self._fit()

    @property
    def whole_text(self) -> str:
        """The text as it was set, however much of it is seen."""
        return self._text

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut anew."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        hint = super().sizeHint()
        if not self.wordWrap():
            margins = self.contentsMargins().left() + self.contentsMargins().right()
            hint.setWidth(self.fontMetrics().horizontalAdvance(self._text) + margins + 2)
        return hint

    def minimumSizeHint(self) -> QSize:
        """Cut text needs little room."""
        hint = super().minimumSizeHint()
        if not self.wordWrap():
            hint.setWidth(min(self.sizeHint().width(), self.fontMetrics().averageCharWidth() * 5))
        return hint

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selected part; all of the text where it is cut."""
        if event.matches(QKeySequence.StandardKey.Copy) and self.text() != self._text:
            self._copy()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt's own would copy what lines break at."""
        if _MAY_BREAK not in self.text():
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy").triggered.connect(self._copy)
        menu.popup(event.globalPos())

    def _copy(self) -> None:
        selected = self.selectedText() if self.wordWrap() else ""
        QGuiApplication.clipboard().setText(selected.replace(_MAY_BREAK, "") or self._text)

    def _fit(self) -> None:
        if self.wordWrap():
            shown = _LONG_WORD.sub(
                lambda word: _MAY_BREAK.join(_PIECE.findall(word.group())), self._text
            )
        else:
            # contentsRect is empty of QSS padding; horizontal margins are inside it.
            room = self.contentsRect().width()
            shown = self.fontMetrics().elidedText(self._text, self._elide, room)
        if shown != self.text():
            self.setText(shown)
        is_cut = shown != self._text and not self.wordWrap()
        self.setToolTip(plain_tooltip(self._text) if is_cut else "")


def show_name(name: bytes | str, limit: int = 300) -> str:
    """A name from a file for menus, buttons and tabs, where `&` marks a shortcut."""
    return visible(name, limit).replace("&", "&&")
