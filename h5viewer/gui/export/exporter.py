"""What the window has of exports: the dialog, the queue, the strip, the question at closing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

from h5viewer.gui.export.abandoned import Abandoned
from h5viewer.gui.export.jobs import Jobs
from h5viewer.gui.export.jobs_strip import JobsStrip
from h5viewer.gui.panels import DIALOGS, find
from h5viewer.gui.settings import Settings
from h5viewer.nodes import Document
from h5viewer.requests import ExportRequest
from h5viewer.workers.pool import Pool

if TYPE_CHECKING:  # 0.03 s of modules; a thread imports them after the start
    from h5viewer.gui.export.export_dialog import ExportDialog
    from h5viewer.gui.export.writing_dialog import WritingDialog


class Exporter(QObject):
    """Opens the dialog, and asks before exports are lost."""

    def __init__(self, pool: Pool, window: QWidget, settings: Settings) -> None:
        super().__init__(window)
        self._pool = pool
        self._is_opening = False
        self._window = window
        self.jobs = Jobs(pool, self)
        self.strip = JobsStrip(self.jobs)
        Abandoned(self.jobs, settings, self)

    def open_dialog(self, document: Document) -> None:
        """Let the user choose an export of this document."""
        self._open("export", document)

    def open_dataset(self, shown: ExportRequest) -> None:
        """Let the user choose a name for a dataset's values, or for what is made of pictures."""
        self._open("dataset", shown)

    def open_salvage(self, path: str) -> None:
        """Let the user save what is whole of a damaged file, which may not be open."""
        self._open("damaged", path)

    def take_from(self, dialog: WritingDialog) -> None:
        """Do what the user asks for in it, once."""
        dialog.target.avoid(self.jobs.targets)
        dialog.wanted.connect(self.jobs.add)
        dialog.finished.connect(dialog.deleteLater)

    def _open(self, kind: str, subject: object) -> None:
        if self._is_opening:  # of a double click
            return
        dialog = cast("ExportDialog", find(DIALOGS[kind])(self._pool, subject, self._window))
        self.take_from(dialog)
        self._is_opening = True
        QTimer.singleShot(0, dialog, partial(self._show, dialog))  # to make it takes 40 ms already

    def _show(self, dialog: ExportDialog) -> None:
        self._is_opening = False
        dialog.open()

    def may_close(self) -> bool:
        """False: an export is under way and the user wants it to go on."""
        if self.jobs.running is None:
            return True
        n_jobs = 1 + len(self.jobs.waiting)
        told = "An export is" if n_jobs == 1 else f"{n_jobs:,} exports are"
        what = "it" if n_jobs == 1 else "them"
        question = QMessageBox(self._window)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle("Close h5viewer")
        question.setText(f"{told} still being written.")
        question.setInformativeText(f"Closing stops {what}. Nothing half-written is left behind.")
        stop = question.addButton("Stop and close", QMessageBox.ButtonRole.DestructiveRole)
        go_on = question.addButton("Keep open", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(go_on)
        question.setEscapeButton(go_on)

        failures: list[object] = []

        def take_failure(_: object, error: object) -> None:
            failures.append(error)

        def end_when_done() -> None:
            if self.jobs.running is None:  # nothing is left to ask; that it failed has to be seen
                (go_on if failures else stop).click()

        self.jobs.failed.connect(take_failure)
        self.jobs.changed.connect(end_when_done)
        question.exec()
        self.jobs.changed.disconnect(end_when_done)
        self.jobs.failed.disconnect(take_failure)
        return question.clickedButton() is stop
