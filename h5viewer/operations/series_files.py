"""The files of a run, opened one by one, and which weight of one is which of another."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

from h5viewer.documents.weight_rows import ListedWeight, listed_weights
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.boxed_array import BoxedArray
from h5viewer.formats.container import Container, StoredArray
from h5viewer.formats.hdf5_direct import RangeReader
from h5viewer.names import NodePath
from h5viewer.nodes import DType, SeriesWeight
from h5viewer.nodes.base import Shape
from h5viewer.requests import Progress

Open = Callable[[], Container]
"""Opens one of the request's files."""

MOST_FILES = 1000
"""Of a run that are looked at together; an open HDF5 file takes half a megabyte."""

MOST_WEIGHTS = 50_000
"""Of the first file."""

_MOST_RUNS = 200_000  # kept: opening a dataset twice costs 0.2 ms, keeping it 1 kB


@dataclass
class OpenRun:
    """All files of a run that can be opened; None in the place of one that cannot."""

    containers: list[Container | None] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # why, in sentences

    @property
    def readable(self) -> Iterator[tuple[int, Container]]:
        """Those that were opened, with their places."""
        for place, container in enumerate(self.containers):
            if container is not None:
                yield place, container

    def drop(self, place: int, error: H5ViewerError) -> None:
        """Go on without a file."""
        self.containers[place] = None
        self.problems.append(error.message)

    def check_unchanged(self) -> None:
        """Raise when one of the files was written to meanwhile.

        Raises:
            CannotRead: one was.
        """
        for _, container in self.readable:
            container.source.check_unchanged()


@dataclass
class Row:
    """One weight in all files."""

    weight: SeriesWeight
    itemsize: int  # of the first file
    runs: dict[int, RangeReader] = field(default_factory=dict)
    """Where its values stand one after the other, by the place of the file."""

    @property
    def n_files(self) -> int:
        """That have it."""
        return sum(path is not None for path in self.weight.paths)


def opened(files: Sequence[Open], stack: ExitStack) -> Generator[Progress, None, OpenRun]:
    """Open every file; the stack closes them.

    Raises:
        CannotRead: none can be opened, or there are too many.
    """
    if len(files) > MOST_FILES:
        raise CannotRead(
            f"A run of {len(files):,} files is too long to be looked at as a whole.",
            hint=f"Choose {MOST_FILES:,} of them or fewer.",
        )
    run = OpenRun()
    for n_done, open_file in enumerate(files, start=1):
        try:
            run.containers.append(stack.enter_context(closing(open_file())))
        except H5ViewerError as error:
            run.containers.append(None)
            run.problems.append(error.message)
        yield Progress(done=n_done, total=len(files), unit="files")
    if run.problems and not any(run.containers):
        raise CannotRead(run.problems[0])
    return run


def matched_weights(run: OpenRun) -> Generator[Progress, None, list[Row]]:
    """The weights of the first file, each with its path in all others.

    Keras writes the same paths into every file of one run, so that these are tried first. A
    program that builds its network anew for each file gives its layers other numbers; weights
    are then taken by their names, else in their order where all shapes agree.
    """
    rows: list[_Row] | None = None
    n_kept = 0
    for place, container in run.readable:
        try:
            if rows is None:
                rows = yield from _first_rows(container)
            arrays = yield from _arrays_of(container, rows)
        except H5ViewerError as error:
            run.drop(place, error)
            continue
        for row, array in zip(rows, arrays, strict=True):
            row.paths[place] = None if array is None else array.facts.path
            reader = array.run if isinstance(array, BoxedArray) else None
            if reader is not None and reader.dtype.kind == "f" and n_kept < _MOST_RUNS:
                row.runs[place] = reader
                n_kept += 1
        yield Progress(done=place + 1, total=len(run.containers), unit="files")
    return [row.told(len(run.containers)) for row in rows or ()]


@dataclass
class _Row:
    listed: ListedWeight
    shape: Shape
    dtype: DType
    paths: dict[int, NodePath | None] = field(default_factory=dict)
    runs: dict[int, RangeReader] = field(default_factory=dict)

    def told(self, n_steps: int) -> Row:
        weight = SeriesWeight(
            layer=self.listed.layer,
            name=self.listed.name,
            shape=self.shape,
            dtype=self.dtype.text,
            paths=tuple(self.paths.get(place) for place in range(n_steps)),
        )
        return Row(weight, self.dtype.itemsize, self.runs)


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
