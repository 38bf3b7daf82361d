"""Exports in the terminal: run with a progress bar, told in a line or as JSON."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from h5viewer.errors import CannotWrite
from h5viewer.exporting import export, result_sentence
from h5viewer.names import visible
from h5viewer.nodes import Exported
from h5viewer.requests import Export
from h5viewer.targets import not_a_file
from h5viewer.terminal import screen
from h5viewer.workers.pool import Pool


def run_export(pool: Pool, request: Export, *, may_replace: bool) -> Exported:
    """Write the target.

    Raises:
        H5ViewerError: the target is the source or exists, or the export came to nothing.
    """
    target = Path(request.target)
    require_free(target, may_replace=may_replace)
    with screen.progress("Writing") as show:
        return export(pool, request, may_replace=may_replace, on_progress=show)


def require_free(target: Path, *, may_replace: bool) -> None:
    """Refuse the name of a file that --force would replace.

    Raises:
        CannotWrite: there is one.
    """
    if not may_replace and os.path.lexists(target) and not not_a_file(target):
        raise CannotWrite(
            f"{visible(target.name)} exists already; it was not replaced.",
            hint="With --force it would be.",
        )


def sentences(target: str, done: Exported) -> list[str]:
    """What was done, and what the user has to know about it."""
    return [result_sentence(visible(Path(target).name), done), *done.notes]


def to_json(target: str, done: Exported) -> dict[str, Any]:
    """The same as an object."""
    return {
        "target": target,
        "bytes_before": done.bytes_before,
        "bytes_after": done.bytes_after,
        "weights": done.n_weights,
        "verified": done.n_identical,
        "notes": list(done.notes),
    }
