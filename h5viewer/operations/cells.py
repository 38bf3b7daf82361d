"""Pages of values as text."""

from __future__ import annotations

from h5viewer.formats.container import Container
from h5viewer.nodes import *  # noqa: F403
from h5viewer.operations import Operation
from h5viewer.requests import *  # noqa: F403


def read_cells(request: ReadCells, container: Container) -> Operation[Cells]:
    raise NotImplementedError
    yield
