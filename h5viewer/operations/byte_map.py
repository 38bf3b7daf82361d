"""Where the bytes of a file go: layers, optimizer, other data, attributes, what is left."""

from __future__ import annotations

import time
from collections.abc import Generator

import msgspec

from h5viewer.documents.document import find_places
from h5viewer.documents.weight_rows import joined_names, listed_weights
from h5viewer.formats.container import Container
from h5viewer.formats.occupancy import Occupied
from h5viewer.names import NodePath, plain
from h5viewer.nodes import ByteMap, BytePart
from h5viewer.operations import Operation
from h5viewer.requests import MeasureBytes, Progress

_MOST_PARTS = 2000  # of one kind; the smallest are put together
_YIELD = 0.04  # seconds
_MOST_BYTES = 2**63 - 1

Kind = tuple[str, str]
"""Kind and name of a part."""


class _Sum(msgspec.Struct):
    n_bytes: int = 0
    n_items: int = 0
    path: NodePath | None = None

    def add(self, occupied: Occupied) -> None:
        self.n_bytes += occupied.n_bytes
        self.n_items += occupied.n_items


def measure_bytes(_request: MeasureBytes, container: Container) -> Operation[ByteMap]:
    """The parts add up to the size of the file, and of those beside it that belong to it."""
    owners = yield from _owners(container)
    sums, loose = yield from _sums(container, owners)
    _group(loose, sums)
    source = container.source
    total = source.size + sum(file.size for file in source.companions.values())
    parts = _largest(sums)
    known = sum(part.n_bytes for part in parts)
    if total > known:
        parts.append(BytePart(kind="rest", name="", n_bytes=total - known))
    return ByteMap(n_bytes=max(total, known), parts=tuple(parts))


def _owners(container: Container) -> Generator[Progress, None, dict[NodePath, str]]:
    """The layer of each weight; none where the file holds no network.

    Variables of a checkpoint are named after layers; those of the optimizer have none: "".
    """
    owners: dict[NodePath, str] = {}
    is_checkpoint = container.format_hint == "tf-checkpoint"
    if not is_checkpoint and not find_places(container).has_network:
        return owners
    due = time.monotonic() + _YIELD
    for listed in listed_weights(container, with_state=is_checkpoint):
        if listed is not None:
            name = listed.layer or listed.name
            owners[listed.path] = "" if listed.is_state else name
        if time.monotonic() >= due:
            yield Progress(done=len(owners), unit="weights")
            due = time.monotonic() + _YIELD
    return owners


def _sums(
    container: Container, owners: dict[NodePath, str]
) -> Generator[Progress, None, tuple[dict[Kind, _Sum], dict[NodePath, Occupied]]]:
    """Bytes by kind and name, and values that belong to no layer."""
    places = find_places(container)
    optimizer = places.optimizer if places.has_network else None
    sums: dict[Kind, _Sum] = {}
    loose: dict[NodePath, Occupied] = {}
    due = time.monotonic() + _YIELD
    for n_done, occupied in enumerate(container.occupancy()):
        path = occupied.path
        if occupied.purpose == "entry":
            key, target = ("entry", plain(path[-1])), path
        elif occupied.purpose != "values":
            key, target = (occupied.purpose, ""), ()
        elif owners.get(path):
            key, target = ("layer", owners[path]), path[:-1]
        elif optimizer is not None and path[: len(optimizer)] == optimizer:
            key, target = ("optimizer", joined_names(path[len(optimizer) :])), path
        elif path in owners:
            key, target = ("optimizer", joined_names(path)), path
        else:
            loose[path] = occupied
            continue
        sums.setdefault(key, _Sum(path=target)).add(occupied)
        if time.monotonic() >= due:
            yield Progress(done=n_done, unit="objects")
            due = time.monotonic() + _YIELD
    return sums, loose


def _group(loose: dict[NodePath, Occupied], sums: dict[Kind, _Sum]) -> None:
    """Put data together by what is below the group that holds all of it."""
    if not loose:
        return
    common = min(path[:-1] for path in loose)
    for path in loose:
        while path[: len(common)] != common or len(path) == len(common):
            common = common[:-1]
    for path, occupied in loose.items():
        target = path[: len(common) + 1]
        name = plain(target[-1])
        sums.setdefault(("data", name), _Sum(path=target)).add(occupied)


def _largest(sums: dict[Kind, _Sum]) -> list[BytePart]:
    """The parts, largest first; the many small ones of a kind as one without a name."""
    parts: list[BytePart] = []
    small: dict[str, _Sum] = {}
    counted: dict[str, int] = {}
    for (kind, name), found in sorted(sums.items(), key=lambda item: -item[1].n_bytes):
        counted[kind] = counted.get(kind, 0) + 1
        if counted[kind] > _MOST_PARTS:
            rest = small.setdefault(kind, _Sum())
            rest.n_bytes += found.n_bytes
            rest.n_items += found.n_items
        elif found.n_bytes:
            parts.append(_part(kind, name, found))
    return parts + [_part(kind, "", rest) for kind, rest in small.items()]


def _part(kind: str, name: str, found: _Sum) -> BytePart:
    return BytePart(
        kind=kind,  # type: ignore[arg-type]
        name=name,
        n_bytes=min(found.n_bytes, _MOST_BYTES),
        n_items=found.n_items,
        path=found.path,
    )
