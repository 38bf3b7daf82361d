"""Which files of a run may go: all but the best, every nth and the last. They go to the trash."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QDir, QFile, QStandardPaths

from h5viewer.names import visible
from h5viewer.nodes import Direction, Series, SeriesStep


class Keeping(msgspec.Struct, frozen=True):
    """What the user wants to keep."""

    n_best: int  # by a metric; 0: none for that
    every: int  # each of which number; 0: none for that
    n_last: int


class Moved(msgspec.Struct, frozen=True):
    """What came of it."""

    n_files: int
    n_bytes: int
    problems: tuple[str, ...]  # a sentence for each file that is where it was


def kept_steps(
    series: Series, values: Sequence[float], direction: Direction, keeping: Keeping
) -> set[int]:
    """Places of the steps to keep: at least one, and always what `latest` says.

    Args:
        series: the run.
        values: of the metric at each step; NaN where there is none.
        direction: which of them is the best.
        keeping: what the user wants.
    """
    n_steps = len(series.steps)
    kept = {series.latest}
    sign = -1 if direction == "max" else 1
    known = [at for at in range(n_steps) if not math.isnan(values[at])]
    kept.update(sorted(known, key=lambda at: (sign * values[at], at))[: keeping.n_best])
    kept.update(range(max(0, n_steps - keeping.n_last), n_steps))
    if keeping.every:
        kept.update(
            at
            for at, step in enumerate(series.steps)
            if (at if step.number is None else step.number) % keeping.every == 0
        )
    return kept


def move_to_trash(steps: Sequence[SeriesStep]) -> Moved:
    """Move all files of these steps; none is deleted, whatever goes wrong. Waits for disks."""
    # Qt finds no trash where the folder that holds it was never made.
    QDir().mkpath(
        QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    )
    n_files = n_bytes = 0
    problems: list[str] = []
    for step in steps:
        for path in step.files:
            size = _size(path)
            file = QFile(path)
            if file.moveToTrash():
                n_files += 1
                n_bytes += size
            else:
                name = visible(Path(path).name, 80)
                problems.append(f"{name} stays: the system did not move it to its trash.")
    return Moved(n_files, n_bytes, tuple(problems))


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0
