"""The files that were opened last: in the menu and on the first page."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from h5viewer.gui.actions import Actions
from h5viewer.gui.settings import Settings
from h5viewer.gui.welcome import Welcome


class RecentFiles(QObject):
    """Shows what the settings remember.

    Signals:
        open_wanted(list[str]): paths that were chosen.
    """

    open_wanted = Signal(list)

    def __init__(
        self, settings: Settings, actions: Actions, welcome: Welcome, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._actions = actions
        self._welcome = welcome
        actions.recent.triggered.connect(self._open)
        welcome.file_wanted.connect(lambda path: self.open_wanted.emit([path]))
        self.show()

    def add(self, path: str) -> None:
        """A file or folder was opened."""
        self._settings.add_recent(path)
        self.show()

    def clear(self) -> None:
        """Forget all of them."""
        self._settings.forget_recent()
        self.show()

    def show(self) -> None:
        """What is remembered now."""
        paths = self._settings.recent
        self._welcome.show_recent(paths)
        self._actions.show_recent(paths)

    def _open(self, action: QAction) -> None:
        if action.data():
            self.open_wanted.emit([action.data()])
        else:
            self.clear()
