"""Pictures of one weight at several steps of a run, for whoever goes through them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.container import Unopened
from h5viewer.names import NodePath
from h5viewer.nodes import Plane, StepPlane
from h5viewer.operations import Operation, told
from h5viewer.operations.planes import read_plane
from h5viewer.requests import Progress, ReadPlane, ReadSeriesPlane


def read_series_plane(request: ReadSeriesPlane, *files: Unopened) -> Operation[StepPlane]:
    """One picture a step, each sharp; only the files that are asked for are opened.

    Raises:
        CannotRead: a step is none of the run.
    """
    if not request.steps or len(request.nodes) != len(files):
        raise CannotRead("This run has other files than were asked about.")
    last = StepPlane(step=request.steps[-1])
    for number, step in enumerate(request.steps, start=1):
        if not 0 <= step < len(files):
            raise CannotRead(f"This run has no file number {step + 1:,}.")
        try:
            plane = yield from _plane(request, request.nodes[step], files[step])
        except H5ViewerError as error:
            last = StepPlane(step=step, reason=error.message)
        else:
            last = StepPlane(step=step, plane=plane)
        if number < len(request.steps):
            yield last
    return last


def _plane(
    request: ReadSeriesPlane, node: NodePath, file: Unopened
) -> Generator[Progress, None, Plane]:
    if not node:
        raise CannotRead("This file does not have the weight.")
    wanted = ReadPlane(
        document=request.document,
        node=node,
        cut=request.cut,
        max_rows=request.max_rows,
        max_columns=request.max_columns,
    )
    with closing(file.open()) as container:
        # Nothing of pictures that are not sharp yet.
        return (yield from told(read_plane(wanted, container), lambda _: Progress(done=0)))
