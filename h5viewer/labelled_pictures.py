"""A folder of class folders: pictures whose class is the name of the folder they are in.

These functions wait for disks: they are for threads (`gui.errand`) and for the terminal.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from h5viewer.beside import class_folders
from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.picture_files import read_picture, sort_out
from h5viewer.requests import Feed
from h5viewer.wording import plural

_MOST_BYTES = 48 << 20
"""Of the pictures of one request: a frame to a worker takes 256 MiB."""

_MOST_AT_ONCE = 256


@dataclass(frozen=True)
class LabelledPicture:
    """A picture and the index of its class."""

    path: str
    index: int
    name: str = ""  # its path inside the folder that was chosen


@dataclass(frozen=True)
class LabelledPictures:
    """All pictures of a folder, class by class."""

    pictures: tuple[LabelledPicture, ...]
    names: tuple[str, ...]  # of the folders, in the order of `indices`
    indices: tuple[int, ...]
    note: str  # how folders became classes: a sentence


def labelled_pictures(folder: str, labels: Sequence[str], n_classes: int) -> LabelledPictures:
    """The pictures of a folder of class folders.

    Args:
        labels: class names of the network; may be empty.
        n_classes: that the network knows.

    Raises:
        CannotRead: it holds no class folders, or others than the network knows.
    """
    shown = visible(Path(folder).name)
    if not n_classes:
        raise CannotRead(
            "The network does not answer with classes, so folders of classes tell nothing of it."
        )
    try:
        names = class_folders(folder)
    except OSError as error:
        raise CannotRead(f"The folder {shown} cannot be read.", details=str(error)) from error
    if not names:
        raise CannotRead(
            f"The folder {shown} holds no folders.",
            hint="Choose a folder that has a folder of pictures for each class.",
        )
    indices, note = class_indices(names, labels, n_classes)
    found: list[LabelledPicture] = []
    for name, index in zip(names, indices, strict=True):
        inside = sort_out([os.path.join(folder, name)]).pictures  # noqa: PTH118
        found += [LabelledPicture(path, index, _inside(path, folder)) for path in inside]
    if not found:
        raise CannotRead(f"The folders in {shown} hold no pictures.")
    return LabelledPictures(tuple(found), names, indices, note)


def class_indices(
    names: Sequence[str], labels: Sequence[str], n_classes: int
) -> tuple[tuple[int, ...], str]:
    """The class of each folder, by its name where the network's names are known.

    Raises:
        CannotRead: a folder stands for no class of the network.
    """
    known = {_plain(label): index for index, label in enumerate(labels[:n_classes])}
    matched = [known.get(_plain(name)) for name in names]
    if any(index is not None for index in matched):
        for name, index in zip(names, matched, strict=True):
            if index is None:
                raise CannotRead(
                    f"The folder {visible(name)} has the name of no class of the network.",
                    hint="Rename it like one of the classes, or move it elsewhere.",
                )
        return tuple(index for index in matched if index is not None), (
            "Folders are matched to the classes by their names."
        )
    if all(re.fullmatch(r"[0-9]{1,6}", name) and int(name) < n_classes for name in names):
        return tuple(int(name) for name in names), "Folders are named by the numbers of classes."
    if len(names) != n_classes:
        raise CannotRead(
            f"There are {plural(len(names), 'folder')}, but the network knows "
            f"{plural(n_classes, 'class', 'classes')}.",
            hint="Name the folders like the network's classes, or by their numbers.",
        )
    first = ", ".join(f"{index} is {visible(name, 40)}" for index, name in enumerate(names[:3]))
    return tuple(range(len(names))), (
        f"Folders stand for the classes in alphabetical order: {first}"
        f"{' …' if len(names) > 3 else '.'}"
    )


def thinned(pictures: Sequence[LabelledPicture], limit: int) -> tuple[LabelledPicture, ...]:
    """At most so many, spread evenly over all; 0: all of them."""
    if limit <= 0 or len(pictures) <= limit:
        return tuple(pictures)
    return tuple(pictures[at * len(pictures) // limit] for at in range(limit))


def requests_of(
    pictures: Sequence[LabelledPicture],
) -> Iterator[tuple[tuple[tuple[Feed, int], ...], tuple[str, ...]]]:
    """Samples of one request after the other, and sentences about pictures that were not read."""
    samples: list[tuple[Feed, int]] = []
    refusals: list[str] = []
    n_bytes = 0
    for each in pictures:
        try:
            data = read_picture(each.path)
        except CannotRead as error:
            refusals.append(error.message)
            continue
        if samples and (n_bytes + len(data) > _MOST_BYTES or len(samples) >= _MOST_AT_ONCE):
            yield tuple(samples), tuple(refusals)
            samples, refusals, n_bytes = [], [], 0
        samples.append((Feed(name=each.name or Path(each.path).name, picture=data), each.index))
        n_bytes += len(data)
    if samples or refusals:
        yield tuple(samples), tuple(refusals)


def _inside(path: str, folder: str) -> str:
    return Path(path).relative_to(folder).as_posix()


def _plain(name: str) -> str:
    """Names that differ in case, blanks and punctuation only are the same."""
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()
