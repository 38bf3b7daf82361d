"""What the window says about whole files: refused, changed on disk, gone, not to be read."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError, WorkerLost
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Notice
from h5viewer.names import visible

_MOST = 4
"""Notices at once; an older one makes room."""


class FileNotices(QWidget):
    """Notices one below the other, at most one about each file; each can be closed.

    Signals:
        retry_wanted(path: str): open or reload the file.
    """

    retry_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices: dict[str, Notice] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*[theme.SPACE_S] * 4)
        self._column.setSpacing(theme.SPACE_XS)
        self.hide()

    @property
    def messages(self) -> list[str]:
        """The sentences shown."""
        return [notice.message for notice in self._notices.values()]

    def show_refused(self, path: str, error: H5ViewerError) -> None:
        """A file could not be opened; what is refused for its content would be so again."""
        action = "Try again" if isinstance(error, WorkerLost) else ""
        self._make(path).show_error(error, action=action)

    def show_failed(self, path: str, error: H5ViewerError) -> None:
        """Part of an open file could not be read."""
        self._make(path).show_error(error, action="Reload")

    def show_changed(self, path: str) -> None:
        """Other bytes stand on disk than those read."""
        self._make(path).show_text(
            f"{visible(Path(path).name)} changed on disk.",
            hint="What you see is from before.",
            severity="warning",
            action="Reload",
        )

    def show_vanished(self, path: str) -> None:
        """The file is no longer where it was."""
        self._make(path).show_text(
            f"{visible(Path(path).name)} was moved or deleted.",
            hint="What is open can be looked at until you close it.",
            severity="warning",
        )

    def clear(self, path: str) -> None:
        """Take away what was said about a file."""
        notice = self._notices.pop(path, None)
        if notice is not None:
            self._column.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
        self.setVisible(bool(self._notices))

    def _make(self, path: str) -> Notice:
        self.clear(path)
        if len(self._notices) >= _MOST:
            self.clear(next(iter(self._notices)))
        notice = self._notices[path] = Notice(closable=True)
        notice.dismissed.connect(lambda: self.clear(path))
        notice.action_requested.connect(lambda: self.retry_wanted.emit(path))
        self._column.addWidget(notice)
        self.show()
        return notice
