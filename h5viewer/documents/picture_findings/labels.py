"""Findings about labels: out of range, too few, unbalanced, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from h5viewer.documents.picture_findings.subject import Labels, Subject
from h5viewer.nodes import PictureFinding
from h5viewer.wording import names_text, plural, share_text

UNBALANCED = 4
"""Times as many pictures of one class as of another that are worth a note."""

VERY_UNBALANCED = 20
"""... and a warning: a network that never says the rarer class is right nearly always."""

_FEWEST_SORTED = 20  # pictures: fewer may lie so by chance
_MOST_HOLES = 10
_FEW = 0.2  # of the pictures: their labels are mistakes rather than classes
_SHOWN = 5


def counts_of(labels: Labels) -> list[int]:
    """Pictures of each class."""
    if labels.marks is not None:
        known = labels.classes[labels.classes >= 0]
        rows = np.bincount(known, minlength=len(labels.marks))
        of_marks: list[int] = (rows @ labels.marks).tolist()
        return of_marks
    known = labels.classes[labels.classes >= 0]
    counts: list[int] = np.bincount(known, minlength=len(labels.names)).tolist()
    return counts


def n_without(labels: Labels) -> int:
    """Pictures of no class."""
    if labels.marks is not None:
        has_any = np.asarray(labels.marks.any(axis=1))
        return int((~has_any[labels.classes] | (labels.classes < 0)).sum())
    return int((labels.classes < 0).sum())


def findings(subject: Subject) -> Iterator[PictureFinding]:
    """All that the labels of one set say by themselves."""
    labels = subject.labels
    if labels is None or not len(labels.classes):
        return
    counts = counts_of(labels)
    if labels.marks is not None:
        yield from _marked(subject, labels, counts)
    else:
        yield from _out_of_range(subject, labels)
        yield from _balance(subject, labels, counts)
        yield from _order(subject, labels, counts)
    yield from _same_names(subject, labels)


def _marked(subject: Subject, labels: Labels, counts: Sequence[int]) -> Iterator[PictureFinding]:
    """Of classes that a picture may have several of."""
    wrong = np.flatnonzero(labels.classes < 0)
    if len(wrong):
        yield subject.found(
            "warning",
            "labels-out-of-range",
            len(wrong),
            f"{plural(len(wrong), 'picture')} {'has' if len(wrong) == 1 else 'have'} labels other "
            "than 0 and 1, where all others mark their classes by these.",
            wrong,
        )
    missing = [number for number, count in enumerate(counts) if not count]
    if missing:
        yield _without(subject, missing)
    n_pictures = len(labels.classes)
    rare = [
        number for number, count in enumerate(counts) if 0 < count * VERY_UNBALANCED < n_pictures
    ]
    if rare and subject.split != "test":
        least = min(rare, key=lambda number: counts[number])
        share = share_text(n_pictures - counts[least], n_pictures)
        yield subject.found(
            "note",
            "class-balance",
            n_pictures / counts[least],
            f"{plural(len(rare), 'class', 'classes')} {'is' if len(rare) == 1 else 'are'} rare: "
            f"{names_text([subject.class_text(number) for number in rare], _SHOWN)}. A network "
            f"that never says {subject.called(least)} is right in {share}.",
        )


def _without(subject: Subject, missing: Sequence[int]) -> PictureFinding:
    names = names_text([subject.class_text(number) for number in missing], _SHOWN)
    return subject.found(
        "warning" if subject.split != "test" else "note",
        "empty-class",
        len(missing),
        f"{plural(len(missing), 'class', 'classes')} {'has' if len(missing) == 1 else 'have'} "
        f"no picture: {names}.",
    )


def _out_of_range(subject: Subject, labels: Labels) -> Iterator[PictureFinding]:
    without = np.flatnonzero(labels.classes < 0)
    if len(without):
        n_classes = len(labels.names)
        if labels.form == "one-hot":
            rule = "no single one in their row"
        elif labels.form == "text":
            rule = "an empty text as their label"
        else:
            odd = ", ".join(f"{each:,}".replace("-", "−") for each in labels.odd[:_SHOWN])
            last = labels.first + n_classes - 1
            rule = f"a label outside of {labels.first} to {last:,} ({odd or 'NaN'})"
        have = "has" if len(without) == 1 else "have"
        yield subject.found(
            "warning",
            "labels-out-of-range",
            len(without),
            f"{plural(len(without), 'picture')} {have} {rule}: training stops with an error or "
            "gives NaN.",
            without,
        )
    if labels.first == 1:
        yield subject.found(
            "note",
            "labels-from-one",
            1,
            "The labels count from 1, Keras counts from 0: subtract 1, or the last class is out "
            "of range.",
        )


def _balance(subject: Subject, labels: Labels, counts: Sequence[int]) -> Iterator[PictureFinding]:
    present = [number for number, count in enumerate(counts) if count]
    missing = [number for number, count in enumerate(counts) if not count]
    if len(present) < 1 or len(counts) < 2:
        return
    if missing and (labels.are_names_stated or len(missing) <= max(_MOST_HOLES, len(present))):
        yield _without(subject, missing)
    elif missing:
        yield _hole(subject, labels, present, len(missing))
        return
    if len(present) < 2:
        return
    least = min(present, key=lambda number: counts[number])
    most = max(present, key=lambda number: counts[number])
    ratio = counts[most] / counts[least]
    if ratio >= UNBALANCED:
        share = share_text(counts[most], sum(counts))
        yield subject.found(
            "warning" if ratio >= VERY_UNBALANCED else "note",
            "class-balance",
            ratio,
            f"{counts[most]:,} pictures are of {subject.called(most)}, "
            f"{counts[least]:,} of {subject.called(least)}: "
            f"a network that always says {subject.called(most)} is right in {share}.",
        )


def _hole(
    subject: Subject, labels: Labels, present: Sequence[int], n_missing: int
) -> PictureFinding:
    """Most numbers are those of no class: 0 to 9 and a single 255, or 3, 400 and 20,000."""
    widest = int(np.diff([-1, *present]).argmax())
    far = np.flatnonzero(np.isin(labels.classes, present[widest:]))
    if not widest or labels.form != "index" or len(far) > _FEW * len(labels.classes):
        return subject.found(
            "note",
            "empty-class",
            n_missing,
            f"{plural(len(present), 'class', 'classes')} of {len(present) + n_missing:,} have "
            "pictures: the network would need an output for all of them.",
        )
    begins, last = present[widest] + labels.first, present[widest - 1] + labels.first
    n_classes = plural(present[widest - 1] + 1, "class", "classes")
    one = len(far) == 1
    return subject.found(
        "warning",
        "labels-out-of-range",
        len(far),
        f"{plural(len(far), 'picture')} {'has' if one else 'have'} a label from {begins:,} on, "
        f"where all others have one up to {last:,}: a network with {n_classes} cannot learn "
        f"{'it' if one else 'them'}.",
        far,
    )


def _order(subject: Subject, labels: Labels, counts: Sequence[int]) -> Iterator[PictureFinding]:
    known = labels.classes[labels.classes >= 0]
    if subject.split == "test" or sum(count > 1 for count in counts) < 2:
        return
    if len(known) >= _FEWEST_SORTED and bool((np.diff(known) >= 0).all()):
        yield subject.found(
            "note",
            "sorted-by-class",
            sum(count > 0 for count in counts),
            "The pictures stand class by class: Keras' validation_split would take its share from "
            "the last classes alone. Shuffle before splitting.",
        )


def _same_names(subject: Subject, labels: Labels) -> Iterator[PictureFinding]:
    seen: dict[str, str] = {}
    for name in labels.names:
        key = "".join(name.casefold().split())
        if key and seen.setdefault(key, name) != name:
            yield subject.found(
                "warning",
                "similar-names",
                2,
                f"Two classes have nearly the same name: {names_text([seen[key], name])}.",
            )
            return


def differences(subjects: Sequence[Subject]) -> Iterator[PictureFinding]:
    """Classes that occur in one set but not in the one trained with."""
    training = [each for each in subjects if each.split == "training" and each.labels is not None]
    if not training:
        return
    for subject in subjects:
        if subject.split in ("", "training") or subject.labels is None:
            continue
        unknown = _present(subject.labels)
        for each in training:
            if each.labels is not None:
                unknown -= _translated(each.labels, subject.labels)
        if unknown:
            names = [subject.class_text(number) for number in sorted(unknown)]
            yield subject.found(
                "warning",
                "unknown-class",
                len(unknown),
                f"{plural(len(unknown), 'class', 'classes')} of these pictures "
                f"{'is' if len(unknown) == 1 else 'are'} among none that are trained with: "
                f"{names_text(names, _SHOWN)}.",
            )


def _present(labels: Labels) -> set[int]:
    return {number for number, count in enumerate(counts_of(labels)) if count}


def _translated(trained: Labels, asked: Labels) -> set[int]:
    """Classes that occur in one set, by their numbers in the other."""
    present = _present(trained)
    if not (trained.are_names_stated and asked.are_names_stated):
        return present
    numbers = {name: number for number, name in enumerate(asked.names)}
    return {numbers[name] for number in present if (name := trained.names[number]) in numbers}
