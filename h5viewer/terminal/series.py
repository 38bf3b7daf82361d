"""`h5v series` and `h5v watch`: the files of a run as a table, and line by line."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from h5viewer.errors import CannotOpen
from h5viewer.names import visible
from h5viewer.nodes import Series, SeriesStep
from h5viewer.series import Following, run_around, runs_below, runs_in
from h5viewer.series.sheet import Told, best_places, file_text, step_text, told_steps
from h5viewer.terminal.screen import shown
from h5viewer.wording import UNKNOWN, bytes_text, plural

_MOST_METRICS = 8  # columns; JSON has all


def find_runs(path: str) -> tuple[Series, ...]:
    """The runs in a folder, else in those that it holds, or the one that a file is part of.

    Args:
        path: absolute.

    Raises:
        CannotOpen: there is none.
    """
    name = visible(Path(path).name)
    if Path(path).is_dir():
        runs = runs_in(path) or runs_below(path)
        if not runs:
            raise CannotOpen(
                f"{name} holds no files of a training run.",
                hint="Their names differ in a number, as weights-01.h5 and weights-02.h5.",
            )
        return runs
    if not Path(path).exists():
        raise CannotOpen(f"{name} does not exist.")
    run = run_around(path)
    if run is None:
        raise CannotOpen(
            f"{name} is no part of a training run.",
            hint="The files of a run differ in a number, as weights-01.h5 and weights-02.h5.",
        )
    return (run,)


def print_runs(console: Console, runs: Sequence[Series]) -> None:
    """A table a run, and what is best."""
    for run in runs:
        n_bytes = sum(step.n_bytes for step in run.steps)
        what = f"{plural(len(run.steps), 'file')}, {bytes_text(n_bytes)}"
        if any(len(step.files) > 1 for step in run.steps):
            what = f"{plural(len(run.steps), 'checkpoint')}, {bytes_text(n_bytes)}"
        console.print(shown(run.name, "bold"), Text(what, "dim"))
        steps = list(told_steps(run))
        console.print(_table(run, steps))
        for line in _verdicts(run, steps):
            console.print(line)
        for note in run.notes:
            console.print(shown(note, "yellow"))


def _table(run: Series, steps: Sequence[Told]) -> Table:
    names = list(dict.fromkeys(name for told in steps for name in told.metrics))[:_MOST_METRICS]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(run.unit.capitalize(), justify="right")
    for name in names:
        table.add_column(shown(name), justify="right")
    for heading in ("Size", "Saved"):
        table.add_column(heading, justify="right")
    table.add_column("File", overflow="fold")
    for place, told in enumerate(steps):
        number = UNKNOWN if told.step.number is None else str(told.step.number)
        table.add_row(
            Text(number, "bold" if place == run.latest else ""),
            *(_metric(told, name) for name in names),
            bytes_text(told.step.n_bytes),
            _date(told.step.mtime),
            shown(_file(told)),
        )
    return table


def _metric(told: Told, name: str) -> Text:
    return Text(_number(told.metrics.get(name)), "bold green" if name in told.best_by else "")


def _verdicts(run: Series, steps: Sequence[Told]) -> Iterator[Text]:
    latest = steps[run.latest]
    yield Text(f"Latest: {run.unit} {latest.step.number}, ") + shown(_file(latest))
    directions = {curve.name: curve.direction for curve in reversed(run.curves)}
    for name, place in best_places(run).items():
        told = steps[place]
        what = "highest" if directions[name] == "max" else "lowest"
        yield Text.assemble(
            "Best by ", (visible(name), "bold"),
            f" ({what}): {run.unit} {told.step.number}, {_number(told.metrics.get(name))}, ",
            visible(_file(told)),
        )  # fmt: skip


def watch(
    folder: str, say: Callable[[Told], None], wait: Callable[[], bool], *, only_new: bool = False
) -> None:
    """Tell each file once, when it is whole, until waiting says that it is enough.

    Args:
        folder: absolute.
        say: is told; the first file of a run, and one as `best.h5`, are in no run.
        wait: between two looks; False ends it.
        only_new: leave out what is there already.
    """
    following = Following(folder)
    known: set[tuple[str, float]] = set()
    is_first = True
    while True:
        runs = following.look()
        grown = [run for run in runs if any(_state(step) not in known for step in run.steps)]
        found = [told for run in grown for told in told_steps(run)]
        found += map(Told, following.others)
        for told in sorted(found, key=lambda told: told.step.mtime):
            what = _state(told.step)
            if what not in known and not (is_first and only_new):
                say(told)
            known.add(what)
        is_first = False
        if not wait():
            return


def _state(step: SeriesStep) -> tuple[str, float]:
    return step.document, step.mtime


def print_step(console: Console, told: Told) -> None:
    """One line of `h5v watch`."""
    line = Text(_date(told.step.mtime), "dim")
    if told.run is not None:
        line.append(f"  {told.run.unit} {told.step.number}", "bold")
    for name in told.metrics:
        line.append(f"  {visible(name)} ").append_text(_metric(told, name))
    line.append(f"  {bytes_text(told.step.n_bytes)}  {visible(_file(told))}")
    console.print(line)
    console.file.flush()


def write_step(told: Told) -> None:
    """One line of `h5v watch --json`."""
    sys.stdout.buffer.write(step_text(told).encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


def _file(told: Told) -> str:
    return file_text(told, told.step.document)


def _number(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.6g}" if math.isfinite(value) else "NaN" if math.isnan(value) else f"{value:g}"


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")
