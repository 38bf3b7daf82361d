"""Follows runs while training goes on: looks at their folders from a thread."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal

from h5viewer.nodes import Series

INTERVAL = 1.5
"""Seconds between two looks; listing a folder of 1,000 files takes 5 ms."""


class RunWatch(QObject):
    """A dead network share blocks only its thread.

    Signals:
        changed(key: int, Series): the run is another now.
        split(Series): some of its files are a run of their own, as training began again.
    """

    changed = Signal(int, object)
    split = Signal(object)
    _looked = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: dict[int, Series] = {}
        self._folders: tuple[str, ...] = ()  # what the thread reads; replaced, never changed
        self._looked.connect(self._compare)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None  # none before there is a run

    def watch(self, key: int, series: Series) -> None:
        """Tell when it changes."""
        self._known[key] = series
        self._note_folders()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="run watch", daemon=True)
            self._thread.start()

    def forget(self, key: int) -> None:
        """Look at it no more."""
        self._known.pop(key, None)
        self._note_folders()

    def close(self) -> None:
        """End the thread; one that waits for a dead share ends with the program."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(0.2)

    def _note_folders(self) -> None:
        self._folders = tuple({series.folder for series in self._known.values()})

    def _compare(self, folder: str, found: tuple[Series, ...]) -> None:
        for key, known in list(self._known.items()):
            if known.folder != folder:
                continue
            same = _same_run(known, found)
            if same is not None and same != known:
                self._known[key] = same
                self.changed.emit(key, same)
                documents = {step.document for step in known.steps}
                for run in found:
                    if run != same and any(step.document in documents for step in run.steps):
                        self.split.emit(run)

    def _run(self) -> None:
        from h5viewer.series import Following  # only this thread needs it

        followed: dict[str, Following] = {}
        while not self._stop.wait(INTERVAL):
            wanted = self._folders
            followed = {each: followed.get(each) or Following(each) for each in wanted}
            for folder, following in followed.items():
                found = following.look()
                if self._stop.is_set():
                    return
                self._looked.emit(folder, found)


def _same_run(known: Series, found: tuple[Series, ...]) -> Series | None:
    """The one with the most files in common; a name may change, and old files go."""
    documents = {step.document for step in known.steps}
    shared = [(sum(step.document in documents for step in run.steps), run) for run in found]
    best = max(shared, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] else None
