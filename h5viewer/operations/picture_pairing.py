"""Which dataset holds the labels of pictures, what form they have, what the classes are called."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence

import msgspec
import numpy as np

from h5viewer.documents.class_names import parse_names
from h5viewer.documents.picture_labels import LabelFacts, label_shape
from h5viewer.documents.picture_names import name_lists, name_texts, stated_names
from h5viewer.documents.picture_recipe import StatedSets
from h5viewer.documents.picture_words import (
    likeness,
    means_coarse,
    means_labels,
    means_marks,
    means_other,
    means_pictures,
    means_sources,
    split_of,
)
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, LabelForm, PictureSet, Shape
from h5viewer.operations.cell_text import enum_names
from h5viewer.operations.cuts import named
from h5viewer.requests import Progress
from h5viewer.wording import NOT_LABELS, plural

LABEL_KINDS = ("bool", "int", "uint", "float", "enum", "string")
_MOST_READ = 32 << 20  # bytes of labels looked at
_MOST_TRIED = 8
_MOST_ALIKE = 500  # datasets of one length
_MOST_BEYOND = 0.01  # of the labels may be none of the classes that are named
_FROM_ONE = "The labels of {} count from 1."
_MOST_NAMED = 10_000  # classes that are called by their numbers


class Datasets:
    """All datasets of a file, to find partners among."""

    def __init__(self, datasets: Sequence[Dataset], stated: StatedSets | None = None) -> None:
        """Sort them by length: a file may have 20,000."""
        self.all = tuple(datasets)
        self.stated = stated
        self.known: dict[tuple[NodePath, int], LabelFacts] = {}
        self._by_length: dict[int, list[Dataset]] = {}
        self._by_group: dict[NodePath, list[Dataset]] = {}
        for each in self.all:
            self._by_group.setdefault(each.path[:-1], []).append(each)
            if each.dtype.kind in LABEL_KINDS and _is_list(each.shape or ()):
                for length in set(each.shape or ()):
                    self._by_length.setdefault(length, []).append(each)

    def partners(self, length: int, near: NodePath) -> list[Dataset]:
        """What could be the labels of so many pictures, best first."""
        first = self.labels_of(near)
        splits = {"", split_of(near)}
        found = [
            each
            for each in self._by_length.get(length, ())[:_MOST_ALIKE]
            if each.path != near
            and label_shape(each.shape, length) is not None
            and (each.path == first or not means_other(each.path))
            and split_of(each.path) in splits
        ]
        return sorted(found, key=lambda each: (each.path != first, _rank(each, near)))

    def lists(self, length: int, near: NodePath) -> list[Dataset]:
        """The same for pictures that are not in this file, of whatever split."""
        found = [
            each
            for each in self._by_length.get(length, ())[:_MOST_ALIKE]
            if label_shape(each.shape, length) is not None and not means_other(each.path)
        ]
        return sorted(found, key=lambda each: _rank(each, near))

    def labels_of(self, pictures: NodePath) -> NodePath | None:
        """Where the file says that they are."""
        return None if self.stated is None else self.stated.labels_of(pictures)

    def sources(self, length: int, near: NodePath) -> NodePath | None:
        """The names of the files that so many pictures were made of."""
        found = [
            each
            for each in self._by_length.get(length, ())[:_MOST_ALIKE]
            if each.dtype.kind == "string"
            and each.shape == (length,)
            and means_sources(each.path)
            and split_of(each.path) in ("", split_of(near))
        ]
        return min(found, key=lambda each: _rank(each, near)).path if found else None

    def has_partner(self, length: int, near: NodePath) -> bool:
        """True when something of that length beside it is called pictures or labels."""
        return any(
            (each.shape or ())[:1] == (length,)
            and (means_labels(each.path) or means_pictures(each.path))
            for each in self._by_group.get(near[:-1], ())[:_MOST_ALIKE]
            if each.path != near
        )

    def has_labels(self, length: int, near: NodePath) -> bool:
        """True when something of that length is called labels; a square is a map of pixels."""
        return any(
            means_labels(each.path) and each.shape != (length, length)
            for each in self.partners(length, near)
        )


def _is_list(shape: Shape) -> bool:
    """True for one or two axes, and for more which hold a single one each: (n, 1, 1, 1)."""
    return len(shape) in (1, 2) or (len(shape) > 2 and max(shape) == math.prod(shape) > 0)


def is_near(labels: NodePath, pictures: NodePath) -> bool:
    """True for what stands beside pictures, or above or below them; or is called like them."""
    depth = min(len(labels), len(pictures)) - 1
    return labels[:depth] == pictures[:depth] or labels[-1:] == pictures[-1:]


def _rank(each: Dataset, near: NodePath) -> tuple[bool, bool, bool, int, bool, bool, bool]:
    return (
        not means_labels(each.path),
        split_of(each.path) != split_of(near),
        each.path[:-1] != near[:-1] and each.path[-1:] != near[-1:],
        -likeness(each.path, near),
        means_coarse(each.path),
        len(each.shape or ()) > 1,
        each.dtype.kind == "float",
    )


class Pairing(msgspec.Struct):
    """What was found."""

    labels: NodePath | None = None
    form: LabelForm = ""
    first_label: int = 0
    names: tuple[str, ...] = ()
    names_from: str = ""
    is_column: bool = False
    candidates: tuple[NodePath, ...] = ()
    notes: tuple[str, ...] = ()

    def label(self, pictures: PictureSet) -> PictureSet:
        """The set with these labels and what their classes are called."""
        return msgspec.structs.replace(
            pictures,
            labels=self.labels,
            are_labels_column=self.is_column,
            label_form=self.form,
            first_label=self.first_label,
            label_names=self.names,
            names_from=self.names_from,
        )


def pair_labels(
    container: Container,
    pictures: Dataset,
    n_pictures: int,
    known: Datasets,
    *,
    chosen: NodePath | None = None,
    is_chosen: bool = False,
) -> Generator[Progress, None, Pairing]:
    """The labels of some pictures, or those that the user chose.

    Raises:
        CannotRead: the chosen ones are none.
    """
    partners = known.partners(n_pictures, pictures.path)
    if is_chosen:
        return (yield from _chosen(container, pictures, n_pictures, known, partners, chosen))
    notes: list[str] = []
    fitting: list[NodePath] = []
    found: Pairing | None = None
    for partner in partners[:_MOST_TRIED]:
        try:
            facts = yield from _known_facts(container, partner, n_pictures, known)
        except H5ViewerError as error:
            notes.append(error.message)
            continue
        if facts.why_not or not facts.form:
            if means_labels(partner.path) and facts.why_not:
                notes.append(f"{named(partner)} {NOT_LABELS} {facts.why_not}")
            continue
        is_told = _is_called(partner, facts) or partner.path == known.labels_of(pictures.path)
        is_likely = _is_plausible(facts, n_pictures) and is_near(partner.path, pictures.path)
        if not is_told and not is_likely:
            continue
        fitting.append(partner.path)
        if found is None:
            found = yield from _named(container, pictures, partner, facts, known, n_pictures)
    result = found or Pairing()
    result.candidates = tuple(path for path in fitting if path != result.labels)
    result.notes = (*result.notes, *notes)
    return result


def pairings(
    container: Container, n_pictures: int, known: Datasets, *, near: NodePath, most: int
) -> Generator[Progress, None, tuple[list[Pairing], str]]:
    """All that may be the labels of pictures in another file, best first; or why one is none."""
    found: list[Pairing] = []
    reasons: list[str] = []
    for each in known.lists(n_pictures, near)[:most]:
        try:
            facts = yield from _known_facts(container, each, n_pictures, known)
        except H5ViewerError as error:
            reasons.append(error.message)
            continue
        is_told = _is_called(each, facts)
        if facts.why_not or not facts.form:
            reasons += [f"{named(each)} is no list of labels. {facts.why_not}"] if is_told else []
        elif is_told or _is_plausible(facts, n_pictures):
            found.append((yield from name_classes(container, each, facts, known, n_pictures)))
    return found, " ".join(reasons[:1])


def _chosen(
    container: Container,
    pictures: Dataset,
    n_pictures: int,
    known: Datasets,
    partners: Sequence[Dataset],
    chosen: NodePath | None,
) -> Generator[Progress, None, Pairing]:
    others = tuple(each.path for each in partners if each.path != chosen)
    if chosen is None:
        return Pairing(candidates=others)
    dataset = container.array(chosen).facts
    if label_shape(dataset.shape, n_pictures) is None:
        raise CannotRead(
            f"{named(dataset)} does not hold one label for each of {plural(n_pictures, 'picture')}."
        )
    facts = yield from _label_facts(container, dataset, n_pictures)
    if facts.why_not or not facts.form:
        raise CannotRead(f"{named(dataset)} cannot be used as labels. {facts.why_not}".strip())
    result = yield from _named(container, pictures, dataset, facts, known, n_pictures)
    result.candidates = others
    return result


def _known_facts(
    container: Container, dataset: Dataset, n_pictures: int, known: Datasets
) -> Generator[Progress, None, LabelFacts]:
    key = (dataset.path, n_pictures)
    if key not in known.known:
        known.known[key] = yield from _label_facts(container, dataset, n_pictures)
    return known.known[key]


def _label_facts(
    container: Container, dataset: Dataset, n_pictures: int
) -> Generator[Progress, None, LabelFacts]:
    """Form and range of labels, of all unless they are very many.

    Raises:
        H5ViewerError: they cannot be read.
    """
    array = container.array(dataset.path)
    shape = label_shape(dataset.shape, n_pictures)
    facts = LabelFacts()
    if shape is None:
        return facts
    step = shape.step(dataset.dtype.itemsize, are_texts=dataset.dtype.kind == "string")
    n_bytes = 0
    for start in range(0, n_pictures, step):
        box = shape.box(start, min(n_pictures, start + step))
        n_bytes += array.cost(box)
        facts.add(shape.rows(array.read(box)))
        if facts.why_not or n_bytes > _MOST_READ:
            break
        yield Progress(done=start, total=n_pictures, unit="labels")
    return facts


def _is_called(each: Dataset, facts: LabelFacts) -> bool:
    return means_marks(each.path) if facts.form == "several" else means_labels(each.path)


def _is_plausible(facts: LabelFacts, n_pictures: int) -> bool:
    """True for numbers that may be classes although nothing is called so."""
    if facts.form == "several":
        return False  # switches, actions, bits of a hash
    if facts.form == "text":
        return len(facts.texts) <= max(2, n_pictures // 4)
    if facts.form == "one-hot":
        return not facts.n_odd
    return facts.greatest - facts.least < max(2, n_pictures // 4)


def name_classes(
    container: Container, labels: Dataset, facts: LabelFacts, known: Datasets, n_pictures: int
) -> Generator[Progress, None, Pairing]:
    """The pairing with labels of which all is known but what their classes are called."""
    return (yield from _named(container, labels, labels, facts, known, n_pictures))


def _named(
    container: Container,
    pictures: Dataset,
    labels: Dataset,
    facts: LabelFacts,
    known: Datasets,
    n_pictures: int,
) -> Generator[Progress, None, Pairing]:
    yield Progress(done=0)
    if facts.form == "text":
        names = tuple(sorted(facts.texts))
        return Pairing(labels.path, "text", 0, names, "the labels themselves", labels.is_column)
    starts_at_one = facts.form == "index" and facts.least == 1
    n_classes = facts.greatest + 1 - (1 if starts_at_one else 0)
    names, source = _stated(container, pictures, labels, known, n_classes, n_pictures)
    odd = plural(facts.n_odd, "row of labels says", "rows of labels say")
    notes = [f"{odd} no class."] if facts.n_odd else []
    if len(names) < n_classes and facts.form == "index" and facts.least <= 1:
        fewer, where = _stated(container, pictures, labels, known, 2, n_pictures)
        n_beyond, first = min((facts.n_beyond(first, len(fewer)), first) for first in (0, 1))
        if fewer and n_beyond <= max(1, _MOST_BEYOND * n_pictures):
            notes += [_FROM_ONE.format(named(labels))] if first else []
            notes.append(
                f"{plural(n_beyond, 'label is', 'labels are')} beyond the names in {where}."
            )
            told = tuple(notes)
            return Pairing(labels.path, "index", first, fewer, where, labels.is_column, notes=told)
    first = 1 if starts_at_one and (not names or len(names) == n_classes) else 0
    notes += [_FROM_ONE.format(named(labels))] if first else []
    if len(names) < n_classes:
        notes += [f"{source} has fewer names than there are classes."] if names else []
        last = min(facts.greatest, _MOST_NAMED)
        names = (*names, *(str(n) for n in range(first + len(names), last + 1)))
    told = tuple(notes)
    return Pairing(labels.path, facts.form, first, names, source, labels.is_column, notes=told)


def _stated(
    container: Container,
    pictures: Dataset,
    labels: Dataset,
    known: Datasets,
    n_classes: int,
    n_pictures: int,
) -> tuple[tuple[str, ...], str]:
    if labels.dtype.kind == "enum":
        nothing = tuple(slice(0, 0) for _ in labels.shape or ())
        members = enum_names(container.array(labels.path).read(nothing).dtype)
        if members and min(members) >= 0:
            last = min(max(members), _MOST_NAMED)
            return tuple(members.get(n, str(n)) for n in range(last + 1)), "their type"
    return names_beside(container, pictures.path, labels.path, known.all, n_classes, n_pictures)


def names_beside(
    container: Container,
    pictures: NodePath,
    labels: NodePath,
    datasets: Sequence[Dataset],
    at_least: int,
    n_pictures: int,
) -> tuple[tuple[str, ...], str]:
    """So many names that an attribute or one of the datasets lists, and what to call that."""
    above = [pictures[:depth] for depth in reversed(range(len(pictures)))]
    names, source = stated_names(container, [labels, pictures, *above], at_least)
    if names:
        return names, source
    for listed in name_lists(datasets, labels, at_least, n_pictures):
        try:
            values = container.array(listed.path).read(whole(listed.shape or ()))
        except H5ViewerError:
            continue
        texts = tuple(plain(each).rstrip("\0")[:300] for each in values.reshape(-1).tolist())
        return texts, plain(listed.path[-1])
    for single in name_texts(datasets, labels)[:_MOST_TRIED]:
        try:
            values = container.array(single.path).read(whole(single.shape or ())).reshape(-1)
            value = values[0]
            if isinstance(value, np.ndarray):  # a text of any length, alone
                value = value[()]
            parsed = parse_names(plain(value).rstrip("\0"), "")
        except H5ViewerError:
            continue  # a text about something else
        if len(parsed) >= max(2, at_least):
            return parsed, plain(single.path[-1])
    return (), ""
