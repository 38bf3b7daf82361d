"""Statistics and histogram of a cut."""

from __future__ import annotations

from h5viewer.formats.container import Container
from h5viewer.nodes import *  # noqa: F403
from h5viewer.operations import Operation
from h5viewer.requests import *  # noqa: F403


def read_statistics(request: ReadStatistics, container: Container) -> Operation[Statistics]:
    raise NotImplementedError
    yield
