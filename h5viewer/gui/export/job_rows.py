"""One line each: an export under way, one that waits, one that is done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.progress_bar import ProgressBar
from h5viewer.gui.controls.tool_button import push_button, tool_button
from h5viewer.gui.export.jobs import ExportJob
from h5viewer.wording import bytes_text, count_text, plural

_NOTES = 2
"""Notes that are shown at once."""


class RunningRow(QWidget):
    """Name, bar, bytes, speed, time left, Cancel."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._label = PlainLabel()
        self._bar = ProgressBar("Progress of the export")
        self._bar.setFixedWidth(160)
        self._bar.setToolTip("Progress of the export")
        self._numbers = PlainLabel(role="muted")
        self._numbers.setToolTip("All bytes are written, then read back and compared")
        self._cancel = _button("Cancel", "Stop writing; nothing is left behind")
        self._cancel.clicked.connect(self.cancelled)
        row = _row(self)
        row.addWidget(self._label)
        row.addWidget(self._bar)
        row.addWidget(self._numbers, 1)
        row.addWidget(self._cancel)
        self.hide()

    def show_job(self, job: ExportJob, n_more: int) -> None:
        """Say how far it is, and how many wait without a line of their own."""
        self._label.set_text(f"Exporting {job.name}")
        self._numbers.set_text(numbers_text(job, n_more))
        self._cancel.setEnabled(not job.stop.is_asked)
        progress = job.progress
        self._bar.show_progress(progress.done, progress.total)


class WaitingRow(QWidget):
    """Name, Cancel.

    Signals:
        cancelled(ExportJob)
    """

    cancelled = Signal(object)

    def __init__(self, job: ExportJob) -> None:
        super().__init__()
        self.job = job
        cancel = _button("Cancel", "Do not begin this export")
        cancel.clicked.connect(lambda: self.cancelled.emit(self.job))
        row = _row(self)
        row.addWidget(PlainLabel(f"{job.name} waits for its turn", role="muted"), 1)
        row.addWidget(cancel)


class ResultRow(QWidget):
    """What was done, Open, Show in folder.

    Signals:
        open_wanted(), folder_wanted(), dismissed()
    """

    open_wanted = Signal()
    folder_wanted = Signal()
    dismissed = Signal()

    def __init__(self, sentence: str, notes: Sequence[str], *, can_open: bool) -> None:
        super().__init__()
        self.message = sentence
        self.setAccessibleName(sentence)
        self._picture = QLabel()
        self._picture.setFixedSize(theme.ICON_SIZE, theme.ICON_SIZE)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(PlainLabel(sentence, wrap=True))
        for note in notes[:_NOTES]:
            texts.addWidget(PlainLabel(note, wrap=True, role="muted"))
        self._rest = _lines(notes[_NOTES:])
        texts.addWidget(self._rest)
        row = _row(self)
        row.addWidget(self._picture)
        row.addLayout(texts, 1)
        if len(notes) > _NOTES:
            more = _button("All notes", "Show what else is to be known")
            more.setCheckable(True)
            more.toggled.connect(self._rest.setVisible)
            row.addWidget(more)
        if can_open:
            row.addWidget(_button("Open", "Open the new file", self.open_wanted))
        row.addWidget(
            _button("Show in folder", "Open the folder of the new file", self.folder_wanted)
        )
        close = tool_button("close", "Hide this message", quiet=True)
        close.clicked.connect(self.dismissed)
        row.addWidget(close)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def _paint_icon(self) -> None:
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(theme.pixmap("check", theme.ICON_SIZE, "success", ratio))


def numbers_text(job: ExportJob, n_more: int) -> str:
    """`Writing · 45 MB of 94 MB · 120 MB a second · 3 seconds left · 2 more waiting`."""
    progress, parts = job.progress, []
    if job.stop.is_asked:
        parts.append("Stopping…")
    elif progress.text:
        parts.append(progress.text.rstrip("…"))
    if progress.total and progress.unit not in ("bytes", ""):
        parts.append(f"{count_text(progress.done)} of {count_text(progress.total)} {progress.unit}")
    elif progress.total:
        parts.append(f"{bytes_text(progress.done)} of {bytes_text(progress.total)}")
    if job.speed > 0 and not job.stop.is_asked:
        speed = int(job.speed)
        is_counted = progress.unit == "pictures"
        parts.append(f"{count_text(speed) if is_counted else bytes_text(speed)} a second")
        parts.append(_left_text((progress.total - progress.done) / job.speed))
    if n_more:
        parts.append(f"{n_more:,} more waiting")
    return " · ".join(parts)


def _left_text(seconds: float) -> str:
    if seconds >= 90:
        return f"{plural(round(seconds / 60), 'minute')} left"
    return f"{plural(max(1, round(seconds)), 'second')} left"


def _lines(texts: Sequence[str]) -> QPlainTextEdit:
    """Hidden; as high as a few lines."""
    view = QPlainTextEdit("\n".join(texts), readOnly=True)
    view.setAccessibleName("All notes")
    view.setToolTip("What else is to be known of the new file")
    view.setFixedHeight((min(6, len(texts)) + 1) * view.fontMetrics().lineSpacing())
    view.hide()
    return view


def _row(whole: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(whole)
    row.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
    row.setSpacing(theme.SPACE_M)
    return row


def _button(text: str, tooltip: str, told: SignalInstance | None = None) -> QPushButton:
    button = push_button(text, tooltip, role="quiet")
    if told is not None:
        button.clicked.connect(lambda: told.emit())
    return button
