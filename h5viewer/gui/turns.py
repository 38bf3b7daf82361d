"""Work in steps, one a turn of the event loop, so that the window answers between them."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Signal

BREATH = 5
"""Milliseconds between two steps. Not 0: that would come before timers that are due."""

_DONE = object()


class Turns(QObject):
    """Goes through the newest steps it was given.

    Signals:
        done: there are no more.
    """

    done = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Iterator[None] = iter(())
        self._breath = QTimer(self, singleShot=True)
        self._breath.timeout.connect(self._step)

    def begin(self, steps: Iterator[None], *, rest: int = BREATH) -> None:
        """Take these in the place of others; `rest`: milliseconds before the first one."""
        self._steps = steps
        self._breath.start(rest)

    def stop(self) -> None:
        """Take no more."""
        self._steps = iter(())
        self._breath.stop()

    def _step(self) -> None:
        """One now, the next in a later turn: what was posted, painting above all, is first."""
        steps = self._steps
        is_done = next(steps, _DONE) is _DONE
        if steps is not self._steps:
            return  # the step itself led elsewhere
        if is_done:
            self.done.emit()
        else:
            self._breath.start(BREATH)
