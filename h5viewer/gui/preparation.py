"""Makes panels before they are needed, so that the first selection of a kind shows at once."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from h5viewer.gui.panels import PanelKind

_REST = 400
"""Milliseconds between what files show and the other panels: the first file has its turn."""

_BREATH = 5
"""Milliseconds between two steps. Not 0: that would come before timers that are due."""

_SWITCH = 0.0005
"""Seconds a thread may keep the others waiting; Python's 0.005 add up where painting gives way."""


class Preparation(QObject):
    """Imports modules in a thread (pyqtgraph alone takes 0.2 s), then makes one panel.

    Each step of making it has a turn of the event loop, so that the window answers between.
    Until all is made the garbage collector rests: looking through every imported module took
    it up to 40 ms. What is there then is there to stay; it need not look at it ever again.
    """

    _loaded = Signal()

    def __init__(
        self,
        kinds: Sequence[PanelKind],
        steps: Sequence[Callable[[PanelKind], None]],
        parent: QObject | None = None,
    ) -> None:
        """Begin with what files show at once; `steps` are done on the GUI thread."""
        super().__init__(parent)
        self._kinds = sorted(kinds, key=lambda kind: not kind.is_for_files)
        self._steps = steps
        self._is_stopped = False
        self._thread: threading.Thread | None = None
        self._loaded.connect(lambda: QTimer.singleShot(0, self, self._make_one))
        sys.setswitchinterval(_SWITCH)
        gc.disable()
        self._load()

    def stop(self) -> None:
        """Make no more, and wait until no module is half imported."""
        self._is_stopped = True
        self._kinds.clear()
        if self._thread is not None:
            self._thread.join()
        gc.enable()

    def _load(self) -> None:
        if not self._kinds:
            gc.freeze()
            gc.enable()
        else:
            self._thread = threading.Thread(
                target=self._import, args=(self._kinds[0],), name="preparation", daemon=True
            )
            self._thread.start()

    def _import(self, kind: PanelKind) -> None:
        kind.load()
        self._loaded.emit()

    def _make_one(self) -> None:
        if not self._kinds:
            return
        kind = self._kinds.pop(0)
        is_last_for_files = kind.is_for_files and not any(k.is_for_files for k in self._kinds)
        rest = _REST if is_last_for_files else _BREATH
        self._do([partial(step, kind) for step in self._steps], rest)

    def _do(self, steps: list[Callable[[], None]], rest: int) -> None:
        """One step now, the next in a later turn: what was posted, painting above all, is first."""
        if self._is_stopped:
            return
        if steps:
            steps.pop(0)()
            QTimer.singleShot(_BREATH, self, partial(self._do, steps, rest))
        else:
            QTimer.singleShot(rest, self, self._load)
