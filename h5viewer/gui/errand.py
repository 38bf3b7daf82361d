"""Errands: what waits for a disk is done in a thread, and told on the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from h5viewer.errors import H5ViewerError


class _Bell(QObject):
    """Lives on the GUI thread as long as the application; rung from any thread."""

    _rung = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rung.connect(lambda tell: tell(), Qt.ConnectionType.QueuedConnection)

    def ring(self, tell: Callable[[], None]) -> None:
        """Have `tell` called on the GUI thread."""
        self._rung.emit(tell)


_bells: list[_Bell] = []
_under_way: set[Errand] = set()
"""Kept, with all that their work refers to, until their threads have ended: a QObject whose last
reference goes in a thread dies there, in the middle of what the GUI thread does with it."""


def _bell() -> _Bell:
    if not _bells or not shiboken6.isValid(_bells[0]):
        application = QCoreApplication.instance()
        if application is None:
            raise RuntimeError("an Errand needs a running application")
        _bells[:] = [_Bell(application)]
    return _bells[0]


class Errand(QObject):
    """Calls one function in a thread of its own, which ends with the program at the latest.

    Signals:
        done(object): what it returned, or failed(H5ViewerError): what it raised. Neither
            comes after `forget` or after the errand was deleted.
    """

    done = Signal(object)
    failed = Signal(object)

    def __init__(self, work: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_forgotten = False
        self._work: Callable[[], object] | None = work
        self._bell = _bell()
        self._thread = threading.Thread(
            target=self._run, args=(work, self._bell), name="errand", daemon=True
        )
        _under_way.add(self)
        self._thread.start()

    def forget(self) -> None:
        """Tell nothing; what is under way comes to its end unheard."""
        self._is_forgotten = True
        self._leave_parent()

    def wait(self, seconds: float) -> None:
        """Let it come to its end, for so long at most."""
        self._thread.join(seconds)

    def _run(self, work: Callable[[], object], bell: _Bell) -> None:
        outcome: object
        try:
            outcome = work()
        except H5ViewerError as error:
            outcome = error
        if shiboken6.isValid(bell):
            bell.ring(lambda: self._tell(outcome))

    def _tell(self, outcome: Any) -> None:
        self._thread.join()  # it has rung, and has nothing left to do
        self._work = None
        _under_way.discard(self)
        if self._is_forgotten or not shiboken6.isValid(self):
            return
        self._is_forgotten = True
        self._leave_parent()
        (self.failed if isinstance(outcome, H5ViewerError) else self.done).emit(outcome)

    def _leave_parent(self) -> None:
        """From now on it is gone with its last reference.

        Not deleteLater: what listens may be the last to hold the parent, and is let go while
        this is deleted; the parent would then delete its child a second time.
        """
        self.setParent(None)
