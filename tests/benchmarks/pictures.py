"""A million pictures: found, the first small ones, any hundred of them, all labels, means.

Asked through a worker that runs, as the window asks; every figure is the middle of three files
opened anew. Chunks repeat, so that the files are small; what is read and decoded is not.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.rows import Row

_TURNS = 3
_N_PICTURES = 1_000_000
_A_SCREEN = 200  # small pictures seen at once


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Small grey pictures as one row of bytes; large coloured ones in chunks, compressed."""
    n_pictures = max(1000, int(_N_PICTURES * scale))
    for name, made in (
        ("28 x 28 contiguous", grey(folder, n_pictures)),
        ("64 x 64 x 3 gzip", coloured(folder, n_pictures, side=64, chunk=32)),
        ("224 x 224 x 3 gzip", coloured(folder, n_pictures // 50, side=224, chunk=4)),
    ):
        found = _middle([_figures(made) for _ in range(_TURNS)])
        size = f"{n_pictures if '224' not in name else n_pictures // 50:,} of {name}"
        yield Row(f"{size}: found", found["found"], limit=0.3)
        yield Row(f"{size}: first {_A_SCREEN}", found["first"], limit=0.3)
        yield Row(f"{size}: ... in the middle", found["middle"], limit=0.3)
        yield Row(f"{size}: ... anywhere", found["anywhere"], limit=1.0)
        yield Row(f"{size}: all labels", found["labels"], limit=0.5)
        yield Row(f"{size}: first mean", found["mean"], limit=0.5)


def _figures(path: Path) -> dict[str, float]:
    from h5viewer.nodes import PictureSets
    from h5viewer.requests import (
        FindPictureSets,
        ReadMeanPictures,
        ReadPictureLabels,
        ReadThumbnails,
    )
    from h5viewer.workers.asking import ask
    from h5viewer.workers.pool import Pool

    document = str(path)
    pool = Pool(keep_spare=False)
    try:
        pool.warm()
        time.sleep(1)
        start = time.perf_counter()
        sets = ask(pool, FindPictureSets(document=document))
        figures = {"found": time.perf_counter() - start}
        assert isinstance(sets, PictureSets)
        (pictures,) = sets.sets
        n = pictures.n_pictures
        spread = range(0, n, max(1, n // _A_SCREEN))
        wishes = {
            "first": range(_A_SCREEN),
            "middle": range(n // 2, n // 2 + _A_SCREEN),
            "anywhere": spread,
        }
        for name, wish in wishes.items():
            request = ReadThumbnails(document=document, pictures=pictures, indices=tuple(wish))
            figures[name] = _seconds(pool, request)
        figures["labels"] = _seconds(pool, ReadPictureLabels(document=document, pictures=pictures))
        means = ReadMeanPictures(document=document, pictures=pictures)
        figures["mean"] = _seconds(pool, means, until_part=True)
        return figures
    finally:
        pool.close()


class _Enough(Exception):
    """The first part has come."""


def _seconds(pool: Any, request: Any, *, until_part: bool = False) -> float:
    from h5viewer.workers.asking import ask

    def stop(_: object) -> None:
        if until_part:
            raise _Enough

    start = time.perf_counter()
    with suppress(_Enough):
        ask(pool, request, stop)
    return time.perf_counter() - start


def _middle(turns: list[dict[str, float]]) -> dict[str, float]:
    return {key: median(turn[key] for turn in turns) for key in turns[0]}


# --------------------------------------------------------------------------- files


def grey(folder: Path, n_pictures: int) -> Path:
    """(n, 784) bytes: squares of some grey on black."""
    import h5py
    import numpy as np

    path = folder / f"pictures-grey-{n_pictures}.h5"
    if path.exists():
        return path
    print(f"(writing {path.name})", file=sys.stderr)
    random = np.random.default_rng(0)
    block = _squares(random, min(n_pictures, 10_000), 28, 1).reshape(-1, 784)
    unfinished = path.with_suffix(".part")
    with h5py.File(unfinished, "w") as file:
        stored = file.create_dataset("x_train", (n_pictures, 784), "u1")
        for start in range(0, n_pictures, len(block)):
            stored[start : start + len(block)] = block[: n_pictures - start]
        file["y_train"] = random.integers(0, 10, n_pictures, np.int64)
    unfinished.rename(path)
    return path


def coloured(folder: Path, n_pictures: int, side: int, chunk: int) -> Path:
    """(n, side, side, 3) bytes, one chunk over and over again."""
    import zlib

    import h5py
    import numpy as np

    path = folder / f"pictures-{side}-{n_pictures}.h5"
    if path.exists():
        return path
    print(f"(writing {path.name})", file=sys.stderr)
    random = np.random.default_rng(0)
    packed = zlib.compress(_squares(random, chunk, side, 3).tobytes(), 4)
    unfinished = path.with_suffix(".part")
    with h5py.File(unfinished, "w") as file:
        stored = file.create_dataset(
            "images",
            (n_pictures, side, side, 3),
            "u1",
            chunks=(chunk, side, side, 3),
            compression="gzip",
        )
        for start in range(0, n_pictures, chunk):
            stored.id.write_direct_chunk((start, 0, 0, 0), packed)
        file["labels"] = random.integers(0, 10, n_pictures, np.int64)
        file.attrs["class_names"] = [f"class {n}" for n in range(10)]
    unfinished.rename(path)
    return path


def _squares(random: Any, count: int, side: int, channels: int) -> Any:
    import numpy as np

    pictures = np.zeros((count, side, side, channels), np.uint8)
    for picture in pictures:
        top, left = random.integers(2, side // 2, 2)
        size = random.integers(side // 4, side // 2)
        picture[top : top + size, left : left + size] = random.integers(60, 256, channels)
        picture += random.integers(0, 2, (side, side, 1), np.uint8)
    return pictures
