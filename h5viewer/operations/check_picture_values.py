"""Pictures read once for their numbers, and a few times for what a random batch takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_findings.colours import ColourCounts, count_colours, joined_counts
from h5viewer.documents.picture_findings.measures import Measures, Measuring, joined
from h5viewer.documents.picture_findings.storage import BATCH, Measured
from h5viewer.documents.picture_layouts import arranged
from h5viewer.documents.picture_looks import are_wrapped
from h5viewer.errors import TooLarge
from h5viewer.formats.boxes import Box
from h5viewer.operations import Operation
from h5viewer.operations.cuts import as_numbers, named
from h5viewer.operations.picture_reading import Pictures
from h5viewer.operations.picture_samples import sample
from h5viewer.operations.unfolding import Unfolding
from h5viewer.requests import Progress
from h5viewer.wording import bytes_text

_PIECE = 1 << 20  # bytes measured at once: stay in the cache
_SLAB = 16 << 20  # bytes read at once where pictures do not stand one after the other
_LARGEST_SLAB = 64 << 20
_LARGEST_PICTURE = 256 << 20
_COLOURED = 2000  # pictures whose colours are looked at
_YIELD = 0.04  # seconds
_TURNS = 2  # batches of each kind that are measured
_MOST_DECODED = 256 << 20  # bytes for a measured batch
_SEED = 0


def measure_pictures(pictures: Pictures, n_taken: int) -> Operation[tuple[Measures, ColourCounts]]:
    """Numbers of the first `n_taken`, each chunk decoded once.

    Raises:
        CannotRead, TooLarge: an obstacle, damage, pictures too large to be held.
    """
    array, layout = pictures.array, pictures.layout
    if pictures.picture_bytes > _LARGEST_PICTURE:
        raise TooLarge(
            f"{named(array.facts)} has pictures of {bytes_text(pictures.picture_bytes)} each."
        )
    step = _slab(pictures)
    Unfolding().allow(array, pictures.box(0, n_taken))
    dtype = pictures.dtype if n_taken else np.dtype(np.uint8)
    measuring = Measuring(layout, dtype)
    a_piece = max(1, _PIECE // pictures.picture_bytes)
    thin = max(1, n_taken // _COLOURED)

    def work(_: Box, values: NDArray[Any]) -> tuple[Measures, ColourCounts]:
        found = arranged(as_numbers(values), layout)
        pieces = [found[start : start + a_piece] for start in range(0, len(found), a_piece)]
        return joined([measuring.take(piece) for piece in pieces]), count_colours(
            found[::thin], layout
        )

    boxes = (pictures.box(start, min(n_taken, start + step)) for start in range(0, n_taken, step))
    parts: list[tuple[Measures, ColourCounts]] = []
    done = 0
    due = time.monotonic() + _YIELD
    with closing(array.process(boxes, work)) as results:
        for _, part in results:
            parts.append(part)
            done += part[0].length
            if time.monotonic() >= due:
                yield Progress(done=done, total=n_taken, unit="pictures")
                due = time.monotonic() + _YIELD
    return joined([part[0] for part in parts]), joined_counts([part[1] for part in parts])


def _slab(pictures: Pictures) -> int:
    """Pictures that are read at once, so that no chunk is decoded twice if that can be."""
    facts = pictures.array.facts
    n_fitting = max(1, _PIECE // pictures.picture_bytes)
    if facts.chunks is None:
        is_apart = pictures.axis != 0
        return max(1, _SLAB // pictures.picture_bytes) if is_apart else n_fitting
    chunk = facts.chunks[pictures.axis]
    if chunk <= n_fitting:
        return n_fitting // chunk * chunk
    most = max(1, _LARGEST_SLAB // pictures.picture_bytes)
    return min(chunk, most)


def are_bytes_wrapped(pictures: Pictures) -> bool:
    """True where bytes above 127 were stored in a type that has none.

    Raises:
        CannotRead: damage wherever it was looked at.
    """
    facts = pictures.array.facts
    if facts.dtype.kind != "int" or facts.dtype.itemsize != 1:
        return False
    return are_wrapped(arranged(sample(pictures.array, pictures.layout), pictures.layout))


def measure_batches(pictures: Pictures) -> Operation[Measured]:
    """How long random pictures take, one read each, and as many that follow each other."""
    array = pictures.array
    random = np.random.default_rng(_SEED)
    n = min(BATCH, pictures.length)
    cost = array.cost(pictures.box(0, 1)) if n else 0
    while n > 2 and n * cost > _MOST_DECODED:
        n //= 2
    if not n:
        return Measured(0, 0, 0)
    seconds = {"random": [0.0], "ordered": [0.0]}
    for turn in range(_TURNS):
        anywhere = random.choice(pictures.length, n, replace=False).tolist()
        start = int(random.integers(0, pictures.length - n + 1))
        seconds["random"][turn:] = [(yield from _timed(pictures, ((i, i + 1) for i in anywhere)))]
        seconds["ordered"][turn:] = [(yield from _timed(pictures, iter([(start, start + n)])))]
    return Measured(n, min(seconds["random"]), min(seconds["ordered"]), n * cost)


def _timed(pictures: Pictures, runs: Iterator[tuple[int, int]]) -> Operation[float]:
    taken = 0.0
    for start, stop in runs:
        began = time.perf_counter()
        pictures.array.read(pictures.box(start, stop))
        taken += time.perf_counter() - began
        yield Progress(done=0, text="Measuring random batches…")
    return taken
