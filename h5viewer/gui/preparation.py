"""Makes panels before they are needed, so that the first selection of a kind shows at once."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from h5viewer.gui.panels import PanelKind
from h5viewer.gui.turns import BREATH, Turns

_REST = 400
"""Milliseconds after a panel that files show: the first file has its turn."""

_BETWEEN_COLLECTIONS = 100
"""Milliseconds in which little comes together: of a second's objects it would take 50."""

_SWITCH = 0.0005
"""Seconds a thread may keep the others waiting; Python's 0.005 add up where painting gives way."""


class Preparation(QObject):
    """Imports modules in a thread (pyqtgraph alone takes 0.2 s), then makes one panel.

    Each step of making it has a turn of the event loop, so that the window answers between.
    Rare panels are made in the same way when they are first shown: start and memory are not
    theirs. Garbage is collected afterwards (`app.run` says why not before): what is there then
    is there to stay, and looking through every imported module took up to 40 ms.

    Signals:
        made(kind: PanelKind): this panel is ready to be shown.
    """

    made = Signal(object)
    _loaded = Signal()
    _all_loaded = Signal()

    def __init__(
        self,
        kinds: Sequence[PanelKind],
        make: Callable[[PanelKind], Iterator[None]],
        parent: QObject | None = None,
    ) -> None:
        """Begin with what files show; `make` does a step of its work on the GUI thread a turn."""
        super().__init__(parent)
        self._all = tuple(kinds)
        ahead = [kind for kind in kinds if not kind.is_rare]
        self._kinds = sorted(ahead, key=lambda kind: not kind.is_for_files)
        self._make = make
        self._making: PanelKind | None = None
        self._thread: threading.Thread | None = None
        self._is_stopped = False
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._load)
        self._turns = Turns(self)
        self._turns.done.connect(self._tell_made)
        self._loaded.connect(self._begin)
        self._collecting = QTimer(self, interval=_BETWEEN_COLLECTIONS)
        self._collecting.timeout.connect(_collect)
        self._all_loaded.connect(self._begin_collecting)
        sys.setswitchinterval(_SWITCH)
        self._load()

    def hurry(self, kind: PanelKind) -> None:
        """Make this one next: it is waited for."""
        if kind is self._making:
            return
        if kind in self._kinds:
            self._kinds.remove(kind)
        self._kinds.insert(0, kind)
        if self._pause.isActive():
            self._pause.start(0)
        elif self._making is None:  # all that is made ahead is there
            self._load()

    def stop(self) -> None:
        """Make no more, and wait until no module is half imported."""
        self._is_stopped = True
        self._pause.stop()
        self._turns.stop()
        if self._thread is not None:
            self._thread.join()
        self._collecting.stop()

    def _load(self) -> None:
        work: Callable[[], None] = self._finish
        if self._kinds:
            self._making = self._kinds.pop(0)
            work = partial(self._import, self._making)
        self._thread = threading.Thread(target=work, name="preparation", daemon=True)
        self._thread.start()

    def _import(self, kind: PanelKind) -> None:
        kind.load()
        self._loaded.emit()

    def _finish(self) -> None:
        for kind in self._all:
            kind.load_later()
        gc.freeze()
        self._all_loaded.emit()

    def _begin_collecting(self) -> None:
        if not self._is_stopped:
            self._collecting.start()

    def _begin(self) -> None:
        """Its module is there."""
        if self._making is not None and not self._is_stopped:
            self._turns.begin(self._make(self._making))

    def _tell_made(self) -> None:
        kind = self._making
        if kind is not None:
            self._making = None
            self._pause.start(_REST if kind.is_for_files else BREATH)
            self.made.emit(kind)


def _collect() -> None:
    """What Python would have collected meanwhile: much or little by its own rule.

    pyqtgraph's collector for this looks through everything again and again, 30 ms for 100,000
    layers; Python only when a quarter more is there.
    """
    gc.enable()
    _first: set[None] = set()  # a new container has it look
    gc.disable()
