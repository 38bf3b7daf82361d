"""Notices of the whole window, one below the other: refused files, changed files."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.notices import Notice, Severity

_MOST = 4
"""Notices at once; an older one makes room."""


class NoticeStack(QWidget):
    """At most one notice about each file and subject; each can be closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices: dict[tuple[str, str], Notice] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, 0)
        self._column.setSpacing(theme.SPACE_XS)
        self.hide()

    @property
    def messages(self) -> list[str]:
        """The sentences shown."""
        return [notice.message for notice in self._notices.values()]

    def show_error(
        self, file: str, subject: str, error: H5ViewerError, *, action: str = ""
    ) -> Notice:
        """Say what went wrong with a file."""
        notice = self._make(file, subject)
        notice.show_error(error, action=action)
        return notice

    def show_text(
        self,
        file: str,
        subject: str,
        message: str,
        *,
        hint: str = "",
        severity: Severity = "note",
        action: str = "",
        call: Callable[[], None] | None = None,
    ) -> Notice:
        """Say something about a file; `action` is a button that does `call`."""
        notice = self._make(file, subject)
        notice.show_text(message, hint=hint, severity=severity, action=action)
        if call is not None:
            notice.action_requested.connect(call)
        return notice

    def clear(self, file: str, subject: str = "") -> None:
        """Take away what was said about a file, or only of one subject."""
        for key in list(self._notices):
            if key[0] == file and subject in ("", key[1]):
                self._remove(key)

    def _make(self, file: str, subject: str) -> Notice:
        key = (file, subject)
        self._remove(key)
        if len(self._notices) >= _MOST:
            self._remove(next(iter(self._notices)))
        notice = self._notices[key] = Notice(closable=True)
        notice.dismissed.connect(lambda: self._remove(key))
        self._column.addWidget(notice)
        self.show()
        return notice

    def _remove(self, key: tuple[str, str]) -> None:
        notice = self._notices.pop(key, None)
        if notice is not None:
            self._column.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
        self.setVisible(bool(self._notices))
