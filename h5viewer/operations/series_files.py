"""The files of a run, opened one by one, and which weight of one is which of another."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing

import msgspec

from h5viewer.documents.weight_rows import ListedWeight, listed_weights
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.boxed_array import BoxedArray
from h5viewer.formats.container import Container, StoredArray, Unopened
from h5viewer.formats.hdf5_direct import RangeReader
from h5viewer.formats.hdf5_twins import Skeleton, skeleton_of
from h5viewer.formats.source import Source
from h5viewer.names import NodePath
from h5viewer.nodes import DType, SeriesWeight
from h5viewer.nodes.base import Shape
from h5viewer.operations import told
from h5viewer.requests import Progress

MOST_FILES = 1000
"""Of a run that are looked at together; an open HDF5 file takes half a megabyte."""

MOST_WEIGHTS = 50_000
"""Of the first file."""

_MOST_RUNS = 200_000  # kept: opening a dataset twice costs 0.2 ms, keeping it 1 kB


class OpenRun:
    """The files of a run, each opened when it is asked for; one that cannot be is left out."""

    def __init__(self, files: Sequence[Unopened], stack: ExitStack) -> None:
        """Nothing is opened yet; the stack closes what will be."""
        self._files: list[Unopened | None] = list(files)
        self._stack = stack
        self._open: dict[int, Container] = {}
        self.problems: list[str] = []  # why files were left out, in sentences

    @property
    def n_steps(self) -> int:
        """Files, with those that are left out."""
        return len(self._files)

    @property
    def sources(self) -> Iterator[tuple[int, Source]]:
        """Of those that are not left out, with their places."""
        for place, file in enumerate(self._files):
            if file is not None:
                yield place, file.source

    def container(self, place: int) -> Container:
        """A file, opened.

        Raises:
            H5ViewerError: it cannot be.
        """
        if place not in self._open:
            file = self._files[place]
            if file is None:
                raise CannotRead("A file of this run cannot be read.")
            self._open[place] = self._stack.enter_context(closing(file.open()))
        return self._open[place]

    def drop(self, place: int, error: H5ViewerError) -> None:
        """Go on without a file."""
        self._files[place] = None
        self.problems.append(error.message)

    def check_unchanged(self) -> None:
        """Raise when one of the files was written to meanwhile.

        Raises:
            CannotRead: one was.
        """
        for _, source in self.sources:
            source.check_unchanged()


class Row(msgspec.Struct):
    """One weight in all files."""

    weight: SeriesWeight
    itemsize: int  # of the first file
    runs: dict[int, RangeReader] = {}
    """Where its values stand one after the other, by the place of the file."""

    @property
    def n_files(self) -> int:
        """That have it."""
        return sum(path is not None for path in self.weight.paths)


def matched_weights(run: OpenRun) -> Generator[Progress, None, list[Row]]:
    """The weights of the first file, each with its path in all others.

    Keras writes the same paths into every file of one run, so that these are tried first. A
    program that builds its network anew for each file gives its layers other numbers; weights
    are then taken by their names, else in their order where all shapes agree.

    Raises:
        CannotRead: no file can be read, or there are too many.
    """
    if run.n_steps > MOST_FILES:
        raise CannotRead(
            f"A run of {run.n_steps:,} files is too long to be looked at as a whole.",
            hint=f"Choose {MOST_FILES:,} of them or fewer.",
        )
    matching: _Matching | None = None
    for place, source in run.sources:
        try:
            if matching is None:
                matching = yield from _begun(place, run.container(place))
            elif not matching.is_twin(place, source):
                yield from matching.look_up(place, run.container(place))
        except H5ViewerError as error:
            run.drop(place, error)
        yield Progress(done=place + 1, total=run.n_steps, unit="files")
    if matching is None and run.problems:
        raise CannotRead(run.problems[0])
    return [row.told(run.n_steps) for row in matching.rows] if matching is not None else []


class _Row(msgspec.Struct):
    listed: ListedWeight
    shape: Shape
    dtype: DType
    paths: dict[int, NodePath | None] = {}
    runs: dict[int, RangeReader] = {}

    def told(self, n_steps: int) -> Row:
        weight = SeriesWeight(
            layer=self.listed.layer,
            name=self.listed.name,
            shape=self.shape,
            dtype=self.dtype.text,
            paths=tuple(self.paths.get(place) for place in range(n_steps)),
        )
        return Row(weight, self.dtype.itemsize, self.runs)


class _Matching(msgspec.Struct):
    """Rows as file after file fills them."""

    rows: list[_Row]
    first: int  # place of the file that they are of
    skeleton: Skeleton | None = None  # of that file
    n_kept: int = 0  # runs

    def is_twin(self, place: int, source: Source) -> bool:
        """Take the paths and places of the first file where all else is the same."""
        if self.skeleton is None or not self.skeleton.fits(source):
            return False
        for row in self.rows:
            row.paths[place] = row.listed.path
            if self.first in row.runs:
                self._keep(row, place, row.runs[self.first].of(source))
        return True

    def look_up(self, place: int, container: Container) -> Generator[Progress, None, None]:
        """Find each weight by its path, else by its name or order."""
        arrays = yield from _arrays_of(container, self.rows)
        for row, array in zip(self.rows, arrays, strict=True):
            row.paths[place] = None if array is None else array.facts.path
            reader = array.run if isinstance(array, BoxedArray) else None
            if reader is not None and reader.dtype.kind == "f":
                self._keep(row, place, reader)

    def _keep(self, row: _Row, place: int, reader: RangeReader) -> None:
        if self.n_kept < _MOST_RUNS:
            row.runs[place] = reader
            self.n_kept += 1


def _begun(place: int, container: Container) -> Generator[Progress, None, _Matching]:
    """With the first file that can be read."""
    matching = _Matching((yield from _first_rows(container)), place)
    yield from matching.look_up(place, container)
    matching.skeleton = yield from told(
        skeleton_of(container), lambda _: Progress(done=0, unit="names")
    )
    return matching


def _first_rows(container: Container) -> Generator[Progress, None, list[_Row]]:
    rows: list[_Row] = []
    for listed in (yield from _listed(container))[:MOST_WEIGHTS]:
        array = _array(container, listed.path)
        if array is not None and array.facts.shape is not None and array.facts.dtype.is_numeric:
            rows.append(_Row(listed, array.facts.shape, array.facts.dtype))
    return rows


def _listed(container: Container) -> Generator[Progress, None, list[ListedWeight]]:
    found: list[ListedWeight] = []
    for listed in listed_weights(container, with_state=False):
        if listed is not None:
            found.append(listed)
        else:
            yield Progress(done=len(found), unit="weights")
    return found


def _arrays_of(
    container: Container, rows: Sequence[_Row]
) -> Generator[Progress, None, list[StoredArray | None]]:
    arrays = [_array(container, row.listed.path, row.shape) for row in rows]
    if all(arrays):
        return arrays
    paths = _paths_by_name((yield from _listed(container)), rows, container)
    return [
        array or (None if path is None else _array(container, path, row.shape))
        for array, path, row in zip(arrays, paths, rows, strict=True)
    ]


def _paths_by_name(
    listed: Sequence[ListedWeight], rows: Sequence[_Row], container: Container
) -> list[NodePath | None]:
    """Of each row the path in another file, or None."""
    by_name = {(each.layer, each.name): each.path for each in listed}
    found = [by_name.get((row.listed.layer, row.listed.name)) for row in rows]
    if any(path is not None for path in found) or len(listed) != len(rows):
        return found
    in_order = [each.path for each in listed]
    pairs = zip(in_order, rows, strict=True)
    is_same = all(_array(container, path, row.shape) is not None for path, row in pairs)
    return list(in_order) if is_same else found


def _array(container: Container, path: NodePath, shape: Shape | None = None) -> StoredArray | None:
    """The values at a path; None: there are none, or not of this shape."""
    try:
        array = container.array(path)
    except H5ViewerError:
        return None  # told where the weight should be
    return array if shape is None or array.facts.shape == shape else None
