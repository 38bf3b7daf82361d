"""Notices when an open file is rewritten, replaced or deleted."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

_INTERVAL = 1.5
"""Seconds between two looks; a look costs a few microseconds a file."""


class Look(NamedTuple):
    """What the folder says of a file."""

    inode: int
    size: int
    mtime_ns: int


class FileWatch(QObject):
    """Looks at files from a thread of its own: a dead network share blocks only that.

    Polling, because Qt's watcher loses a file that is replaced, as training scripts do.

    Signals:
        changed(path: str): other bytes stand there now; told once until watched anew.
        vanished(path: str): nothing stands there any more; likewise.
    """

    changed = Signal(str)
    vanished = Signal(str)
    _looked = Signal(str, object)

    def __init__(self, parent: QObject | None = None, *, interval: float = _INTERVAL) -> None:
        super().__init__(parent)
        self._known: dict[str, Look] = {}
        self._paths: tuple[str, ...] = ()  # what the thread reads; replaced, never changed
        self._looked.connect(self._compare)
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(interval,), name="file watch", daemon=True
        )
        self._thread.start()

    def watch(self, path: str, look: Look) -> None:
        """Tell when `path` is no longer the file that was read."""
        self._known[path] = look
        self._paths = tuple(self._known)

    def forget(self, path: str) -> None:
        """Look at it no more."""
        self._known.pop(path, None)
        self._paths = tuple(self._known)

    def close(self) -> None:
        """End the thread; one that waits for a dead share ends with the program."""
        self._stop.set()
        self._thread.join(0.2)

    def _compare(self, path: str, found: Look | None) -> None:
        known = self._known.get(path)
        if known is None or found == known:
            return
        self.forget(path)
        (self.vanished if found is None else self.changed).emit(path)

    def _run(self, interval: float) -> None:
        while not self._stop.wait(interval):
            for path in self._paths:
                try:
                    facts = Path(path).stat()
                except FileNotFoundError:
                    found = None
                except OSError:
                    continue  # a share that is away for a moment
                else:
                    found = Look(facts.st_ino, facts.st_size, facts.st_mtime_ns)
                if self._stop.is_set():
                    return
                self._looked.emit(path, found)
