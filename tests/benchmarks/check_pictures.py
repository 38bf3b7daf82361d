"""The check of a data set of pictures beside one plain read of its file.

50,000 coloured pictures of 64 x 64 pixels that are all different, contiguous and compressed, and as
many of 32 x 32. Ours and the floor take turns, each in a process of its own, and the middle of
five counts. From the disk: as a file is that was not read for a while; else the system has all of
it in its memory, from where a plain read takes 6 GB a second.
"""

from __future__ import annotations

import json
import os
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.benchmarks.measuring import in_turns
from tests.benchmarks.rows import Row

_TURNS = 5
_BATCH = 800  # pictures: whole chunks
_CHUNK = 8
_READ = 256  # pictures of one plain read: 3 MB


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Speed beside a plain read."""
    n = round(50_000 * scale)
    for side, is_packed in ((64, False), (64, True), (32, False)):
        path = file_of(folder, n, side, is_packed=is_packed)
        name = f"{n:,} pictures of {side} × {side}{', gzip' if is_packed else ''}"
        # of tiny pictures a plain read takes 30 ms; comparing so many takes longer than that
        limit = 5.0 if side == 64 else None
        for place, what in ((", from the disk", "cold "), ("", "")):
            turns = (f"{what}check", path), (f"{what}plain", path)
            check, plain = in_turns(__name__, *turns, n_turns=_TURNS)
            yield Row(f"{name}{place}: check / plain h5py", check["all"], plain["all"], limit)


def file_of(folder: Path, n: int, side: int, *, is_packed: bool) -> Path:
    """A file of pictures with labels: soft stains with grain."""
    import h5py
    import numpy as np

    path = folder / f"pictures-{n}-{side}{'-gzip' if is_packed else ''}.h5"
    if path.exists():
        return path
    print(f"(writing {path.name})", file=sys.stderr)
    unfinished = path.with_suffix(".part")
    random = np.random.default_rng(0)
    places = np.linspace(0, 5, side)
    left = np.clip(places.astype(int), 0, 4)
    weights = np.zeros((side, 6), np.float32)
    weights[np.arange(side), left] = 1 - (places - left)
    weights[np.arange(side), left + 1] += places - left
    grain = random.normal(0, 6, (2 * _BATCH, side, side, 3)).astype(np.float32)
    with h5py.File(unfinished, "w") as file, ThreadPoolExecutor() as pool:
        file["labels"] = random.permutation(np.arange(n) % 10)
        shape = (n, side, side, 3)
        packing = {"chunks": (_CHUNK, *shape[1:]), "compression": 4} if is_packed else {}
        images = file.create_dataset("images", shape, "u1", **packing)
        for start in range(0, n, _BATCH):
            coarse = random.uniform(10, 245, (min(_BATCH, n - start), 6, 6, 3)).astype(np.float32)
            stains = np.tensordot(weights, coarse, (1, 1))
            stains = np.tensordot(weights, stains, (1, 2)).transpose(2, 1, 0, 3)
            first = int(random.integers(0, _BATCH))
            batch = np.clip(stains + grain[first : first + len(stains)], 0, 255).astype("u1")
            if not is_packed:
                images[start : start + len(batch)] = batch
                continue
            batch = np.concatenate([batch, np.zeros((-len(batch) % _CHUNK, *shape[1:]), "u1")])
            pieces = [batch[at : at + _CHUNK].tobytes() for at in range(0, len(batch), _CHUNK)]
            for number, stored in enumerate(pool.map(lambda each: zlib.compress(each, 4), pieces)):
                images.id.write_direct_chunk((start + number * _CHUNK, 0, 0, 0), stored)
    unfinished.rename(path)
    return path


# ------------------------------------------------------- in a process of its own


def _check(path: Path) -> dict[str, float]:
    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.table import OPERATIONS
    from h5viewer.requests import CheckPictures

    start = time.perf_counter()
    with Source(str(path)) as source:
        container = open_container(source)
        for _ in OPERATIONS[CheckPictures](CheckPictures(document=str(path)), container):
            pass
        container.close()
    return {"all": time.perf_counter() - start}


def _plain(path: Path) -> dict[str, float]:
    import h5py

    start = time.perf_counter()
    with h5py.File(path, "r") as file:
        images = file["images"]
        for first in range(0, len(images), _READ):
            images[first : first + _READ]
    return {"all": time.perf_counter() - start}


def _forget(path: Path) -> None:
    """Have the system keep nothing of it in its memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def main(what: str, path: Path) -> None:
    """Print what was measured."""
    if what.startswith("cold "):
        _forget(path)
    measure = _check if what.endswith("check") else _plain
    print(json.dumps(measure(path)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
