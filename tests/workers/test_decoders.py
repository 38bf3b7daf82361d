"""Processes that decode for a worker that builds a data set: Linux alone has them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from h5viewer.errors import WorkerLost
from h5viewer.exporting import export
from h5viewer.nodes import DataSetRecipe
from h5viewer.requests import BuildDataSet, Progress
from h5viewer.workers.pool import Pool

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads decode")

_SAME = """
import json, sys
import numpy as np
from h5viewer.data_sets.decoders import Decoders
from h5viewer.data_sets.reading import decoded
from h5viewer.formats.folder import Folder
from h5viewer.nodes import DataSetRecipe
folder, recipe = Folder(sys.argv[1]), DataSetRecipe(width=9, height=7)
names = [f"{number}.png" for number in range(11)] + ["broken.png", "gone.png"]
groups = [names[start:start + 3] for start in range(0, len(names), 3)]
decoders = Decoders()
decoders.start(folder, 2, lambda: None)
same = []
for group, found in zip(groups, decoders.decoded(recipe, groups), strict=True):
    for here, there in zip(decoded(folder, recipe, group), found, strict=True):
        same.append(bool(np.array_equal(here, there)))
print(json.dumps(same))
"""

_DEAD = """
import os, signal, sys
from h5viewer.data_sets.decoders import Decoders
from h5viewer.formats.folder import Folder
from h5viewer.nodes import DataSetRecipe
decoders = Decoders()
decoders.start(Folder(sys.argv[1]), 1, lambda: os.kill(os.getpid(), signal.SIGKILL))
os.wait()
list(decoders.decoded(DataSetRecipe(), [["0.png"]]))
"""

_OUT_OF_MEMORY = """
import sys
from h5viewer.data_sets import decoders
from h5viewer.formats.folder import Folder
from h5viewer.nodes import DataSetRecipe
def decoded(*_): raise MemoryError
decoders.decoded = decoded
those = decoders.Decoders()
those.start(Folder(sys.argv[1]), 1, lambda: None)
try:
    list(those.decoded(DataSetRecipe(), [["0.png"]]))
except MemoryError:
    print("told")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve pictures and one that is none."""
    folder = tmp_path / "pets"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(12):
        picture = rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)
        Image.fromarray(picture).save(folder / f"{number}.png")
    (folder / "broken.png").write_bytes((folder / "0.png").read_bytes()[:200])
    return folder


def script(text: str, folder: Path) -> str:
    command = [sys.executable, "-c", text, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def build(pool: Pool, folder: Path, target: Path, meanwhile: Callable[[int], None]) -> None:
    """`meanwhile` is given the worker's process while pictures are decoded."""

    def progressed(progress: Progress) -> None:
        for info in pool.workers:
            if info.pid is not None and progress.text == "Writing…":
                meanwhile(info.pid)

    recipe = DataSetRecipe(width=1500, height=1500, labels="none")
    export(pool, BuildDataSet(document=str(folder), target=str(target), recipe=recipe),
           on_progress=progressed)  # fmt: skip


def decoders_of(worker: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(worker).children()
    return []


def test_they_give_what_threads_give_in_the_same_order(folder: Path) -> None:
    """And the same sentences for what cannot be decoded."""
    same = json.loads(script(_SAME, folder))
    assert same == [True] * 13


def test_a_picture_for_which_there_is_no_memory_is_told(folder: Path) -> None:
    assert script(_OUT_OF_MEMORY, folder) == "told\n"


def test_they_hold_nothing_but_their_own_pipes(folder: Path, tmp_path: Path) -> None:
    """Not the file that is written, nor what is said to the window."""
    pool = Pool(keep_spare=False)
    held: list[str] = []

    def look(worker: int) -> None:
        for process in decoders_of(worker):
            links = Path(f"/proc/{process.pid}/fd")
            with suppress(OSError):  # it has ended meanwhile
                held.extend(os.readlink(link) for link in links.iterdir() if int(link.name) > 2)

    try:
        build(pool, folder, tmp_path / "new.h5", look)
    finally:
        pool.close()
    assert held
    assert {link.partition(":")[0] for link in held} == {"pipe"}


def test_one_that_crashes_ends_the_build_with_one_sentence(folder: Path, tmp_path: Path) -> None:
    pool = Pool(keep_spare=False)
    crashed: list[int] = []

    def crash(worker: int) -> None:
        for process in decoders_of(worker):
            crashed.append(process.pid)
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGSEGV)

    for number in range(12, 200):
        (folder / f"{number}.png").write_bytes((folder / "1.png").read_bytes())
    try:
        with pytest.raises(WorkerLost) as caught:
            build(pool, folder, tmp_path / "new.h5", crash)
    finally:
        pool.close()
    assert crashed
    assert caught.value.message == (
        "new.h5 was not saved: the process that wrote it ended in the middle."
    )
    assert "Segmentation fault" in caught.value.details
    assert [path.name for path in tmp_path.iterdir()] == ["pets"]


def test_one_that_died_while_nobody_waited_ends_the_build_too(folder: Path) -> None:
    """It is found when the next pictures are sent."""
    command = [sys.executable, "-c", _DEAD, str(folder)]
    assert subprocess.run(command, timeout=60, capture_output=True).returncode == -signal.SIGABRT


def test_none_outlives_its_worker(folder: Path, tmp_path: Path) -> None:
    pool = Pool(keep_spare=False)
    processes: list[psutil.Process] = []

    def kill(worker: int) -> None:
        if not processes:
            processes.extend(decoders_of(worker))
            os.kill(worker, signal.SIGKILL)

    try:
        with pytest.raises(WorkerLost):
            build(pool, folder, tmp_path / "new.h5", kill)
    finally:
        pool.close()
    assert processes
    until = time.monotonic() + 5
    while any(process.is_running() for process in processes):
        assert time.monotonic() < until, "a process that decodes was left"
        time.sleep(0.01)
