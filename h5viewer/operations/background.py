"""One long call that cannot be divided, while the operation goes on yielding."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.requests import Progress

_YIELD = 0.05  # seconds


def in_background(
    work: Callable[[], NDArray[np.floating[Any]]],
) -> Generator[Progress, None, NDArray[np.float64]]:
    """What `work` returns; it has to release the interpreter lock, as LAPACK does.

    Closing waits for it: a worker that is cancelled meanwhile does not come to its next yield
    and is ended, which is the only way to stop such a call.
    """
    found: list[NDArray[np.float64]] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            found.append(np.asarray(work(), np.float64))
        except (MemoryError, np.linalg.LinAlgError) as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="computing", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_YIELD)
            yield Progress(done=0)
    finally:
        thread.join()
    if errors:
        raise errors[0]
    return found[0]
