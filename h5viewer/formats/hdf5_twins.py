"""HDF5 files that differ in nothing but the values of their datasets.

One program that saves one network again and again writes the same bytes at the same places,
but for the numbers. Where that is so for every byte that says what lies where, the places in
the first file are those in the others: looking each of them up takes 0.2 ms, and a run has
20,000.
"""

from __future__ import annotations

from collections.abc import Generator

from h5viewer.errors import H5ViewerError
from h5viewer.formats.boxed_array import BoxedArray
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.nodes import Dataset

_MOST_NODES = 5000  # that are walked over
_MOST_BYTES = 8 << 20  # that are kept and compared
_PIECE = 200  # nodes between two yields


class Skeleton:
    """All bytes of a file but the values of its contiguous datasets."""

    def __init__(self, source: Source, values: list[tuple[int, int]]) -> None:
        """Read them.

        Args:
            source: of the file.
            values: start and length of what is left out.
        """
        self._size = source.size
        self._pieces: list[tuple[int, bytes]] = []
        at = 0
        for start, length in [*sorted(values), (source.size, 0)]:
            if start > at:
                self._pieces.append((at, source.read_at(at, start - at)))
            at = max(at, start + length)

    def fits(self, source: Source) -> bool:
        """Whether another file has the same ones."""
        return source.size == self._size and all(
            source.read_at(start, len(piece)) == piece for start, piece in self._pieces
        )


def skeleton_of(container: Container) -> Generator[None, None, Skeleton | None]:
    """Of an HDF5 file with few nodes and few other bytes; None: of another."""
    if container.format_hint != "hdf5" or container.source.companions:
        return None
    values: list[tuple[int, int]] = []
    for n_nodes, (path, node) in enumerate(container.walk()):
        if n_nodes >= _MOST_NODES:
            return None
        if n_nodes % _PIECE == 0:
            yield
        if isinstance(node, Dataset) and node.layout == "contiguous":
            try:
                array = container.array(path)
            except H5ViewerError:
                return None
            run = array.run if isinstance(array, BoxedArray) else None
            if run is not None and run.source is container.source:
                values.append((run.start, node.n_elements * run.dtype.itemsize))
    source = container.source
    if source.size - sum(length for _, length in values) > _MOST_BYTES:
        return None
    return Skeleton(source, values)
