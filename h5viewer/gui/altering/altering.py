"""Opens the dialog for what a user wants done with layers."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from h5viewer.gui.altering.cut_dialog import CutDialog
from h5viewer.gui.altering.freeze_dialog import FreezeDialog
from h5viewer.gui.altering.rename_dialog import RenameDialog
from h5viewer.gui.altering.wishes import Kind, Wish
from h5viewer.gui.export.jobs import Jobs
from h5viewer.nodes import Document
from h5viewer.workers.pool import Pool

_DIALOGS: dict[Kind, type[CutDialog | FreezeDialog | RenameDialog]] = {
    "cut": CutDialog,
    "freeze": FreezeDialog,
    "unfreeze": FreezeDialog,
    "rename": RenameDialog,
}


class Altering(QObject):
    """One dialog at a time over the window."""

    def __init__(self, pool: Pool, jobs: Jobs, window: QWidget) -> None:
        super().__init__(window)
        self._pool = pool
        self._jobs = jobs
        self._window = window

    def open_dialog(self, document: Document, wish: Wish) -> None:
        """Let the user choose what becomes of layers of this document."""
        dialog = _DIALOGS[wish.kind](self._pool, document, wish, self._window)
        dialog.wanted.connect(self._jobs.add)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
