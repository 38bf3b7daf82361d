"""The mean of the pictures of a data set, and of those of each class."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_layouts import arranged
from h5viewer.errors import TooLarge
from h5viewer.formats.boxes import Box
from h5viewer.formats.container import Container
from h5viewer.nodes import Array, MeanPictures, PictureLayout
from h5viewer.operations import Operation
from h5viewer.operations.cuts import READ_BUDGET, as_numbers
from h5viewer.operations.picture_labels import all_classes
from h5viewer.operations.picture_reading import Pictures
from h5viewer.operations.picture_thumbnails import reduced
from h5viewer.requests import Progress, ReadMeanPictures

_GROUP = 4 << 20  # bytes of pictures that are added up at once
_LARGEST_GROUP = 64 << 20
_MOST_GROUPS = 100_000
_LONGEST_SIDE = 256
_SMALLEST_SIDE = 16
_MOST_NUMBERS = 2_000_000  # sent at once: 8 MB


class _Sums(NamedTuple):
    """Of a group of pictures."""

    classes: NDArray[np.intp]  # that are among them
    sums: NDArray[np.float64]  # (classes + 1, rows, columns, channels), the last of all pictures
    counts: NDArray[np.intp]


def read_mean_pictures(
    request: ReadMeanPictures, container: Container, *others: Container
) -> Operation[MeanPictures]:
    """Parts are means of more and more pictures, evenly spread; 8 GB are read at most.

    What is no finite number counts as black. Large pictures, and those of many classes, are
    reduced first.

    Args:
        others: the file of the labels, where it is another one.

    Raises:
        CannotRead, TooLarge: no pictures there, damage.
    """
    pictures = Pictures(container, request.pictures)
    layout = pictures.layout
    labels = request.other_labels
    labelled = request.pictures if labels is None else labels.pictures
    try:
        classes = yield from all_classes((*others, container)[0], labelled)
    except TooLarge:
        classes = None  # more pictures than are read
    n_classes = len(labelled.label_names) if classes is not None else 0
    side, n_classes = _sizes(layout, n_classes)
    known = classes if n_classes else None
    total: NDArray[np.float64] | None = None
    counts = np.zeros(n_classes + 1, np.int64)  # the last: all pictures
    n_told, n_read, cost = 0, 0, 0

    def add_up(box: Box, values: NDArray[Any]) -> _Sums:
        span = box[pictures.axis]
        count = span.stop - span.start
        own = np.full(count, -1, np.int32) if known is None else known[span.start : span.stop]
        return _sums(values, layout, side, own)

    with closing(pictures.array.process(_groups(pictures), add_up)) as results:
        for box, found in results:
            if total is None:
                total = np.zeros((n_classes + 1, *found.sums.shape[1:]))
            total[found.classes] += found.sums
            counts[found.classes] += found.counts
            n_read = int(counts[-1])
            cost += pictures.array.cost(box)
            yield Progress(done=n_read, total=pictures.length, unit="pictures")
            if cost > READ_BUDGET:
                break
            if n_read >= 2 * n_told and n_read < pictures.length:
                n_told = n_read
                yield _means(total, counts, pictures.length)
    if total is None:
        total = np.zeros((n_classes + 1, layout.height, layout.width, layout.channels))
    return _means(total, counts, pictures.length)


def _sizes(layout: PictureLayout, n_classes: int) -> tuple[int, int]:
    """The longer side, and how many classes have a mean of their own."""
    longest = max(layout.height, layout.width)
    side = min(longest, _LONGEST_SIDE)
    if not n_classes:
        return side, 0
    one = layout.height * layout.width * layout.channels * (side / longest) ** 2
    if one * (n_classes + 1) > _MOST_NUMBERS:
        side = int(side * (_MOST_NUMBERS / (one * (n_classes + 1))) ** 0.5)
    is_seen = side >= min(_SMALLEST_SIDE, longest)
    return (side, n_classes) if is_seen else (min(longest, _LONGEST_SIDE), 0)


def _groups(pictures: Pictures) -> Iterator[Box]:
    """Boxes of whole pictures, coarse first: whoever stops early has seen all parts."""
    cell = pictures.array.cell[pictures.axis] if pictures.array.facts.chunks is not None else 1
    step = max(1, _GROUP // pictures.picture_bytes)
    step = max(cell, step // cell * cell)
    step = max(1, min(step, _LARGEST_GROUP // pictures.picture_bytes))
    n_groups = -(-pictures.length // step)
    numbers = np.arange(min(n_groups, _MOST_GROUPS))
    if n_groups > 1:  # by the lowest bit that is set: 0, then the middle, the quarters, …
        lowest = np.where(numbers == 0, 1 << 62, numbers & -numbers)
        numbers = np.argsort(-lowest, kind="stable")
    apart = max(1, n_groups // _MOST_GROUPS) * step  # of more groups than are ever read, some
    for number in numbers.tolist():
        start = number * apart
        yield pictures.box(start, min(pictures.length, start + step))


def _sums(values: NDArray[Any], layout: PictureLayout, side: int, classes: NDArray[Any]) -> _Sums:
    numbers = as_numbers(values)
    if numbers.dtype.kind == "f":
        finite = np.isfinite(numbers)
        if not finite.all():
            numbers = np.where(finite, numbers, layout.low)
    pictures = reduced(arranged(numbers, layout), side)
    kind = np.uint32 if pictures.dtype in (np.uint8, np.bool_) else np.float64
    found, sums, counts = _by_class(pictures, classes, kind)
    every = pictures.sum(axis=0, dtype=kind) if classes.ndim > 1 else sums.sum(axis=0)
    is_class = found >= 0
    return _Sums(
        np.append(found[is_class], -1).astype(np.intp),
        np.concatenate([sums[is_class], every[None]]).astype(np.float64),
        np.append(counts[is_class], len(pictures)),
    )


def _by_class(
    pictures: NDArray[Any], classes: NDArray[Any], kind: type[np.generic]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Classes, −1 perhaps among them, their sums, their counts."""
    if classes.ndim > 1:
        found = np.flatnonzero(classes.any(axis=0))
        each = [pictures[classes[:, number]].sum(axis=0, dtype=kind) for number in found]
        sums = np.stack(each) if each else np.zeros((0, *pictures.shape[1:]), kind)
        return found, sums, classes[:, found].sum(axis=0)
    order = np.argsort(classes, kind="stable")
    found, starts, counts = np.unique(classes[order], return_index=True, return_counts=True)
    if len(found) == 1:
        return found, pictures.sum(axis=0, dtype=kind)[None], counts
    return found, np.add.reduceat(pictures[order], starts, axis=0, dtype=kind), counts


def _means(total: NDArray[np.float64], counts: NDArray[np.int64], n_pictures: int) -> MeanPictures:
    with np.errstate(all="ignore"):
        means = total / counts[:, None, None, None]
        return MeanPictures(
            mean=Array.of(means[-1].astype(np.float32)),
            class_means=Array.of(means[:-1].astype(np.float32)),
            n_read=int(counts[-1]),
            n_pictures=n_pictures,
        )
