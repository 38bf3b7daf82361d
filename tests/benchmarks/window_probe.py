"""The real window in a process of its own, timed from the inside; prints one line of JSON.

    python -m tests.benchmarks.window_probe STARTED FILE [--expand PATH --rows N] [--select PATH]
        [--export]

STARTED is the caller's `time.monotonic()` just before it started this process. A timer
beats every 5 ms from the first paint on; the longest gap between two beats is the longest
stall of the window. A click comes a while after the file is there: a person has to see
where. Without a file it is the floor: an empty PySide6 window with a pyqtgraph widget.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

BEAT_MS = 5
LOOK = 3.0  # seconds until the first click, and of watching what goes on by itself
_GLANCE = 0.7  # seconds at each panel
PATIENCE = 60.0  # seconds for one step

Step = tuple[str, Callable[[], None], Callable[[], bool]]
"""Name, what to do, when it is there."""


def main() -> None:
    """Measure the floor, or one file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("started", type=float)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--expand", default="")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--select", default="")
    parser.add_argument("--export", action="store_true", help="without optimizer state, beside it")
    chosen = parser.parse_args()
    figures = _window(chosen) if chosen.file else _empty_window(chosen.started)
    print(json.dumps(figures))


def _empty_window(started: float) -> dict[str, float]:
    import pyqtgraph
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication, QMainWindow

    application = QApplication(sys.argv[:1])
    window = QMainWindow()
    window.setCentralWidget(pyqtgraph.PlotWidget())
    window.resize(1280, 800)
    window.show()
    figures: dict[str, float] = {}

    def end() -> None:
        figures["visible"] = time.monotonic() - started
        figures["window_mib"] = _peak_mib()
        application.quit()

    QTimer.singleShot(0, end)
    application.exec()
    return figures


def _window(chosen: argparse.Namespace) -> dict[str, float]:
    # As h5viewer.__main__ does: the first worker starts before Qt is imported.
    from h5viewer.workers.pool import Pool

    pool = Pool()
    pool.warm()
    import tempfile

    from PySide6.QtWidgets import QApplication

    with tempfile.TemporaryDirectory() as folder:
        from h5viewer.gui import theme
        from h5viewer.gui.main_window import MainWindow
        from h5viewer.gui.settings import Settings

        gc.disable()  # as `app.run` does
        application = QApplication(sys.argv[:1])
        theme.apply("light")
        window = MainWindow(pool, Settings(Path(folder) / "settings.json"))
        window.resize(1280, 800)
        window.show()
        probe = Probe(application, window, pool, chosen.started)
        window.open_files([chosen.file])
        probe.follow(iter(_steps(window, chosen)))
        application.exec()
        window.close()
        pool.close()
    if probe.failure:
        sys.exit(probe.failure)
    return probe.figures


def _steps(window: Any, chosen: argparse.Namespace) -> Iterator[Step]:
    """What is done one after the other, and when each is there."""
    yield "visible", lambda: None, lambda: _is_open(window)
    click_at = time.monotonic() + LOOK
    yield "seen", lambda: None, lambda: time.monotonic() > click_at
    from h5viewer.names import parse_path

    document = window.navigation.here.document
    model = window.sidebar.tree.model()
    if chosen.expand:
        index = model.find(document, parse_path(chosen.expand))
        before = model.rowCount()
        yield "first_rows", lambda: model.unfold(index), lambda: model.rowCount() > before + 20
        yield "all_rows", lambda: None, lambda: model.rowCount() >= before + chosen.rows
    if chosen.export:
        yield from _export(window)
    if chosen.select:
        path = parse_path(chosen.select)
        yield (
            "first_picture",
            lambda: window.navigation.go(document, path),
            lambda: (pane := _picture(window)) is not None and pane.heat_map.overview is not None,
        )
        yield "sharp_picture", lambda: None, lambda: _picture(window).is_sharp


