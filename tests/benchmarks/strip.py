"""Stripping 1 GB of weights with 2 GB of optimizer state, beside cp of the bytes that stay.

All of `h5v strip` against cp and a flush to the disk; they take turns, and the middle of
three counts. Time of the operation, its pauses and memory are taken in a process of their own.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from tests.benchmarks.rows import Row

_N_LAYERS, _SIDE = 16, 3953  # dense layers of 62.5 MB each: 1 GB
_TURNS = 3
_MB = 1_000_000
_COPIES = 1.5  # times cp
_MEMORY, _PAUSE = 300, 0.5  # MB, seconds


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Time beside cp, processor, longest pause, memory."""
    model, kept = files(folder, scale)
    target = folder / "stripped.h5"
    ours, floor = [], []
    for _ in range(_TURNS):
        floor.append(_timed(lambda: _copy(kept, target)))
        ours.append(_timed(lambda: _strip(model, target)))
    target.unlink(missing_ok=True)
    size = f"{kept.stat().st_size // _MB} of {model.stat().st_size // _MB} MB"
    yield Row(f"{size}: h5v strip / cp", median(ours), median(floor), _COPIES)
    words = [sys.executable, "-m", "tests.benchmarks.strip", str(model), str(target)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    target.unlink(missing_ok=True)
    figures = json.loads(done.stdout)
    yield Row(f"{size}: ... of the processor", figures["cpu"])
    yield Row(f"{size}: longest pause", figures["pause"], limit=_PAUSE)
    yield Row(f"{size}: memory", figures["peak"], limit=_MEMORY, unit="MB")


def files(folder: Path, scale: float) -> tuple[Path, Path]:
    """A trained network, and a file as long as its weights."""
    import h5py
    import numpy as np

    side = max(16, int(_SIDE * scale**0.5))
    model, kept = folder / f"strip-{side}.h5", folder / f"strip-{side}-kept"
    if not (model.exists() and kept.exists()):
        print(f"(writing {model.name})", file=sys.stderr)
        random = np.random.default_rng(0)
        with h5py.File(model, "w") as file:
            for layer in range(_N_LAYERS):
                kernel = random.standard_normal((side, side), np.float32)
                file[f"model_weights/dense_{layer}/kernel:0"] = kernel
                for slot in ("m", "v"):
                    file[f"optimizer_weights/dense_{layer}/{slot}"] = kernel
        with kept.open("wb") as file:
            for _ in range(_N_LAYERS):
                file.write(kernel.tobytes())
    return model, kept


def _timed(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - began


def _copy(kept: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    shutil.copyfile(kept, target)
    fd = os.open(target, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def _strip(model: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    words = [sys.executable, "-m", "h5viewer.cli", "strip", str(model), "-o", str(target)]
    subprocess.run(words, check=True, capture_output=True)


# ------------------------------------------------------- in a process of its own


def _measure(model: str, target: str) -> dict[str, float]:
    from h5viewer.formats.scratch import Scratch
    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.strip import strip_file
    from h5viewer.requests import StripFile

    fd = os.open(target, os.O_RDWR | os.O_CREAT)
    pause, cpu = 0.0, time.process_time()
    with Source(model) as source, closing(open_container(source)) as container:
        began = time.perf_counter()
        for _ in strip_file(StripFile(document=model, target=target), container, Scratch(fd)):
            now = time.perf_counter()
            pause, began = max(pause, now - began), now
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB
    return {"pause": pause, "cpu": time.process_time() - cpu, "peak": peak}


if __name__ == "__main__":
    print(json.dumps(_measure(*sys.argv[1:])))
