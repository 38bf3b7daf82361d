"""Which pictures of a data set are to be saved: by their class, by their positions, or all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.nodes import ClassCounts, Part, PictureLabels, PictureSet
from h5viewer.requests import ReadPictureLabels
from h5viewer.terminal.files import worker
from h5viewer.wording import plural


class Labelling(NamedTuple):
    """What is known of the labels of a set."""

    classes: NDArray[np.int32]  # of every picture; −1: none; of several the first
    counts: ClassCounts
    marks: NDArray[np.uint8] | None = None  # of pictures in several: as in `PictureLabels`

    def are_of(self, number: int) -> NDArray[np.bool_]:
        """Which pictures are of a class."""
        if self.marks is None:
            return np.asarray(self.classes == number)
        return np.asarray(self.marks[:, number >> 3] & (128 >> (number & 7))).astype(bool)


Span = tuple[int, int | None]
"""First position and the one behind the last; None: to the end."""

_MOST_NAMED = 10


def chosen_indices(
    length: int, labelling: Labelling | None, classes: Sequence[str], spans: Sequence[Span]
) -> tuple[int, ...]:
    """Positions of the pictures that are of one of the classes and in one of the spans.

    Args:
        length: of the set.
        labelling: needed where classes are chosen.
        classes: names, or numbers; none: of whatever class.
        spans: none: all.

    Raises:
        CannotRead: there is no such picture, or no such class.
    """
    chosen = np.zeros(length, bool) if spans else np.ones(length, bool)
    for first, end in spans:
        if first >= length or (end is not None and end > length):
            beyond = first if end is None else end - 1
            raise CannotRead(
                f"There is no picture {beyond}: the set has {plural(length, 'picture')}, from 0 on."
            )
        chosen[first:end] = True
    if classes:
        assert labelling is not None
        wanted = [_number(each, labelling.counts) for each in classes]
        chosen &= np.any([labelling.are_of(number) for number in wanted], axis=0)
    indices = tuple(np.flatnonzero(chosen).tolist())
    if not indices:
        raise CannotRead("None of the pictures is chosen by that.")
    return indices


def classes_of(path: str, pictures: PictureSet) -> Labelling:
    """What the file at `path` says of every picture."""
    from h5viewer.terminal import screen
    from h5viewer.workers.asking import ask

    numbers = np.full(pictures.n_pictures, -1, np.int32)
    marks: list[NDArray[np.uint8]] = []

    def take(part: Part) -> None:
        if isinstance(part, PictureLabels):
            marks.extend([part.marks.values.astype(np.uint8)] if part.marks is not None else [])
            found = part.classes.values
            numbers[part.first : part.first + len(found)] = found

    with worker() as pool, screen.progress("Reading labels") as show:
        request = ReadPictureLabels(document=path, pictures=pictures)
        counts = ask(pool, request, on_part=take, on_progress=show)
    assert isinstance(counts, ClassCounts)
    return Labelling(numbers, counts, np.concatenate(marks) if marks else None)


def _number(wanted: str, counts: ClassCounts) -> int:
    """Of a class by its name, or else as it stands.

    Raises:
        CannotRead: there is no such class.
    """
    if wanted in counts.names:
        return counts.names.index(wanted)
    if wanted.isdecimal() and int(wanted) < len(counts.counts):
        return int(wanted)
    there = [visible(name, 60) for name in counts.names if name][:_MOST_NAMED]
    if there:
        hint = f"There are: {', '.join(there)}{', …' if len(there) < len(counts.names) else ''}."
    elif counts.counts:
        hint = f"They are numbered from 0 to {len(counts.counts) - 1}."
    else:
        hint = "These pictures have no labels."
    raise CannotRead(f"There is no class {visible(wanted, 80)}.", hint=hint)
