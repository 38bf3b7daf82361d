"""The runs that are open: found, followed while training goes on, closed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from h5viewer.gui.errand import Errand
from h5viewer.gui.series.finding_runs import (
    FEWEST,
    Found,
    FoundRun,
    find_rest,
    find_runs,
    find_siblings,
)
from h5viewer.gui.series.run_watch import RunWatch
from h5viewer.nodes import Series


class OpenRuns(QObject):
    """Each run once; a run is known by a number, as its name and files may change.

    Signals:
        opened(int): a run is there. chosen_again(int): it was to be opened, and is open.
        folder_opened(str): and this folder leads to it again.
        changed(int): files came, went or changed.
        closed(int)
        left_over(paths: list[str]): what was to be opened and is no run.
        pictures_found(path: str): a folder that was to be opened holds pictures.
        siblings_found(path: str, Series): the run around a file that was opened alone.
    """

    opened = Signal(int)
    chosen_again = Signal(int)
    folder_opened = Signal(str)
    changed = Signal(int)
    closed = Signal(int)
    left_over = Signal(list)
    pictures_found = Signal(str)
    siblings_found = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keys = itertools.count(1)
        self._runs: dict[int, Series] = {}
        self._watch = RunWatch(self)
        self._watch.changed.connect(self._take_changed)
        self._watch.split.connect(self.open_series)

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def keys(self) -> tuple[int, ...]:
        """Of all open runs, in the order in which they were opened."""
        return tuple(self._runs)

    def get(self, key: int) -> Series | None:
        """A run as it is now."""
        return self._runs.get(key)

    def open(self, paths: Sequence[str]) -> None:
        """Open the runs that these folders and files are; tells what is none."""
        errand = Errand(partial(find_runs, tuple(paths)), self)
        errand.done.connect(self._take)

    def open_series(self, series: Series) -> None:
        """Open a run that was found, with what its folder has of it."""
        self._add(FoundRun(series, is_whole=True))

    def look_around(self, path: str) -> None:
        """See whether a file that was opened is one of a run."""
        if not any(_has(series, path) for series in self._runs.values()):
            errand = Errand(partial(find_siblings, path), self)
            errand.done.connect(partial(self._tell_siblings, path))

    def look_again(self, key: int) -> None:
        """Files of a run may be gone."""
        series = self._runs.get(key)
        if series is not None:
            documents = tuple(step.document for step in series.steps)
            errand = Errand(partial(find_rest, documents), self)
            errand.done.connect(partial(self._take_rest, key))

    def close(self, key: int) -> None:
        """Forget a run."""
        if self._runs.pop(key, None) is not None:
            self._watch.forget(key)
            self.closed.emit(key)

    def shut_down(self) -> None:
        """The program ends."""
        self._watch.close()

    def _take(self, found: Found) -> None:
        for run in found.runs:
            self._add(run)
        if found.others:
            self.left_over.emit(list(found.others))
        if found.pictures:
            self.pictures_found.emit(found.pictures)

    def _add(self, run: FoundRun) -> None:
        document = run.series.steps[0].document
        for key, series in self._runs.items():
            if _has(series, document) and len(series.steps) >= len(run.series.steps):
                self.chosen_again.emit(key)
                return
        key = next(self._keys)
        self._runs[key] = run.series
        if run.is_whole:
            self._watch.watch(key, run.series)
        self.opened.emit(key)
        if run.is_whole:
            self.folder_opened.emit(run.series.folder)

    def _take_rest(self, key: int, rest: Series | None) -> None:
        if rest is None:
            self.close(key)
        else:
            self._take_changed(key, rest)

    def _take_changed(self, key: int, series: Series) -> None:
        if key in self._runs:
            self._runs[key] = series
            self.changed.emit(key)

    def _tell_siblings(self, path: str, series: Series | None) -> None:
        if series is not None and len(series.steps) >= FEWEST:
            self.siblings_found.emit(path, series)


def _has(series: Series, path: str) -> bool:
    return any(path in step.files for step in series.steps)
