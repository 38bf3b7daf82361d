"""The answer to what may be given next, asked for while it is still dragged over the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from h5viewer.gui.errand import Errand
from h5viewer.gui.task import Latest
from h5viewer.nodes import Prediction
from h5viewer.requests import Predict
from h5viewer.workers.pool import Pool

Heir = Callable[[Prediction | None], None]
"""Gets the answer; None: there is none, ask."""


class Expecting(QObject):
    """Nobody hears of an expected answer, or of its failure, who does not claim it.

    Signals:
        busy_changed(bool): what was claimed takes longer than a moment.
    """

    busy_changed = Signal(bool)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading: Errand | None = None
        self._request: Predict | None = None  # what was sent
        self._prediction: Prediction | None = None
        self._heir: Heir | None = None
        self._asking = Latest(pool, self)
        self._asking.busy_changed.connect(self._tell_busy)

    @property
    def is_claimed(self) -> bool:
        """Somebody waits for the answer."""
        return self._heir is not None

    def begin(self, read: Callable[[], Predict]) -> None:
        """Ask what `read` makes, in a thread, of what is expected."""
        self.forget()
        reading = self._reading = Errand(read, self)
        reading.done.connect(self._ask)

    def claim(self, request: Predict, heir: Heir) -> None:
        """Have the answer to this very request, byte for byte: a file may have changed."""
        if request != self._request:
            self.forget()
            heir(None)
        elif self._asking.is_waiting:
            self._heir = heir
            if self._asking.is_busy:
                self.busy_changed.emit(True)
        else:
            prediction = self._prediction
            self.forget()
            heir(prediction)

    def disclaim(self) -> None:
        """Whoever claimed it no longer wants it."""
        if self._heir is not None:
            self.forget()

    def forget(self) -> None:
        """Nothing is expected."""
        if self._reading is not None:
            self._reading.forget()
        self._asking.cancel()
        self._reading = self._request = self._prediction = self._heir = None

    def _ask(self, request: Predict) -> None:
        self._reading, self._request = None, request
        self._asking.ask(request, self._end, on_failure=lambda _: self._end(None))

    def _end(self, prediction: Prediction | None) -> None:
        self._prediction = prediction
        if self._heir is not None:
            heir = self._heir
            self.forget()
            heir(prediction)

    def _tell_busy(self, is_busy: bool) -> None:
        if self._heir is not None:
            self.busy_changed.emit(is_busy)
