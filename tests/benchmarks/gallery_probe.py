"""The gallery of one file's first data set, in a process of its own.

    python -m tests.benchmarks.gallery_probe FILE

One line of JSON: seconds until pictures are in sight, the longest stalls while somebody scrolls,
drags the scroll bar, jumps, chooses a class; and how much of what passed was there in time.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from h5viewer.gui import theme
from h5viewer.gui.gallery.gallery_view import GalleryView
from h5viewer.gui.gallery.pictures_panel import PicturesPanel
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Task
from h5viewer.nodes import Document, PictureSets
from h5viewer.requests import FindPictureSets, OpenDocument, Request
from h5viewer.workers.pool import Pool

BEAT_MS = 5
PATIENCE = 60.0
SECONDS = 3.0  # of each way of moving
_WHEEL = 60  # pixels every 16 ms: four turns of the wheel a second
_LOOK = 0.05  # seconds at each place that is jumped to


def main() -> None:
    """Measure one file."""
    application = QApplication(sys.argv[:1])
    theme.apply("light")
    pool = Pool()
    panel = PicturesPanel(pool)
    for _ in panel.prepare():
        pass
    panel.resize(1100, 800)
    panel.show()
    try:
        print(json.dumps(Probe(application, pool, panel, sys.argv[1]).measure()))
    finally:
        panel.clear()
        pool.close()


class Probe:
    """Moves about in the gallery, and beats."""

    def __init__(
        self, application: QApplication, pool: Pool, panel: PicturesPanel, file: str
    ) -> None:
        self._application = application
        self._pool = pool
        self._panel = panel
        self._file = str(Path(file).resolve())
        (self._view,) = panel.findChildren(GalleryView)
        self._grid = self._view.grid
        self._bar = self._grid.verticalScrollBar()
        self._beats: list[float] = []
        self._beat = QTimer(interval=BEAT_MS)
        self._beat.timeout.connect(lambda: self._beats.append(time.monotonic()))

    def measure(self) -> dict[str, float]:
        """All of it."""
        document: Document = self._ask(OpenDocument(document=self._file))
        found: PictureSets = self._ask(FindPictureSets(document=self._file))
        selection = Selection(document, document.root, pictures=found.sets)
        self._until(lambda: self._pool.workers[0].n_requests == 0)
        self._beat.start()
        started = time.monotonic()
        self._panel.show_selection(selection)
        self._until(lambda: self._filled() > 0)
        figures = {"first": time.monotonic() - started}
        self._until(lambda: self._filled() == 1)
        figures["all"] = time.monotonic() - started
        self._until(lambda: self._view.knows_classes)
        figures["opening_ms"] = self._stall()
        figures["pictures"] = self._grid.count
        figures |= self._move("scrolling", self._scroll, pause=0.016)
        figures |= self._move("dragging", self._drag, pause=0.008)
        self._until(lambda: self._filled() == 1)
        random.seed(1)
        figures |= self._move("jumping", self._jump, pause=_LOOK)
        started = time.monotonic()
        self._view.show_class(1)
        self._until(lambda: self._filled() == 1)
        figures["class"] = time.monotonic() - started
        figures["class_ms"] = self._stall()
        return figures

    def _move(self, name: str, step: Callable[[float], None], pause: float) -> dict[str, float]:
        """Stall and share of pictures in sight that were there."""
        self._stall()
        shares = []
        started = time.monotonic()
        while (share := (time.monotonic() - started) / SECONDS) < 1:
            step(share)
            self._run(pause)
            shares.append(self._filled())
        return {f"{name}_ms": self._stall(), f"{name}_filled": sum(shares) / len(shares)}

    def _scroll(self, _: float) -> None:
        self._bar.setValue(self._bar.value() + _WHEEL)

    def _drag(self, share: float) -> None:
        self._bar.setValue(round(share * self._bar.maximum()))

    def _jump(self, _: float) -> None:
        self._bar.setValue(random.randint(0, self._bar.maximum()))

    def _filled(self) -> float:
        positions = self._grid.visible_positions()
        there = sum(self._view.thumbnail(at) is not None for at in positions)
        return there / len(positions) if positions else 0.0

    def _stall(self) -> float:
        """Milliseconds of the longest gap since it was asked last."""
        self._run(0.05)
        gaps = [after - before for before, after in pairwise(self._beats)]
        self._beats = self._beats[-1:]
        return 1000 * max(gaps, default=0.0)

    def _ask(self, request: Request) -> Any:
        found: list[object] = []
        Task(self._pool, request).succeeded.connect(found.append)
        self._until(lambda: bool(found))
        return found[0]

    def _run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._application.processEvents()
            time.sleep(0.001)

    def _until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError
            self._application.processEvents()
            time.sleep(0.001)


if __name__ == "__main__":
    main()
