"""`h5v resume`: what a file holds of its training, and the lines that go on from there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from h5viewer.checkpoint_files import document_path
from h5viewer.nodes import SavedTraining
from h5viewer.requests import ReadTraining
from h5viewer.resuming import Resuming, resuming
from h5viewer.series import epochs_done, run_around
from h5viewer.terminal.files import worker
from h5viewer.workers.pool import ask


def read(path: str) -> Resuming:
    """Ask a worker.

    Args:
        path: absolute; of a checkpoint any of its files, its prefix or folder.

    Raises:
        H5ViewerError: it cannot be read.
    """
    path = document_path(path)
    with worker() as pool:
        saved = ask(pool, ReadTraining(document=path))
    assert isinstance(saved, SavedTraining)
    return resuming(saved, path, _epoch(path))


def _epoch(path: str) -> int | None:
    """What its name says, where it is one of a run that counts epochs."""
    run = run_around(path)
    if run is None:
        return None
    found = (step.number for step in run.steps if path in (step.document, *step.files))
    return epochs_done(run, next(found, None))


def text_lines(found: Resuming) -> Iterator[str]:
    """For people."""
    width = max(len(name) for name, _ in found.facts)
    for name, value in found.facts:
        yield f"{name:<{width}}  {value}"
    yield ""
    yield found.words
    yield ""
    yield from found.lines


def to_json(found: Resuming) -> dict[str, Any]:
    """For programs."""
    return {
        "facts": dict(found.facts),
        "goes_on": found.goes_on,
        "words": found.words,
        "lines": list(found.lines),
    }
