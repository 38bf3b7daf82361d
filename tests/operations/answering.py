"""Running an operation as a worker does: `from answering import answer`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.names import parse_path
from h5viewer.operations.table import OPERATIONS
from h5viewer.requests import Progress


def answer(path: Path, kind: type, node: str = "x", **wishes: Any) -> Any:
    """The result."""
    return answer_in_parts(path, kind, node, **wishes)[1]


def answer_in_parts(path: Path, kind: type, node: str = "x", **wishes: Any) -> tuple[list, Any]:
    """What came before the result, without progress, and the result."""
    told, result = everything(path, kind(document=str(path), node=parse_path(node), **wishes))
    return [part for part in told if not isinstance(part, Progress)], result


def everything(path: Path, request: Any) -> tuple[list, Any]:
    """What came before the result, and the result."""
    with ExitStack() as stack:
        containers = []
        for each in (str(path), *request.documents[1:]):
            source = stack.enter_context(Source(each))
            containers.append(stack.enter_context(closing(open_container(source))))
        told = []
        steps = OPERATIONS[type(request)](request, *containers)
        try:
            while True:
                part = next(steps)
                if isinstance(part, Progress):
                    assert 0 <= part.done <= max(part.total, part.done)
                told.append(part)
        except StopIteration as end:
            return told, end.value
        finally:
            steps.close()
