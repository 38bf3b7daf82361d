"""Object and region references: where they lead inside the file, never to another one.

A reference is an address in its own file. The object there is opened for its address only,
its name is that of the first hard link that leads to it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import h5py
import numpy as np
from h5py import h5g, h5i, h5r, h5s
from numpy.typing import NDArray

from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_first_names import FirstNames
from h5viewer.formats.hdf5_links import address_of
from h5viewer.formats.reference_text import ReferenceText
from h5viewer.formats.selections import selection_text
from h5viewer.names import NodePath, path_text

_LOOKUP_SECONDS = 0.2  # then references are shown without names
_MOST_REPLACED = 50_000  # elements looked at: one list may hold 30 million


class ReferenceNames:
    """Where references of one file point, as text; nothing is followed outside of it."""

    def __init__(self, oid: Any, prefix: NodePath = ()) -> None:
        """`oid`: any object of the file; `prefix`: the file's own path in an archive."""
        self._oid = oid
        self._prefix = prefix
        self._n_left = _MOST_REPLACED

    @cached_property
    def _give_up_at(self) -> float:
        return time.monotonic() + _LOOKUP_SECONDS  # from the first one on

    @cached_property
    def _names(self) -> FirstNames:
        return FirstNames(h5g.open(h5i.get_file_id(self._oid), b"/"))

    def replace(self, values: NDArray[Any]) -> None:
        """Put text in the place of references, in place; of enormous lists only the first."""
        if values.dtype.names is not None:
            for name in values.dtype.names:
                self.replace(values[name])
        elif values.dtype.hasobject:
            for position in islice(np.ndindex(values.shape), self._n_left):
                self._n_left -= 1
                item = values[position]
                if isinstance(item, h5py.Reference):
                    values[position] = self.text(item)
                elif isinstance(item, np.ndarray):
                    values[position] = self._replaced(item)

    def text(self, reference: h5py.Reference) -> ReferenceText:
        """`→ /entry/data`; of a region with the elements it selects."""
        if not reference:
            return ReferenceText("→ nothing")
        if time.monotonic() > self._give_up_at:
            return ReferenceText("→ an object")
        try:
            address = address_of(h5r.dereference(reference, self._oid))
        except HDF5_ERRORS:
            return ReferenceText("→ an object that is not there")
        path = self._names.of(address)
        region = self._region(reference)
        if path is None:
            return ReferenceText(f"→ an object without a name{region}")
        whole = self._prefix + path
        return ReferenceText(f"→ {path_text(whole)}{region}", whole)

    def _region(self, reference: h5py.Reference) -> str:
        if not isinstance(reference, h5py.RegionReference):
            return ""
        try:
            space: h5s.SpaceID = h5r.get_region(reference, self._oid)
            return " " + selection_text(space)
        except HDF5_ERRORS:
            return " (a region that cannot be read)"

    def _replaced(self, items: NDArray[Any]) -> NDArray[Any]:
        """A list with texts in it: h5py gives lists of references as plain objects."""
        if not items.dtype.hasobject:
            return items
        if items.dtype.names is None:
            items = items.astype(object)
        self.replace(items)
        return items


def targets_in(values: NDArray[Any], limit: int) -> tuple[NodePath, ...]:
    """Where references among values lead, each once, at most `limit`."""
    paths = (path for path in paths_in(values) if path is not None)
    return tuple(islice(dict.fromkeys(islice(paths, 50 * limit)), limit))


def paths_in(value: Any) -> Iterator[NodePath | None]:
    """Where the references in one value, already replaced by text, lead."""
    if isinstance(value, ReferenceText):
        yield value.path
    elif isinstance(value, np.ndarray | np.void) and value.dtype.names is not None:
        for name in value.dtype.names:
            yield from paths_in(value[name])
    elif isinstance(value, np.ndarray) and value.dtype.hasobject:
        for item in value.ravel():
            yield from paths_in(item)
