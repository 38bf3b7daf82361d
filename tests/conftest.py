"""What every test gets: an off-screen window system, real workers, the corpus, no leftovers."""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
from hypothesis import settings
from pytestqt.qtbot import QtBot

# Before Qt is imported; a display that is set on purpose is used.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Tests read and write none of the user's settings, recent files or sockets.
_HOME = tempfile.TemporaryDirectory(prefix="h5viewer-tests-")
for _name in ("CONFIG", "CACHE", "DATA", "STATE"):
    os.environ[f"XDG_{_name}_HOME"] = _HOME.name
# A worker that starts inherits, for a moment, a file that a test writes, and its lock with it.
os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"

from small_files import (  # noqa: E402
    make_datasets,
    make_keras_archive,
    make_keras_h5,
)

from h5viewer.workers.pool import Pool  # noqa: E402

# Garbage is collected between tests alone: a thread that did would delete widgets (`app.run`).
gc.disable()

# The same examples each time: what random ones find is not the fault of who changed something
# else. `--hypothesis-profile=default` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

_LONG = 400  # seconds a test may take that is counted among the long ones

PATIENCE = 20
"""Seconds until something left behind is called left behind."""

_GRACE = 180
"""Seconds beyond a test's time, after which its process is ended: its threads wait for one
another, and it hears of no other limit."""

_STDERR = pytest.StashKey[int]()

_SHARED = Path(__file__).parents[2] / "shared"


_pools: list[Pool] = []  # the one of the session, once a test asked for it


@pytest.fixture(scope="session")
def _shared_pool() -> Iterator[Pool]:
    pool = Pool()
    _pools.append(pool)
    pool.warm()
    yield pool
    pool.close()
    _pools.clear()


@pytest.fixture
def pool(_shared_pool: Pool) -> Iterator[Pool]:
    """Real workers. Not to be closed; a test that closes or breaks a pool makes its own."""
    yield _shared_pool
    assert _soon(lambda: all(info.n_requests == 0 for info in _shared_pool.workers)), (
        "a request was neither cancelled nor waited for"
    )
    for info in _shared_pool.workers:
        for document in info.documents:
            _shared_pool.forget(document)


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """Patient: on a busy machine five seconds are over before a worker has answered."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed", "waitActive"):
        wait = partial(getattr(qtbot, name), timeout=1000 * PATIENCE)
        setattr(qtbot, name, wait)
    return qtbot


@pytest.fixture
def keras_h5(tmp_path: Path) -> Path:
    """A small whole model, HDF5."""
    return make_keras_h5(tmp_path / "model.h5")


@pytest.fixture
def keras_archive(tmp_path: Path) -> Path:
    """A small whole model, Keras 3 archive."""
    return make_keras_archive(tmp_path / "model.keras")


@pytest.fixture
def datasets_h5(tmp_path: Path) -> Path:
    """A small HDF5 file that is no model."""
    return make_datasets(tmp_path / "datasets.h5")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real files; the test is skipped where it is absent."""
    return _present(_SHARED / "corpus")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the project that holds corpus, hostile files and benchmarks."""
    return _present(_SHARED)


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """A test that leaves a Task or a worker process alive fails."""
    before = set(psutil.pids())
    yield
    tasks = _running_tasks()
    assert _soon(lambda: not tasks()), f"left running: {[task.request for task in tasks()]}"

    def strangers() -> list[psutil.Process]:
        mine = {info.pid for pool in _pools for info in pool.workers}
        return [each for pid in set(psutil.pids()) - before - mine if (each := _child(pid))]

    assert _soon(lambda: not strangers()), f"left alive: {strangers()}"
    for generation, most in enumerate(gc.get_threshold()):
        if gc.get_count()[generation] > most:
            gc.collect(generation)
            if generation == 2:
                gc.freeze()  # TensorFlow and Qt stay: going through them takes 0.3 s each time


def _running_tasks() -> Callable[[], list[object]]:
    module = sys.modules.get("h5viewer.gui.task")
    return list if module is None else module.running_tasks


def _child(pid: int) -> psutil.Process | None:
    """The process of this number, if this one started it; all children take 20 times as long."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return process if process.ppid() == os.getpid() else None
    return None


def _soon(condition: Callable[[], bool]) -> bool:
    """Wait for `condition`, letting Qt work if it is there."""
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            return False
        core = sys.modules.get("PySide6.QtCore")
        if core is not None and core.QCoreApplication.instance() is not None:
            core.QCoreApplication.processEvents()
        time.sleep(0.01)
    return True


def _present(folder: Path) -> Path:
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not there")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with files that hold a test of minutes: at the end one process would work alone."""
    long = {item.path for item in items if _patience(item) >= _LONG}
    items.sort(key=lambda item: item.path not in long)


def pytest_configure(config: pytest.Config) -> None:
    """Keep the terminal's descriptor: later pytest has another in its place."""
    config.stash[_STDERR] = os.dup(2)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """The same random weights each time, before any fixture makes a network of them."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Tell where each thread is when nothing else can end the test."""
    seconds = _patience(item) or float(item.config.getini("timeout"))
    faulthandler.dump_traceback_later(seconds + _GRACE, file=item.config.stash[_STDERR], exit=True)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _patience(item: pytest.Item) -> float:
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 0.0
