"""Data sets of pictures that are a dataset each: in a group, in those of classes, one in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_heads import HEAD, LONGEST, head_of
from h5viewer.documents.picture_layouts import CHANNELS, are_sides, arranged, axes_of_one
from h5viewer.documents.picture_looks import SMOOTH, looks_of, roughness
from h5viewer.documents.picture_words import means_weights, says_pictures, split_of
from h5viewer.errors import H5ViewerError
from h5viewer.formats.container import Container
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset, PictureLayout, PictureSet, Shape
from h5viewer.operations.loose_reading import (
    Stored,
    as_one,
    is_turned,
    member_paths,
    ranged,
    read_member,
)
from h5viewer.operations.loose_sets import (
    MOST_READ,
    MOST_TRIED,
    Loose,
    are_alike,
    encoding_of,
    layout_of,
    paired,
    spread,
)
from h5viewer.operations.picture_pairing import Datasets
from h5viewer.requests import Progress

FEWEST = 8
"""Datasets that together are a data set."""

_MOST_LEFT_OUT = 50  # names in a group that are no pictures
_MOST_SHARE = 0.8  # of the groups beside each other that have to hold a picture of one name
_SUFFIXES = (b".jpg", b".jpeg", b".png", b".bmp", b".gif", b".tif", b".tiff", b".webp")


class _Plan(NamedTuple):
    """Datasets that may be the pictures of one set."""

    node: NodePath
    members: Sequence[Dataset]  # as far as they are known
    left_out: tuple[bytes, ...] = ()
    member: bytes = b""
    has_classes: bool = False


def find_groups(
    container: Container, datasets: Sequence[Dataset], known: Datasets, *, are_all: bool
) -> Generator[Progress, None, list[Loose]]:
    """All of a file.

    Args:
        datasets: those that are taken for nothing else.
        are_all: the file has no more datasets than are known.
    """
    found: list[Loose] = []
    names = _Names(container, known, are_all=are_all)
    for fits in (is_file, is_picture):
        by_group: dict[NodePath, list[Dataset]] = {}
        for each in datasets:
            if fits(each) and not means_weights(each.path):
                by_group.setdefault(each.path[:-1], []).append(each)
        yield Progress(done=0)
        plans = yield from _plans(by_group, names)
        for plan in plans[:MOST_TRIED]:
            pictures = yield from _of_plan(container, plan, known, are_files=fits is is_file)
            if pictures is not None:
                found.append(Loose(pictures, tuple(each.path for each in plan.members)))
    return found


def is_file(each: Dataset) -> bool:
    """True for a dataset that may be the bytes of one file."""
    shape = each.shape or ()
    is_byte = each.dtype.kind in ("uint", "int") and each.dtype.itemsize == 1
    if len(shape) == 1 and is_byte:
        return shape[0] > 10 * HEAD
    is_text = each.dtype.kind in ("string", "opaque")
    return is_text and each.n_elements == 1 and each.dtype.itemsize > 10 * HEAD


def is_picture(each: Dataset) -> bool:
    """True for a dataset that may be one picture in numbers."""
    kind, itemsize = each.dtype.kind, each.dtype.itemsize
    if kind not in ("uint", "float", "int", "bool") or not _has_sides(each.shape or ()):
        return False
    return (kind, itemsize) == ("uint", 1) or _is_said(each)


def _has_sides(shape: Shape) -> bool:
    if len(shape) == 3:
        sides = [shape[:2]] if shape[2] in CHANNELS else []
        sides += [shape[1:]] if shape[0] in CHANNELS else []
        return any(are_sides(each) for each in sides)
    return len(shape) == 2 and are_sides(shape)


def _is_said(each: Dataset) -> bool:
    return says_pictures(each.path) or each.path[-1].lower().endswith(_SUFFIXES)


# ------------------------------------------------------------------ which belong together


class _Names:
    """What else stands in a group."""

    def __init__(self, container: Container, known: Datasets, *, are_all: bool) -> None:
        self._container = container
        self._are_all = are_all
        self._known: dict[NodePath, list[bytes]] = {}
        for each in known.all:
            self._known.setdefault(each.path[:-1], []).append(each.path[-1])

    def beside(self, group: NodePath, own: set[bytes]) -> tuple[bytes, ...]:
        """Names in a group that are none of these, as far as they are known."""
        names = self._known.get(group, [])
        if self._are_all:
            names = [name for some in self._container.child_names(group) for name in some]
        return tuple(name for name in names if name not in own)


def _plans(
    by_group: Mapping[NodePath, list[Dataset]], names: _Names
) -> Generator[Progress, None, list[_Plan]]:
    """Groups beside each other first, then each by itself."""
    found: list[_Plan] = []
    beside: dict[NodePath, list[NodePath]] = {}
    for group in by_group:
        if group:
            beside.setdefault(group[:-1], []).append(group)
    taken: set[NodePath] = set()
    for node, groups in beside.items():
        plans = yield from _together(node, {group: by_group[group] for group in groups}, names)
        if plans:
            taken.update(groups)
            found += plans
    for group, members in by_group.items():
        if group not in taken and len(members) >= FEWEST:
            left_out = names.beside(group, {each.path[-1] for each in members})
            yield Progress(done=0)
            if len(left_out) <= min(_MOST_LEFT_OUT, len(members)):
                found.append(_Plan(group, members, left_out))
    return found


def _together(
    node: NodePath, groups: Mapping[NodePath, list[Dataset]], names: _Names
) -> Generator[Progress, None, list[_Plan]]:
    """Groups that hold one picture each, or the pictures of one class each; else none."""
    if len(groups) < 2 or any(split_of((group[-1],)) for group in groups):
        return []
    beside = names.beside(node, {group[-1] for group in groups})
    if len(beside) > min(_MOST_LEFT_OUT, len(groups)):
        return []
    members = [each for some in groups.values() for each in some]
    if max(map(len, groups.values())) < FEWEST:
        counts = Counter(each.path[-1] for each in members)
        least = max(FEWEST, _MOST_SHARE * len(groups))
        usual = [name for name, count in counts.items() if count >= least]
        if usual and not any(char in b"0123456789" for name in usual for char in name):
            return [_of_name(node, name, members, beside) for name in usual]
    for group, some in groups.items():
        yield Progress(done=0)
        if names.beside(group, {each.path[-1] for each in some}):
            return []
    if len(members) < FEWEST:
        return []
    return [_Plan(node, members, beside, has_classes=True)]


def _of_name(
    node: NodePath, name: bytes, members: Sequence[Dataset], beside: tuple[bytes, ...]
) -> _Plan:
    own = [each for each in members if each.path[-1] == name]
    groups = {each.path[-2] for each in own}
    without = {each.path[-2] for each in members} - groups
    return _Plan(node, own, (*beside, *sorted(without)), member=name)


# ------------------------------------------------------------------ what they are


def _of_plan(
    container: Container, plan: _Plan, known: Datasets, *, are_files: bool
) -> Generator[Progress, None, PictureSet | None]:
    samples: list[Stored] = []
    n_bytes = 0
    for index in spread(len(plan.members)):
        yield Progress(done=0)
        try:
            stored = read_member(container, plan.members[index].path, are_files=are_files)
        except H5ViewerError:
            continue
        samples.append(stored)
        n_bytes += len(stored) if isinstance(stored, bytes) else stored.nbytes
        if n_bytes > MOST_READ:
            break
    if are_files:
        pictures = _of_files(plan, samples)
    else:
        turned = is_turned(container, plan.members[0].path)
        pictures = _of_numbers(plan, samples, are_turned=turned)
    if pictures is None:
        return None
    count = len(member_paths(container, pictures))
    pictures = msgspec.structs.replace(pictures, shape=(count,), n_pictures=count)
    return (yield from paired(container, pictures, known))


def _of_files(plan: _Plan, samples: Sequence[Stored]) -> PictureSet | None:
    begins = [each[:LONGEST] for each in samples if isinstance(each, bytes)]
    heads = [head for head in map(head_of, begins) if head]
    if not heads:
        return None
    return msgspec.structs.replace(
        _of(plan, layout_of(heads)), encoding=encoding_of(heads), are_alike=are_alike(heads)
    )


def _of_numbers(plan: _Plan, samples: Sequence[Stored], *, are_turned: bool) -> PictureSet | None:
    arrays = [each for each in samples if isinstance(each, np.ndarray)]
    facts = [_turned(each) for each in plan.members] if are_turned else plan.members
    layouts = [layout for each in facts if (layout := as_one(each)) is not None]
    if not arrays or not layouts:
        return None
    if not _is_said(plan.members[0]) and not any(_is_smooth(each) for each in arrays):
        return None
    alike = len({(each.height, each.width, each.channels) for each in layouts}) == 1
    return msgspec.structs.replace(_of(plan, ranged(layouts[0], arrays)), are_alike=alike)


def _turned(facts: Dataset) -> Dataset:
    return msgspec.structs.replace(facts, shape=(facts.shape or ())[::-1])


def _of(plan: _Plan, layout: PictureLayout) -> PictureSet:
    return PictureSet(
        node=plan.node,
        shape=(),
        dtype=plan.members[0].dtype.text,
        layout=layout,
        n_pictures=0,
        storage="members",
        left_out=plan.left_out,
        member=plan.member,
        has_classes=plan.has_classes,
        split=split_of(plan.node),
    )


def _is_smooth(values: NDArray[Any]) -> bool:
    looks = looks_of(values)
    if looks is None or looks.is_constant:
        return False
    layout = PictureLayout(axes=axes_of_one(values.shape), height=1, width=1, channels=1)
    return roughness(arranged(values[None], layout), looks) < SMOOTH
