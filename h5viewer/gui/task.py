"""Task: the window's only door to long work, and Latest, a door that only the newest passes.

The pool speaks from a thread of its own. What it says is put into one mailbox that lives
on the GUI thread; no thread but that one ever touches a Task, so a Task may be deleted
while its worker still talks.
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.nodes import Part, Result
from h5viewer.requests import Progress, Request
from h5viewer.workers.pool import Pool

PLACEHOLDER_MS = 100
"""Waiting shorter than this is not shown."""

DELIVERY_SECONDS = 0.008
"""Longest time spent on letters before the event loop has its turn again."""


class _Mailbox(QObject):
    """Letters from pool threads, opened on the GUI thread in the order they came."""

    _rung = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.tasks: dict[int, Task] = {}
        self._letters: deque[tuple[int, str, Any]] = deque()
        self._is_rung = False
        self._rung.connect(self._open, Qt.ConnectionType.QueuedConnection)

    def post(self, key: int, kind: str, content: object) -> None:
        """Take a letter, in any thread."""
        self._letters.append((key, kind, content))  # first the letter, then the look at the bell
        self._ring()

    def _ring(self) -> None:
        if not self._is_rung and shiboken6.isValid(self):
            self._is_rung = True
            self._rung.emit()

    def _open(self) -> None:
        self._is_rung = False  # first the bell, then the look into the box
        until = time.monotonic() + DELIVERY_SECONDS
        while self._letters:
            key, kind, content = self._letters.popleft()
            if self._letters:
                self._ring()  # the slots may run an event loop of their own, a dialog
            task = self.tasks.pop(key, None) if kind == "ended" else self.tasks.get(key)
            if task is not None and shiboken6.isValid(task):
                task._hear(kind, content)
            if time.monotonic() > until:
                return


_mailboxes: list[_Mailbox] = []


def _mailbox() -> _Mailbox:
    """The mailbox of the running application."""
    if not _mailboxes or not shiboken6.isValid(_mailboxes[0]):
        application = QCoreApplication.instance()
        if application is None:
            raise RuntimeError("a Task needs a running application")
        _mailboxes[:] = [_Mailbox(application)]
    return _mailboxes[0]


def running_tasks() -> list[Task]:
    """Tasks that have not ended, for tests."""
    return list(_mailboxes[0].tasks.values()) if _mailboxes else []


class _Sender:
    """The pool's listener: writes letters."""

    def __init__(self, mailbox: _Mailbox, key: int) -> None:
        self._mailbox = mailbox
        self._key = key

    def progressed(self, progress: Progress) -> None:
        self._mailbox.post(self._key, "progressed", progress)

    def delivered(self, part: Part) -> None:
        self._mailbox.post(self._key, "delivered", part)

    def ended(self, outcome: Result | H5ViewerError | None) -> None:
        self._mailbox.post(self._key, "ended", outcome)


class Task(QObject):
    """One request, sent at once; its signals come on the GUI thread, none before it returns.

    Signals:
        progressed(Progress), part_arrived(Part): on the way.
        succeeded(Result) or failed(H5ViewerError) or cancelled(): one of them, once.
        ended(): always, after everything else.

    It lives until it has ended, referred to or not, and is then deleted.
    Deleting it, alone or with its parent, cancels it.
    """

    progressed = Signal(object)
    part_arrived = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    ended = Signal()

    _keys = itertools.count()

    def __init__(self, pool: Pool, request: Request, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.request = request
        self._is_cancelled = False
        key = next(self._keys)
        mailbox = _mailbox()
        mailbox.tasks[key] = self
        self._job = job = pool.submit(request, _Sender(mailbox, key))
        self.destroyed.connect(lambda *_: job.cancel())

    def cancel(self) -> None:
        """Stop at the next yield; nothing but cancelled() and ended() comes from now on."""
        self._is_cancelled = True
        self._job.cancel()

    def _hear(self, kind: str, content: Any) -> None:
        if kind == "ended":
            self._end(content)
        elif not self._is_cancelled:
            (self.progressed if kind == "progressed" else self.part_arrived).emit(content)

    def _end(self, outcome: Result | H5ViewerError | None) -> None:
        if self._is_cancelled or outcome is None:
            self.cancelled.emit()
        elif isinstance(outcome, H5ViewerError):
            self.failed.emit(outcome)
        else:
            self.succeeded.emit(outcome)
        if shiboken6.isValid(self):  # a slot may have deleted it
            self.ended.emit()
        if shiboken6.isValid(self):
            self.setParent(None)
            # Slots that know their task would keep it and its answer for ever: the cycle goes
            # through Qt, where Python's collector does not look.
            self.deleteLater()


class Latest(QObject):
    """A place where only the newest request counts: a panel shows one thing at a time.

    Signals:
        busy_changed(bool): True once a request has waited 100 ms, False when it is over.
    """

    busy_changed = Signal(bool)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._task: Task | None = None
        self._is_busy = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PLACEHOLDER_MS)
        self._patience.timeout.connect(lambda: self._set_busy(True))

    @property
    def is_waiting(self) -> bool:
        """True while a request is under way."""
        return self._task is not None

    @property
    def is_busy(self) -> bool:
        """True once a request has waited 100 ms."""
        return self._is_busy

    def ask(
        self,
        request: Request,
        on_success: Callable[[Any], None],
        on_part: Callable[[Any], None] | None = None,
        on_failure: Callable[[H5ViewerError], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """Abandon the older request and send this one; only its callbacks are called."""
        self._abandon()
        task = self._task = Task(self._pool, request, self)
        if not self._is_busy:
            self._patience.start()

        def finish(callback: Callable[[Any], None] | None) -> Callable[[Any], None]:
            def finish_with(outcome: object) -> None:
                if task is self._task:
                    self._rest()
                    if callback is not None:
                        callback(outcome)

            return finish_with

        task.succeeded.connect(finish(on_success))
        task.failed.connect(finish(on_failure))
        task.cancelled.connect(lambda: finish(None)(None))  # by the pool: it was closed
        if on_part is not None:
            task.part_arrived.connect(on_part)
        if on_progress is not None:
            task.progressed.connect(on_progress)

    def cancel(self) -> None:
        """Abandon the request under way, if any; none of its callbacks is called any more."""
        self._abandon()
        self._rest()

    def _abandon(self) -> None:
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()  # from now on it says nothing but that it is cancelled

    def _rest(self) -> None:
        self._task = None
        self._patience.stop()
        self._set_busy(False)

    def _set_busy(self, is_busy: bool) -> None:
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            self.busy_changed.emit(is_busy)
