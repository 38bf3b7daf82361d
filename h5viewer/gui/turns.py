"""Work in steps, one a turn of the event loop, so that the window answers between them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

BREATH = 5
"""Milliseconds between two steps. Not 0: that would come before timers that are due."""

_LATE = 0.01
"""Seconds that a step may be late: then something, mostly painting, took its turn before it."""

_POLISHED_AT_ONCE = 25
"""Widgets that get their style in one turn: all of Predict took the longest of its turns."""

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
        self._breath.timeout.connect(self._come)
        self._due = 0.0
        self._has_stepped_aside = False

    def begin(self, steps: Iterator[None], *, rest: int = BREATH) -> None:
        """Take these in the place of others; `rest`: milliseconds before the first one."""
        self._steps = steps
        self._wait(rest)

    def stop(self) -> None:
        """Take no more."""
        self._steps = iter(())
        self._breath.stop()

    def _wait(self, milliseconds: int) -> None:
        self._due = time.monotonic() + milliseconds / 1000
        self._breath.start(milliseconds)

    def _come(self) -> None:
        """A step, or first all others that are due: together with painting it is too long."""
        is_late = time.monotonic() - self._due > _LATE
        if is_late and not self._has_stepped_aside:
            self._has_stepped_aside = True
            self._wait(1)
        else:
            self._has_stepped_aside = False
            self._step()

    def _step(self) -> None:
        """One now, the next in a later turn: what was posted, painting above all, is first."""
        steps = self._steps
        is_done = next(steps, _DONE) is _DONE
        if steps is not self._steps:
            return  # the step itself led elsewhere
        if is_done:
            self.done.emit()
        else:
            self._wait(BREATH)


def polish(whole: QWidget) -> Iterator[None]:
    """Give all widgets inside their style, a few a turn; else they get it when first shown."""
    for number, part in enumerate(whole.findChildren(QWidget), 1):
        if shiboken6.isValid(part):  # some may have gone in the turns between
            part.ensurePolished()
        if number % _POLISHED_AT_ONCE == 0:
            yield
