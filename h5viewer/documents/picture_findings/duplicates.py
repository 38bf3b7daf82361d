"""Findings about pictures that are there twice: in one set, or in two that must not share any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_findings.subject import Subject
from h5viewer.documents.picture_findings.values import blank_pictures
from h5viewer.nodes import PictureFinding
from h5viewer.wording import plural, share_text

SAME_SET = 0.9
"""Share of both sets from which they are two forms of one."""

_RANKS = {"training": 0, "": 1, "validation": 2, "test": 3}


@dataclass(frozen=True)
class Originals:
    """All pictures of all sets, one after the other, and which are the same.

    `first` is the place of the first picture with the same pixels, its own for originals;
    `is_looked_at` leaves out blank ones and those with NaN, which are found otherwise.
    """

    starts: tuple[int, ...]  # of each set, and the end
    first: NDArray[np.int64]
    is_looked_at: NDArray[np.bool_]

    def place(self, position: int) -> tuple[int, int]:
        """(set, picture) of a place."""
        number = int(np.searchsorted(self.starts, position, "right")) - 1
        return number, position - self.starts[number]

    def sets(self, places: NDArray[np.int64]) -> NDArray[np.intp]:
        """The set of each place."""
        return np.searchsorted(self.starts, places, "right") - 1

    @property
    def originals(self) -> NDArray[np.intp]:
        """Places of those that near duplicates are sought among."""
        places = np.arange(len(self.first))
        return np.flatnonzero((self.first == places) & self.is_looked_at)


def find_originals(subjects: Sequence[Subject]) -> Originals:
    """Compare the contents of all pictures."""
    starts = np.cumsum([0, *(each.measures.length for each in subjects)])
    kinds = [(each.pictures.dtype, each.pictures.layout) for each in subjects]
    content = np.concatenate(
        [each.measures.content for each in subjects] or [np.zeros(0, np.uint64)]
    )
    # the same bytes are other pixels in another type or size
    shapes = [
        (dtype, layout.height, layout.width, layout.channels, layout.is_bgr)
        for dtype, layout in kinds
    ]
    order_of = {shape: number for number, shape in enumerate(dict.fromkeys(shapes))}
    kind = np.concatenate(
        [np.full(each.measures.length, order_of[shape]) for each, shape in
         zip(subjects, shapes, strict=True)] or [np.zeros(0, np.intp)]
    )  # fmt: skip
    looked = np.concatenate(
        [~blank_pictures(each) & (each.measures.n_odd == 0) for each in subjects]
        or [np.zeros(0, bool)]
    )
    keys = np.empty(len(content), [("content", np.uint64), ("kind", np.int64)])
    keys["content"], keys["kind"] = content, kind
    order = np.lexsort((content, kind))
    begins = np.ones(len(order), bool)
    begins[1:] = keys[order][1:] != keys[order][:-1]
    group = np.cumsum(begins) - 1
    first = np.empty(len(order), np.int64)
    first[order] = order[begins][group] if len(order) else order
    first[~looked] = np.flatnonzero(~looked)
    return Originals(tuple(starts.tolist()), first, looked)


def findings(
    subjects: Sequence[Subject], originals: Originals, alike: NDArray[np.int64]
) -> Iterator[PictureFinding]:
    """Each pair of pictures in one finding only.

    Args:
        alike: (pairs, 2) places of originals that nearly repeat each other.
    """
    groups = _groups(originals)
    for subject in subjects:
        yield from _within(subject, originals, groups)
        yield from _nearly_within(subject, originals, alike)
    for one in range(len(subjects)):
        for other in range(one + 1, len(subjects)):
            pair = sorted(
                (subjects[one], subjects[other]),
                key=lambda each: (_RANKS[each.split], each.number),
            )
            yield from _across(pair[0], pair[1], originals, groups, alike)


def _groups(originals: Originals) -> list[NDArray[np.intp]]:
    """Places of the same picture, of those that are there more than once."""
    order = np.argsort(originals.first, kind="stable")
    first = originals.first[order]
    edges = np.flatnonzero(np.diff(first)) + 1
    return [group for group in np.split(order, edges) if len(group) > 1]


def _label(subject: Subject, index: int) -> str | None:
    if subject.labels is None:
        return None
    number = int(subject.labels.classes[index])
    return subject.class_text(number) if number >= 0 else None


def _within(
    subject: Subject, originals: Originals, groups: Sequence[NDArray[np.intp]]
) -> Iterator[PictureFinding]:
    start, stop = originals.starts[subject.number : subject.number + 2]
    copies: list[tuple[int, int]] = []
    disputed: list[tuple[int, int]] = []
    for group in groups:
        own = [int(place) - start for place in group if start <= place < stop]
        labels = {_label(subject, index) for index in own} - {None}
        chosen = disputed if len(labels) > 1 else copies
        chosen += [(index, own[0]) for index in own[1:]]
    if disputed:
        example, first = disputed[0]
        texts = [_label(subject, index) or "no class" for index in (first, example)]
        if texts[0] == texts[1]:
            texts[1] = "another class"
        yield subject.found(
            "warning",
            "conflicting-labels",
            len(disputed),
            f"{plural(len(disputed), 'picture')} {_is(disputed)} the same as an earlier one, "
            f"pixel by pixel, but with another label: {first:,} is {texts[0]}, {example:,} "
            f"{texts[1]}.",
            [index for index, _ in disputed],
            [(subject.number, index) for _, index in disputed],
        )
    if copies:
        yield subject.found(
            "warning",
            "exact-duplicates",
            len(copies),
            f"{plural(len(copies), 'picture')} {_is(copies)} the same as an earlier one, pixel by "
            "pixel: a random split puts some of them on both sides.",
            [index for index, _ in copies],
            [(subject.number, index) for _, index in copies],
        )


def _nearly_within(
    subject: Subject, originals: Originals, alike: NDArray[np.int64]
) -> Iterator[PictureFinding]:
    start, stop = originals.starts[subject.number : subject.number + 2]
    own = alike[((alike >= start) & (alike < stop)).all(axis=1)] - start
    partners: dict[int, int] = {}
    for one, other in own.tolist():
        partners.setdefault(max(one, other), min(one, other))
    if partners:
        indices = sorted(partners)
        repeats = "repeats" if len(indices) == 1 else "repeat"
        yield subject.found(
            "note",
            "near-duplicates",
            len(indices),
            f"{plural(len(indices), 'picture')} nearly {repeats} an earlier one, "
            "but for compression, scaling or light: a random split puts some of "
            "them on both sides.",
            indices,
            [(subject.number, partners[index]) for index in indices],
        )


def _across(
    one: Subject,
    other: Subject,
    originals: Originals,
    groups: Sequence[NDArray[np.intp]],
    alike: NDArray[np.int64],
) -> Iterator[PictureFinding]:
    """Pictures of `other` that are in `one` as well."""
    exact: dict[int, int] = {}
    near: dict[int, int] = {}
    members = _members(groups, originals)
    for group in groups:
        own = _of(group, one, originals)
        for index in _of(group, other, originals) if own else ():
            exact[index] = own[0]
    for pair in alike.tolist():
        for left, right in (pair, pair[::-1]):
            ones = _of(members.get(left, (left,)), one, originals)
            others = _of(members.get(right, (right,)), other, originals)
            for index in others if ones else ():
                near.setdefault(index, ones[0])
    shared = {**near, **exact}
    if shared:
        yield _shared(one, other, shared, n_exact=len(exact))


def _members(groups: Sequence[NDArray[np.intp]], originals: Originals) -> dict[int, Sequence[int]]:
    return {int(originals.first[group[0]]): group.tolist() for group in groups}


def _of(
    places: Sequence[int] | NDArray[np.intp], subject: Subject, originals: Originals
) -> list[int]:
    start, stop = originals.starts[subject.number : subject.number + 2]
    return [int(place) - start for place in places if start <= place < stop]


def _shared(
    one: Subject, other: Subject, shared: dict[int, int], *, n_exact: int
) -> PictureFinding:
    indices = sorted(shared)
    n, n_near = len(indices), len(indices) - n_exact
    lengths = (one.measures.length, other.measures.length)
    others = [(one.number, shared[index]) for index in indices]
    is_same_split = one.split == other.split
    if is_same_split and n >= SAME_SET * max(lengths):
        return other.found(
            "note",
            "same-set",
            n,
            f"{n:,} of {plural(lengths[1], 'picture')} of {other.name} are in {one.name}, too: the "
            "two look like two forms of one set.",
            indices,
            others,
        )
    how = "" if not n_near else f", {n_near:,} of them nearly" if n_exact else ", nearly"
    differing = sum(
        1
        for index in indices
        if (labels := (_label(one, shared[index]), _label(other, index)))[0] != labels[1]
        and None not in labels
    )
    also = (
        f" {differing:,} {'has' if differing == 1 else 'have'} another label there."
        if differing
        else ""
    )
    share = share_text(n, lengths[1])
    if one.split == other.split != "":
        severity, kind, meaning = "note", "shared-pictures", "they count twice"
    else:
        severity, kind = "warning", "leakage"
        meaning = (
            "what is measured with them is too good"
            if one.split == "training"
            else "if one of the two tests what was trained with the other, its result is too good"
        )
    return other.found(
        severity,  # type: ignore[arg-type]
        kind,
        n,
        f"{plural(n, 'picture')} of {other.name} ({share}) {'is' if n == 1 else 'are'} in "
        f"{one.name} as well{how}: {meaning}.{also}",
        indices,
        others,
    )


def _is(pictures: Sequence[object]) -> str:
    return "is" if len(pictures) == 1 else "are"
