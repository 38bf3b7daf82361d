"""The strip below the window's content: the export under way, and what became of the last."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.exporting import result_sentence
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Notice, PlainLabel
from h5viewer.gui.export.jobs import ExportJob, Jobs
from h5viewer.nodes import Exported
from h5viewer.wording import bytes_text, plural


class JobsStrip(QWidget):
    """A line while something is written; a line with Open and Show in folder afterwards.

    Signals:
        open_wanted(path: str)
    """

    open_wanted = Signal(str)

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._target = ""
        self._running = _Running()
        self._running.cancelled.connect(jobs.cancel)
        self._result = _Result()
        self._result.open_wanted.connect(lambda: self.open_wanted.emit(self._target))
        self._result.folder_wanted.connect(self._show_folder)
        self._error = Notice(closable=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self._error, self._result, self._running):
            column.addWidget(part)
        jobs.changed.connect(self._show_running)
        jobs.succeeded.connect(self._show_result)
        jobs.failed.connect(self._show_error)

    def _show_running(self) -> None:
        job = self._jobs.running
        self._running.setVisible(job is not None)
        if job is not None:
            self._running.show_job(job, self._jobs.n_waiting)

    def _show_result(self, job: ExportJob, done: Exported) -> None:
        self._target = job.request.target
        self._error.clear()
        self._result.show_text(result_sentence(job.name, done) + ".", " ".join(done.notes))

    def _show_error(self, job: ExportJob, error: H5ViewerError) -> None:
        del job  # the sentence names it
        self._result.hide()
        self._error.show_error(error)

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._target).parent)))


class _Running(QWidget):
    """Name, bar, bytes, speed, time left, Cancel."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._label = PlainLabel()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(160)
        self._bar.setAccessibleName("Progress of the export")
        self._numbers = PlainLabel(role="muted")
        self._cancel = _button("Cancel", "Stop writing; nothing is left behind")
        self._cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self._label)
        row.addWidget(self._bar)
        row.addWidget(self._numbers, 1)
        row.addWidget(self._cancel)
        self.hide()

    def show_job(self, job: ExportJob, n_waiting: int) -> None:
        """Say how far it is."""
        self._label.set_text(f"Exporting {job.name}")
        self._numbers.set_text(numbers_text(job, n_waiting))
        progress = job.progress
        self._bar.setRange(0, 1000 if progress.total else 0)
        if progress.total:
            self._bar.setValue(min(1000, 1000 * progress.done // progress.total))


def numbers_text(job: ExportJob, n_waiting: int) -> str:
    """`Writing · 45 MB of 94 MB · 120 MB a second · 3 seconds left · 2 more waiting`."""
    progress, parts = job.progress, []
    if job.stop.is_asked:
        parts.append("Stopping…")
    elif progress.text:
        parts.append(progress.text.rstrip("…"))
    if progress.total:
        parts.append(f"{bytes_text(progress.done)} of {bytes_text(progress.total)}")
    if job.speed > 0:
        parts.append(f"{bytes_text(int(job.speed))} a second")
        parts.append(_left_text((progress.total - progress.done) / job.speed))
    if n_waiting:
        parts.append(f"{n_waiting:,} more waiting")
    return " · ".join(parts)


def _left_text(seconds: float) -> str:
    if seconds >= 90:
        return f"{plural(round(seconds / 60), 'minute')} left"
    return f"{plural(max(1, round(seconds)), 'second')} left"


class _Result(QWidget):
    """What was done, Open, Show in folder."""

    open_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sentence = PlainLabel(wrap=True)
        self._notes = PlainLabel(wrap=True, role="muted")
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._sentence)
        texts.addWidget(self._notes)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        row.setSpacing(theme.SPACE_S)
        row.addLayout(texts, 1)
        for text, tooltip, call in (
            ("Open", "Open the new file", self.open_wanted.emit),
            ("Show in folder", "Open the folder of the new file", self.folder_wanted.emit),
            ("Hide", "Hide this message", self.hide),
        ):
            button = _button(text, tooltip)
            button.clicked.connect(lambda _=False, call=call: call())
            row.addWidget(button)
        self.hide()

    def show_text(self, sentence: str, notes: str) -> None:
        """Say it."""
        self._sentence.set_text(sentence)
        self._notes.set_text(notes)
        self._notes.setVisible(bool(notes))
        self.show()


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "quiet")
    button.setToolTip(tooltip)
    button.setAccessibleName(text)
    return button
