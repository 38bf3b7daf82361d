"""Runs as JSON, for other programs: `h5v series --json`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from h5viewer.names import plain
from h5viewer.nodes import Series, SeriesStep
from h5viewer.series.metrics import best_step


def json_text(runs: Sequence[Series], *, indent: int | None = None) -> str:
    """One object with all runs; numbers are epochs or steps, a metric that is no number is null."""
    value = {"runs": [_run(run) for run in runs]}
    return json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)


class Told(NamedTuple):
    """A step with all that is known of it."""

    step: SeriesStep
    run: Series | None = None  # None: the file is in none
    metrics: Mapping[str, float] = {}  # by its name, else by what lies beside it
    best_by: frozenset[str] = frozenset()  # metrics


def told_steps(run: Series) -> Iterator[Told]:
    """The steps of a run, in its order."""
    best = best_places(run)
    beside = [(curve.name, dict(curve.points)) for curve in run.curves if curve.source]
    for place, step in enumerate(run.steps):
        metrics = {metric.name: metric.value for metric in step.metrics}
        for name, by_number in beside:
            if step.number in by_number:
                metrics.setdefault(name, by_number[step.number])
        best_by = frozenset(name for name, where in best.items() if where == place)
        yield Told(step, run, metrics, best_by)


def best_places(run: Series) -> dict[str, int]:
    """The place of the best step by each metric that has one."""
    found: dict[str, int] = {}
    for name in dict.fromkeys(curve.name for curve in run.curves):
        place = best_step(run, name)
        if place is not None:
            found[name] = place
    return found


def step_text(told: Told) -> str:
    """One step on one line, with its run's name; of a file in no run that is null."""
    name = None if told.run is None else plain(told.run.name)
    return json.dumps({"run": name, **_facts(told)}, ensure_ascii=False, allow_nan=False)


def _run(run: Series) -> dict[str, Any]:
    return {
        "name": plain(run.name),
        "unit": run.unit,
        "steps": [_facts(told) for told in told_steps(run)],
        "best": {plain(name): run.steps[place].number for name, place in best_places(run).items()},
        "latest": run.steps[run.latest].number,
        "notes": list(run.notes),
    }


def file_text(told: Told, path: str) -> str:
    """A file as seen from its run's folder."""
    folder = Path(told.step.document).parent if told.run is None else Path(told.run.folder)
    return plain(Path(path).relative_to(folder).as_posix())


def _facts(told: Told) -> dict[str, Any]:
    return {
        "files": [file_text(told, path) for path in told.step.files],
        "number": told.step.number,
        "metrics": {
            plain(name): value if math.isfinite(value) else None
            for name, value in told.metrics.items()
        },
        "bytes": told.step.n_bytes,
        "modified": told.step.mtime,
    }
