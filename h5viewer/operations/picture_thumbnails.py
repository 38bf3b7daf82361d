"""Small pictures of a data set, as they are to be drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_layouts import drawn
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.nodes import Array, PictureLayout, Thumbnails
from h5viewer.operations import Operation
from h5viewer.operations.picture_reading import Pictures, Taken
from h5viewer.requests import Progress, ReadThumbnails

_MOST = 20_000  # of one question
_LARGEST_SIDE = 1024
_PART = 1 << 20  # bytes of pixels that are delivered at once


def read_thumbnails(request: ReadThumbnails, container: Container) -> Operation[Thumbnails]:
    """In the order of the file, each position once; some may be unreadable.

    Raises:
        CannotRead, TooLarge: no pictures there, positions that do not exist, too many.
    """
    pictures = Pictures(container, request.pictures)
    pictures.require(request.indices)
    if len(request.indices) > _MOST or not 1 <= request.side <= _LARGEST_SIDE:
        raise CannotRead(f"At most {_MOST:,} small pictures can be asked for at once.")
    layout, side = pictures.layout, request.side
    yield Progress(done=0, total=len(request.indices), unit="pictures")
    part = _Part()
    for taken in pictures.each(
        request.indices, lambda whole: small_pictures(whole, layout, side), side
    ):
        if isinstance(taken, Progress):
            yield taken
            continue
        if part.is_full(taken):
            yield part.delivered()
            part = _Part()
        part.add(taken)
    return part.delivered()


class _Part:
    """Small pictures that are delivered together."""

    def __init__(self) -> None:
        self._indices: list[int] = []
        self._unreadable: list[int] = []
        self._pixels: list[NDArray[np.uint8]] = []
        self._n_bytes = 0

    def is_full(self, taken: Taken[NDArray[np.uint8]]) -> bool:
        more = 0 if taken.result is None else taken.result.nbytes
        return self._n_bytes > 0 and self._n_bytes + more > _PART

    def add(self, taken: Taken[NDArray[np.uint8]]) -> None:
        if taken.result is None:
            self._unreadable += taken.wanted
            return
        self._indices += taken.wanted
        self._pixels.append(taken.result)
        self._n_bytes += taken.result.nbytes

    def delivered(self) -> Thumbnails:
        nothing = np.zeros((0, 1, 1), np.uint8)
        return Thumbnails(
            indices=tuple(self._indices),
            pixels=Array.of(np.concatenate(self._pixels) if self._pixels else nothing),
            unreadable=tuple(self._unreadable),
        )


def small_pictures(pictures: NDArray[Any], layout: PictureLayout, side: int) -> NDArray[np.uint8]:
    """(pictures, rows, columns, channels) as stored → drawn, and no side longer than `side`.

    A pixel is the mean of those it stands for; smaller pictures stay as they are.
    """
    pictures = pictures[..., :3] if pictures.shape[-1] >= 3 else pictures[..., :1]
    return drawn(reduced(pictures, side), layout)


def reduced(pictures: NDArray[Any], side: int) -> NDArray[Any]:
    """The same with no side longer than `side`; means as float32, else as they were."""
    rows, columns = pictures.shape[1:3]
    longest = max(rows, columns)
    if longest <= side:
        return pictures
    for axis, length in ((1, rows), (2, columns)):
        count = max(1, length * side // longest)
        pictures = _means(pictures, axis, count)
    return pictures


def _means(pictures: NDArray[Any], axis: int, count: int) -> NDArray[Any]:
    """Means of `count` stretches along an axis, as equal as whole pixels allow."""
    length = pictures.shape[axis]
    edges = np.arange(count + 1) * length // count
    kind: type[np.floating[Any]] = np.float64 if pictures.dtype.itemsize > 4 else np.float32
    with np.errstate(all="ignore"):
        if length % count == 0:
            step = length // count
            front = [slice(None)] * axis
            total: NDArray[Any] = pictures[(*front, slice(0, None, step))].astype(kind)
            for offset in range(1, step):
                total += pictures[(*front, slice(offset, None, step))]
            total /= step
            return total
        sums = np.add.reduceat(pictures, edges[:-1], axis=axis, dtype=kind)
        sizes = np.diff(edges).astype(kind)
        shape = [1] * pictures.ndim
        shape[axis] = count
        sums /= sizes.reshape(shape)
        return sums
