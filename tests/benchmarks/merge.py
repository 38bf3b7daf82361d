"""The mean of five files of 300 MB, beside reading each of them once and writing one.

The floor is plain reads, plain writes and a flush to the disk. The operation takes turns with it
in a process of its own, as in a worker, and flushes too; the middle of three counts. Files are
read from the disk, and from the system's memory, where reading them costs no more than the sums.
The whole command has two processes to start besides, which takes half a second whatever the size.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median

from tests.benchmarks.rows import Row

_N_FILES, _N_LAYERS, _SIDE = 5, 12, 2500  # dense layers of 25 MB each: 300 MB
_TURNS = 3
_MB = 1_000_000
_TIMES = 1.3  # of reading once and writing once
_MEMORY, _PAUSE = 300, 0.5  # MB, seconds
_PIECE = 1 << 20


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Time beside the floor, processor, longest pause, memory, and the whole command."""
    models = files(folder, scale)
    target = folder / "mean.h5"
    size = f"{len(models)} x {models[0].stat().st_size // _MB} MB"
    words = [sys.executable, "-m", "tests.benchmarks.merge", str(target), *map(str, models)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    figures = json.loads(done.stdout)
    what = f"{size}: average / read, write"
    if "ours_disk" in figures:
        yield Row(f"{what}; from disk", figures["ours_disk"], figures["floor_disk"], _TIMES)
    yield Row(what, figures["ours"], figures["floor"], _TIMES)
    yield Row(f"{size}: ... of the processor", figures["cpu"], figures["floor_cpu"])
    yield Row(f"{size}: longest pause", figures["pause"], limit=_PAUSE)
    yield Row(f"{size}: memory", figures["peak"], limit=_MEMORY, unit="MB")
    yield Row(f"{size}: h5v merge --average", median(_commands(models, target)))
    target.unlink(missing_ok=True)


def _commands(models: list[Path], target: Path) -> Iterator[float]:
    for _ in range(_TURNS):
        began = time.perf_counter()
        _merge(models, target)
        yield time.perf_counter() - began


def files(folder: Path, scale: float) -> list[Path]:
    """Networks of one architecture."""
    import h5py
    import numpy as np

    side = max(16, int(_SIDE * scale**0.5))
    paths = [folder / f"merge-{side}-{number}.h5" for number in range(_N_FILES)]
    random = np.random.default_rng(0)
    for path in paths:
        if path.exists():
            continue
        print(f"(writing {path.name})", file=sys.stderr)
        with h5py.File(path, "w") as file:
            names = [f"dense_{layer}" for layer in range(_N_LAYERS)]
            weights = file.create_group("model_weights")
            weights.attrs["layer_names"] = np.array(names, dtype="S")
            for name in names:
                group = weights.create_group(name)
                group.attrs["weight_names"] = np.array([f"{name}/kernel:0"], dtype="S")
                group[f"{name}/kernel:0"] = random.standard_normal((side, side), np.float32)
    return paths


def _read_and_write(models: list[Path], target: Path) -> None:
    target.unlink(missing_ok=True)
    buffer = bytearray(_PIECE)
    with target.open("wb", buffering=0) as written:
        for number, model in enumerate(models):
            with model.open("rb", buffering=0) as file:
                while n_read := file.readinto(buffer):
                    if number == 0:
                        written.write(memoryview(buffer)[:n_read])
        os.fsync(written.fileno())


def _merge(models: list[Path], target: Path) -> None:
    target.unlink(missing_ok=True)
    words = [sys.executable, "-m", "h5viewer.cli", "merge", "--average", *map(str, models)]
    subprocess.run([*words, "-o", str(target)], check=True, capture_output=True)


# ------------------------------------------------------- in a process of its own


def _measure(target: Path, models: list[Path]) -> dict[str, float]:
    pauses, ours, floor, disk = [], [], [], {}

    def read_and_write() -> tuple[float, float]:
        return _taken(lambda: _read_and_write(models, target))

    def average() -> tuple[float, float]:
        return _taken(lambda: pauses.append(_average(models, target)))

    for _ in range(_TURNS):
        floor.append(read_and_write())
        ours.append(average())
    if hasattr(os, "posix_fadvise"):
        on_disk = [
            (_forgotten(models, read_and_write), _forgotten(models, average)) for _ in range(_TURNS)
        ]
        disk["floor_disk"], disk["ours_disk"] = map(median, zip(*on_disk, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB
    return disk | {
        "ours": median(each[0] for each in ours),
        "cpu": median(each[1] for each in ours),
        "floor": median(each[0] for each in floor),
        "floor_cpu": median(each[1] for each in floor),
        "pause": max(pauses),
        "peak": peak,
    }


def _forgotten(models: list[Path], work: Callable[[], tuple[float, float]]) -> float:
    """Seconds, when the system's memory holds nothing of the files."""
    os.sync()
    for model in models:
        with model.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return work()[0]


def _taken(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and seconds of the processor."""
    began, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - cpu


def _average(models: list[Path], target: Path) -> float:
    """The operation as a worker runs it; the longest time between two of its yields."""
    from h5viewer.formats.scratch import Scratch
    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.average import average_networks
    from h5viewer.requests import AverageNetworks

    target.unlink(missing_ok=True)
    pause, fd = 0.0, os.open(target, os.O_RDWR | os.O_CREAT)
    first, *others = map(str, models)
    request = AverageNetworks(document=first, others=tuple(others), target=str(target))
    with ExitStack() as stack:
        sources = [stack.enter_context(Source(str(model))) for model in models]
        containers = [stack.enter_context(closing(open_container(each))) for each in sources]
        began = time.perf_counter()
        for _ in average_networks(request, *containers, scratch=Scratch(fd)):
            now = time.perf_counter()
            pause, began = max(pause, now - began), now
    os.fsync(fd)
    os.close(fd)
    return pause


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]])))
