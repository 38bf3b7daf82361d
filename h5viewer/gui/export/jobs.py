"""Exports on their way: one runs in a thread of its own, the others wait their turn."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.exporting import Stop, Stopped, export
from h5viewer.gui.errand import Errand
from h5viewer.names import visible
from h5viewer.nodes import Exported
from h5viewer.onnx_exporting import OnnxExport, export_onnx
from h5viewer.requests import Export, Progress
from h5viewer.workers.pool import Pool

_LOOK = 100  # milliseconds between two looks at how far it is
_PATIENCE = 3  # seconds that closing waits for a cancelled export to clean up
_RECENT = 4.0  # seconds over which the speed is taken
_ALIKE = ("bytes", "", "pictures")  # units of which one takes about as long as another
_SOON = 0.5  # seconds until a speed is worth telling


class ExportJob:
    """One export; its progress is written by its thread and read by the window's."""

    def __init__(self, request: Export | OnnxExport, *, may_replace: bool) -> None:
        self.request = request
        self.may_replace = may_replace
        self.name = visible(Path(request.target).name)
        self.stop = Stop()
        self.progress = Progress(done=0)
        self._seen: deque[tuple[float, int]] = deque()  # monotonic seconds, how much is done

    def note(self, progress: Progress) -> None:
        """How far it is; called in its thread."""
        if progress.total or progress.text:
            if not progress.total or progress.done < self.progress.done:
                self._seen = deque()  # other work: its speed is another
            self.progress = progress
        if progress.total:
            now = time.monotonic()
            self._seen.append((now, progress.done))
            while now - self._seen[0][0] > _RECENT:
                self._seen.popleft()

    @property
    def speed(self) -> float:
        """Bytes, or pictures, a second of late; 0: not known yet."""
        seen = tuple(self._seen)  # its thread goes on meanwhile
        if not seen or self.progress.unit not in _ALIKE:
            return 0.0
        began_at, done = seen[0]
        passed = time.monotonic() - began_at
        return max(0, seen[-1][1] - done) / passed if passed > _SOON else 0.0


class Jobs(QObject):
    """The queue.

    Signals:
        changed: another job runs, waits or is how far it is.
        succeeded(ExportJob, Exported), failed(ExportJob, H5ViewerError): one ended;
            neither when it was cancelled.
    """

    changed = Signal()
    succeeded = Signal(object, object)
    failed = Signal(object, object)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._waiting: deque[ExportJob] = deque()
        self.running: ExportJob | None = None
        self._errand: Errand | None = None
        self._look = QTimer(self, interval=_LOOK)
        self._look.timeout.connect(self.changed)

    @property
    def waiting(self) -> tuple[ExportJob, ...]:
        """Jobs that wait for their turn, the next one first."""
        return tuple(self._waiting)

    @property
    def targets(self) -> frozenset[str]:
        """Files that are being written, or will be."""
        jobs = (*self._waiting, *([] if self.running is None else [self.running]))
        return frozenset(job.request.target for job in jobs)

    def add(self, request: Export | OnnxExport, may_replace: bool) -> None:
        """Begin, or wait until the others are done."""
        self._waiting.append(ExportJob(request, may_replace=may_replace))
        self._go_on()

    def cancel(self, job: ExportJob | None = None) -> None:
        """Cancel a job, or the one that runs; the next has its turn."""
        if job is not None and job in self._waiting:
            self._waiting.remove(job)
            self.changed.emit()
        elif self.running is not None and job in (None, self.running):
            self.running.stop.ask()
            self.changed.emit()

    def shut_down(self) -> None:
        """Cancel all, and wait until nothing of them is left on the disk."""
        self._waiting.clear()
        self._look.stop()
        if self.running is not None:
            self.running.stop.ask()
        if self._errand is not None:
            self._errand.wait(_PATIENCE)
            self._errand.forget()
            self._errand = self.running = None

    def _go_on(self) -> None:
        if self.running is None and self._waiting:
            job = self.running = self._waiting.popleft()
            self._errand = Errand(lambda: _run(self._pool, job), self)
            self._errand.done.connect(lambda done: self._end(job, done))
            self._errand.failed.connect(lambda error: self._end(job, error))
            self._look.start()
        self.changed.emit()

    def _end(self, job: ExportJob, outcome: Exported | H5ViewerError) -> None:
        self.running = self._errand = None
        self._look.stop()
        if isinstance(outcome, Exported):
            self.succeeded.emit(job, outcome)
        elif not isinstance(outcome, Stopped):
            self.failed.emit(job, outcome)
        self._go_on()


def _run(pool: Pool, job: ExportJob) -> Exported:
    wanted, told, stop = job.request, job.note, job.stop
    if isinstance(wanted, OnnxExport):
        return export_onnx(pool, wanted, may_replace=job.may_replace, on_progress=told, stop=stop)
    return export(pool, wanted, may_replace=job.may_replace, on_progress=told, stop=stop)
