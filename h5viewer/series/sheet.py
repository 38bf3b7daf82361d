"""Runs as JSON, for other programs: `h5v series --json`."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from h5viewer.names import plain
from h5viewer.nodes import Series, SeriesStep
from h5viewer.series.metrics import best_step


def json_text(runs: Sequence[Series], *, indent: int | None = None) -> str:
    """One object with all runs; numbers are epochs or steps, a metric that is no number is null."""
    value = {"runs": [_run(run) for run in runs]}
    return json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)


def step_text(run: Series | None, step: SeriesStep) -> str:
    """One step on one line, with its run's name; of a file in no run that is null."""
    if run is None:
        value = {"run": None, **_facts(step, str(Path(step.document).parent), {})}
    else:
        value = {"run": plain(run.name), **_step(run, step)}
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def metrics_of(run: Series, step: SeriesStep) -> dict[str, float]:
    """What is known of a step: by its name, else by what lies beside it."""
    found = {metric.name: metric.value for metric in step.metrics}
    for curve in run.curves:
        for number, value in curve.points if curve.source else ():
            if number == step.number:
                found.setdefault(curve.name, value)
    return found


def _run(run: Series) -> dict[str, Any]:
    best = {
        curve.name: run.steps[place].number
        for curve in reversed(run.curves)  # of two with one name the first counts
        if (place := best_step(run, curve.name)) is not None
    }
    return {
        "name": plain(run.name),
        "unit": run.unit,
        "steps": [_step(run, step) for step in run.steps],
        "best": {plain(name): number for name, number in reversed(best.items())},
        "latest": run.steps[run.latest].number,
        "notes": list(run.notes),
    }


def _step(run: Series, step: SeriesStep) -> dict[str, Any]:
    return _facts(step, run.folder, metrics_of(run, step))


def _facts(step: SeriesStep, folder: str, metrics: dict[str, float]) -> dict[str, Any]:
    return {
        "files": [plain(Path(path).relative_to(folder).as_posix()) for path in step.files],
        "number": step.number,
        "metrics": {
            plain(name): value if math.isfinite(value) else None for name, value in metrics.items()
        },
        "bytes": step.n_bytes,
        "modified": step.mtime,
    }
