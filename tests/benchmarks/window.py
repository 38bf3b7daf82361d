"""The window: start, tree, first pictures, stalls and memory, beside an empty window.

The floor is a process that opens an empty PySide6 window with a pyqtgraph plot; listing is
measured beside low-level h5py. Ours and the floor take turns, the middle of five counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks import reading, window_files
from tests.benchmarks.rows import Row

_TURNS = 5
_STALL_MS = 50
_WINDOW_MIB = 250
_WORKER_MIB = 300

_LISTING = """
import sys, time, h5py
file = h5py.File(open(sys.argv[1], "rb"), "r")
began = time.monotonic()
names = []
h5py.h5g.iterate(file[sys.argv[2]].id, names.append)
print(time.monotonic() - began)
"""


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Each kind of file: time to what the user waits for, longest stall, memory."""
    small = window_files.model(folder, 5, 6, with_adam=False)
    large = window_files.model(folder, 1000 * scale, 66, with_adam=True)
    for name, path in (("small model", small), ("3 GB model with Adam state", large)):
        figures, floor = _turns([str(path)], [])
        yield Row(f"{name}: start to tree and layers", figures["visible"], floor["visible"], 1.5)
        yield from _manners(name, figures)
    figures = _turns([str(large), "--export"])[0]
    for written in large.parent.glob(f"{large.stem} stripped*{large.suffix}"):
        written.unlink()
    yield from _manners("3 GB model while 1 GB of it is exported", figures)
    deep = window_files.deep(folder, max(1000, int(100_000 * scale)))
    figures, floor = _turns([str(deep)], [])
    yield Row("100,000 layers: start to tree and layers", figures["visible"], floor["visible"])
    yield from _manners("100,000 layers", figures)
    many = window_files.many(folder, max(10, int(1000 * scale)), 100)
    figures, floor = _turns([str(many)], [])
    yield Row("100,000 datasets: start to tree", figures["visible"], floor["visible"], 1.5)
    yield from _manners("100,000 datasets", figures)
    yield from _wide(folder, max(1000, int(200_000 * scale)))
    for layout, limit in (("contiguous", 0.3), ("gzip", 0.4)):
        matrix = reading.matrix(folder, layout, scale)
        figures = _turns([str(matrix), "--select", "/matrix"])[0]
        yield Row(f"2 GB {layout}: first picture", figures["first_picture"], limit=limit)
        yield Row(f"2 GB {layout}: sharp picture", figures["sharp_picture"])
        yield from _manners(f"2 GB {layout}", figures)


def _wide(folder: Path, n_children: int) -> Iterator[Row]:
    path = window_files.wide(folder, n_children)
    arguments = [str(path), "--expand", "/wide", "--rows", str(n_children)]
    figures = _turns(arguments)[0]
    listing = median(_run([sys.executable, "-c", _LISTING, str(path), "/wide"]) for _ in range(3))
    name = f"group of {n_children:,}"
    yield Row(f"{name}: first rows after the click", figures["first_rows"], limit=0.3)
    yield Row(f"{name}: all listed / low-level h5py", figures["all_rows"], listing, 2.0)
    yield from _manners(name, figures)


def _manners(name: str, figures: dict[str, float]) -> Iterator[Row]:
    yield Row(f"{name}: longest stall", figures["stall_ms"], limit=_STALL_MS, unit="ms")
    yield Row(f"{name}: memory of the window", figures["window_mib"], None, _WINDOW_MIB, "MiB")
    yield Row(f"{name}: memory of a worker", figures["worker_mib"], None, _WORKER_MIB, "MiB")


def _turns(*measurements: list[str]) -> list[dict[str, float]]:
    """The middle of each figure; each measurement is the probe's arguments."""
    found: list[list[dict[str, float]]] = [[] for _ in measurements]
    for _ in range(_TURNS):
        for figures, arguments in zip(found, measurements, strict=True):
            figures.append(_probe(arguments))
    return [{key: median(turn[key] for turn in figures) for key in figures[0]} for figures in found]


def _probe(arguments: list[str]) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.window_probe", str(time.monotonic())]
    done = subprocess.run(
        [*command, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")},
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _run(command: list[str]) -> float:
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
