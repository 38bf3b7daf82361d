"""Work spread over a few threads, results in order, never far ahead of who takes them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_MOST_THREADS = 4  # beyond that one disk and one memory bus are the limit


def n_threads() -> int:
    """Threads worth starting on this machine."""
    if hasattr(os, "sched_getaffinity"):
        return min(_MOST_THREADS, len(os.sched_getaffinity(0)))
    return min(_MOST_THREADS, os.cpu_count() or 1)


def in_threads(tasks: Iterator[Callable[[], T]], n_ahead: int) -> Generator[T, None, None]:
    """The result of each task, in order; at most `n_ahead` are running or waiting to be taken.

    The iterator of tasks runs in the caller's thread. Closing the generator drops what has
    not begun and waits for what has. A task's exception is raised here.
    """
    pending: deque[Future[T]] = deque()
    pool = ThreadPoolExecutor(min(n_threads(), n_ahead), "decode")
    try:
        for task in tasks:
            pending.append(pool.submit(task))
            if len(pending) >= n_ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
