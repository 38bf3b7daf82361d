"""Data sets: building one beside decoding alone, and random batches beside folder and memmap.

Decoding alone is what the fastest way of two makes of the same pictures: as many processes, or
threads, as there are processors, each decoding with Pillow and throwing away. The folder's
batches are read as a training run does it without a data set: 32 files opened and decoded; ours
one by one, as the copied Python does (h5py takes ten times as long for a list of indices, and a
hundred times when there are chunks).
"""

from __future__ import annotations

import io
import multiprocessing
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

from h5viewer.exporting import export
from h5viewer.nodes import DataSetRecipe
from h5viewer.requests import BuildDataSet
from h5viewer.workers.pool import Pool
from tests.benchmarks.rows import Row

_SIZES = {"photos": (500, 375, 3000, 224), "tiny": (64, 64, 10_000, 64)}
"""Width and height of the files, how many, and the side they are stored with."""

_TIMES = 3
_BATCH = 32


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Build ≥ 0.8 × decoding alone; batches of 32 at least 5 × faster than from the folder."""
    for name, (width, height, count, side) in _SIZES.items():
        pictures = make_pictures(folder / f"pictures-{name}", width, height, int(count * scale))
        target = folder / f"data-set-{name}.h5"
        both = [(_build(pictures, target, side), _decode(pictures, side)) for _ in range(_TIMES)]
        ours, floor = min(each for each, _ in both), min(each for _, each in both)
        yield Row(f"build {name}, beside decoding alone", ours, floor, 1 / 0.8)
        yield from _batches(name, pictures, target, side)


def make_pictures(folder: Path, width: int, height: int, count: int) -> Path:
    """JPEG files in ten folders."""
    done = folder / "done.txt"
    if not done.exists() or done.read_text() != str(count):
        rng = np.random.default_rng(0)
        for at in range(count):
            path = folder / f"class {at % 10}" / f"{at:06}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            coarse = rng.integers(0, 256, (height // 12 + 2, width // 12 + 2, 3), dtype=np.uint8)
            picture = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
            picture.save(path, quality=90)
        done.write_text(str(count))
    return folder


def _build(pictures: Path, target: Path, side: int) -> float:
    """Seconds from the first picture to the file in place; the worker was started before."""
    began = 0.0

    def progressed(_: object) -> None:
        nonlocal began
        began = began or time.perf_counter()

    pool = Pool(keep_spare=False)
    try:
        recipe = DataSetRecipe(width=side, height=side)
        request = BuildDataSet(document=str(pictures), target=str(target), recipe=recipe)
        export(pool, request, may_replace=True, on_progress=progressed)
        return time.perf_counter() - began
    finally:
        pool.close()


def _decode(pictures: Path, side: int) -> float:
    """Seconds of the faster way."""
    names = sorted(map(str, pictures.rglob("*.jpg")))
    n_workers = os.cpu_count() or 1
    parts = [(names[at::n_workers], side) for at in range(n_workers)]
    with multiprocessing.get_context("spawn").Pool(n_workers) as processes:
        processes.map(_decode_all, [(names[:4], side)] * n_workers, chunksize=1)
        by_processes = _seconds(lambda: processes.map(_decode_all, parts, chunksize=1))
    with ThreadPoolExecutor(n_workers) as threads:
        by_threads = _seconds(lambda: list(threads.map(_decode_all, parts)))
    return min(by_processes, by_threads)


def _decode_all(part: tuple[list[str], int]) -> None:
    for name in part[0]:
        _picture(name, part[1])


def _picture(name: str, side: int) -> np.ndarray:
    with Image.open(io.BytesIO(Path(name).read_bytes())) as image:
        return np.asarray(image.convert("RGB").resize((side, side), Image.Resampling.BILINEAR))


def _batches(name: str, pictures: Path, target: Path, side: int) -> Iterator[Row]:
    """Batches of pictures in no order, all in the memory of the system."""
    files = sorted(map(str, pictures.rglob("*.jpg")))
    plain = target.with_suffix(".raw")
    with h5py.File(target) as file:
        images = file["images"]
        count = len(images)
        memory = np.memmap(plain, np.uint8, "w+", shape=images.shape)
        for start in range(0, count, 1000):
            memory[start : start + 1000] = images[start : start + 1000]
        memory.flush()
        chosen = random.Random(0)
        ours, from_folder, from_memory = [], [], []
        for _ in range(30):
            batch = sorted(chosen.sample(range(count), _BATCH))
            ours.append(_seconds(lambda batch=batch: np.stack([images[at] for at in batch])))
            from_folder.append(
                _seconds(lambda batch=batch: np.stack([_picture(files[at], side) for at in batch]))
            )
            from_memory.append(_seconds(lambda batch=batch: np.array(memory[batch])))
    plain.unlink()
    median = statistics.median
    yield Row(f"batch of 32 of {name}, beside the folder", median(ours), median(from_folder), 0.2)
    yield Row(f"batch of 32 of {name}, beside a memmap", median(ours), median(from_memory))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
