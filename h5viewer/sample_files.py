"""Files for a network with several inputs: which input each is for, and which make one sample.

By kind first: `.npy` holds numbers, anything else a picture. Where several inputs take the
same kind, by folders that hold files of the same names (`left/7.png`, `right/7.png`), then by
a word in the names (`7_left.png`, `7_right.png`), else in the order they were given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.nodes import NetworkInput
from h5viewer.wording import plural

_Given = TypeVar("_Given")
_PARTS = re.compile(r"[^\W\d_]+|\d+")

Columns = dict[int, list[int]]
"""By the place of an input: the files it gets, by their places."""


class SampleFile(msgspec.Struct, frozen=True):
    """A file, or something else that goes by a name."""

    path: str
    holds_numbers: bool

    @staticmethod
    def of(path: str) -> SampleFile:
        """By its name; no disk is touched."""
        return SampleFile(path, Path(path).suffix.lower() == ".npy")


def placed(
    files: Sequence[SampleFile],
    inputs: Sequence[NetworkInput],
    taken: Collection[int] = (),
    *,
    by_names_only: bool = False,
) -> tuple[Columns, int]:
    """Which input gets which files, and how many found no place.

    Args:
        files: in the order they were given.
        inputs: of the network.
        taken: inputs that hold something: a few files go to the others first.
        by_names_only: nothing is told by the order of the files.
    """
    columns: Columns = {}
    n_left = 0
    for places, members in _by_kind(files, inputs).items():
        paths = [files[at].path for at in members]
        names = [inputs[place].name for place in places]
        found = _by_folder(paths, names) or _by_word(paths, names)
        if len(places) == 1:
            found = [list(range(len(paths)))]
        elif found is None and by_names_only:
            n_left += len(paths)
            continue
        elif found is None and len(paths) > len(places) and len(paths) % len(places) == 0:
            found = [list(range(at, len(paths), len(places))) for at in range(len(places))]
        if found is None:
            free = [place for place in places if place not in taken]
            few = free if len(members) <= len(free) else places
            columns |= {place: [at] for place, at in zip(few, members, strict=False)}
            n_left += max(0, len(members) - len(few))
        else:
            for place, column in zip(places, found, strict=True):
                columns[place] = [members[at] for at in column]
    return columns, n_left


def samples_of(
    columns: Sequence[Sequence[_Given]], path: Callable[[_Given], str]
) -> list[tuple[_Given, ...]]:
    """One of each column: of the same name where all have the same names, else in their order.

    A single one goes with all of the others. None come of columns that are empty or uneven.
    """
    longest = max(map(len, columns), default=0)
    if any(len(column) not in (1, longest) for column in columns):
        return []
    many = [column for column in columns if len(column) > 1]
    names = [[Path(path(each)).stem for each in column] for column in many]
    if all(len(set(each)) == longest and set(each) == set(names[0]) for each in names):
        order = {name: at for at, name in enumerate(names[0])} if names else {}
        columns = [
            sorted(column, key=lambda each: order.get(Path(path(each)).stem, 0))
            for column in columns
        ]
    return [
        tuple(column[at if len(column) > 1 else 0] for column in columns) for at in range(longest)
    ]


def arranged(paths: Sequence[str], inputs: Sequence[NetworkInput]) -> list[tuple[str, ...]]:
    """Samples of files as they were given all together.

    Raises:
        CannotRead: an input gets none, or they do not make samples.
    """
    columns, n_left = placed([SampleFile.of(path) for path in paths], inputs)
    missing = [each for at, each in enumerate(inputs) if not columns.get(at)]
    if missing and not n_left:
        wanted = "a picture" if missing[0].kind == "picture" else "a .npy file"
        raise CannotRead(
            f"The network takes {len(inputs)} inputs at once; there is no file for "
            f"{visible(missing[0].name, 60)}.",
            hint=f"Give it {wanted}; a single one goes with all of the others.",
        )
    whole = [[paths[at] for at in columns.get(place, ())] for place in range(len(inputs))]
    samples = [] if n_left else samples_of(whole, str)
    if not samples:
        raise CannotRead(
            f"The network takes {len(inputs)} inputs at once; {plural(len(paths), 'file')} "
            "cannot be divided among them.",
            hint=f"Give {len(inputs)} files for each sample, in the order of the inputs.",
        )
    return samples


def _by_kind(
    files: Sequence[SampleFile], inputs: Sequence[NetworkInput]
) -> dict[tuple[int, ...], list[int]]:
    every = range(len(inputs))
    pictures = tuple(at for at in every if inputs[at].kind == "picture")
    others = tuple(at for at in every if inputs[at].kind != "picture")
    groups: dict[tuple[int, ...], list[int]] = {}
    for at, file in enumerate(files):
        fitting = others if file.holds_numbers else pictures
        groups.setdefault(fitting or tuple(every), []).append(at)
    return groups


def _by_folder(paths: Sequence[str], names: Sequence[str]) -> list[list[int]] | None:
    """A folder for each input, all with the same names in them."""
    folders: dict[str, dict[str, int]] = {}
    for at, path in enumerate(paths):
        folders.setdefault(str(Path(path).parent), {})[Path(path).stem] = at
    first = next(iter(folders.values()), {})
    is_complete = sum(map(len, folders.values())) == len(paths) and len(folders) == len(names)
    if not is_complete or any(inside.keys() != first.keys() for inside in folders.values()):
        return None
    columns = {
        Path(folder).name: [inside[stem] for stem in first] for folder, inside in folders.items()
    }
    return _in_order_of_inputs(columns, names) if len(columns) == len(names) else None


def _by_word(paths: Sequence[str], names: Sequence[str]) -> list[list[int]] | None:
    """A word for each input at one place of the names, the rest of which says which sample."""
    parts = [tuple(_PARTS.findall(Path(path).stem.casefold())) for path in paths]
    if len({len(each) for each in parts}) != 1 or len(paths) < len(names):
        return None
    found = [
        columns
        for at in range(len(parts[0]))
        if (columns := _by_word_at(parts, at, len(names))) is not None
    ]
    meant = [each for each in found if _matched(list(each), names)]
    fitting = meant or found
    return _in_order_of_inputs(fitting[0], names) if len(fitting) == 1 else None


def _by_word_at(
    parts: Sequence[tuple[str, ...]], at: int, n_inputs: int
) -> dict[str, list[int]] | None:
    columns: dict[str, dict[tuple[str, ...], int]] = {}
    for place, each in enumerate(parts):
        columns.setdefault(each[at], {})[(*each[:at], *each[at + 1 :])] = place
    first = next(iter(columns.values()))
    if len(columns) != n_inputs or any(word.isdigit() for word in columns):
        return None  # numbers count samples
    if sum(map(len, columns.values())) != len(parts):
        return None
    if any(column.keys() != first.keys() for column in columns.values()):
        return None
    return {word: [column[rest] for rest in first] for word, column in columns.items()}


def _in_order_of_inputs(columns: dict[str, list[int]], names: Sequence[str]) -> list[list[int]]:
    words = list(columns)
    return [columns[word] for word in _matched(words, names) or words]


def _matched(words: Sequence[str], names: Sequence[str]) -> list[str] | None:
    """The words in the order of the inputs that are called so; None: they are not."""
    matched: list[str] = []
    for name in names:
        parts = _PARTS.findall(name.casefold())
        found = [word for word in words if word.casefold() in parts]
        matched += found if len(found) == 1 else []
    return matched if len(matched) == len(names) == len(set(matched)) else None
