"""Exports run in this process, for tests of what they write."""

from __future__ import annotations

import os
from pathlib import Path

from h5viewer.formats.damaged import open_damaged
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import Exported, ExportPlan
from h5viewer.operations.export_table import EXPORTS
from h5viewer.requests import Export


def export_here(request: Export) -> Exported:
    """Write the target, without a worker and without `exporting`."""
    fd = os.open(request.target, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        told = request.about([request.document])
        return _run(EXPORTS[type(request)].write, told, Scratch(fd))
    finally:
        os.close(fd)


def plan_here(request: Export) -> ExportPlan:
    """What the plan says."""
    return _run(EXPORTS[type(request)].plan, request.about([request.document]))


def _run(operation, request, *more):  # type: ignore[no-untyped-def]
    with Source(request.document) as source:
        opening = open_damaged if request.is_about_damage else open_container
        container = opening(source)
        steps = operation(request, container, *more)
        try:
            while True:
                next(steps)
        except StopIteration as end:
            return end.value
        finally:
            container.close()


def written(path: Path, request: Export) -> bytes:
    """The bytes of the target."""
    export_here(request)
    return path.read_bytes()
