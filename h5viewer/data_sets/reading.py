"""Pictures of a folder, read and decoded by several threads, in order.

Pillow lets other threads run while it decodes, scales and pastes.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.folder import Folder
from h5viewer.nodes import DataSetRecipe
from h5viewer.picture_files import read_picture
from h5viewer.pictures.storing import StoredPicture, as_stored, size_of
from h5viewer.requests import Progress

T = TypeVar("T")
S = TypeVar("S")

N_THREADS = max(4, min(16, 2 * (os.cpu_count() or 1)))
"""Twice as many as decode at once: the others wait for a disk or a network drive. On a fast disk
it makes no difference (4 instead of 2 on two processors: the same within the noise)."""

Decoded = NDArray[Any] | str
"""A picture as it is stored, or why it cannot be."""

IT = "It"
"""What names a picture in a sentence that stands beside its name."""

_HEAD = 64 << 10  # bytes, which nearly always say the size


class Looks(msgspec.Struct):
    """How large pictures are, by width and height, and which of them cannot be read."""

    sizes: Counter[tuple[int, int]] = msgspec.field(default_factory=Counter)
    refusals: list[tuple[str, str]] = []  # name, sentence


def in_order(
    executor: ThreadPoolExecutor, work: Callable[[S], T], items: Iterator[S], n_ahead: int
) -> Generator[T, None, None]:
    """What `work` makes of each, in order; so many at most are under way or wait."""
    pending: deque[Future[T]] = deque()
    try:
        for item in items:
            pending.append(executor.submit(work, item))
            if len(pending) >= n_ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for each in pending:
            each.cancel()


def stored_picture(
    folder: Folder, name: str, recipe: DataSetRecipe, *, explains: bool = False
) -> StoredPicture:
    """One picture as it is stored, 0 to 255; `explains`: with a note.

    Raises:
        CannotRead: it cannot be.
    """
    return as_stored(read_picture(folder.join(name), IT), IT, recipe, explains=explains)


def finished(pixels: NDArray[np.uint8], recipe: DataSetRecipe) -> NDArray[Any]:
    """Pixels in the type and with the axes in which they are stored."""
    values: NDArray[Any] = pixels[:, :, None] if pixels.ndim == 2 else pixels
    if recipe.is_channels_first:
        values = values.transpose(2, 0, 1)
    if recipe.dtype == "float32":
        values = values.astype(np.float32) / np.float32(255)
    return values


def decoded(folder: Folder, recipe: DataSetRecipe, names: Sequence[str]) -> list[Decoded]:
    """What becomes of each of these pictures."""
    found: list[Decoded] = []
    for name in names:
        try:
            found.append(finished(stored_picture(folder, name, recipe).pixels, recipe))
        except CannotRead as error:
            found.append(error.message)
    return found


def spread(names: Sequence[str], count: int, start: int = 0) -> list[str]:
    """At most so many, evenly over all; another `start` gives others."""
    if len(names) <= count:
        return list(names)
    step = len(names) / count
    shift = start * 0.618034 % 1  # never the same ones soon again
    return [names[int((at + shift) * step) % len(names)] for at in range(count)]


def looked_at(folder: Folder, names: Sequence[str]) -> Generator[Progress, None, Looks]:
    """The sizes of these pictures."""
    looks = Looks()

    def look(name: str) -> tuple[int, int] | str:
        return _size(folder, name)

    with ThreadPoolExecutor(N_THREADS) as executor:
        found = in_order(executor, look, iter(names), 4 * N_THREADS)
        for done, size in enumerate(found, start=1):
            if isinstance(size, str):
                looks.refusals.append((names[done - 1], size))
            else:
                looks.sizes[size] += 1
            yield Progress(
                done=done, total=len(names), unit="pictures", text="Looking at pictures…"
            )
    return looks


def _size(folder: Folder, name: str) -> tuple[int, int] | str:
    """Width and height, or why it cannot be read."""
    path = folder.join(name)
    with suppress(OSError, CannotRead), Path(path).open("rb") as file:
        return size_of(file.read(_HEAD), IT)
    try:
        return size_of(read_picture(path, IT), IT)  # more of it is needed, to say the least
    except CannotRead as error:
        return error.message