def _export(window: Any) -> Iterator[Step]:
    """The dialog, the export, and looking at layers and weights while it runs."""
    from PySide6.QtWidgets import QDialogButtonBox, QPushButton

    from h5viewer.gui.export.export_dialog import ExportDialog

    def button() -> Any:
        dialog = window.findChild(ExportDialog)
        buttons = dialog.findChild(QDialogButtonBox).findChildren(QPushButton) if dialog else []
        return next((each for each in buttons if each.text() in ("Export", "Replace")), None)

    jobs, panels = window.exporter.jobs, window.panels
    done: list[object] = []
    jobs.succeeded.connect(lambda _, exported: done.append(exported))
    yield "planned", window.actions_["export"].trigger, lambda: button() and button().isEnabled()
    yield "begun", lambda: button().click(), lambda: jobs.running is not None
    for title in ("Details", "Weights", "Architecture"):
        until = time.monotonic() + _GLANCE
        yield title, partial(panels.show_panel, title), partial(_is_past, until)
    yield "exported", lambda: None, lambda: bool(done)


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment


def _is_open(window: Any) -> bool:
    """The tree shows the file's top level, and its layers are listed if it has any."""
    here = window.navigation.here
    if here is None or window.sidebar.tree.model().rowCount() < 2:
        return False
    if not window.documents.get(here.document).has_architecture:
        return True
    table = _part(window, "h5viewer.gui.architecture.layer_table", "LayerTable")
    return table is not None and table.layers is not None and table.layers.rowCount() > 0


def _picture(window: Any) -> Any:
    return _part(window, "h5viewer.gui.array.picture_pane", "PicturePane")


def _part(window: Any, module: str, name: str) -> Any:
    """A widget of the window, None while nobody needed it."""
    loaded = sys.modules.get(module)  # importing it here would spoil the figures
    if loaded is None:
        return None
    kind = getattr(loaded, name)  # and nothing derived from it: other panels have such
    return next((part for part in window.findChildren(kind) if type(part) is kind), None)


class Probe:
    """Beats, follows the steps, and remembers the longest gap of each."""

    def __init__(self, application: Any, window: Any, pool: Any, started: float) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.figures: dict[str, float] = {"stall_ms": 0.0, "worker_mib": 0.0}
        self.failure = ""
        self._application = application
        self._window = window
        self._pool = pool
        self._began = started
        self._last: float | None = None  # the first beat comes after the first paint
        self._steps: Iterator[Step] = iter(())
        self._step: Step | None = None
        self._timer = QTimer(window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def follow(self, steps: Iterator[Step]) -> None:
        """Begin; the first step counts from the start of the process."""
        self._steps = steps
        self._step = next(steps)
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        now = time.monotonic()
        gap = 0.0 if self._last is None else (now - self._last) * 1000
        self.figures["stall_ms"] = max(self.figures["stall_ms"], gap)
        assert self._step is not None
        name, _, look = self._step
        is_there = look()
        self._last = time.monotonic()  # looking through all widgets is not the window's work
        if is_there:
            self.figures[name] = now - self._began
            self._next(now)
        elif now - self._began > PATIENCE:
            self.failure = f"{name}: not there after {PATIENCE:.0f} s"
            self._end()

    def _next(self, now: float) -> None:
        self._step = next(self._steps, None)
        if self._step is None:
            self._end()
        elif self._step[0] not in ("all_rows", "sharp_picture"):
            self._began = now  # a click; what follows it counts from it
        if self._step is not None:
            self._step[1]()

    def _end(self) -> None:
        import psutil

        self._timer.stop()
        self.figures["window_mib"] = _peak_mib()
        for info in self._pool.workers:
            if info.pid and psutil.pid_exists(info.pid):
                self.figures["worker_mib"] = max(self.figures["worker_mib"], _peak_mib(info.pid))
        self._application.quit()


def _peak_mib(pid: int | str = "self") -> float:
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return float("nan")


if __name__ == "__main__":
    main()
