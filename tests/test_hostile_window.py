"""Hostile files in the real window: it answers, says something, opens nothing else."""

from __future__ import annotations

import json
import random
import runpy
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from mutants import MAKERS, mutate
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from h5viewer.gui.controls.notices import Notice
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.settings import Settings
from h5viewer.gui.task import running_tasks
from h5viewer.nodes import Dataset, Entry, Group
from h5viewer.requests import DescribeNodes, ListChildren
from h5viewer.workers.pool import Pool, ask

FIRST_RESULT = 20_000  # milliseconds until something is shown, on however busy a machine
LONGEST_STALL = 2.0  # seconds: frozen, on however busy a machine; benchmarks hold it to 50 ms
N_MUTANTS = 12
LOOKED_AT = 3  # nodes of each level that are shown in every panel
MOST_NODES = 4  # of one file


class Beat:
    """The longest time the window did not answer, and what it did then; to be entered."""

    def __init__(self, window: MainWindow) -> None:
        self._longest = 0.0
        self._where = ""
        self._last = time.monotonic()
        self._timer = QTimer(window)
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)
        self._is_over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, args=(threading.get_ident(),))

    def __enter__(self) -> Beat:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._watcher.join()

    def _beat(self) -> None:
        now = time.monotonic()
        self._longest = max(self._longest, now - self._last)
        self._last = now

    def _watch(self, window: int) -> None:
        while not self._is_over.wait(0.1):
            if time.monotonic() - self._last > LONGEST_STALL / 2:
                stack = traceback.format_stack(sys._current_frames()[window])
                self._where = "".join(stack[-6:])

    def start_again(self) -> None:
        """Forget what was."""
        self._last = time.monotonic()
        self._longest = 0.0

    def faults(self) -> list[str]:
        """The sentence for a window that was frozen."""
        if self._longest < LONGEST_STALL:
            return []
        return [f"the window stood still for {self._longest:.2f} s, last seen at\n{self._where}"]


