"""What a salvaged HDF5 file says of itself: what is lost, and which layers are whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import h5py
import numpy as np
from h5py import h5g, h5l

from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_salvaged import DAMAGES, Lost
from h5viewer.names import NodePath

REPORT = "salvage_report"
"""The dataset at the top: where something is lost, and why."""

_LARGEST_LIST = 64512  # bytes of an attribute beyond which Keras splits a list
MODEL_WEIGHTS = b"model_weights"
_PLACES = (MODEL_WEIGHTS, b"/")
_LISTING = (MODEL_WEIGHTS, b"optimizer_weights", b"")


def write_report(root: h5g.GroupID, source: str, rows: Sequence[tuple[str, str]]) -> None:
    """The list of what is lost."""
    top = h5py.Group(root)
    top.attrs["salvaged_from"] = source
    if rows and REPORT not in top:
        report = top.create_dataset(REPORT, (len(rows), 2), dtype=h5py.string_dtype())
        report[...] = np.array(rows, dtype=object)
        report.attrs["columns"] = ["what", "why"]


def shorten_lists(root: h5g.GroupID) -> int:
    """Have the lists of legacy files name only what is there; how many layers are not whole.

    A layer that has lost a weight keeps the others, but is named no more: Keras would take the
    wrong ones, or none at all.
    """
    top = h5py.Group(root)
    n_lost = 0
    for place in _PLACES:
        group = top.get(place)
        if not isinstance(group, h5py.Group):
            continue
        names = _listed(group, "layer_names")
        if names is None:
            continue
        whole = [name for name in names if _is_whole(group, name)]
        n_lost += len(names) - len(whole)
        if whole != names:
            _list(group, "layer_names", whole)
    return n_lost


def absent(root: h5g.GroupID, lost: Sequence[Lost]) -> Iterator[NodePath]:
    """What the lists of a damaged file name and is not there, as where a name is damaged.

    Most files have no checksums of names. Only links within the file are followed.

    Args:
        root: of the damaged file.
        lost: what is known already; nothing below it is given.
    """
    known = {each.path for each in lost if each.attribute is None}
    for place in _LISTING:
        for layer in (b"", *_names(root, place, "layer_names")):
            for path in _absent_of(root, place + b"/" + layer):
                if not any(path[:n] in known for n in range(len(path) + 1)):
                    yield path


def _absent_of(root: h5g.GroupID, layer: bytes) -> Iterator[NodePath]:
    """The group of a layer, or the weights that it lists."""
    try:
        if not _leads_somewhere(root, layer):
            yield from [] if layer[:-1] in _LISTING else [_parts(layer)]
            return
        for name in _names(root, layer, "weight_names"):
            if not _leads_somewhere(root, layer + b"/" + name):
                yield (*_parts(layer), *_parts(name))
    except DAMAGES:  # is listed by what copies it
        return


def _names(root: h5g.GroupID, path: bytes, name: str) -> list[bytes]:
    try:
        group = _group(root, path)
        return [] if group is None else _listed(h5py.Group(group), name) or []
    except DAMAGES:
        return []


def _leads_somewhere(group: h5g.GroupID, name: bytes) -> bool:
    """False where a part of the path is missing; what other links lead to is not asked."""
    at: h5g.GroupID | None = group
    for part in _parts(name):
        if at is None:
            break
        if not at.links.exists(part):
            return False
        at = _group(at, part)
    return True


def _group(group: h5g.GroupID, path: bytes) -> h5g.GroupID | None:
    """None: there is none by hard links."""
    at = group
    for part in _parts(path):
        if not at.links.exists(part) or at.links.get_info(part).type != h5l.TYPE_HARD:
            return None
        if h5g.get_objinfo(at, part).type != h5g.GROUP:
            return None
        at = h5g.open(at, part)
    return at


def _parts(path: bytes) -> NodePath:
    return tuple(filter(None, path.split(b"/")))


def _is_whole(group: h5py.Group, layer: bytes) -> bool:
    """True when all the weights that a layer lists are there; else it lists fewer."""
    if _found(group, layer) is not h5py.Group:
        return False
    inside = group[layer]
    names = _listed(inside, "weight_names")
    if names is None:
        return False
    there = [name for name in names if _found(inside, name) is h5py.Dataset]
    if there != names:
        _list(inside, "weight_names", there)
    return there == names


def _found(group: h5py.Group, name: bytes) -> Any:
    """The class of what a name leads to; None: nothing."""
    try:
        return group.get(name, getclass=True)
    except HDF5_ERRORS:
        return None


def _listed(group: h5py.Group, name: str) -> list[bytes] | None:
    """A list of names, also where Keras has split it; None: it was lost."""
    if name in group.attrs:
        return _bytes(group.attrs[name])
    found: list[bytes] = []
    number = 0
    while f"{name}{number}" in group.attrs:
        found += _bytes(group.attrs[f"{name}{number}"])
        number += 1
    return found if number else None


def _bytes(values: Any) -> list[bytes]:
    return [
        each.encode("utf-8", "surrogateescape") if isinstance(each, str) else bytes(each)
        for each in np.asarray(values).reshape(-1)
        if isinstance(each, str | bytes)
    ]


def _list(group: h5py.Group, name: str, names: list[bytes]) -> None:
    for old in [each for each in group.attrs if each.removeprefix(name).isdigit() or each == name]:
        del group.attrs[old]
    data = np.array(names, dtype=f"S{max([1, *map(len, names)])}")
    n_parts = max(1, -(-data.nbytes // _LARGEST_LIST))
    if n_parts == 1:
        group.attrs.create(name, data)
        return
    for number, part in enumerate(np.array_split(data, n_parts)):
        group.attrs.create(f"{name}{number}", part)
