"""Names of classes that a file states beside its labels: attributes, a list next to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from h5viewer.documents.class_names import attribute_names
from h5viewer.documents.picture_words import means_labels, words
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, path_text
from h5viewer.nodes import Dataset

_LISTS = (
    "list_classes", "class_names", "classnames", "label_names", "labelnames", "classes", "names",
    "target_names", "categories", "labels", "category_names", "fine_label_names", "class_list",
)  # fmt: skip
_LIST_WORDS = {"class", "classes", "label", "labels", "categories", "category", "targets", "target"}
_CLASSES = {"class", "classes", "categories", "category"}
_OF_ANYTHING = {"name", "names"}


def stated_names(
    container: Container, places: Iterable[NodePath], at_least: int
) -> tuple[tuple[str, ...], str]:
    """The first attribute of these objects that names so many classes, and what to call it."""
    for path in places:
        names, key = attribute_names(container, path, at_least)
        if names:
            return names, f"attribute {key} of {path_text(path)}"
    return (), ""


def name_lists(
    datasets: Sequence[Dataset], near: NodePath, n_classes: int, n_pictures: int
) -> list[Dataset]:
    """Datasets that may list the names of `n_classes` or more, most likely ones first."""
    found = [
        each
        for each in datasets
        if each.dtype.kind == "string"
        and len(each.shape or ()) in (1, 2)
        and max(1, n_classes) <= each.n_elements
        and (each.n_elements != n_pictures or _is_of_classes(each, n_classes))
        and each.n_elements == max(each.shape or ())
        and _may_name(each, near, n_classes)
    ]

    def rank(each: Dataset) -> tuple[bool, bool, int]:
        name = each.path[-1].decode("utf-8", "replace").lower()
        place = _LISTS.index(name) if name in _LISTS else len(_LISTS)
        return (each.n_elements != n_classes, each.path[:-1] != near[:-1], place)

    return sorted(found, key=rank)


def name_texts(datasets: Sequence[Dataset], near: NodePath) -> list[Dataset]:
    """Datasets of a single text that may name all classes: JSON, or one with commas."""
    found = [
        each
        for each in datasets
        if each.dtype.kind == "string"
        and each.n_elements == 1
        and set(words(each.path[-1])) & _LIST_WORDS
    ]
    return sorted(found, key=lambda each: each.path[:-1] != near[:-1])


def _is_of_classes(each: Dataset, n_classes: int) -> bool:
    """True for a list of all classes, where a text for each picture would be as long."""
    return each.n_elements == n_classes and bool(set(words(each.path[-1])) & _CLASSES)


def _may_name(each: Dataset, labels: NodePath, n_classes: int) -> bool:
    """True for a list called like these labels or like classes; names of whatever have to fit."""
    found = set(words(each.path[-1]))
    if found & (_LIST_WORDS | set(words(labels[-1]) if labels else ())) - _OF_ANYTHING:
        return True
    if means_labels(each.path) and each.n_elements == n_classes:  # emotions, species
        return True
    return bool(found & _OF_ANYTHING) and (len(found) == 1 or each.n_elements == n_classes)
