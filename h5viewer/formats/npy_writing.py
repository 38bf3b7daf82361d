"""NumPy's `.npy`: a header, then the elements."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.nodes import Shape

_ALIGNED = 64  # bytes: where the elements begin, so that they can be mapped
_SHORT = 65_000  # characters that two bytes can count


def npy_header(dtype: np.dtype[Any], shape: Shape, *, is_turned: bool = False) -> bytes:
    """What stands before the elements.

    Args:
        dtype: as stored, little-endian.
        shape: of the array that NumPy makes of it.
        is_turned: the first axis of the shape is the one that runs fastest.
    """
    facts = {
        "descr": np.lib.format.dtype_to_descr(dtype),
        "fortran_order": is_turned,
        "shape": tuple(int(n) for n in shape),
    }
    text = repr(facts)
    is_latin = text.isascii()
    version = (1, 0) if is_latin and len(text) < _SHORT else (2, 0) if is_latin else (3, 0)
    start = 10 if version == (1, 0) else 12
    encoded = text.encode()
    encoded += b" " * (-(start + len(encoded) + 1) % _ALIGNED) + b"\n"
    length = struct.pack("<H" if version == (1, 0) else "<I", len(encoded))
    return b"\x93NUMPY" + bytes(version) + length + encoded


def stored_form(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The same type in little-endian order, without what h5py keeps beside it."""
    if dtype.names is not None:
        fields = [(name, stored_form(dtype[name])) for name in dtype.names]
        return np.dtype(fields)
    if dtype.subdtype is not None:
        return np.dtype((stored_form(dtype.subdtype[0]), dtype.shape))
    return np.dtype(dtype.newbyteorder("<").str)


def as_bytes(values: NDArray[Any], dtype: np.dtype[Any]) -> memoryview:
    """The elements in C order as they are to be stored; without a copy where they are so."""
    stored = np.ascontiguousarray(values, dtype=dtype)
    return stored.reshape(-1).view(np.uint8).data if stored.size else memoryview(b"")
