"""A folder of class folders: pictures whose class is the name of the folder they are in.

These functions wait for disks: they are for threads (`gui.errand`) and for the terminal.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from h5viewer.beside import class_folders
from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.nodes import NetworkInput
from h5viewer.picture_files import read_picture, sort_out
from h5viewer.requests import EvaluateNetwork, Feed
from h5viewer.sample_files import SampleFile, placed, samples_of
from h5viewer.wording import plural

_MOST_BYTES = 48 << 20
"""Of the pictures of one request: a frame to a worker takes 256 MiB."""

_MOST_AT_ONCE = 256


class LabelledPicture(msgspec.Struct, frozen=True):
    """A picture and the index of its class."""

    path: str
    index: int
    name: str = ""  # its path inside the folder that was chosen
    more: tuple[str, ...] = ()  # files for further inputs of the network


class LabelledPictures(msgspec.Struct, frozen=True):
    """All pictures of a folder, class by class."""

    pictures: tuple[LabelledPicture, ...]
    names: tuple[str, ...]  # of the folders, in the order of `indices`
    indices: tuple[int, ...]
    note: str  # how folders became classes: a sentence
    held: tuple[Feed | None, ...] = ()  # by input, of several: what goes with all pictures


def labelled_pictures(
    folder: str,
    labels: Sequence[str],
    n_classes: int,
    inputs: Sequence[NetworkInput] = (),
    offers: Sequence[Feed | None] = (),
) -> LabelledPictures:
    """The pictures of a folder of class folders.

    Args:
        labels: class names of the network; may be empty.
        n_classes: that the network knows.
        inputs: of a network with several.
        offers: by input, what goes with all pictures when the folder holds nothing for it.

    Raises:
        CannotRead: it holds no class folders, or others than the network knows; an input
            gets nothing.
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
    fed: set[tuple[int, ...]] = set()
    for name, index in zip(names, indices, strict=True):
        inside = sort_out([os.path.join(folder, name)]).pictures  # noqa: PTH118
        samples: list[tuple[str, ...]] = [(path,) for path in inside]
        if inside and len(inputs) > 1:
            samples, places = _samples(inside, inputs, offers, visible(name))
            fed.add(places)
        found += [
            LabelledPicture(each[0], index, _inside(each[0], folder), each[1:]) for each in samples
        ]
    if not found:
        raise CannotRead(f"The folders in {shown} hold no pictures.")
    if len(fed) > 1:
        raise CannotRead(
            f"The folders in {shown} hold files for different inputs of the network.",
            hint="Put files for the same inputs into each of them.",
        )
    held = [None if at in places else offers[at] for places in fed for at in range(len(inputs))]
    notes = [note, *(f"{visible(each.name)} goes with every picture." for each in held if each)]
    return LabelledPictures(tuple(found), names, indices, " ".join(notes), tuple(held))


def _samples(
    paths: Sequence[str],
    inputs: Sequence[NetworkInput],
    offers: Sequence[Feed | None],
    folder: str,
) -> tuple[list[tuple[str, ...]], tuple[int, ...]]:
    """Samples of one folder, and the inputs that its files are for.

    Raises:
        CannotRead: the files do not tell their inputs, or an input gets nothing.
    """
    files = [SampleFile.of(path) for path in paths]
    columns, n_left = placed(files, inputs, by_names_only=True)
    if n_left:  # pictures may be for the one of their inputs that nothing is offered for
        open_inputs = [at for at in range(len(inputs)) if offers[at] is None]
        found, n_left = placed(files, [inputs[at] for at in open_inputs], by_names_only=True)
        columns = {open_inputs[at]: column for at, column in found.items()}
    fed = tuple(sorted(columns))
    samples = samples_of([[paths[one] for one in columns[at]] for at in fed], str)
    if n_left or not samples or len(samples) * len(fed) != len(paths):
        raise CannotRead(
            f"The files in the folder {folder} do not tell which of the {len(inputs)} inputs "
            "of the network each is for.",
            hint="Name those that belong together alike, with a word for the input, or put those "
            "of each input into a folder of its own.",
        )
    for at, wanted in enumerate(inputs):
        if at not in columns and offers[at] is None:
            raise CannotRead(
                f"The folder {folder} holds nothing for the input {visible(wanted.name, 60)}.",
                hint="Give that input a file; it goes with all of the pictures.",
            )
    return samples, fed


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


class ReadPictures(msgspec.Struct):
    """Samples of one request, and sentences about pictures that were not read."""

    samples: list[tuple[Feed, int]] = []
    more: list[tuple[Feed, ...]] = []  # for further inputs
    refusals: list[str] = []

    @property
    def n_files(self) -> int:
        """Samples that were looked at."""
        return len(self.samples) + len(self.refusals)

    def part_of(self, whole: EvaluateNetwork) -> EvaluateNetwork:
        """The request for these alone."""
        more = tuple(self.more) if any(self.more) else ()
        return msgspec.structs.replace(
            whole, samples=tuple(self.samples), more_samples=more, limit=0
        )


def requests_of(pictures: Sequence[LabelledPicture]) -> Iterator[ReadPictures]:
    """What one request after the other takes."""
    read, n_bytes = ReadPictures(), 0
    for each in pictures:
        try:
            first, *more = [read_picture(path) for path in (each.path, *each.more)]
        except CannotRead as error:
            read.refusals.append(error.message)
            continue
        n_more = len(first) + sum(map(len, more))
        if read.samples and (n_bytes + n_more > _MOST_BYTES or len(read.samples) >= _MOST_AT_ONCE):
            yield read
            read, n_bytes = ReadPictures(), 0
        name = each.name or Path(each.path).name
        read.samples.append((Feed(name=name, picture=first), each.index))
        others = zip(each.more, more, strict=True)
        read.more.append(tuple(Feed(name=Path(path).name, picture=data) for path, data in others))
        n_bytes += n_more
    if read.n_files:
        yield read


def _inside(path: str, folder: str) -> str:
    return Path(path).relative_to(folder).as_posix()


def _plain(name: str) -> str:
    """Names that differ in case, blanks and punctuation only are the same."""
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()
