"""Elements without a fixed size: strings and lists one at a time, references as text.

17 MB can unfold to many gigabytes, as many elements may share one stored value
(formats.md, section 4): they are read one by one, strings some at a time, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5s, h5t
from numpy.typing import NDArray

from h5viewer.errors import TooLarge
from h5viewer.formats.bounded_memory import bounded_memory, is_bounded
from h5viewer.formats.boxes import Box, box_shape, count_elements
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_references import ReferenceNames
from h5viewer.names import NodePath

MOST_BYTES = 64 << 20
MOST_ELEMENTS = 20_000
_DEEPEST = 4  # lists of lists
_MANY, _FEW = 256, 16  # strings of one call; few where nothing but the worker's end bounds it


def read_objects(
    dsid: h5d.DatasetID,
    box: Box,
    dtype: np.dtype[Any],
    memory_type: h5t.TypeID,
    prefix: NodePath = (),
) -> NDArray[Any]:
    """The elements of `box`; every reference replaced by text.

    Raises:
        TooLarge: more elements or bytes than are read at once.
        one of HDF5_ERRORS, MemoryError: damage, or a single enormous value.
    """
    if count_elements(box) > MOST_ELEMENTS:
        raise TooLarge(f"Only {MOST_ELEMENTS:,} strings or lists are read at once.")
    values = np.zeros(box_shape(box), dtype)
    names = ReferenceNames(dsid, prefix)
    n_bytes = 0
    with bounded_memory(4 * MOST_BYTES, needed=values.size > 0):
        for place, elements in _few_by_few(dsid, box, dtype, memory_type):
            n_bytes += _n_bytes(elements, 0)
            if n_bytes > MOST_BYTES:
                raise TooLarge("These strings or lists unfold to more than is read at once.")
            names.replace(elements)
            values[place] = elements
    return values


def _few_by_few(
    dsid: h5d.DatasetID, box: Box, dtype: np.dtype[Any], memory_type: h5t.TypeID
) -> Iterator[tuple[Box, NDArray[Any]]]:
    """Where in the box, and what is there.

    A call of HDF5 takes 40 µs, a string more in it a twentieth of that: strings come many at
    a time, unless that unfolds to too much; then one by one, which says where that is.
    """
    lengths = box_shape(box)
    many = _MANY if is_bounded() else _FEW
    step = many if lengths and h5py.check_string_dtype(dtype) is not None else 1
    for position in np.ndindex((*lengths[:-1], -(-lengths[-1] // step)) if lengths else ()):
        first = tuple(slice(n, n + 1) for n in position[:-1])
        last = position[-1] * step if lengths else 0
        place = (*first, slice(last, min(last + step, lengths[-1]))) if lengths else ()
        try:
            elements = _read(dsid, box, place, dtype, memory_type)
        except (*HDF5_ERRORS, MemoryError):
            if step == 1:
                raise
        else:
            yield place, elements
            continue
        for number in range(place[-1].start, place[-1].stop):
            one = (*first, slice(number, number + 1))
            yield one, _read(dsid, box, one, dtype, memory_type)


def _read(
    dsid: h5d.DatasetID, box: Box, place: Box, dtype: np.dtype[Any], memory_type: h5t.TypeID
) -> NDArray[Any]:
    """A part of the box, with all axes of the dataset and those that elements have."""
    shape = box_shape(place)
    elements = np.zeros(shape, dtype)
    if not box:
        dsid.read(h5s.ALL, h5s.ALL, elements, memory_type)
        return elements
    space = dsid.get_space()
    start = tuple(n.start + part.start for n, part in zip(place, box, strict=True))
    space.select_hyperslab(start, shape)
    dsid.read(h5s.create_simple(shape), space, elements, memory_type)
    return elements


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
