"""Numbers of all weights of a file and its health, beside a plain read of the same bytes.

The file is a network of 1 GB as Keras writes it, contiguous and compressed. Ours and the
floor take turns, each in a process of its own, and the middle of five counts.
"""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks.measuring import in_turns, peak_mb
from tests.benchmarks.rows import Row

_SIDE = 2000  # of a kernel: 16 MB
_TURNS = 5
_MB = 1_000_000
_PIECE = 4 << 20  # bytes of one plain read


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Speed beside a plain read, first numbers, memory from 100 MB to 2 GB."""
    whole = network(folder, round(1000 * scale), "contiguous")
    ours, plain = in_turns(__name__, ("table", whole), ("plain", whole), n_turns=_TURNS)
    size = f"{whole.name.split('-')[1]} MB of weights"
    # 0.5 of the speed of a plain read
    yield Row(f"{size}: all numbers / plain h5py", ours["all"], plain["all"], 2.0)
    yield Row(f"{size}: first rows", ours["first"], limit=1.0)
    yield Row(f"{size}: longest pause between yields", ours["pause"], limit=0.5)
    health, plain = in_turns(__name__, ("health", whole), ("plain", whole), n_turns=_TURNS)
    yield Row(f"{whole.name.split('-')[1]} MB of weights: health", health["all"], plain["all"])
    packed = network(folder, round(300 * scale), "gzip")
    ours, plain = in_turns(__name__, ("table", packed), ("plain", packed), n_turns=_TURNS)
    size = f"{packed.name.split('-')[1]} MB of weights, gzip"
    yield Row(f"{size}: all numbers / plain h5py", ours["all"], plain["all"], 2.0)
    small, large = (
        in_turns(__name__, ("table", single(folder, n)), n_turns=_TURNS)[0]
        for n in (100, round(2000 * scale))
    )
    yield Row(
        "one weight of 2 GB: memory / of 100 MB", large["peak"], small["peak"], 1.2, unit="MB"
    )


def network(folder: Path, n_mb: int, layout: str) -> Path:
    """A file of weights: dense layers of 16 MB, values with 13 significant bits."""
    import h5py
    import numpy as np

    n_layers = max(1, n_mb * _MB // (_SIDE * _SIDE * 4))
    path = folder / f"statistics-{n_layers * 16}-{layout}.h5"
    if path.exists():
        return path
    print(f"(writing {path.name})", file=sys.stderr)
    unfinished = path.with_suffix(".part")
    random = np.random.default_rng(0)
    with h5py.File(unfinished, "w") as file, ThreadPoolExecutor() as pool:
        names = [f"dense_{n}" for n in range(n_layers)]
        file.attrs["layer_names"] = np.array(names, "S")
        for name in names:
            group = file.create_group(name)
            group.attrs["weight_names"] = np.array([f"{name}/kernel:0", f"{name}/bias:0"], "S")
            group[f"{name}/bias:0"] = np.zeros(_SIDE, "f4")
            kernel = np.round(random.standard_normal((_SIDE, _SIDE), np.float32) * 4096) / 8192
            if layout == "contiguous":
                group[f"{name}/kernel:0"] = kernel
                continue
            chunk = _SIDE // 4
            dataset = group.create_dataset(
                f"{name}/kernel:0", kernel.shape, "f4", chunks=(chunk, _SIDE), compression=4
            )
            pieces = [kernel[n : n + chunk].tobytes() for n in range(0, _SIDE, chunk)]
            for n, stored in enumerate(pool.map(lambda piece: zlib.compress(piece, 4), pieces)):
                dataset.id.write_direct_chunk((n * chunk, 0), stored)
    unfinished.rename(path)
    return path


def single(folder: Path, n_mb: int) -> Path:
    """One weight; its values take no time to make."""
    import h5py
    import numpy as np

    path = folder / f"statistics-{n_mb}-single.h5"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with h5py.File(unfinished, "w") as file:
            weight = file.create_dataset("weight", (n_mb, _MB // 4), "f4")
            block = np.random.default_rng(0).standard_normal((1, _MB // 4), np.float32)
            for row in range(n_mb):
                weight[row : row + 1] = block
        unfinished.rename(path)
    return path


# ------------------------------------------------------- in a process of its own


def _table(path: Path) -> dict[str, float]:
    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.table import OPERATIONS
    from h5viewer.requests import Progress, TabulateWeights

    start = last = time.perf_counter()
    first = pause = 0.0
    with Source(str(path)) as source:
        container = open_container(source)
        for part in OPERATIONS[TabulateWeights](TabulateWeights(document=str(path)), container):
            now = time.perf_counter()
            pause, last = max(pause, now - last), now
            if not isinstance(part, Progress):
                first = first or now - start
        container.close()
    return {"first": first, "pause": pause, "all": time.perf_counter() - start}


def _health(path: Path) -> dict[str, float]:
    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.table import OPERATIONS
    from h5viewer.requests import CheckHealth

    start = time.perf_counter()
    with Source(str(path)) as source:
        container = open_container(source)
        for _ in OPERATIONS[CheckHealth](CheckHealth(document=str(path)), container):
            pass
        container.close()
    return {"all": time.perf_counter() - start}


def _plain(path: Path) -> dict[str, float]:
    """Every dataset once, in pieces, read and forgotten."""
    import h5py

    found: list[h5py.Dataset] = []
    start = time.perf_counter()
    with h5py.File(path, "r") as file:
        file.visititems(
            lambda _, node: found.append(node) if isinstance(node, h5py.Dataset) else None
        )
        for dataset in found:
            n_rows = max(1, _PIECE * dataset.shape[0] // max(1, dataset.nbytes))
            for row in range(0, dataset.shape[0], n_rows):
                dataset[row : row + n_rows]
    return {"all": time.perf_counter() - start}


if __name__ == "__main__":
    figures = {"table": _table, "health": _health, "plain": _plain}[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps(figures | {"peak": peak_mb()}))
