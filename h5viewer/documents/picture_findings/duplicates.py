"""Findings about pictures that are there twice: in one set, or in two that must not share any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_findings.subject import Subject, called
from h5viewer.documents.picture_findings.values import blank_pictures
from h5viewer.nodes import PictureFinding
from h5viewer.wording import plural, share_text

SAME_SET = 0.9
"""Share of both sets from which they are two forms of one."""

_RANKS = {"training": 0, "": 1, "validation": 2, "test": 3}

Places = NDArray[np.int64]
"""Positions of pictures, all sets one after the other."""


class Originals(msgspec.Struct, frozen=True):
    """All pictures of all sets, one after the other, and which are the same."""

    starts: Places  # of each set, in the order of the subjects, and the end
    first: Places  # the first picture with the same pixels; its own place for originals
    is_looked_at: NDArray[np.bool_]  # neither blank nor with NaN: those are found otherwise

    def sets(self, places: Places) -> NDArray[np.intp]:
        """Which subject each place belongs to."""
        return np.searchsorted(self.starts, places, "right") - 1

    @property
    def originals(self) -> Places:
        """Places of those that near duplicates are sought among."""
        places = np.arange(len(self.first))
        return np.flatnonzero((self.first == places) & self.is_looked_at)

    @property
    def copies(self) -> dict[int, Places]:
        """All places of each picture that is there more than once, by its first."""
        places = np.arange(len(self.first))
        is_copied = np.zeros(len(places), bool)
        is_copied[self.first[self.first != places]] = True
        members = places[is_copied[self.first]]
        members = members[np.argsort(self.first[members], kind="stable")]
        edges = np.flatnonzero(np.diff(self.first[members])) + 1
        groups = np.split(members, edges) if len(members) else []
        return {int(group[0]): group for group in groups}


def find_originals(subjects: Sequence[Subject]) -> Originals:
    """Compare the contents of all pictures."""
    lengths = [each.measures.length for each in subjects]
    # the same bytes are other pixels in another type or size
    forms = [
        (each.pictures.dtype, each.pictures.layout.height, each.pictures.layout.width,
         each.pictures.layout.channels, each.pictures.layout.is_bgr)
        for each in subjects
    ]  # fmt: skip
    numbers = {form: number for number, form in enumerate(dict.fromkeys(forms))}
    form = np.repeat([numbers[each] for each in forms], lengths)
    content = np.concatenate([each.measures.content for each in subjects])
    looked = [~blank_pictures(each) & (each.measures.n_odd == 0) for each in subjects]
    is_looked_at = np.concatenate(looked)
    order = np.lexsort((content, form))
    begins = np.ones(len(order), bool)
    begins[1:] = (np.diff(content[order]) != 0) | (np.diff(form[order]) != 0)
    first = np.empty(len(order), np.int64)
    first[order] = order[begins][np.cumsum(begins) - 1]
    first[~is_looked_at] = np.flatnonzero(~is_looked_at)
    return Originals(np.cumsum([0, *lengths]), first, is_looked_at)


def findings(
    subjects: Sequence[Subject], originals: Originals, alike: Places
) -> Iterator[PictureFinding]:
    """Each picture that is there twice in one finding about its set, and in one about two.

    Args:
        alike: (pairs, 2) places of originals that nearly repeat each other.
    """
    copies = originals.copies
    for number, subject in enumerate(subjects):
        start, stop = originals.starts[number : number + 2]
        yield from _copied(subject, int(start), int(stop), copies)
        own = alike[((alike >= start) & (alike < stop)).all(axis=1)] - start
        yield from _nearly_repeated(subject, own)
    pairs = _Pairs(originals, copies, alike)
    ranked = sorted(range(len(subjects)), key=lambda number: _RANKS[subjects[number].split])
    twins: set[int] = set()  # of earlier ones: what they share is told of those
    for position, one in enumerate(ranked):
        for other in ranked[position + 1 :]:
            if one in twins or other in twins:
                continue
            exact, near = pairs.between(one, other)
            if exact or near:
                found = _shared(subjects[one], subjects[other], exact, near)
                if found.kind == "same-set":
                    twins.add(other)
                yield found


# ------------------------------------------------------------------ in one set


def _copied(
    subject: Subject, start: int, stop: int, copies: dict[int, Places]
) -> Iterator[PictureFinding]:
    same: list[tuple[int, int]] = []
    disputed: list[tuple[int, int]] = []
    for group in copies.values():
        own = [int(place) - start for place in group if start <= place < stop]
        known = {number for index in own if (number := _class(subject, index)) >= 0}
        chosen = disputed if len(known) > 1 else same
        chosen += [(index, own[0]) for index in own[1:]]
    if disputed:
        yield _disputed(subject, sorted(disputed))
    if same:
        same.sort()
        yield subject.found(
            "warning",
            "exact-duplicates",
            len(same),
            f"{plural(len(same), 'picture')} {_is(len(same))} the same as an earlier one, pixel "
            "by pixel: a random split puts some of them on both sides.",
            [index for index, _ in same],
            (subject, [index for _, index in same]),
        )


def _disputed(subject: Subject, disputed: Sequence[tuple[int, int]]) -> PictureFinding:
    pairs = [(_class(subject, first), _class(subject, index)) for index, first in disputed]
    number = next((n for n, (one, other) in enumerate(pairs) if one != other), 0)
    index, first = disputed[number]
    one, other = (
        called((subject.label_text(each) if each >= 0 else "") or "nothing")
        for each in pairs[number]
    )
    return subject.found(
        "warning",
        "conflicting-labels",
        len(disputed),
        f"{plural(len(disputed), 'picture')} {_is(len(disputed))} the same as an earlier one, "
        f"pixel by pixel, but with another label: picture {first:,} is {one}, picture "
        f"{index:,} is {other}.",
        [each for each, _ in disputed],
        (subject, [each for _, each in disputed]),
    )


def _nearly_repeated(subject: Subject, pairs: Places) -> Iterator[PictureFinding]:
    """Of a group of alike pictures all but the first."""
    if not len(pairs):
        return
    members = np.unique(pairs)
    rows = np.searchsorted(members, pairs)
    firsts = _components(len(members), rows)
    partner = np.full(len(members), len(members))
    for one, other in ((0, 1), (1, 0)):  # an earlier one, if any is that alike
        np.minimum.at(partner, rows[:, one], rows[:, other])
    repeats = np.flatnonzero(firsts != np.arange(len(members)))
    verb = "repeats" if len(repeats) == 1 else "repeat"
    yield subject.found(
        "note",
        "near-duplicates",
        len(repeats),
        f"{plural(len(repeats), 'picture')} nearly {verb} another one, but for compression, "
        "scaling or light: a random split puts some of them on both sides.",
        members[repeats],
        (subject, members[partner[repeats]].tolist()),
    )


def _components(n: int, pairs: NDArray[np.intp]) -> NDArray[np.intp]:
    """(n,): the least member of the group that pairs tie each into."""
    firsts = np.arange(n)
    while True:
        before = firsts.copy()
        least = np.minimum(firsts[pairs[:, 0]], firsts[pairs[:, 1]])
        for end in (0, 1):
            np.minimum.at(firsts, before[pairs[:, end]], least)
            np.minimum.at(firsts, pairs[:, end], least)
        firsts = firsts[firsts]
        if np.array_equal(firsts, before):
            return firsts


# ------------------------------------------------------------------ in two sets


class _Pairs:
    """Which pictures two sets share."""

    def __init__(self, originals: Originals, copies: dict[int, Places], alike: Places) -> None:
        self._starts = originals.starts.tolist()
        self._copies = [group.tolist() for group in copies.values()]
        by_first = {first: group.tolist() for first, group in copies.items()}
        across = alike
        if by_first:
            self._near = [
                (by_first.get(one, [one]), by_first.get(other, [other]))
                for one, other in across.tolist()
            ]
        else:
            sets = originals.sets(across)
            across = across[sets[:, 0] != sets[:, 1]] if len(across) else across
            self._near = [([one], [other]) for one, other in across.tolist()]

    def between(self, one: int, other: int) -> tuple[dict[int, int], dict[int, int]]:
        """Pictures of the second set that are, exactly or nearly, in the first: and where."""
        exact: dict[int, int] = {}
        near: dict[int, int] = {}
        for group in self._copies:
            own = self._of(group, one)
            for index in self._of(group, other) if own else ():
                exact[index] = own[0]
        for pair in self._near:
            for left, right in (pair, pair[::-1]):
                own = self._of(left, one)
                for index in self._of(right, other) if own else ():
                    near.setdefault(index, own[0])
        return exact, {index: own for index, own in near.items() if index not in exact}

    def _of(self, places: Sequence[int], number: int) -> list[int]:
        start, stop = self._starts[number : number + 2]
        return [place - start for place in places if start <= place < stop]


def _shared(
    one: Subject, other: Subject, exact: dict[int, int], near: dict[int, int]
) -> PictureFinding:
    shared = {**near, **exact}
    indices = sorted(shared)
    n, n_all = len(indices), other.measures.length
    others = (one, [shared[index] for index in indices])
    are_one_kind = one.split == other.split
    are_nearly_all = n >= SAME_SET * max(one.measures.length, n_all)
    if are_one_kind and (are_nearly_all or _are_side_by_side(one, other, shared)):
        return other.found(
            "note",
            "same-set",
            n,
            f"{n:,} of {plural(n_all, 'picture')} are in {one.name}, too: the two look like two "
            "forms of one set.",
            indices,
            others,
        )
    how = "" if not near else f", {len(near):,} of them nearly" if exact else ", nearly"
    what = f"{plural(n, 'picture')} ({share_text(n, n_all)}) {_is(n)} in {one.name} as well{how}"
    also = _otherwise_labelled(one, other, shared)
    if are_one_kind and one.split:
        return other.found(
            "note",
            "shared-pictures",
            n,
            f"{what}: {'it counts' if n == 1 else 'they count'} twice.{also}",
            indices,
            others,
        )
    meaning = (
        f"what is measured with {'it' if n == 1 else 'them'} is too good"
        if one.split == "training"
        else "if one of the two tests what was trained with the other, its result is too good"
    )
    return other.found("warning", "leakage", n, f"{what}: {meaning}.{also}", indices, others)


def _are_side_by_side(one: Subject, other: Subject, shared: dict[int, int]) -> bool:
    """True for sets of one length and place whose pictures are alike at the same positions."""
    is_beside = (one.file, one.pictures.node[:-1]) == (other.file, other.pictures.node[:-1])
    n_same = sum(index == first for index, first in shared.items())
    return (
        is_beside
        and one.pictures.n_pictures == other.pictures.n_pictures
        and n_same >= SAME_SET * len(shared)
    )


def _otherwise_labelled(one: Subject, other: Subject, shared: dict[int, int]) -> str:
    if one.labels is None or other.labels is None:
        return ""
    pairs = [(_class(one, first), _class(other, index)) for index, first in shared.items()]
    known = [pair for pair in pairs if min(pair) >= 0]
    are_named = one.labels.are_names_stated and other.labels.are_names_stated
    are_several = one.labels.marks is not None or other.labels.marks is not None
    if are_named or are_several:
        ours = {a: one.label_text(a) for a in {a for a, _ in known}}
        theirs = {b: other.label_text(b) for b in {b for _, b in known}}
        differing = sum(ours[a] != theirs[b] for a, b in known)
    else:
        differing = sum(a != b for a, b in known)
    if not differing:
        return ""
    return f" {differing:,} {'has' if differing == 1 else 'have'} another label there."


def _class(subject: Subject, index: int) -> int:
    return -1 if subject.labels is None else int(subject.labels.classes[index])


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
