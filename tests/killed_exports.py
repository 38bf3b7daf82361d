"""Kill exports at random moments, by signal 9: nothing lost, nothing half-written, nothing left.

Run by hand, it takes minutes: `python tests/killed_exports.py [--moments 20] [--width 1500]
[--only NAME ...] [--victims worker window]`. Of every export it kills its worker, the terminal's
program, and the window, each at that many moments: those of the worker spread over the time that
an export takes, those of programs half so, half while files take their places. What is left in the
folder the next start has to remove. Linux.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import signal
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

import h5py
import numpy as np
import psutil
from export_cases import CASES, Case, content, make_network
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from h5viewer.errors import H5ViewerError
from h5viewer.exporting import export
from h5viewer.gui import theme
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.predict.repaired_copy import RepairedCopy
from h5viewer.gui.settings import Settings
from h5viewer.requests import Consent, Export, RepairNetwork
from h5viewer.scratch_file import ScratchFile, remove_abandoned
from h5viewer.terminal.repair import write_repaired
from h5viewer.workers.pool import Pool

VICTIMS = ("worker", "terminal", "window")
OLD = b"what was there before"
PATIENCE = 60.0  # seconds for one export, and for what is left of it to end


@dataclass(frozen=True)
class Repair:
    """A repaired copy, which is no export: the program writes what a worker sends."""

    document: str
    target: str

    @property
    def documents(self) -> tuple[str]:
        """The one that is repaired."""
        return (self.document,)


Wanted = Export | Repair

REPAIR = Case(
    RepairNetwork,
    "repair",
    ".keras",
    lambda documents, target: cast("Export", Repair(documents[0], target)),
    lambda folder, width: [make_network(folder / "one.h5", width)],
)


@dataclass
class Stage:
    """One export in a folder of its own, and the result that it should have."""

    case: Case
    request: Wanted
    target: Path
    right: dict[str, bytes]  # by names: an index and its files are several
    sources: dict[Path, bytes]
    seconds: float  # from "begun" to "done"
    placing: float  # of those, from "placing" on


def in_terminal(request: Wanted, say: Callable[[str], None], _: str) -> None:
    """As the commands of `h5v` do it."""
    pool = Pool(keep_spare=False)
    announce_placing(say)
    say("begun")
    try:
        if isinstance(request, Repair):
            write_repaired(pool, request.document, request.target, may_replace=True)
        else:
            export(pool, request, may_replace=True)
        say("done")
    except H5ViewerError as error:
        say(f"refused: {error}")
    pool.close()


def open_window(home: str) -> tuple[QApplication, MainWindow, Pool]:
    """As it starts with what the last one remembered."""
    pool = Pool(keep_spare=False)
    application = QApplication(["h5viewer", "-platform", "offscreen"])
    theme.apply("light")
    window = MainWindow(pool, Settings(Path(home) / "settings.json"))
    window.show()
    return application, window, pool


def in_window(request: Wanted, say: Callable[[str], None], home: str) -> None:
    """As the window does it."""
    application, window, pool = open_window(home)
    announce_placing(say)
    jobs, copy = window.exporter.jobs, RepairedCopy(pool, window)
    for succeeded in (jobs.succeeded, copy.saved):
        succeeded.connect(lambda *_: say("done"))
    jobs.failed.connect(lambda _, error: say(f"refused: {error}"))
    copy.failed.connect(lambda error: say(f"refused: {error}"))

    def begin() -> None:
        say("begun")
        if isinstance(request, Repair):
            copy.begin(request.document, Consent(), Path(request.target))
        else:
            jobs.add(request, True)

    QTimer.singleShot(0, begin)
    application.exec()


def in_next_window(request: Wanted, say: Callable[[str], None], home: str) -> None:
    """Starts, and tells when no hidden file is left beside the target."""
    application, _window, _pool = open_window(home)
    folder = Path(request.target).parent
    began = time.monotonic()

    def look() -> None:
        if not list(folder.glob(".*")):
            say("clean")
        elif time.monotonic() > began + PATIENCE / 4:
            say("left")

    looking = QTimer(application, interval=20)
    looking.timeout.connect(look)
    looking.start()
    application.exec()


def announce_placing(say: Callable[[str], None]) -> None:
    """Say so when the first file is about to take its place."""
    stand_beside = ScratchFile.stand_beside

    def say_and_stand(scratch: ScratchFile) -> tuple[Path, Path]:
        ScratchFile.stand_beside = stand_beside  # type: ignore[method-assign]
        say("placing")
        return stand_beside(scratch)

    ScratchFile.stand_beside = say_and_stand  # type: ignore[method-assign]


class Running:
    """A program of its own, forked: everything is imported already."""

    def __init__(self, program: Callable[..., None], request: Wanted, home: str) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(reading)
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, 2)
            try:
                program(request, lambda text: os.write(writing, f"{text}\n".encode()), home)
            finally:
                os._exit(0)
        os.close(writing)
        self._words: TextIO = os.fdopen(reading)

    def said(self) -> str:
        """The next line."""
        return self._words.readline().strip()

    def end(self) -> None:
        """Wait for it."""
        self._words.close()
        os.waitpid(self.pid, 0)


def set_stage(case: Case, folder: Path, width: int) -> Stage:
    """Write the sources and export undisturbed, twice: the first time much is read from disks."""
    (folder / "sources").mkdir()
    target = folder / "new" / f"new{case.suffix}"
    target.parent.mkdir()
    request = case.of(folder / "sources", target, width)
    sources = {Path(path): content(Path(path)) for path in request.documents}
    seconds, placing = map(min, zip(*(undisturbed(case, request) for _ in range(2)), strict=True))
    right = contents_of(target.parent)
    return Stage(case, request, target, right, sources, seconds, placing)


def undisturbed(case: Case, request: Wanted) -> tuple[float, float]:
    """Export once; how many seconds it took, and of those files took their places."""
    running = Running(in_terminal, request, "")
    running.said()
    began = placing = time.monotonic()
    while (word := running.said()) == "placing":
        placing = time.monotonic()
    ended = time.monotonic()
    running.end()
    if word != "done":
        sys.exit(f"{case.name}: {word}")
    return ended - began, ended - placing


def children_of(pid: int) -> list[psutil.Process]:
    """All processes below this one."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def kill_once(stage: Stage, victim: str, moment: float, home: str, *, is_placing: bool) -> str:
    """Begin, kill after so many seconds, look; what was found, in words."""
    folder = stage.target.parent
    for name in stage.right:
        (folder / name).write_bytes(OLD)
    running = Running(in_window if victim == "window" else in_terminal, stage.request, home)
    if running.said() != "begun":
        return "DID NOT BEGIN"
    if is_placing and running.said() != "placing":
        return "DID NOT END"
    time.sleep(moment)
    below = children_of(running.pid)
    word = ""
    if victim == "worker":
        for process in below:
            process.kill()
        while (word := running.said().split(":")[0]) == "placing":
            pass
    else:
        os.kill(running.pid, signal.SIGKILL)
    running.end()
    _, alive = psutil.wait_procs(below, timeout=PATIENCE)
    faults = [f"LEFT ALIVE {len(alive)}"] if alive else []
    faults += start_next(stage, victim, home)
    faults += look(stage)
    state = "old" if OLD in contents_of(folder).values() else "new"
    if victim == "worker" and (state, word) not in (("old", "refused"), ("new", "done")):
        faults.append(f"SAID {word!r}, IS {state}")
    return ", ".join(faults) or state


