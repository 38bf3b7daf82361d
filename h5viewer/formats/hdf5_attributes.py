"""Attributes of one HDF5 object: paged, with bounded excerpts.

HDF5 reads an attribute as a whole or not at all, and what a variable-length one holds is
unknown before: 4 MB of file can become 16 GB. Every read is bounded by `bounded_memory`.
"""

from __future__ import annotations

import math
import time
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5t
from numpy.typing import NDArray

from h5viewer.errors import TooLarge
from h5viewer.formats.bounded_memory import bounded_memory
from h5viewer.formats.hdf5_errors import HDF5_ERRORS, cannot_read, is_out_of_memory, reason
from h5viewer.formats.hdf5_facts import MIB
from h5viewer.formats.hdf5_references import ReferenceNames, paths_in, targets_in
from h5viewer.formats.hdf5_types import describe_type, is_bfloat16
from h5viewer.formats.natural_order import in_natural_order
from h5viewer.formats.value_text import values_text
from h5viewer.names import NodePath, plain, visible
from h5viewer.nodes import Attribute, Attributes, DType, Shape, Text
from h5viewer.wording import bytes_text

LARGEST_ATTRIBUTE = 256 * MIB  # stored bytes that are read at all
EXCERPT = 300  # characters of a value in a page of attributes
_SORTED_UP_TO = 20_000  # sorting 200,000 costs 1.8 s a page, the stored order 0.07 s
_MOST_REFERENCES = 100  # of an attribute, named in a page; an excerpt has no room for more
_MOST_TARGETS = 20
_PAGE_SECONDS = 0.5  # after this, the rest of a page is named without its values


def read_page(oid: h5py.h5g.GroupID, start: int, count: int, prefix: NodePath = ()) -> Attributes:
    """`count` attributes from `start` on, in natural order (huge groups: as stored).

    Raises:
        CannotRead: the list of attributes is damaged.
    """
    try:
        total = h5a.get_num_attrs(oid)
        names = _names(oid, total, start, count)
    except HDF5_ERRORS as error:
        raise cannot_read("The list of attributes", error) from error
    until = time.monotonic() + _PAGE_SECONDS
    told = ReferenceNames(oid, prefix)
    page = [_describe(oid, name, told, is_late=time.monotonic() > until) for name in names]
    return Attributes(start=start, total=total, attributes=tuple(page))


