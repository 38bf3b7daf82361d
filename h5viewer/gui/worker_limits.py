"""What the user's settings say about worker processes."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer

from h5viewer.gui.settings import Settings
from h5viewer.nodes import Document
from h5viewer.workers.limits import NETWORK_LIMITS, Limits
from h5viewer.workers.pool import Kind, Pool

IDLE_MS = 5000
"""How long nothing may have been asked before a predictor is started ahead."""

_NETWORKS = ("keras-h5", "keras-archive")


def set_limits(pool: Pool, settings: Settings) -> None:
    """For workers that open a file from now on."""
    pool.limits = Limits(memory=settings.memory_limit)
    pool.network_limits = replace(NETWORK_LIMITS, memory=settings.network_memory)


class StartAhead(QObject):
    """Starts what predicts before it is wanted, when the user chose so and nothing is asked."""

    def __init__(self, pool: Pool, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._settings = settings
        self._timer = QTimer(self, singleShot=True, interval=IDLE_MS)
        self._timer.timeout.connect(self._start)

    def note_opened(self, document: Document) -> None:
        """A file was opened; only one with a network makes it worth half a gigabyte."""
        if document.format in _NETWORKS:
            self._timer.start()

    def _start(self) -> None:
        if not self._settings.starts_network_ahead:
            return
        workers = self._pool.workers
        if any(worker.n_requests for worker in workers):
            self._timer.start()
        elif not any(worker.kind is Kind.NETWORK for worker in workers):
            self._pool.warm_network()
