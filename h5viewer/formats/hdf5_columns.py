"""A column of a table, which is a field of a dataset of compounds, as a dataset by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from h5py import h5d, h5t
from numpy.typing import NDArray

from h5viewer.formats.boxed_array import BoxedArray
from h5viewer.formats.boxes import Box
from h5viewer.formats.container import StoredArray
from h5viewer.formats.hdf5_direct import DirectReader
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_types import describe_type
from h5viewer.nodes import Dataset

_MOST = 64


def columns_of(table: Dataset, dsid: Any) -> list[Dataset]:
    """The first of a table: `/meta/label` is the field `label` of `/meta`."""
    found: list[Dataset] = []
    if table.dtype.kind != "compound" or not isinstance(dsid, h5d.DatasetID):
        return found
    try:
        tid = dsid.get_type()
        if not isinstance(tid, h5t.TypeCompoundID):
            return found
        for number in range(min(_MOST, tid.get_nmembers())):
            name = tid.get_member_name(number)
            dtype = describe_type(tid.get_member_type(number))
            path = (*table.path, name)
            found.append(Dataset(path=path, dtype=dtype, shape=table.shape, is_column=True))
    except HDF5_ERRORS:
        return found  # damaged: what comes before it is there
    return found


class Column(BoxedArray):
    """Read with all of its table, a row of which is small."""

    def __init__(self, table: StoredArray, facts: Dataset) -> None:
        super().__init__(facts)
        self._table = table

    def cost(self, region: Box) -> int:
        """What the table costs."""
        return self._table.cost(region)

    def _direct(self) -> DirectReader | None:
        return None

    def _fetch(self, box: Box) -> NDArray[Any]:
        rows: NDArray[Any] = self._table.read(box)
        names = {name.encode("utf-8", "surrogateescape"): name for name in rows.dtype.names or ()}
        return np.asarray(rows[names[self.facts.path[-1]]])
