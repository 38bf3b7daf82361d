"""Elements without a fixed size: strings and lists one at a time, references as text.

17 MB can unfold to many gigabytes, as many elements may share one stored value
(formats.md, section 4): they are read one by one, and counted.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
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
            element = np.zeros((1,) * len(box), dtype)
            space = h5s.ALL
            if box:
                space = dsid.get_space()
                start = tuple(n + part.start for n, part in zip(position, box, strict=True))
                space.select_hyperslab(start, element.shape[: len(box)])
            memory = h5s.create_simple(element.shape[: len(box)]) if box else h5s.ALL
            dsid.read(memory, space, element, memory_type)
            item = element.reshape(element.shape[len(box) :])
            n_bytes += _n_bytes(item, 0)
            if n_bytes > MOST_BYTES:
                raise TooLarge("These strings or lists unfold to more than is read at once.")
            values[position] = names.replaced(item)
    return values


def _n_bytes(value: Any, depth: int) -> int:
    if isinstance(value, bytes | str):
        return len(value)
    if isinstance(value, np.ndarray | np.void) and depth < _DEEPEST:
        if value.dtype.names is not None:
            return sum(_n_bytes(value[name], depth) for name in value.dtype.names)
        if value.dtype.hasobject:
            return int(value.nbytes) + sum(_n_bytes(v, depth + 1) for v in _items(value))
        return int(value.nbytes)
    return 16


def _items(value: Any) -> Iterator[Any]:
    yield from np.asarray(value).reshape(-1)


class _ReferenceNames:
    """Where references of one file point, as text; nothing is followed outside of it."""

    def __init__(self, dsid: h5d.DatasetID) -> None:
        self._dsid = dsid
        self._give_up_at = time.monotonic() + _LOOKUP_SECONDS

    def replaced(self, value: Any) -> Any:
        """`value` with text in the place of references."""
        if isinstance(value, h5py.Reference):
            return self._text(value)
        if isinstance(value, np.ndarray) and value.dtype.hasobject:
            if value.dtype.names is not None:
                for name in value.dtype.names:
                    if value.dtype[name].hasobject:
                        value[name] = self.replaced(value[name])
                return value
            flat = value.reshape(-1)
            for position in range(flat.size):
                flat[position] = self.replaced(flat[position])
            return flat.reshape(value.shape)
        return value

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
