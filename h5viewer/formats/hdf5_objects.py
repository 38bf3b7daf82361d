"""Elements without a fixed size: strings and lists one at a time, references as text.

17 MB can unfold to many gigabytes, as many elements may share one stored value
(formats.md, section 4): they are read one by one, and counted.
"""

from __future__ import annotations

import time
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5r, h5s, h5t
from numpy.typing import NDArray

from h5viewer.errors import TooLarge
from h5viewer.formats.bounded_memory import bounded_memory
from h5viewer.formats.boxes import Box, box_shape, count_elements
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.names import plain

MOST_BYTES = 64 << 20
MOST_ELEMENTS = 20_000
_LOOKUP_SECONDS = 0.2  # finding a reference's name may search the whole file
_DEEPEST = 4  # lists of lists


def read_objects(
    dsid: h5d.DatasetID, box: Box, dtype: np.dtype[Any], memory_type: h5t.TypeID
) -> NDArray[Any]:
    """The elements of `box`; every reference replaced by text.

    Raises:
        TooLarge: more elements or bytes than are read at once.
        one of HDF5_ERRORS, MemoryError: damage, or a single enormous value.
    """
    if count_elements(box) > MOST_ELEMENTS:
        raise TooLarge(f"Only {MOST_ELEMENTS:,} strings or lists are read at once.")
    values = np.zeros(box_shape(box), dtype)
    names = _ReferenceNames(dsid)
    n_bytes = 0
    with bounded_memory(4 * MOST_BYTES, needed=values.size > 0):
        for position in np.ndindex(box_shape(box)):
            element = _read_one(dsid, box, position, dtype, memory_type)
            n_bytes += _n_bytes(element, 0)
            if n_bytes > MOST_BYTES:
                raise TooLarge("These strings or lists unfold to more than is read at once.")
            names.replace(element)
            values[tuple(slice(n, n + 1) for n in position)] = element
    return values


def _read_one(
    dsid: h5d.DatasetID,
    box: Box,
    position: tuple[int, ...],
    dtype: np.dtype[Any],
    memory_type: h5t.TypeID,
) -> NDArray[Any]:
    """One element, with all axes of the dataset (of length 1) and its own."""
    shape = (1,) * len(box)
    element = np.zeros(shape, dtype)
    if not box:
        dsid.read(h5s.ALL, h5s.ALL, element, memory_type)
        return element
    space = dsid.get_space()
    space.select_hyperslab(
        tuple(n + part.start for n, part in zip(position, box, strict=True)), shape
    )
    dsid.read(h5s.create_simple(shape), space, element, memory_type)
    return element


def _n_bytes(value: Any, depth: int) -> int:
    if isinstance(value, bytes | str):
        return len(value)
    if isinstance(value, np.ndarray) and depth < _DEEPEST:
        if value.dtype.names is not None:
            return sum(_n_bytes(value[name], depth) for name in value.dtype.names)
        if value.dtype.hasobject:
            return sum(_n_bytes(item, depth + 1) for item in value.reshape(-1)) + value.nbytes
        return value.nbytes
    return 0


class _ReferenceNames:
    """Where references of one file point, as text; nothing is followed outside of it."""

    def __init__(self, dsid: h5d.DatasetID) -> None:
        self._dsid = dsid
        self._give_up_at = time.monotonic() + _LOOKUP_SECONDS

    def replace(self, values: NDArray[Any]) -> None:
        """Put text in the place of every reference, in place."""
        if values.dtype.names is not None:
            for name in values.dtype.names:
                self.replace(values[name])
        elif values.dtype.hasobject:
            for position in np.ndindex(values.shape):
                item = values[position]
                if isinstance(item, h5py.Reference):
                    values[position] = self._text(item)
                elif isinstance(item, np.ndarray):
                    self.replace(item)

    def _text(self, reference: h5py.Reference) -> str:
        what = " (region)" if isinstance(reference, h5py.RegionReference) else ""
        if not reference:
            return "→ nothing"
        if time.monotonic() > self._give_up_at:
            return f"→ an object{what}"
        try:
            name = h5r.get_name(reference, self._dsid)
        except HDF5_ERRORS:
            return "→ an object that is not there"
        return f"→ {plain(name)}{what}" if name else f"→ an object without a name{what}"
