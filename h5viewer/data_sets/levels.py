"""Which level of folders says the split, and which the class, whatever lies around them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from h5viewer.data_sets.split_names import split_of
from h5viewer.nodes import Split

_WORDS = re.compile(r"[^\W\d_]+")


class Levels(msgspec.Struct):
    """What the folders of pictures mean."""

    inner: list[str]  # names inside the folders that hold all, and those of the splits
    paths: list[str]  # names inside the folders of the splits alone
    splits: list[Split]  # of each; "": it lies in none
    folders: tuple[str, ...] = ()  # of the splits
    is_within: bool = False  # a folder that holds all was passed over


def levels_of(names: Sequence[str]) -> Levels:
    """Look at the paths of all pictures.

    A folder that all pictures share is passed over where folders lie in it, before the splits
    and below them; so is one that repeats the split: `training_set/training_set/cats`. The
    splits may lie in each class: `cats/train`, `cats/test`.
    """
    inner, is_within = _without_shared(names)
    inner = _splits_first(inner)
    first = {name.split("/")[0] if "/" in name else "" for name in inner}
    by_folder = _exact(first) or _told_apart(first)
    if not by_folder:
        return Levels(inner, list(names), [""] * len(names), is_within=is_within)
    splits: list[Split] = []
    paths = list(inner)
    for at, name in enumerate(inner):
        top, _, rest = name.partition("/")
        splits.append(by_folder.get(top, "") if rest else "")
        if splits[-1]:
            paths[at] = rest
            inner[at] = rest.removeprefix(f"{top}/")
    placed = [at for at, split in enumerate(splits) if split]
    below, _ = _without_shared([inner[at] for at in placed])
    for at, name in zip(placed, below, strict=True):
        inner[at] = name
    return Levels(inner, paths, splits, tuple(sorted(by_folder)), is_within)


def _without_shared(names: Sequence[str]) -> tuple[list[str], bool]:
    found = list(names)
    is_within = False
    while found:
        top, slash, _ = found[0].partition("/")
        shared = top + slash
        if not slash or split_of(top) or not all(name.startswith(shared) for name in found):
            break
        if not any("/" in name[len(shared) :] for name in found):
            break  # the class that they all have, perhaps
        found = [name[len(shared) :] for name in found]
        is_within = True
    return found, is_within


def _splits_first(names: list[str]) -> list[str]:
    """`train/cats/1.png` for `cats/train/1.png`, when all pictures lie so."""
    parts = [name.split("/", 2) for name in names]
    splits = {split_of(part[1]) if len(part) == 3 else "" for part in parts}
    if "" in splits or not len(splits) > 1 or "training" not in splits:
        return names
    return ["/".join((split, label, rest)) for label, split, rest in parts]


def _exact(first: set[str]) -> dict[str, Split]:
    """Folders named train, validation, test, when all pictures lie in such."""
    return {name: split_of(name) for name in first} if all(map(split_of, first)) else {}


def _told_apart(first: set[str]) -> dict[str, Split]:
    """`seg_train`, `seg_test` beside others: alike but for the split, training among several."""
    found: dict[str, dict[str, Split]] = {}  # by what is alike
    for name in first:
        words = [word.casefold() for word in _WORDS.findall(name)]
        said = [word for word in words if split_of(word)]
        if split_of(name):
            found.setdefault("", {})[name] = split_of(name)
        elif len(said) == 1:
            words.remove(said[0])
            found.setdefault(" ".join(words), {})[name] = split_of(said[0])
    for alike in found.values():
        if "training" in alike.values() and len(set(alike.values())) > 1:
            return alike
    return {}
