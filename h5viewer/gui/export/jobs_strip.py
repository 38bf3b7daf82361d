"""The strip below the window's content: exports under way and waiting, and what became of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.exporting import result_notes, result_sentence
from h5viewer.gui.controls.notices import Notice
from h5viewer.gui.export.job_rows import ResultRow, RunningRow, WaitingRow
from h5viewer.gui.export.jobs import ExportJob, Jobs
from h5viewer.nodes import Exported

_MOST_TOLD = 3
"""Outcomes at once; the oldest goes when another comes."""

_MOST_WAITING = 3
"""Waiting jobs that have a line of their own."""

_FOR_PROGRAMS = (".npz", ".npy", ".safetensors", ".onnx")
"""What neither this window opens nor a program of the desktop that would be started for it."""

_FOR_DESKTOP = (".json", ".csv", ".png")

_INDEX = ".weights.json"
"""Of weights in several files, which this window opens."""


class JobsStrip(QWidget):
    """Lines with Open and Show in folder, a line with Cancel, lines of what waits.

    Signals:
        open_wanted(path: str)
    """

    open_wanted = Signal(str)

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._outcomes: list[QWidget] = []
        self._waiting: list[WaitingRow] = []
        self._running = RunningRow()
        self._running.cancelled.connect(lambda: jobs.cancel())
        self._told, self._queue = QVBoxLayout(), QVBoxLayout()
        column = QVBoxLayout(self)
        for layout in (column, self._told, self._queue):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        column.addLayout(self._told)
        column.addWidget(self._running)
        column.addLayout(self._queue)
        jobs.changed.connect(self._show_jobs)
        jobs.succeeded.connect(self._show_result)
        jobs.failed.connect(self._show_error)

    @property
    def messages(self) -> list[str]:
        """What became of exports, the newest last."""
        return [row.message for row in self._outcomes if isinstance(row, Notice | ResultRow)]

    def _show_jobs(self) -> None:
        job, waiting = self._jobs.running, self._jobs.waiting
        if job is None:
            _hide(self._running)
        else:
            self._running.show()
            self._running.show_job(job, max(0, len(waiting) - _MOST_WAITING))
        shown = list(waiting[:_MOST_WAITING])
        if [row.job for row in self._waiting] != shown:
            self._fill_queue(shown)

    def _fill_queue(self, jobs: list[ExportJob]) -> None:
        for row in self._waiting:
            _remove(self._queue, row)
        self._waiting = [WaitingRow(job) for job in jobs]
        for row in self._waiting:
            row.cancelled.connect(self._jobs.cancel)
            self._queue.addWidget(row)

    def _show_result(self, job: ExportJob, done: Exported) -> None:
        target = job.request.target
        row = ResultRow(
            result_sentence(job.name, done) + ".",
            result_notes(done),
            can_open=not target.lower().endswith(_FOR_PROGRAMS),
        )
        row.open_wanted.connect(lambda: self._open(target))
        row.folder_wanted.connect(lambda: _show_folder(target))
        row.dismissed.connect(lambda: self._forget(row))
        self._tell(row)

    def _show_error(self, job: ExportJob, error: H5ViewerError) -> None:
        del job  # the sentence names it
        notice = Notice(closable=True)
        notice.show_error(error)
        notice.dismissed.connect(lambda: self._forget(notice))
        self._tell(notice)

    def _tell(self, row: QWidget) -> None:
        self._outcomes.append(row)
        self._told.addWidget(row)
        row.show()
        if len(self._outcomes) > _MOST_TOLD:
            self._forget(self._outcomes[0])

    def _forget(self, row: QWidget) -> None:
        if row in self._outcomes:
            self._outcomes.remove(row)
            _remove(self._told, row)

    def _open(self, target: str) -> None:
        name = target.lower()
        if name.endswith(_FOR_DESKTOP) and not name.endswith(_INDEX):
            QDesktopServices.openUrl(QUrl.fromLocalFile(target))
        else:
            self.open_wanted.emit(target)


def _remove(layout: QVBoxLayout, row: QWidget) -> None:
    layout.removeWidget(row)
    _hide(row)
    row.deleteLater()


def _hide(row: QWidget) -> None:
    """Qt would give the focus of its button to some other one, which Enter then pressed."""
    focused = row.window().focusWidget()
    if focused is not None and row.isAncestorOf(focused):
        focused.clearFocus()
    row.hide()


def _show_folder(target: str) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(target).parent)))
