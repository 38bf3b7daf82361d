"""Ask a network as its worker does, in this process: `from asking_networks import answered`."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from h5viewer.documents.document import find_places
from h5viewer.errors import H5ViewerError
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.requests import Progress


@contextmanager
def opened(*paths: Path) -> Iterator[list[Container]]:
    """Containers of these files, sharing what their sources keep while the block lasts."""
    with ExitStack() as stack:
        sources = [stack.enter_context(Source(str(path))) for path in paths]
        yield [stack.enter_context(closing(open_container(source))) for source in sources]


@contextmanager
def whole_model(path: Path) -> Iterator[Container | None]:
    """The container of a file that holds a whole model; None: of any other."""
    with ExitStack() as stack:
        try:
            (container,) = stack.enter_context(opened(path))
            is_whole = find_places(container).format in ("keras-h5", "keras-archive")
        except H5ViewerError:
            is_whole = False
        yield container if is_whole else None


def answered(work: Generator[Any, None, Any]) -> tuple[Any, list[Any], int]:
    """The result of an operation, its parts, and how often it told how far it is."""
    parts: list[Any] = []
    n_told = 0
    while True:
        try:
            part = next(work)
        except StopIteration as end:
            return end.value, parts, n_told
        if isinstance(part, Progress):
            n_told += 1
        else:
            parts.append(part)
