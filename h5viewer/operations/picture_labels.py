"""The class of every picture of a data set, and how many each class has."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_labels import (
    COLUMNS,
    LabelShape,
    classes_of,
    label_shape,
    marks_of,
)
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.container import Container, StoredArray
from h5viewer.names import path_text, visible
from h5viewer.nodes import Array, ClassCounts, PictureLabels, PictureSet
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named
from h5viewer.operations.loose_reading import member_classes
from h5viewer.operations.own_labels import STEP, are_own, own_rows
from h5viewer.requests import Progress, ReadPictureLabels
from h5viewer.wording import plural

_MOST_LABELS = 100_000_000
_MOST_MARKS = 200_000_000  # pictures x classes
_AT_ONCE = 1 << 18  # of classes that are known already


def read_picture_labels(request: ReadPictureLabels, container: Container) -> Operation[ClassCounts]:
    """From the first to the last.

    Raises:
        CannotRead, TooLarge: they are no labels of so many pictures, damage.
    """
    pictures = request.pictures
    names = pictures.label_names
    n_with = np.zeros(len(names), np.int64)
    n_without = 0
    if pictures.labels is None or not pictures.label_form:
        return ClassCounts(names=(), counts=(), n_without=pictures.n_pictures)
    for start, found in _classes(container, pictures):
        classes, marks = found, None
        if found.ndim == 2:
            classes = _firsts(found)
            marks = Array.of(np.packbits(found, axis=1))
            n_with += found.sum(axis=0)
        else:
            n_with += np.bincount(found + 1, minlength=len(names) + 1)[1:]
        n_without += int((classes < 0).sum())
        yield PictureLabels(first=start, classes=Array.of(classes), marks=marks)
        yield Progress(done=start, total=pictures.n_pictures, unit="labels")
    return ClassCounts(names=names, counts=tuple(n_with.tolist()), n_without=n_without)


def all_classes(
    container: Container, pictures: PictureSet
) -> Generator[Progress, None, NDArray[np.int32] | NDArray[np.bool_] | None]:
    """The class of each picture, −1 for none; None: the set has no labels.

    Returns:
        (pictures,), or where a picture may be in several (pictures, classes): whether it is.

    Raises:
        CannotRead, TooLarge: they are no labels of so many pictures, damage.
    """
    if pictures.labels is None or not pictures.label_form:
        return None
    parts: list[NDArray[Any]] = []
    for start, classes in _classes(container, pictures):
        parts.append(classes)
        yield Progress(done=start, total=pictures.n_pictures, unit="labels")
    return np.concatenate(parts) if parts else np.empty(0, np.int32)


def _firsts(marks: NDArray[np.bool_]) -> NDArray[np.int32]:
    return np.where(marks.any(axis=1), marks.argmax(axis=1), -1).astype(np.int32)


def _classes(container: Container, pictures: PictureSet) -> Iterator[tuple[int, NDArray[Any]]]:
    """Position of the first, and the classes of a run of pictures, as `all_classes` has them."""
    if pictures.labels is None:
        return
    if pictures.label_form == "group":
        yield from _groups(container, pictures)
        return
    if are_own(pictures):
        yield from _own(container, pictures)
        return
    array = container.array(pictures.labels)
    shape = label_shape(array.facts.shape, pictures.n_pictures)
    if shape is None or (pictures.label_form in COLUMNS) != (shape.n_columns > 1):
        raise CannotRead(
            f"{named(array.facts)} does not hold one label for each of "
            f"{plural(pictures.n_pictures, 'picture')}."
        )
    are_several = pictures.label_form == "several"
    most = _MOST_MARKS if are_several else _MOST_LABELS
    if shape.length * (shape.n_columns if are_several else 1) > most:
        raise TooLarge(f"{named(array.facts)} has more than {most:,} labels.")
    for start, rows in label_rows(array, shape, pictures.n_pictures):
        yield start, classes_in(pictures, rows)


def classes_in(pictures: PictureSet, rows: NDArray[Any]) -> NDArray[Any]:
    """What rows of labels, as `LabelShape.rows` gives them, say, as `all_classes` has it."""
    names = pictures.label_names
    if pictures.label_form == "several":
        marks = np.zeros((len(rows), len(names)), bool)  # of each class that has a name
        known = marks_of(rows[:, : len(names)])
        marks[:, : known.shape[1]] = known
        return marks
    by_text = {name: number for number, name in enumerate(names)}
    return classes_of(rows, pictures.label_form, pictures.first_label, len(names), by_text)


def _own(container: Container, pictures: PictureSet) -> Iterator[tuple[int, NDArray[Any]]]:
    for start in range(0, pictures.n_pictures, STEP):
        stop = min(pictures.n_pictures, start + STEP)
        yield start, classes_in(pictures, own_rows(container, pictures, start, stop))


def _groups(container: Container, pictures: PictureSet) -> Iterator[tuple[int, NDArray[np.int32]]]:
    classes = member_classes(container, pictures)
    if len(classes) != pictures.n_pictures:
        raise CannotRead(
            f"{visible(path_text(pictures.node))} does not hold {pictures.n_pictures:,} pictures "
            "any more.",
            hint="Reload the file.",
        )
    for start in range(0, len(classes), _AT_ONCE):
        yield start, classes[start : start + _AT_ONCE]


def label_rows(
    array: StoredArray, shape: LabelShape, n_taken: int
) -> Iterator[tuple[int, NDArray[Any]]]:
    """The first `n_taken` labels in runs: position of the first, and as `LabelShape.rows`."""
    dtype = array.facts.dtype
    step = shape.step(dtype.itemsize, are_texts=dtype.kind == "string")
    for start in range(0, n_taken, step):
        yield start, shape.rows(array.read(shape.box(start, min(n_taken, start + step))))