def read_text(oid: h5py.h5g.GroupID, name: bytes, limit: int) -> Text | None:
    """The value as text; a list of strings one a line; None: no such attribute.

    Raises:
        TooLarge: it stores more than is read at all.
        CannotRead: it is damaged.
    """
    if not _exists(oid, name):
        return None
    what = f"The attribute {visible(name, 60)}"
    try:
        attribute = h5a.open(oid, name)
        dtype = describe_type(attribute.get_type())
        values = _read(attribute, what)
    except (*HDF5_ERRORS, MemoryError) as error:
        raise cannot_read(what, error) from error
    if values is None:
        return Text(text="", total=0, is_complete=True)
    if dtype.kind == "string":
        return _strings_text(values, limit)
    if _has_references(dtype):
        ReferenceNames(oid).replace(values.ravel()[: limit // 3 + 1])
    text, is_complete = values_text(values, limit)
    return Text(text=text, total=values.size, is_complete=is_complete)


def read_strings(oid: h5py.h5g.GroupID, name: bytes, limit: int) -> list[str] | None:
    """An attribute of strings as a list, at most `limit` long; None: absent or no strings.

    An empty list is stored as an empty array of floats (formats.md, section 1.1).

    Raises:
        TooLarge: it stores more than is read at all.
        CannotRead: it is damaged.
    """
    if not _exists(oid, name):
        return None
    what = f"The attribute {visible(name, 60)}"
    try:
        attribute = h5a.open(oid, name)
        shape = _shape(attribute)
        if shape is None or math.prod(shape) == 0:
            return []
        if describe_type(attribute.get_type()).kind != "string":
            return None
        values = _read(attribute, what)
    except (*HDF5_ERRORS, MemoryError) as error:
        raise cannot_read(what, error) from error
    return [] if values is None else [_decoded(item) for item in values.ravel()[:limit]]


def read_targets(
    oid: h5py.h5g.GroupID, name: bytes, limit: int, prefix: NodePath = ()
) -> list[list[NodePath | None]] | None:
    """Where the references of an attribute lead; of each element a list; None: none such.

    Raises:
        CannotRead, TooLarge: as `read_strings`.
    """
    if not _exists(oid, name):
        return None
    what = f"The attribute {visible(name, 60)}"
    try:
        attribute = h5a.open(oid, name)
        if not _has_references(describe_type(attribute.get_type())):
            return None
        values = _read(attribute, what)
        if values is None:
            return []
        first = values.ravel()[:limit]
        ReferenceNames(oid, prefix).replace(first)
    except (*HDF5_ERRORS, MemoryError) as error:
        raise cannot_read(what, error) from error
    return [list(paths_in(item)) for item in first]


def short_string(oid: h5py.h5g.GroupID, name: bytes) -> str:
    """The text of a small scalar string attribute, or "" for anything else."""
    try:
        if not h5a.exists(oid, name):
            return ""
        attribute = h5a.open(oid, name)
        if attribute.get_type().get_class() != h5t.STRING or _shape(attribute) != ():
            return ""
        values = _read(attribute, "")
    except (*HDF5_ERRORS, MemoryError, TooLarge):
        return ""
    return "" if values is None else _decoded(values[()])[:100]


def _has_references(dtype: DType) -> bool:
    """True for references, lists of them and records with one."""
    return dtype.kind in ("reference", "vlen", "compound") and "reference" in dtype.text


def _names(oid: h5py.h5g.GroupID, total: int, start: int, count: int) -> list[bytes]:
    names: list[bytes] = []
    if total <= _SORTED_UP_TO:
        h5a.iterate(oid, names.append, order=h5py.h5.ITER_NATIVE)
        return in_natural_order(names)[start : start + count]
    if start < total and count > 0:

        def take(name: bytes) -> bool | None:
            names.append(name)
            return True if len(names) >= count else None

        h5a.iterate(oid, take, index=start, order=h5py.h5.ITER_NATIVE)
    return names


def _exists(oid: h5py.h5g.GroupID, name: bytes) -> bool:
    try:
        return bool(h5a.exists(oid, name))
    except HDF5_ERRORS:
        return False


def _describe(
    oid: h5py.h5g.GroupID, name: bytes, told: ReferenceNames, *, is_late: bool
) -> Attribute:
    dtype, shape, n_bytes = DType(kind="unreadable", text="unreadable"), None, 0
    targets: tuple[NodePath, ...] = ()
    try:
        attribute = h5a.open(oid, name)
        dtype = describe_type(attribute.get_type())
        shape = _shape(attribute)
        n_bytes = _declared_bytes(shape, dtype)
        if is_late:
            text, is_complete = "Not read yet: the attributes before it are large.", False
        else:
            values = _read(attribute, "This attribute")
            n_bytes = _stored_bytes(values, n_bytes)
            if values is not None and _has_references(dtype):
                told.replace(values.ravel()[:_MOST_REFERENCES])
                targets = targets_in(values.ravel()[:_MOST_REFERENCES], _MOST_TARGETS)
            text, is_complete = _excerpt(values, dtype)
    except TooLarge as error:
        text, is_complete = error.message, False
    except (*HDF5_ERRORS, MemoryError) as error:
        damaged = f"Cannot be read: {visible(reason(error), 200)}"
        text = "Too large to show." if is_out_of_memory(error) else damaged
        is_complete = False
    return Attribute(
        name=name,
        dtype=dtype,
        shape=shape,
        n_bytes=n_bytes,
        text=text,
        is_complete=is_complete,
        targets=targets,
    )


def _shape(attribute: h5a.AttrID) -> Shape | None:
    space = attribute.get_space()
    if space.get_simple_extent_type() == h5py.h5s.NULL:
        return None
    return tuple(int(n) for n in space.get_simple_extent_dims())


def _declared_bytes(shape: Shape | None, dtype: DType) -> int:
    """Computed: `get_storage_size` raises for empty attributes (formats.md, section 1.1)."""
    return 0 if shape is None else math.prod(shape) * dtype.itemsize


def _stored_bytes(values: NDArray[Any] | None, declared: int) -> int:
    """Of variable-length strings and lists what they hold, not the size of their addresses."""
    if values is None or not values.dtype.hasobject:
        return declared
    sizes = (
        item.nbytes if isinstance(item, np.ndarray) else len(item)
        for item in values.ravel()
        if isinstance(item, np.ndarray | bytes | str)
    )
    return sum(sizes) or declared


def _read(attribute: h5a.AttrID, what: str) -> NDArray[Any] | None:
    """The whole value; None for an empty dataspace.

    Raises:
        TooLarge: more than LARGEST_ATTRIBUTE is stored.
        one of HDF5_ERRORS or MemoryError: as h5py says.
    """
    shape = _shape(attribute)
    if shape is None:
        return None
    tid = attribute.get_type()
    if math.prod(shape) * tid.get_size() > LARGEST_ATTRIBUTE:
        stored = bytes_text(math.prod(shape) * tid.get_size())
        raise TooLarge(f"{what} holds {stored}; at most {bytes_text(LARGEST_ATTRIBUTE)} are read.")
    dtype = np.dtype("<u2") if is_bfloat16(tid) else tid.dtype
    values = np.zeros(shape, dtype)
    if values.size == 0:
        return values
    with bounded_memory(2 * LARGEST_ATTRIBUTE, needed=dtype.hasobject and values.size > 1):
        attribute.read(values, mtype=tid if is_bfloat16(tid) else None)
    if is_bfloat16(tid):
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values


def _excerpt(values: NDArray[Any] | None, dtype: DType) -> tuple[str, bool]:
    if values is None:
        return "empty", True
    if dtype.kind == "string" and values.shape == ():
        text = _decoded(values[()], 4 * EXCERPT)
        return (text, True) if len(text) <= EXCERPT else (text[:EXCERPT], False)
    return values_text(values, EXCERPT)


def _strings_text(values: NDArray[Any], limit: int) -> Text:
    lines, length = [], 0
    for item in values.ravel():
        line = _decoded(item)
        lines.append(line[: max(0, limit - length)])
        length += len(line) + 1
        if length > limit:
            break
    text = "\n".join(lines)
    if values.size == 1:
        whole = _decoded(values.ravel()[0])
        language = "json" if whole[:64].lstrip()[:1] in ("{", "[") else "plain"
        return Text(
            text=whole[:limit],
            total=len(whole),
            is_complete=len(whole) <= limit,
            language=language,  # type: ignore[arg-type]
        )
    return Text(text=text[:limit], total=length, is_complete=length <= limit + 1)


def _decoded(item: Any, limit: int | None = None) -> str:
    """A string of whatever kind h5py gives: bytes, or text with lone surrogates."""
    if isinstance(item, np.void):  # opaque read as such
        item = item.tobytes()
    return plain(item[:limit] if limit else item)
