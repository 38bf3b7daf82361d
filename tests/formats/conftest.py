"""Opening files the way a worker does, and closing them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container


@pytest.fixture
def opened() -> Iterator[Callable[[Path], Container]]:
    """Opens a file as a container; everything is closed after the test."""
    with ExitStack() as stack:

        def open_file(path: Path) -> Container:
            source = stack.enter_context(Source(str(path)))
            container = open_container(source)
            stack.callback(container.close)
            return container

        yield open_file