def start_next(stage: Stage, victim: str, home: str) -> list[str]:
    """Have the next start remove what a killed program left: of a window, the next window."""
    folder = stage.target.parent
    if not list(folder.glob(".*")):
        return []
    if victim != "window" or isinstance(stage.request, Repair):
        remove_abandoned(folder)  # as the next export into the folder does
        return []
    running = Running(in_next_window, stage.request, home)
    word = running.said()
    os.kill(running.pid, signal.SIGKILL)
    running.end()
    return [] if word == "clean" else ["NEXT WINDOW LEFT FILES"]


def contents_of(folder: Path) -> dict[str, bytes]:
    """All files in it."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def look(stage: Stage) -> list[str]:
    """What is wrong in the folders."""
    faults = []
    found = contents_of(stage.target.parent)
    if kept := sorted(set(found) - set(stage.right)):
        faults.append(f"LEFT FILES {kept}")
    if missing := sorted(set(stage.right) - set(found)):
        faults.append(f"LOST FILES {missing}")
    are_old = {data == OLD for data in found.values()}
    if are_old == {True, False}:
        faults.append("HALF REPLACED")
    elif are_old == {False} and not all(
        found[name] == right or is_same(found[name], right)
        for name, right in stage.right.items()
        if name in found
    ):
        faults.append("HALF WRITTEN")
    for path, data in stage.sources.items():
        if content(path) != data:
            faults.append(f"SOURCE {path.name} CHANGED")
    return faults


def is_same(found: bytes, right: bytes) -> bool:
    """The same content as the right result, where a date in it makes other bytes."""
    if len(found) != len(right):
        return False
    return bool(contents(io.BytesIO(found)) == contents(io.BytesIO(right)))


def contents(file: io.BytesIO) -> dict[str, Any]:
    """What it holds, but for dates: archives state when they were saved, HDF5 objects, too."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if name != "metadata.json"]
            return {
                name: contents(io.BytesIO(archive.read(name)))
                if name.endswith(".h5")
                else archive.read(name)
                for name in names
            }
    found: dict[str, Any] = {}

    def keep(name: str, node: h5py.Group | h5py.Dataset) -> None:
        values = np.asarray(node) if isinstance(node, h5py.Dataset) else None
        has_texts = values is not None and values.dtype.hasobject
        found[name] = (
            values if values is None else values.tolist() if has_texts else values.tobytes()
        )

    with h5py.File(file) as opened:
        opened.visititems(keep)
    return found


def main() -> None:
    """Kill, count, print a table; exit code 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=20)
    parser.add_argument("--width", type=int, default=1500)
    parser.add_argument("--only", nargs="+", default=(), help="names of exports")
    parser.add_argument("--victims", nargs="+", default=VICTIMS, choices=VICTIMS)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    is_right = True
    print(f"{'export':22} {'victim':9} {'seconds':>7}  old  new  wrong")
    for case in (*CASES, REPAIR):
        if chosen.only and case.name not in chosen.only:
            continue
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
            stage = set_stage(case, Path(folder), chosen.width)
            for victim in chosen.victims:
                tally: Counter[str] = Counter()
                for number in range(chosen.moments):
                    is_placing = victim != "worker" and number % 2 == 1
                    longest = stage.placing if is_placing else 1.1 * stage.seconds
                    moment = rng.uniform(0, longest)
                    tally[kill_once(stage, victim, moment, home, is_placing=is_placing)] += 1
                wrong = {words: n for words, n in tally.items() if words not in ("old", "new")}
                is_right = is_right and not wrong
                print(
                    f"{case.name:22} {victim:9} {stage.seconds:7.2f} {tally['old']:4} "
                    f"{tally['new']:4}  {wrong or 'none'}",
                    flush=True,
                )
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
