"""Pictures and statistics of a 2 GB matrix, contiguous and compressed, beside plain h5py.

Every measurement runs in a process of its own, as a worker would; ours and the floor take
turns, and the middle of three counts.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.rows import Row

_ROWS, _COLUMNS, _CHUNK = 50_000, 10_000, 500
_TURNS = 3
_MB = 1_000_000


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """First and sharp picture, statistics; time, longest pause, memory."""
    for layout, sharp_limit in (("contiguous", 1.2), ("gzip", 0.6)):
        path = matrix(folder, layout, scale)
        size = f"{path.name.split('-')[1]} MB {layout}"
        picture, plain = _turns(("picture", path), ("plain", path))
        yield Row(f"{size}: first picture", picture["first"], limit=0.15)
        yield Row(f"{size}: sharp picture / plain h5py", picture["all"], plain["all"], sharp_limit)
        # cancelling closes at a yield, and kills after half a second
        yield Row(f"{size}: longest pause between yields", picture["pause"], limit=0.5)
        yield Row(f"{size}: memory of the worker", picture["peak"], limit=300, unit="MB")
        numbers, numpy = _turns(("statistics", path), ("numpy", path))
        yield Row(f"{size}: statistics / h5py and NumPy", numbers["all"], numpy["all"], 1.0)
        yield Row(f"{size}: ... memory", numbers["peak"], limit=300, unit="MB")


def _turns(*measurements: tuple[str, Path]) -> list[dict[str, float]]:
    """The middle of each figure, measured in turns."""
    found: list[list[dict[str, float]]] = [[] for _ in measurements]
    for _ in range(_TURNS):
        for figures, (what, path) in zip(found, measurements, strict=True):
            done = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.reading", what, str(path)],
                check=True,
                capture_output=True,
                text=True,
            )
            figures.append(json.loads(done.stdout))
    return [{key: median(turn[key] for turn in figures) for key in figures[0]} for figures in found]


def matrix(folder: Path, layout: str, scale: float) -> Path:
    """Normal numbers with 13 significant bits, which gzip halves; always the same ones."""
    import h5py
    import numpy as np

    n_rows = max(_CHUNK, int(_ROWS * scale) // _CHUNK * _CHUNK)
    path = folder / f"reading-{n_rows * _COLUMNS * 4 // _MB}-{layout}.h5"
    if path.exists():
        return path
    print(f"(writing {path.name})", file=sys.stderr)
    unfinished = path.with_suffix(".part")
    random = np.random.default_rng(0)
    with h5py.File(unfinished, "w") as file, ThreadPoolExecutor() as pool:
        chunked = {"chunks": (_CHUNK, _CHUNK), "compression": 4} if layout == "gzip" else {}
        dataset = file.create_dataset("matrix", (n_rows, _COLUMNS), "f4", **chunked)
        for row in range(0, n_rows, _CHUNK):
            block = random.standard_normal((_CHUNK, _COLUMNS), np.float32) / 2
            block = np.round(block * 8192) / 8192
            if layout == "contiguous":
                dataset[row : row + _CHUNK] = block
                continue
            pieces = [block[:, c : c + _CHUNK].tobytes() for c in range(0, _COLUMNS, _CHUNK)]
            for number, stored in enumerate(pool.map(lambda p: zlib.compress(p, 4), pieces)):
                dataset.id.write_direct_chunk((row, number * _CHUNK), stored)
    unfinished.rename(path)
    return path


# ------------------------------------------------------- in a process of its own


def _ours(path: Path, request: Any) -> dict[str, float]:
    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.table import OPERATIONS
    from h5viewer.requests import Progress

    start = last = time.perf_counter()
    first, pause = 0.0, 0.0
    with Source(str(path)) as source:
        container = open_container(source)
        for part in OPERATIONS[type(request)](request, container):
            now = time.perf_counter()
            pause, last = max(pause, now - last), now
            if not isinstance(part, Progress):
                first = first or now - start
        container.close()
    whole = time.perf_counter() - start
    return {"first": first or whole, "all": whole, "pause": pause}


def _picture(path: Path) -> dict[str, float]:
    from h5viewer.requests import Cut, ReadPlane

    cut = Cut(rows=0, columns=1, index=(0, 0))
    return _ours(path, ReadPlane(document=str(path), node=(b"matrix",), cut=cut))


def _statistics(path: Path) -> dict[str, float]:
    from h5viewer.requests import ReadStatistics

    return _ours(path, ReadStatistics(document=str(path), node=(b"matrix",)))


def _plain(path: Path) -> dict[str, float]:
    """The floor of a picture: all rows once, read and forgotten."""
    import h5py

    with h5py.File(path, "r") as file:
        start = time.perf_counter()
        for row in range(0, file["matrix"].shape[0], _CHUNK):
            file["matrix"][row : row + _CHUNK]
        return {"all": time.perf_counter() - start}


def _numpy(path: Path) -> dict[str, float]:
    """What one would write: extremes, moments, special values and a histogram of known range."""
    import h5py
    import numpy as np

    with h5py.File(path, "r") as file:
        start = time.perf_counter()
        for row in range(0, file["matrix"].shape[0], _CHUNK):
            block = file["matrix"][row : row + _CHUNK]
            block.min(), block.max(), block.mean(dtype="f8"), block.std(dtype="f8")
            np.isnan(block).sum(), np.isinf(block).sum(), np.count_nonzero(block)
            np.histogram(block, 128, (-3, 3))
        return {"all": time.perf_counter() - start}


if __name__ == "__main__":
    measure = {"picture": _picture, "statistics": _statistics, "plain": _plain, "numpy": _numpy}
    figures = measure[sys.argv[1]](Path(sys.argv[2]))
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(figures | {"peak": kib * 1024 / _MB}))
