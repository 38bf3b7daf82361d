"""Asking and waiting for the answer: for the terminal and for tests."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from h5viewer.errors import H5ViewerError
from h5viewer.nodes import Part, Result
from h5viewer.requests import Progress, Request

if TYPE_CHECKING:
    from h5viewer.workers.pool import Pool


class Cancelled(Exception):
    """The pool was closed while somebody waited."""


class _Queue:
    """A listener that keeps what it hears for the waiting thread."""

    def __init__(self) -> None:
        self.heard: SimpleQueue[tuple[str, object]] = SimpleQueue()

    def progressed(self, progress: Progress) -> None:
        self.heard.put(("progress", progress))

    def delivered(self, part: Part) -> None:
        self.heard.put(("part", part))

    def ended(self, outcome: Result | H5ViewerError | None) -> None:
        self.heard.put(("end", outcome))


def ask(
    pool: Pool,
    request: Request,
    on_part: Callable[[Part], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """Wait for the answer; the callbacks are called in this thread.

    Leaving early, by Ctrl-C or by an error of a callback, cancels the request.

    Raises:
        H5ViewerError: what went wrong.
        Cancelled: the pool was closed.
    """
    listener = _Queue()
    job = pool.submit(request, listener)
    is_over = False
    try:
        while True:
            what, value = _next(listener.heard)
            if what == "part" and on_part is not None:
                on_part(value)  # type: ignore[arg-type]
            elif what == "progress" and on_progress is not None:
                on_progress(value)  # type: ignore[arg-type]
            elif what == "end":
                is_over = True
                if isinstance(value, H5ViewerError):
                    raise value
                if value is None:
                    raise Cancelled
                return value  # type: ignore[return-value]
    finally:
        if not is_over:
            job.cancel()


def _next(heard: SimpleQueue[tuple[str, object]]) -> tuple[str, object]:
    while True:
        try:
            return heard.get(timeout=0.2)  # on Windows an endless wait cannot be interrupted
        except Empty:
            continue
