"""Lists of names in attributes, which Keras splits into several when they are long."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from h5py import h5a, h5g, h5o, h5s, h5t

from h5viewer.errors import CannotRead
from h5viewer.formats.hdf5_differences import NewAttribute, texts_attribute
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_raw import read_attribute
from h5viewer.names import NodePath, visible
from h5viewer.nodes import Shape

_LARGEST = 64512  # bytes of one attribute; Keras' HDF5_OBJECT_HEADER_LIMIT


class StoredList(msgspec.Struct, frozen=True):
    """One attribute with a list of texts, as bytes."""

    name: bytes
    tid: h5t.TypeID
    items: list[bytes]


def read_lists(root: h5g.GroupID, path: NodePath, name: bytes) -> list[StoredList]:
    """The list `name`, or `name0`, `name1` … of an object; [] where there is none.

    Raises:
        CannotRead: it cannot be read.
    """
    try:
        owner = object_at(root, path)
        if h5a.exists(owner, name):
            return [_read(owner, name)]
        return list(_split(owner, name))
    except (*HDF5_ERRORS, MemoryError) as error:
        raise CannotRead(
            f"The list {visible(name, 60)} cannot be read.", details=str(error)
        ) from error


def with_items(lists: Sequence[StoredList], items: Sequence[bytes]) -> dict[bytes, NewAttribute]:
    """The attributes with other items, as many; split anew where they have become too long.

    An attribute that is not in the answer is not needed any more.
    """
    left = iter(items)
    made = {
        each.name: texts_attribute(itertools.islice(left, len(each.items)), each.tid)
        for each in lists
    }
    if all(attribute.values.nbytes <= _LARGEST for attribute in made.values()):
        return made
    size = max(len(item) for item in items) + 1
    per_part = max(1, _LARGEST // size)
    base = lists[0].name.rstrip(b"0123456789") if len(lists) > 1 else lists[0].name
    parts = [items[start : start + per_part] for start in range(0, len(items), per_part)]
    return {
        base + str(i).encode(): texts_attribute(part, lists[0].tid) for i, part in enumerate(parts)
    }


def attribute_type(root: h5g.GroupID, path: NodePath, name: bytes) -> tuple[Any, Shape] | None:
    """Type and shape of an attribute; None: there is none, or it has no data.

    Raises:
        CannotRead: it is damaged.
    """
    try:
        owner = object_at(root, path)
        if not h5a.exists(owner, name):
            return None
        attribute = h5a.open(owner, name)
        space = attribute.get_space()
        if space.get_simple_extent_type() == h5s.NULL:
            return None
        return attribute.get_type(), tuple(int(n) for n in space.get_simple_extent_dims())
    except HDF5_ERRORS as error:
        what = f"The attribute {visible(name, 60)}"
        raise CannotRead(f"{what} cannot be read.", details=str(error)) from error


def object_at(root: h5g.GroupID, path: NodePath) -> Any:
    """An opened object; links are walked one by one by HDF5."""
    return h5o.open(root, b"/".join(path)) if path else root


def _split(owner: Any, name: bytes) -> Iterator[StoredList]:
    for number in itertools.count():
        part = name + str(number).encode()
        if not h5a.exists(owner, part):
            return
        yield _read(owner, part)


def _read(owner: Any, name: bytes) -> StoredList:
    attribute = h5a.open(owner, name)
    tid = attribute.get_type()
    if not isinstance(tid, h5t.TypeStringID):  # an empty list is one of no numbers
        return StoredList(name, h5t.py_create(h5t.string_dtype(), logical=True), [])
    values = read_attribute(attribute, visible(name, 60))
    if values is None:
        return StoredList(name, tid, [])
    if values.dtype.hasobject:
        return StoredList(name, tid, [_bytes(each) for each in values.reshape(-1)])
    end = b" " if tid.get_strpad() == h5t.STR_SPACEPAD else b"\0"
    raw = [each.tobytes() for each in values.reshape(-1)]
    if tid.get_strpad() == h5t.STR_NULLTERM:
        return StoredList(name, tid, [each.partition(b"\0")[0] for each in raw])
    return StoredList(name, tid, [each.rstrip(end) for each in raw])


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", "surrogateescape")
