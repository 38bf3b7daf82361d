"""2-D and 1-D cuts as pictures and lines."""

from __future__ import annotations

from h5viewer.formats.container import Container
from h5viewer.nodes import *  # noqa: F403
from h5viewer.operations import Operation
from h5viewer.requests import *  # noqa: F403


def read_plane(request: ReadPlane, container: Container) -> Operation[Plane]:
    raise NotImplementedError
    yield


def read_line(request: ReadLine, container: Container) -> Operation[Line]:
    raise NotImplementedError
    yield
