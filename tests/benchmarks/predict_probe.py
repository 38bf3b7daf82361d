"""Pictures dropped on the real window, timed from the inside; prints one line of JSON.

    python -m tests.benchmarks.predict_probe NETWORK PICTURE

An answer is there when it has been painted. Pictures after the first are dragged over the window
for as long as between two of them, then dropped; as many again are given without a drag, as by
*Choose*. A timer beats every 5 ms; the longest gap between two beats is the longest stall of the
window. It rests while the answers after the first are timed, for the network has but the
processors that the window leaves it; a few more follow.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil
from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from h5viewer.gui import theme
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.predict.predict_panel import PredictPanel
from h5viewer.gui.settings import Settings
from h5viewer.nodes import Prediction
from h5viewer.workers.pool import Kind, Pool
from tests.benchmarks.predict import PAUSE

BEAT_MS = 5
LOOK = 3.0  # seconds: the user sees the file before they drop something
N_DROPS = 15  # that are timed
N_WATCHED = 5  # with the timer that beats
PATIENCE = 120.0


class Beats:
    """Longest gap of the event loop."""

    def __init__(self, window: MainWindow) -> None:
        self.longest = 0.0
        self._timer = QTimer(window, interval=BEAT_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self.go_on()

    def go_on(self) -> None:
        """Look from now on."""
        self._last = time.monotonic()
        self._timer.start()

    def rest(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _beat(self) -> None:
        now = time.monotonic()
        self.longest = max(self.longest, now - self._last)
        self._last = now


def main() -> None:
    """Drop the picture once, and again and again."""
    pool = Pool()
    pool.warm()
    gc.disable()  # as `app.run` does
    application = QApplication(sys.argv[:1])  # noqa: F841 - lives as long as this
    theme.apply("light")
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder) / "a.json")
        window = MainWindow(pool, settings)
        window.resize(1280, 800)
        window.show()
        try:
            print(json.dumps(_measure(window, pool)))
        finally:
            window.close()
            pool.close()


def _measure(window: MainWindow, pool: Pool) -> dict[str, float]:
    document, picture = (str(Path(path).resolve()) for path in sys.argv[1:3])
    window.open_files([document])
    _until(lambda: window.navigation.here is not None)
    _wait(LOOK)
    beats = Beats(window)
    first = _first_drop(window, picture)
    first_cpu = _cpu(_worker(pool))
    panel = window.findChildren(PredictPanel)[0]
    painted: list[float] = []
    alone: list[float] = []
    loop = QEventLoop()

    def note() -> None:
        painted.append(time.monotonic())
        loop.quit()

    def take(_question: object, _feeds: object, prediction: Prediction) -> None:
        alone.append(prediction.seconds)
        QTimer.singleShot(0, note)

    panel._answering.answered.connect(take)
    QTimer.singleShot(int(1000 * PATIENCE), loop.quit)
    seconds = []
    used = 0.0
    processes = (psutil.Process(), _worker(pool))
    beats.rest()
    for number in range(2 * N_DROPS + N_WATCHED):
        if number == 2 * N_DROPS:
            beats.go_on()
        is_dragged = not N_DROPS <= number < 2 * N_DROPS
        used -= sum(map(_cpu, processes))
        if is_dragged:
            _drag_over(window, picture)
        _wait(PAUSE)
        given = time.monotonic()
        if is_dragged:
            _let_go(window, picture)
        else:
            panel.take_pictures([picture])
        loop.exec()
        seconds.append(painted[number] - given)
        used += sum(map(_cpu, processes))
    return {
        "first": first,
        "first_cpu": first_cpu,
        "next": median(seconds[:N_DROPS]),
        "chosen": median(seconds[N_DROPS : 2 * N_DROPS]),
        "next_cpu": used / len(seconds),
        "alone": median(alone[:N_DROPS]),
        "stall_ms": 1000 * beats.longest,
        "worker_mib": _worker(pool).memory_info().rss / 2**20,
    }


def _first_drop(window: MainWindow, picture: str) -> float:
    dropped = time.monotonic()
    window.drops.take([picture])

    def is_answered() -> bool:
        return any(
            panel._session is not None and panel._session.prediction is not None
            for panel in window.findChildren(PredictPanel)
        )

    _until(is_answered)
    return time.monotonic() - dropped


def _drag_over(window: MainWindow, picture: str) -> None:
    held = _held(picture)  # events refer to what they carry
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(9, 9), *held))


def _let_go(window: MainWindow, picture: str) -> None:
    held = _held(picture)
    QApplication.sendEvent(window, QDropEvent(QPointF(9, 9), *held))


def _held(
    picture: str,
) -> tuple[Qt.DropAction, QMimeData, Qt.MouseButton, Qt.KeyboardModifier]:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(picture)])
    none = Qt.KeyboardModifier.NoModifier
    return Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, none


def _until(condition: Callable[[], bool]) -> None:
    """Let the window work; looking at the condition is to cost nothing beside it."""
    until = time.monotonic() + PATIENCE
    loop = QEventLoop()
    timer = QTimer(loop, interval=BEAT_MS)
    timer.timeout.connect(lambda: (condition() or time.monotonic() > until) and loop.quit())
    timer.start()
    loop.exec()
    timer.stop()  # the loop lives on: what is called refers to it
    if time.monotonic() > until:
        raise TimeoutError("it did not come to this")


def _wait(seconds: float) -> None:
    until = time.monotonic() + seconds
    _until(lambda: time.monotonic() > until)


def _worker(pool: Pool) -> psutil.Process:
    (info,) = (info for info in pool.workers if info.kind is Kind.NETWORK)
    return psutil.Process(info.pid)


def _cpu(process: psutil.Process) -> float:
    """Seconds of the processor."""
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
