"""Asking and waiting for the answer: for the terminal, for exports and for tests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from h5viewer.errors import H5ViewerError
from h5viewer.nodes import Part, Result
from h5viewer.requests import Progress, Request

if TYPE_CHECKING:
    from h5viewer.workers.jobs import Job
    from h5viewer.workers.pool import Pool


class Cancelled(Exception):
    """The job was cancelled, or the pool closed, while somebody waited."""


_Heard = Progress | Part | tuple[Result | H5ViewerError | None]
"""What a listener is told; the end in a tuple."""


class _Queue:
    """A listener that keeps what it hears for the waiting thread."""

    def __init__(self) -> None:
        self._heard: SimpleQueue[_Heard] = SimpleQueue()

    def next(self) -> _Heard:
        """What was heard next; waits for it."""
        while True:
            with suppress(Empty):  # on Windows an endless wait cannot be interrupted
                return self._heard.get(timeout=0.2)

    def progressed(self, progress: Progress) -> None:
        self._heard.put(progress)

    def delivered(self, part: Part) -> None:
        self._heard.put(part)

    def ended(self, outcome: Result | H5ViewerError | None) -> None:
        self._heard.put((outcome,))


def ask(
    pool: Pool,
    request: Request,
    on_part: Callable[[Part], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    on_begin: Callable[[Job], None] | None = None,
    scratch: int | None = None,
) -> Result:
    """Wait for the answer; the callbacks are called in this thread.

    Leaving early, by Ctrl-C or by an error of a callback, cancels the request.

    Args:
        pool: whom to ask.
        request: what.
        on_part: gets each part.
        on_progress: gets each progress.
        on_begin: gets the job, which any thread may cancel.
        scratch: of an export: see `Pool.submit`. Nothing is left early then before the end has
            been told, as the descriptor must not be closed while the worker has it.

    Raises:
        H5ViewerError: what went wrong.
        Cancelled: the job was cancelled, or the pool closed.
    """
    listener = _Queue()
    job = pool.submit(request, listener, scratch)
    if on_begin is not None:
        on_begin(job)
    is_over = False
    try:
        while True:
            heard = listener.next()
            if isinstance(heard, tuple):
                is_over = True
                return _outcome(heard[0])
            if isinstance(heard, Progress):
                if on_progress is not None:
                    on_progress(heard)
            elif on_part is not None:
                on_part(heard)
    finally:
        if not is_over:
            job.cancel()
            while scratch is not None and not isinstance(listener.next(), tuple):
                pass


def _outcome(end: Result | H5ViewerError | None) -> Result:
    if isinstance(end, H5ViewerError):
        raise end
    if end is None:
        raise Cancelled
    return end
