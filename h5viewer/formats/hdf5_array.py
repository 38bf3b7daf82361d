"""The values of one HDF5 dataset."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import Any

from h5py import h5d
from numpy.typing import NDArray

from h5viewer.formats.boxed_array import BoxedArray
from h5viewer.formats.boxes import Box
from h5viewer.formats.hdf5_direct import DirectReader, direct_reader
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_plain import PlainReader
from h5viewer.formats.source import Source
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset


class Hdf5Array(BoxedArray):
    """All HDF5 calls stay in the caller's thread."""

    def __init__(
        self,
        dsid: h5d.DatasetID,
        facts: Dataset,
        source: Source | None,
        offset: int | None,
        prefix: NodePath = (),
    ) -> None:
        """Nothing is read yet; for `source` and `offset` see `direct_reader`.

        `prefix`: the file's own path, where it is inside an archive.
        """
        super().__init__(facts)
        self._dsid = dsid
        self._source = source
        self._offset = offset
        self._prefix = prefix

    @property
    def offset(self) -> int:
        """Where the data or its first chunk begins; 0: nothing is written."""
        found: int | None = None
        with suppress(*HDF5_ERRORS):
            if self.facts.chunks is None:
                found = self._dsid.get_offset()
            elif self.facts.n_elements:
                found = self._dsid.get_chunk_info_by_coord(
                    (0,) * len(self.facts.chunks)
                ).byte_offset
        return (found or 0) + (self._offset or 0)

    def _direct(self) -> DirectReader | None:
        if self.facts.chunks is not None and not self._comes_in_chunks:
            return None
        return direct_reader(self._dsid, self.facts, self._source, self._offset)

    def _fetch(self, box: Box) -> NDArray[Any]:
        return self._plain.read(box, self.cell)

    @cached_property
    def _plain(self) -> PlainReader:
        return PlainReader(self._dsid, self.facts, self._prefix)
