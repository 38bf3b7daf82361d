"""Values given as texts and numbers, as HDF5 stores them in the type that is there already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from h5py import h5t

from h5viewer.errors import CannotRead
from h5viewer.formats.hdf5_differences import NewAttribute, texts_attribute
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.names import visible
from h5viewer.nodes import Shape

Item = str | int | float | bool


def is_text(tid: Any) -> bool:
    """True for types of texts."""
    return isinstance(tid, h5t.TypeStringID)


def is_truth(tid: Any) -> bool:
    """True for the two-valued type of h5py."""
    return _dtype(tid).kind == "b"


def as_stored(tid: Any, shape: Shape, items: Sequence[Item]) -> NewAttribute:
    """An attribute of this very type and shape.

    Args:
        items: as many as the shape has places; texts for texts, numbers for numbers.

    Raises:
        CannotRead: one does not fit the type, or the type is none of texts and numbers.
    """
    if is_text(tid):
        return _texts(tid, shape, [str(each) for each in items])
    dtype = _dtype(tid)
    if dtype.kind not in "iufb":
        raise CannotRead("Only texts, numbers and truth values can be changed.")
    values = np.empty(len(items), dtype)
    for i, each in enumerate(items):
        values[i] = _fitted(each, dtype)
    raw = values.view(f"V{dtype.itemsize}").reshape(shape)
    return NewAttribute(tid, shape, raw)


def _texts(tid: Any, shape: Shape, texts: list[str]) -> NewAttribute:
    for text in texts:
        if tid.get_cset() == h5t.CSET_ASCII and not text.isascii():
            raise CannotRead(
                f"“{visible(text, 40)}” does not fit: the attribute holds texts without accents "
                "and other special letters (ASCII)."
            )
        if tid.is_variable_str():
            if "\0" in text:
                raise CannotRead("A text cannot hold the character with the number 0.")
            continue
        room = tid.get_size() - (tid.get_strpad() == h5t.STR_NULLTERM)
        length = len(text.encode("utf-8", "surrogateescape"))
        if length > room:
            raise CannotRead(
                f"“{visible(text, 40)}” takes {length} bytes; the attribute has room for {room}."
            )
    made = texts_attribute(texts, tid)
    if not tid.is_variable_str() and made.tid.get_size() != tid.get_size():
        raise CannotRead("The texts do not fit.")
    return NewAttribute(tid, shape, made.values.reshape(shape))


def _fitted(value: Item, dtype: np.dtype[Any]) -> Any:
    if isinstance(value, str):
        raise CannotRead(f"“{visible(value, 40)}” is no number.")
    if dtype.kind == "b":
        if value not in (0, 1):
            raise CannotRead(f"{value} is neither true nor false.")
        return bool(value)
    if dtype.kind in "iu":
        if isinstance(value, float) and not value.is_integer():
            raise CannotRead(f"{value} does not fit: the attribute holds whole numbers.")
        whole, limits = int(value), np.iinfo(dtype)
        if not limits.min <= whole <= limits.max:
            raise CannotRead(f"{whole} does not fit: it goes from {limits.min} to {limits.max}.")
        return whole
    with np.errstate(all="ignore"):
        stored = dtype.type(value)
    if np.isfinite(float(value)) and not np.isfinite(stored):
        raise CannotRead(f"{value} is beyond the range of {dtype.name}.")
    return stored


def _dtype(tid: Any) -> np.dtype[Any]:
    try:
        dtype: np.dtype[Any] = np.dtype(tid.dtype)
    except HDF5_ERRORS as error:
        raise CannotRead("Values of this type cannot be changed.", details=str(error)) from error
    return dtype
