"""A run of 200 files: its table, and every weight followed through it beside a plain read.

The files are networks of 20 MB as Keras writes them: 12 dense layers with batch normalisations.
Ours and the floor take turns, each in a process of its own, and the middle of three counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.measuring import in_turns, peak_mb
from tests.benchmarks.rows import Row

_TURNS = 3
_N_FILES = 200
_N_LAYERS = 12
_SIDE = 640  # of a kernel


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Table, drift of all layers beside a plain read, memory."""
    run = series(folder, max(2, round(_N_FILES * scale)))
    measured = [(what, run) for what in ("table", "drift", "plain")]
    table, ours, plain = in_turns(__name__, *measured, n_turns=_TURNS)
    size = f"{len(list(run.iterdir())):,} files of 20 MB"
    yield Row(f"{size}: table", table["all"], limit=1.0)
    yield Row(f"{size}: h5v series", table["command"], limit=1.0)
    yield Row(f"{size}: drift / plain h5py, once", ours["all"], plain["all"], 1.3)
    yield Row(f"{size}: longest pause between yields", ours["pause"], limit=0.5)
    yield Row(f"{size}: memory", ours["peak"], limit=500, unit="MB")


def series(folder: Path, n_files: int) -> Path:
    """A run whose weights drift."""
    import h5py
    import numpy as np

    run = folder / f"series-{n_files}"
    if run.exists():
        return run
    print(f"(writing {run.name})", file=sys.stderr)
    unfinished = folder / f"{run.name}.part"
    unfinished.mkdir(exist_ok=True)
    random = np.random.default_rng(0)
    kernels = [random.standard_normal((_SIDE, _SIDE), np.float32) for _ in range(_N_LAYERS)]
    noise = 0.01 * random.standard_normal((_SIDE, _SIDE), np.float32)
    for step in range(1, n_files + 1):
        path = unfinished / f"weights-{step:02}-{1 - 0.9**step:.4f}.h5"
        with h5py.File(path, "w") as file:
            names = [f"{what}_{n}" for n in range(_N_LAYERS) for what in ("dense", "norm")]
            file.attrs["layer_names"] = np.array(names, "S")
            for n, kernel in enumerate(kernels):
                vector = np.full(_SIDE, 1 + 0.01 * step, "f4")
                dense = {"kernel": kernel + step * np.roll(noise, step), "bias": vector}
                words = ("gamma", "beta", "moving_mean", "moving_variance")
                _write(file, f"dense_{n}", dense)
                _write(file, f"norm_{n}", dict.fromkeys(words, vector))
    unfinished.rename(run)
    return run


def _write(file, name, weights) -> None:  # type: ignore[no-untyped-def]  # h5py is not typed
    import numpy as np

    group = file.create_group(name)
    group.attrs["weight_names"] = np.array([f"{name}/{word}:0" for word in weights], "S")
    for word, values in weights.items():
        group[f"{name}/{word}:0"] = values


# ------------------------------------------------------- in a process of its own


def _table(folder: Path) -> dict[str, float]:
    from h5viewer.series import runs_in

    start = time.perf_counter()
    (run,) = runs_in(str(folder))
    all_of_it = time.perf_counter() - start
    assert run.steps[-1].number == len(run.steps)
    start = time.perf_counter()
    command = [sys.executable, "-m", "h5viewer.cli", "series", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return {"all": all_of_it, "command": time.perf_counter() - start}


def _drift(folder: Path) -> dict[str, float]:
    from h5viewer.formats.container import Unopened
    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.table import OPERATIONS
    from h5viewer.requests import SurveySeries
    from h5viewer.series import runs_in

    start = last = time.perf_counter()
    pause = 0.0
    first, *others = [step.document for step in runs_in(str(folder))[0].steps]
    request = SurveySeries(document=first, others=tuple(others))
    sources = [Source(path) for path in request.documents]
    files = [Unopened(source, partial(open_container, source)) for source in sources]
    for _ in OPERATIONS[SurveySeries](request, *files):
        now = time.perf_counter()
        pause, last = max(pause, now - last), now
    return {"pause": pause, "all": time.perf_counter() - start}


def _plain(folder: Path) -> dict[str, float]:
    """Every dataset of every file once, read and forgotten."""
    import h5py

    start = time.perf_counter()
    for path in sorted(folder.iterdir()):
        with h5py.File(path, "r") as file:
            found: list[h5py.Dataset] = []
            file.visititems(
                lambda _, node, found=found: (
                    found.append(node) if isinstance(node, h5py.Dataset) else None
                )
            )
            for dataset in found:
                dataset[()]
    return {"all": time.perf_counter() - start}


if __name__ == "__main__":
    figures = {"table": _table, "drift": _drift, "plain": _plain}[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps(figures | {"peak": peak_mb()}))
