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

PART = 1 << 20
"""Bytes of pixels that are delivered at once."""

_MOST = 20_000  # of one question
_LARGEST_SIDE = 1024
_MOST_BYTES = 257  # whose sum fits into 16 bits


def read_thumbnails(request: ReadThumbnails, container: Container) -> Operation[Thumbnails]:
    """In the order of the file, each position once; some may be unreadable.

    Raises:
        CannotRead, TooLarge: no pictures there, positions that do not exist, too many.
    """
    pictures = Pictures(container, request.pictures)
    pictures.require(request.indices)
    require_few(request)
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


def require_few(request: ReadThumbnails) -> None:
    """Raise for more pictures, or larger ones, than are delivered.

    Raises:
        CannotRead: they are.
    """
    if len(request.indices) > _MOST or not 1 <= request.side <= _LARGEST_SIDE:
        raise CannotRead(f"At most {_MOST:,} small pictures can be asked for at once.")


class _Part:
    """Small pictures that are delivered together."""

    def __init__(self) -> None:
        self._indices: list[int] = []
        self._unreadable: list[int] = []
        self._pixels: list[NDArray[np.uint8]] = []
        self._n_bytes = 0

    def is_full(self, taken: Taken[NDArray[np.uint8]]) -> bool:
        more = 0 if taken.result is None else taken.result.nbytes
        return self._n_bytes > 0 and self._n_bytes + more > PART

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
    n_pixels = np.ones(())
    for axis, length in ((1, rows), (2, columns)):
        pictures, sizes = _sums(pictures, axis, max(1, length * side // longest))
        n_pixels = n_pixels * sizes
    with np.errstate(all="ignore"):
        kind = np.float64 if pictures.dtype == np.float64 else np.float32
        means: NDArray[Any] = pictures / n_pixels.astype(kind)
    return means


def _sums(
    pictures: NDArray[Any], axis: int, count: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Sums of `count` stretches along an axis, as equal as whole pixels allow; and their lengths.

    A loop over the pixels of a stretch takes a third of the time of `np.add.reduceat`.
    """
    length = pictures.shape[axis]
    edges = np.arange(count + 1) * length // count
    sizes = np.diff(edges)
    most = int(sizes.max())
    front = (slice(None),) * axis
    with np.errstate(all="ignore"):
        total: NDArray[Any]
        if length % count == 0:
            total = pictures[(*front, slice(0, None, most))].astype(_wide(pictures, most))
            for offset in range(1, most):
                total += pictures[(*front, slice(offset, None, most))]
        else:
            total = pictures.take(edges[:-1], axis).astype(_wide(pictures, most))
            for offset in range(1, most):
                places = edges[:-1] + offset
                has_one = places < edges[1:]
                total[(*front, has_one)] += pictures.take(places[has_one], axis)
    shape = [1] * pictures.ndim
    shape[axis] = count
    return total, sizes.reshape(shape).astype(np.float64)


def _wide(pictures: NDArray[Any], most: int) -> type[np.generic]:
    """What sums of `most` numbers fit into."""
    if pictures.dtype.itemsize == 1 and pictures.dtype.kind in "bu" and most <= _MOST_BYTES:
        return np.uint16
    return np.float32 if pictures.dtype.itemsize <= 4 else np.float64
