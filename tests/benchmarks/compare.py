"""Two networks of 300 MB compared, beside two plain reads of the same files with h5py.

Half of the weights differ, then none; every measurement runs in a process of its own, as a
worker would; ours and the floor take turns, and the middle of three counts.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median

from tests.benchmarks.rows import Row

_N_LAYERS, _SIDE = 16, 2165  # dense layers of 18.75 MB each: 300 MB
_TURNS = 3
_MB = 1_000_000
_RETRAINED, _IDENTICAL = 4.0, 2.5  # times two plain reads


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Time beside two reads, longest pause, memory."""
    a, retrained, copy = networks(folder, scale)
    size = f"2 x {a.stat().st_size // _MB} MB"
    for b, what, limit in (
        (retrained, "half retrained", _RETRAINED),
        (copy, "identical", _IDENTICAL),
    ):
        ours, floor = _turns(("ours", a, b), ("plain", a, b))
        yield Row(f"{size}, {what}: diff / two reads", ours["all"], floor["all"], limit)
        yield Row(f"{size}, {what}: ... of the processor", ours["cpu"], floor["cpu"])
        yield Row(f"{size}, {what}: longest pause", ours["pause"], limit=0.5)
        yield Row(f"{size}, {what}: memory", ours["peak"], limit=300, unit="MB")


def networks(folder: Path, scale: float) -> tuple[Path, Path, Path]:
    """A network, one whose last half was trained on, a copy."""
    import h5py
    import numpy as np

    side = max(16, int(_SIDE * scale**0.5))
    paths = [folder / f"compare-{side}-{name}.h5" for name in ("a", "b", "copy")]
    if all(path.exists() for path in paths):
        return paths[0], paths[1], paths[2]
    print(f"(writing {', '.join(path.name for path in paths)})", file=sys.stderr)
    random = np.random.default_rng(0)
    with h5py.File(paths[0], "w") as first, h5py.File(paths[1], "w") as second:
        for file in (first, second):
            _declare(file, side)
        for layer in range(_N_LAYERS):
            name = f"model_weights/dense_{layer}/dense_{layer}/kernel:0"
            kernel = random.standard_normal((side, side), np.float32)
            first[name] = kernel
            if layer >= _N_LAYERS // 2:
                kernel = kernel + 0.01 * random.standard_normal((side, side), np.float32)
            second[name] = kernel
    shutil.copy(paths[0], paths[2])
    return paths[0], paths[1], paths[2]


def _declare(file: object, side: int) -> None:
    import h5py
    import numpy as np

    assert isinstance(file, h5py.File)
    names = [f"dense_{layer}" for layer in range(_N_LAYERS)]
    layers = [
        {"class_name": "Dense", "config": {"name": name, "units": side, "use_bias": False}}
        for name in names
    ]
    config = {"class_name": "Sequential", "config": {"name": "dense", "layers": layers}}
    file.attrs["model_config"] = json.dumps(config)
    weights = file.create_group("model_weights")
    weights.attrs["layer_names"] = np.array(names, "S")
    for name in names:
        weights.create_group(name).attrs["weight_names"] = np.array([f"{name}/kernel:0"], "S")


def _turns(*measurements: tuple[str, Path, Path]) -> list[dict[str, float]]:
    found: list[list[dict[str, float]]] = [[] for _ in measurements]
    for _ in range(_TURNS):
        for figures, (what, a, b) in zip(found, measurements, strict=True):
            done = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.compare", what, str(a), str(b)],
                check=True,
                capture_output=True,
                text=True,
                env=_worker_environment(),
            )
            figures.append(json.loads(done.stdout))
    return [{key: median(turn[key] for turn in figures) for key in figures[0]} for figures in found]


def _worker_environment() -> dict[str, str]:
    import os

    from h5viewer.workers.process import environment

    return dict(os.environ) | environment(os.environ)


# ------------------------------------------------------- in a process of its own


def _ours(a: Path, b: Path) -> dict[str, float]:
    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.compare import compare_files
    from h5viewer.requests import CompareFiles

    start, used = time.perf_counter(), time.process_time()
    last, pause = start, 0.0
    with ExitStack() as stack:
        containers = []
        for path in (a, b):
            source = stack.enter_context(Source(str(path)))
            containers.append(stack.enter_context(closing(open_container(source))))
        for _ in compare_files(CompareFiles(document=str(a), other=str(b)), *containers):
            now = time.perf_counter()
            pause, last = max(pause, now - last), now
    return {
        "all": time.perf_counter() - start,
        "cpu": time.process_time() - used,
        "pause": pause,
    }


def _plain(a: Path, b: Path) -> dict[str, float]:
    """The floor: every weight of both files, read and forgotten."""
    import h5py

    start, used = time.perf_counter(), time.process_time()
    for path in (a, b):
        with h5py.File(path, "r") as file:
            for name, group in file["model_weights"].items():
                group[name]["kernel:0"][...]
    return {"all": time.perf_counter() - start, "cpu": time.process_time() - used}


if __name__ == "__main__":
    measure = {"ours": _ours, "plain": _plain}[sys.argv[1]]
    figures = measure(Path(sys.argv[2]), Path(sys.argv[3]))
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(figures | {"peak": kib * 1024 / _MB}))
