"""The panel of the architecture with the graph of one file, in a process of its own.

    python -m tests.benchmarks.graph_probe FILE

One line of JSON: seconds until the graph is painted once all layers are in (the table has
them), the longest stall meanwhile, and what frames cost while it is panned at several scales.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QPointF, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from h5viewer.gui import theme
from h5viewer.gui.architecture.architecture_panel import ArchitecturePanel
from h5viewer.gui.selection import Selection
from h5viewer.gui.settings import Settings
from h5viewer.gui.task import Task
from h5viewer.nodes import Document
from h5viewer.requests import OpenDocument
from h5viewer.workers.pool import Pool

BEAT_MS = 5
PATIENCE = 60.0
FRAMES = 60
SCALES = (0.02, 0.1, 0.3, 0.36, 0.6, 1.0)


def main() -> None:
    """Measure one file."""
    application = QApplication(sys.argv[:1])
    theme.apply("light")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder) / "a.json")
        pool = Pool()
        panel = ArchitecturePanel(pool, settings=settings)
        panel.resize(1200, 800)
        panel.show()
        try:
            print(json.dumps(_measure(application, pool, panel, sys.argv[1])))
        finally:
            panel.clear()
            pool.close()


def _measure(
    application: QApplication, pool: Pool, panel: ArchitecturePanel, file: str
) -> dict[str, float]:
    found: list[Document] = []
    Task(pool, OpenDocument(document=str(Path(file).resolve()))).succeeded.connect(found.append)
    _until(application, lambda: bool(found))
    panel.show_selection(Selection(found[0], found[0].root))
    shown = panel._shown
    assert shown is not None
    _until(application, lambda: shown.is_whole)
    beats: list[float] = []
    beat = QTimer(interval=BEAT_MS)
    beat.timeout.connect(lambda: beats.append(time.monotonic()))
    beat.start()
    _until(application, lambda: len(beats) > 10)
    started = time.monotonic()
    panel._views.turn_to("graph")
    graph = panel._views.graph
    if graph._state is not None and graph._state.folding.folds_repeats:
        graph._fold_repeats(False)  # every layer a box of its own
    _until(application, lambda: not graph._asking.is_waiting)
    graph.view.repaint()
    figures = {"drawn": time.monotonic() - started}
    _until(application, lambda: len(beats) > 0 and beats[-1] > started + figures["drawn"])
    gaps = [after - before for before, after in pairwise(beats)]
    figures["stall"] = max(gaps)
    scene = graph.view.scene
    figures["boxes"] = len(scene.boxes) if scene is not None else 0
    if scene is not None:
        figures["frame_ms"] = max(_frame(graph.view, scale) for scale in SCALES)
        graph.view.fit()
        figures["frame_ms"] = max(figures["frame_ms"], _frame(graph.view, graph.view.scale))
    return figures


def _frame(view: object, scale: float) -> float:
    """Milliseconds a frame while the graph moves past; the middle of all frames."""
    from h5viewer.gui.graph.graph_view import GraphView

    assert isinstance(view, GraphView)
    assert view.scene is not None
    picture = QImage(view.size(), QImage.Format.Format_RGB32)
    middle, height = view.scene.bounds.center(), view.scene.bounds.height()
    costs = []
    for number in range(FRAMES):
        started = time.monotonic()
        view.look_at(QPointF(middle.x(), height * number / FRAMES), scale)
        view.render(picture)
        costs.append(time.monotonic() - started)
    return 1000 * sorted(costs)[len(costs) // 2]


def _until(application: QApplication, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        application.processEvents()
        time.sleep(0.001)


if __name__ == "__main__":
    main()
