"""Labels of a set of pictures: what class each has, and those that are no class at all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_findings.subject import Labels, Subject
from h5viewer.documents.picture_labels import (
    MOST_CLASSES,
    LabelShape,
    are_marks,
    classes_of,
    label_shape,
    marks_of,
)
from h5viewer.documents.picture_words import likeness, means_labels, means_other, split_of
from h5viewer.formats.container import Container, StoredArray
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset, LabelForm, PictureFinding, PictureSet
from h5viewer.operations import Operation
from h5viewer.operations.picture_labels import label_rows
from h5viewer.operations.picture_pairing import LABEL_KINDS, Datasets, is_near, names_beside
from h5viewer.operations.picture_sets import list_datasets
from h5viewer.requests import Progress
from h5viewer.wording import plural

_MOST_ODD = 10  # different labels out of range that are told
_MOSTLY = 0.5  # of the labels are classes: the others are mistakes
_MARKED = 0.9  # of the rows are marks of several classes: the others are mistakes
_SURE = 1e-3  # by which probabilities may miss a sum of one


def read_labels(
    container: Container, pictures: PictureSet, n_taken: int
) -> Operation[Labels | None]:
    """Of the first `n_taken` pictures; None: the set has no labels.

    Raises:
        CannotRead, TooLarge: damage.
    """
    if pictures.labels is None or not pictures.label_form:
        return (yield from _spoilt_labels(container, pictures, n_taken))
    names, first, are_stated = pictures.label_names, pictures.first_label, bool(pictures.names_from)
    if pictures.label_form == "index" and not are_stated:
        stated = yield from _stated_names(container, pictures, pictures.labels)
        if stated:
            names, are_stated = stated, True
            first = 0 if len(stated) != len(pictures.label_names) else first
    array = container.array(pictures.labels)
    shape = label_shape(array.facts.shape, pictures.n_pictures)
    if shape is None:
        return None
    if pictures.label_form == "several":
        return (yield from _several(pictures, array, shape, n_taken))
    by_text = {name: number for number, name in enumerate(names)}
    n_classes = len(names) if are_stated or pictures.label_form == "text" else MOST_CLASSES
    classes = np.empty(n_taken, np.int32)
    odd: set[int] = set()
    for start, rows in label_rows(array, shape, n_taken):
        found = classes_of(rows, pictures.label_form, first, n_classes, by_text)
        classes[start : start + len(rows)] = found
        if pictures.label_form == "index" and len(odd) < _MOST_ODD:
            odd |= set(_whole(rows[found < 0])[:_MOST_ODD])
        yield Progress(done=start, total=n_taken, unit="labels")
    known = len(names)  # of the many that have numbers for names, not all are listed
    greatest = int(classes.max(initial=-1))
    return Labels(
        classes=classes,
        names=(*names, *(str(first + number) for number in range(known, greatest + 1))),
        first=first,
        odd=tuple(sorted(odd)[:_MOST_ODD]),
        form=pictures.label_form,
        are_names_stated=are_stated,
    )


def _several(
    pictures: PictureSet, array: StoredArray, shape: LabelShape, n_taken: int
) -> Operation[Labels]:
    parts, known = [], []
    for start, rows in label_rows(array, shape, n_taken):
        parts.append(np.packbits(marks_of(rows), axis=1))
        known.append(are_marks(rows))
        yield Progress(done=start, total=n_taken, unit="labels")
    bits, names = np.concatenate(parts), pictures.label_names
    marked = _marked(bits, shape, names, are_stated=bool(pictures.names_from))
    marked.classes[~np.concatenate(known)] = -1
    return marked


def _marked(
    bits: NDArray[np.uint8], shape: LabelShape, names: tuple[str, ...], *, are_stated: bool
) -> Labels:
    found, classes = np.unique(bits, axis=0, return_inverse=True)
    return Labels(
        classes=classes.reshape(-1).astype(np.int32),
        names=names,
        form="several",
        are_names_stated=are_stated,
        marks=np.unpackbits(found, axis=1, count=shape.n_columns).astype(bool),
    )


def _spoilt_labels(
    container: Container, pictures: PictureSet, n_taken: int
) -> Operation[Labels | None]:
    """Labels that are not taken for such, as some of them are no class."""
    datasets, _ = yield from list_datasets(container)
    known = Datasets(datasets)
    for partner in known.partners(pictures.n_pictures, pictures.node)[:1]:
        shape = label_shape(partner.shape, pictures.n_pictures)
        is_number = partner.dtype.kind in ("int", "uint", "float")
        if shape is None or not is_number or not means_labels(partner.path):
            continue
        parts = [rows for _, rows in label_rows(container.array(partner.path), shape, n_taken)]
        rows = np.concatenate(parts)
        form: LabelForm = "one-hot" if shape.n_columns > 1 else "index"
        is_class = _are_classes(rows)
        are_marked = are_marks(rows) if rows.ndim == 2 else is_class
        if is_class.mean() < _MOSTLY and not _MARKED < are_marked.mean() < 1:
            return None  # measured values
        stated = yield from _stated_names(container, pictures, partner.path)
        greatest = shape.n_columns - 1 if form == "one-hot" else int(rows[is_class].max())
        names = stated or tuple(str(number) for number in range(greatest + 1))
        if is_class.mean() < _MOSTLY:
            bits = np.packbits(marks_of(rows), axis=1)
            marked = _marked(bits, shape, names, are_stated=bool(stated))
            marked.classes[~are_marked] = -1
            return marked
        classes = classes_of(rows, form, 0, len(names), {})
        classes[~is_class] = -1
        odd = () if form == "one-hot" else tuple(_whole(rows[classes < 0])[:_MOST_ODD])
        return Labels(classes, names, odd=odd, form=form, are_names_stated=bool(stated))
    return None


def _are_classes(rows: NDArray[Any]) -> NDArray[np.bool_]:
    """Whole numbers from 0 on, or rows that add up to one."""
    with np.errstate(all="ignore"):
        if rows.ndim == 2:
            numbers = rows.astype(np.float64)
            adds_up = np.abs(numbers.sum(axis=1) - 1) < _SURE
            return np.asarray(adds_up & (numbers >= 0).all(axis=1))
        return np.asarray((rows >= 0) & (rows <= MOST_CLASSES) & (rows == np.rint(rows)))


def _whole(values: NDArray[np.generic]) -> list[int]:
    numbers = np.unique(values[np.isfinite(values)] if values.dtype.kind == "f" else values)
    return [int(each) for each in numbers.tolist()]


def _stated_names(
    container: Container, pictures: PictureSet, labels: NodePath
) -> Operation[tuple[str, ...]]:
    """Names beside the labels that are fewer than the labels ask for."""
    datasets, _ = yield from list_datasets(container)
    return names_beside(container, pictures.node, labels, datasets, 2, pictures.n_pictures)[0]


def unpaired_labels(container: Container, subject: Subject) -> Operation[list[PictureFinding]]:
    """Labels that are not those of the set, as they are more or fewer."""
    pictures = subject.pictures
    datasets, _ = yield from list_datasets(container)
    fitting = [each for each in datasets if _may_be_labels(each, pictures)]
    if not fitting:
        return []
    best = max(fitting, key=lambda each: _closeness(each, pictures))
    length = max(best.shape or (0,))
    name = visible(path_text(best.path), 80)
    return [
        subject.found(
            "warning",
            "length-mismatch",
            length - pictures.n_pictures,
            f"{subject.name} has {plural(pictures.n_pictures, 'picture')}, {name} "
            f"{plural(length, 'label')}: which belongs to which cannot be told.",
        )
    ]


def _may_be_labels(each: Dataset, pictures: PictureSet) -> bool:
    shape = each.shape or ()
    if len(shape) not in (1, 2) or not means_labels(each.path) or means_other(each.path):
        return False
    if each.is_column and not is_near(each.path, pictures.node):
        return False  # of a table about something else: x and y are places there
    if each.dtype.kind not in LABEL_KINDS or pictures.n_pictures in shape or max(shape) < 2:
        return False
    if each.dtype.kind == "string" and max(shape) * 2 < pictures.n_pictures:
        return False  # names of classes
    return split_of(each.path) == split_of(pictures.node)


def _closeness(each: Dataset, pictures: PictureSet) -> tuple[bool, int, int]:
    is_near = each.path[:-1] == pictures.node[:-1]
    apart = abs(max(each.shape or (0,)) - pictures.n_pictures)
    return is_near, likeness(each.path, pictures.node), -apart
