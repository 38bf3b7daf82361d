"""Merging run in this process, for tests of what it writes and says."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from h5viewer.formats.architecture_text import ArchitectureText, is_json
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import Exported, ExportPlan
from h5viewer.operations.export_table import EXPORTS


def merge_here(request: Any) -> Exported:
    """Write the target, without a worker and without `exporting`."""
    fd = os.open(request.target, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        scratch = Scratch(fd)
        done = _run(EXPORTS[type(request)].write, request, scratch=scratch)
    except BaseException:
        Path(request.target).unlink()
        raise
    finally:
        os.close(fd)
    assert isinstance(done, Exported)
    return done


def plan_here(request: Any) -> ExportPlan:
    """What the plan says."""
    plan = _run(EXPORTS[type(request)].plan, request)
    assert isinstance(plan, ExportPlan)
    return plan


def answer_here(operation: Any, request: Any) -> Any:
    """What the operation answers to the request."""
    return _run(operation, request)


def _run(operation: Any, request: Any, **more: Any) -> Any:
    with ExitStack() as stack:
        containers = []
        for document in request.documents:
            source = stack.enter_context(Source(document))
            is_text = request.may_be_text and is_json(source)
            container = ArchitectureText(source) if is_text else open_container(source)
            containers.append(stack.enter_context(closing(container)))
        steps = operation(request.about(request.documents), *containers, **more)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value
