"""Small versions of loose pictures: read one by one, decoded by several threads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import H5ViewerError
from h5viewer.formats.container import Container
from h5viewer.formats.parallel import in_threads
from h5viewer.loose_pictures.drawing import small
from h5viewer.nodes import Array, Thumbnails
from h5viewer.operations import Operation
from h5viewer.operations.loose_reading import LoosePictures, Stored
from h5viewer.operations.picture_thumbnails import PART, require_few
from h5viewer.requests import Progress, ReadThumbnails

_PAUSE = 0.05  # seconds between two deliveries
_BATCH = 16 << 20  # bytes that are read before they are decoded
_MOST_AT_ONCE = 24

_Read = tuple[int, Stored | H5ViewerError]
_Small = tuple[int, NDArray[np.uint8] | H5ViewerError]


def read_loose_thumbnails(request: ReadThumbnails, container: Container) -> Operation[Thumbnails]:
    """As they come, those of one size together; one that cannot be read costs itself alone.

    Raises:
        CannotRead: they are not there, positions that do not exist, too many.
    """
    pictures = LoosePictures(container, request.pictures)
    pictures.require(request.indices)
    require_few(request)
    yield Progress(done=0, total=len(request.indices), unit="pictures")
    ready = _Ready()
    # Nothing is read while others are decoded: what reads them bounds the memory of all threads.
    for batch in _batches(pictures.each(request.indices)):
        tasks = (partial(_small, pictures, *each, request.side) for each in batch)
        with closing(in_threads(tasks, len(batch))) as results:
            for index, found in results:
                ready.add(index, found)
                if ready.is_due:
                    yield from ready.parts()
                    ready = _Ready()
                else:  # whoever asks for others is heard between any two
                    yield Progress(done=0)
    yield from ready.parts()
    return Thumbnails(indices=(), pixels=_NOTHING)


_NOTHING = Array.of(np.zeros((0, 1, 1), np.uint8))


def _batches(each: Iterator[_Read]) -> Iterator[list[_Read]]:
    batch: list[_Read] = []
    n_bytes = 0
    for index, stored in each:
        batch.append((index, stored))
        if isinstance(stored, bytes):
            n_bytes += len(stored)
        elif not isinstance(stored, H5ViewerError):
            n_bytes += stored.nbytes
        if n_bytes > _BATCH or len(batch) == _MOST_AT_ONCE:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


def _small(
    pictures: LoosePictures, index: int, stored: Stored | H5ViewerError, side: int
) -> _Small:
    if isinstance(stored, H5ViewerError):
        return index, stored
    try:
        return index, small(stored, pictures.set.layout, pictures.shown(index), side)
    except H5ViewerError as error:
        return index, error


class _Ready:
    """Small pictures that wait to be delivered."""

    def __init__(self) -> None:
        self._by_shape: dict[tuple[int, ...], list[tuple[int, NDArray[np.uint8]]]] = {}
        self._lost: list[int] = []
        self._n_bytes = 0
        self._since = time.monotonic()

    def add(self, index: int, found: NDArray[np.uint8] | H5ViewerError) -> None:
        """One more."""
        if isinstance(found, H5ViewerError):
            self._lost.append(index)
            return
        self._by_shape.setdefault(found.shape, []).append((index, found))
        self._n_bytes += found.nbytes

    @property
    def is_due(self) -> bool:
        """True when they are many, or some have waited."""
        return self._n_bytes > PART or time.monotonic() > self._since + _PAUSE

    def parts(self) -> Iterator[Thumbnails]:
        """All of them, a part for each size."""
        for some in self._by_shape.values():
            yield Thumbnails(
                indices=tuple(index for index, _ in some),
                pixels=Array.of(np.stack([pixels for _, pixels in some])),
            )
        if self._lost:
            yield Thumbnails(indices=(), pixels=_NOTHING, unreadable=tuple(self._lost))