@pytest.fixture(scope="session")
def hostile(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the hostile files were made in."""
    script = shared / "hostile" / "make_hostile.py"
    if not script.exists():
        pytest.skip("the hostile set is not there")
    folder = tmp_path_factory.mktemp("hostile")
    subprocess.run([sys.executable, script, folder], check=True, capture_output=True)
    return folder


@pytest.fixture
def window(qtbot: QtBot, pool: Pool, tmp_path: Path) -> Iterator[MainWindow]:
    window = MainWindow(pool, Settings(tmp_path / "settings.json"))
    qtbot.addWidget(window)
    window.resize(1200, 800)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    window.close()


@pytest.mark.timeout(1500)
def test_no_hostile_file_hurts_the_window(
    hostile: Path, shared: Path, window: MainWindow, pool: Pool, qtbot: QtBot
) -> None:
    """Every case: shown or refused in time, looked at in every panel, and the next one opens."""
    manifest = json.loads((hostile / "manifest.json").read_text())
    canary = runpy.run_path(str(shared / "hostile" / "make_hostile.py"))["Canary"]
    canary = canary(manifest["canary"])
    complaints: list[str] = []

    def visit(case: dict[str, Any]) -> list[str]:
        path = hostile / case["file"]
        before = _state(path)
        canary.arm()
        beat.start_again()
        said = _open(window, path, qtbot)
        faults: list[str] = []
        if case["outcome"] == "REFUSE":
            if not said:
                faults.append(f"opened, but {case['expect']}")
        elif said:
            faults.append(f"refused: {said}")
        else:
            faults += _look_at_everything(window, pool, str(path), manifest, qtbot)
        stood_still = beat.faults()
        if _state(path) != before:
            faults.append("the file was changed")
        faults += _strangers(pool)
        faults += canary.tripped()
        window.documents.close(str(path))
        window.notices.clear(str(path))
        complaints.extend(f"{case['id']}: {fault}" for fault in faults)
        return stood_still

    with Beat(window) as beat:
        for case in manifest["cases"]:
            # A busy machine holds the window up as well: a file that does, does so again.
            if visit(case) and (faults := visit(case)):
                complaints += [f"{case['id']}: {fault}" for fault in faults]
    said = _open(window, hostile / "g00_good.h5", qtbot)
    assert not said
    assert complaints == []


def test_names_are_shown_as_they_stand(hostile: Path, window: MainWindow, qtbot: QtBot) -> None:
    """No label of the window takes a name for rich text."""
    assert not _open(window, hostile / "k09_names.h5", qtbot)
    qtbot.waitUntil(lambda: not running_tasks(), timeout=FIRST_RESULT)
    from PySide6.QtCore import Qt

    labels = window.findChildren(QLabel)
    assert labels
    rich = [
        label.text()
        for label in labels
        if label.textFormat() != Qt.TextFormat.PlainText and "<" in label.text()
    ]
    assert rich == []


@pytest.mark.timeout(600)
def test_damaged_files_leave_the_window_alive(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    """Each is shown or refused; its first nodes are looked at; nothing else happens."""
    goods = [make(tmp_path / f"good_{make.__name__}") for make in MAKERS]
    faults: list[str] = []
    for number in range(N_MUTANTS):
        chance = random.Random(f"window/{number}")
        path = tmp_path / f"mutant_{number}.h5"
        path.write_bytes(mutate(chance.choice(goods).read_bytes(), chance))
        if not _open(window, path, qtbot):
            rest(qtbot)
            for row in range(1, min(6, window.sidebar.tree.model().rowCount())):
                window.sidebar.tree.selectRow(row)
                rest(qtbot)
        faults += [f"mutant {number} {fault}" for fault in _betrayals(window, {})]
        window.documents.close(str(path))
        window.notices.clear(str(path))
    assert faults == []
    assert _open(window, goods[0], qtbot) == ""


def _open(window: MainWindow, path: Path, qtbot: QtBot) -> str:
    """Open a file; the sentence of its refusal, or nothing."""
    window.open_files([str(path)])

    def is_there() -> bool:
        return window.documents.get(str(path)) is not None or bool(window.notices.messages)

    qtbot.waitUntil(is_there, timeout=FIRST_RESULT)
    if window.documents.get(str(path)) is not None:
        return ""
    return window.notices.messages[-1]


def _look_at_everything(
    window: MainWindow, pool: Pool, path: str, manifest: dict[str, Any], qtbot: QtBot
) -> list[str]:
    """Show the file and its first nodes in every panel that fits; what must not be seen."""
    rest(qtbot)
    _show_panels(window, qtbot)
    faults = _betrayals(window, manifest)
    for node in _meanwhile(qtbot, lambda: _nodes(pool, path)):
        window.navigation.go(path, node.path)
        rest(qtbot)
        if isinstance(node, Dataset | Entry):
            _show_panels(window, qtbot)
        faults += _betrayals(window, manifest)
    return faults


def _show_panels(window: MainWindow, qtbot: QtBot) -> None:
    for number in range(4):
        window.panels.show_panel_at(number)
        rest(qtbot)
    window.panels.show_panel_at(0)


def rest(qtbot: QtBot, patience: int = 30_000) -> None:
    """Wait until nothing is under way; cancel what takes longer than a user would wait."""
    qtbot.wait(5)
    until = time.monotonic() + patience / 1000
    while running_tasks():
        if time.monotonic() > until:
            for task in running_tasks():
                task.cancel()
        qtbot.wait(5)


def _meanwhile(qtbot: QtBot, ask_for: Callable[[], list[Any]]) -> list[Any]:
    """What a worker says, while the window goes on: waiting is not its standing still."""
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(ask_for)
        while not answer.done():
            qtbot.wait(5)
        return answer.result()


def _nodes(pool: Pool, path: str) -> list[Any]:
    found: list[Any] = []
    waiting: list[tuple[bytes, ...]] = [()]
    while waiting and len(found) < MOST_NODES:
        parent = waiting.pop(0)
        names = _parts(pool, ListChildren(document=path, node=parent), "names")[:LOOKED_AT]
        paths = tuple((*parent, name) for name in names)
        nodes = _parts(pool, DescribeNodes(document=path, nodes=paths), "nodes")
        found += nodes
        waiting += [node.path for node in nodes if isinstance(node, Group) and not node.same_as]
    return found


def _parts(pool: Pool, request: Any, field: str) -> list[Any]:
    parts: list[Any] = []
    ask(pool, request, on_part=lambda part: parts.extend(getattr(part, field)))
    return parts


def _state(path: Path) -> tuple[Any, ...]:
    facts = path.stat()
    return facts.st_size, facts.st_mtime_ns, sorted(each.name for each in path.parent.iterdir())


def _strangers(pool: Pool) -> list[str]:
    """Processes and connections that are not the workers'."""
    mine = {info.pid for info in pool.workers}
    me = psutil.Process()
    others = [
        f"another process: {' '.join(child.cmdline()[:3])}"
        for child in me.children(recursive=True)
        if child.pid not in mine
        and child.status() != psutil.STATUS_ZOMBIE
        and "h5viewer.workers" not in " ".join(child.cmdline())
    ]
    return others + [f"a connection: {each}" for each in me.net_connections("inet")]


def _betrayals(window: MainWindow, manifest: dict[str, Any]) -> list[str]:
    """Secrets of the canary files, or a fault of ours, in any text of the window."""
    texts = [label.text() for label in window.findChildren(QLabel)]
    texts += [notice.message for notice in window.findChildren(Notice)]
    unwanted = (manifest.get("secret_text", "Traceback"), "Traceback", "error in h5viewer")
    return [f"shows {text!r}" for text in texts if any(word in text for word in unwanted)]
