"""Elements without a fixed size: strings and lists one at a time, references as text.

17 MB can unfold to many gigabytes, as many elements may share one stored value
(formats.md, section 4): they are read one by one, and counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from h5py import h5d, h5s, h5t
from numpy.typing import NDArray

from h5viewer.errors import TooLarge
from h5viewer.formats.bounded_memory import bounded_memory
from h5viewer.formats.boxes import Box, box_shape, count_elements
from h5viewer.formats.hdf5_references import ReferenceNames
from h5viewer.names import NodePath

MOST_BYTES = 64 << 20
MOST_ELEMENTS = 20_000
_DEEPEST = 4  # lists of lists


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
