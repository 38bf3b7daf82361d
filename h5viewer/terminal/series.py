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
from h5viewer.series import Following, best_step, run_around, runs_in
from h5viewer.series.sheet import metrics_of, step_text
from h5viewer.terminal.screen import shown
from h5viewer.wording import UNKNOWN, bytes_text, plural

_MOST_METRICS = 8  # columns; JSON has all


def find_runs(path: str) -> tuple[Series, ...]:
    """The runs in a folder, or the one that a file is part of.

    Args:
        path: absolute.

    Raises:
        CannotOpen: there is none.
    """
    name = visible(Path(path).name)
    if Path(path).is_dir():
        runs = runs_in(path)
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
        console.print(_table(run))
        for line in _verdicts(run):
            console.print(line)
        for note in run.notes:
            console.print(shown(note, "yellow"))


def _table(run: Series) -> Table:
    names = list(dict.fromkeys(name for step in run.steps for name in metrics_of(run, step)))
    names = names[:_MOST_METRICS]
    best = {name: best_step(run, name) for name in names}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(run.unit.capitalize(), justify="right")
    for name in names:
        table.add_column(shown(name), justify="right")
    for heading in ("Size", "Saved"):
        table.add_column(heading, justify="right")
    table.add_column("File", overflow="fold")
    for place, step in enumerate(run.steps):
        known = metrics_of(run, step)
        cells = [
            Text(_number(known.get(name)), "bold green" if best[name] == place else "")
            for name in names
        ]
        number = UNKNOWN if step.number is None else str(step.number)
        table.add_row(
            Text(number, "bold" if place == run.latest else ""),
            *cells,
            bytes_text(step.n_bytes),
            _date(step.mtime),
            shown(_file(run, step)),
        )
    return table


def _verdicts(run: Series) -> Iterator[Text]:
    latest = run.steps[run.latest]
    yield Text(f"Latest: {run.unit} {latest.number}, ") + shown(_file(run, latest))
    told = set()
    for curve in run.curves:
        place = best_step(run, curve.name)
        if place is None or curve.name in told:
            continue
        told.add(curve.name)
        step = run.steps[place]
        value = metrics_of(run, step).get(curve.name)
        what = "highest" if curve.direction == "max" else "lowest"
        yield Text.assemble(
            "Best by ", (visible(curve.name), "bold"), f" ({what}): {run.unit} {step.number}, ",
            f"{_number(value)}, ", visible(_file(run, step)),
        )  # fmt: skip


def watch(
    folder: str,
    say: Callable[[Series | None, SeriesStep], None],
    wait: Callable[[], bool],
    *,
    only_new: bool = False,
) -> None:
    """Tell each file once, when it is whole, until waiting says that it is enough.

    Args:
        folder: absolute.
        say: is told a step and its run; None: the file is in none, as the first one or `best.h5`.
        wait: between two looks; False ends it.
        only_new: leave out what is there already.
    """
    following = Following(folder)
    told: set[tuple[str, float]] = set()
    is_first = True
    while True:
        found: list[tuple[Series | None, SeriesStep]] = []
        for run in following.look():
            found += [(run, step) for step in run.steps]
        found += [(None, step) for step in following.others]
        for its_run, step in sorted(found, key=lambda pair: pair[1].mtime):
            what = (step.document, step.mtime)
            if what not in told and not (is_first and only_new):
                say(its_run, step)
            told.add(what)
        is_first = False
        if not wait():
            return


def print_step(console: Console, run: Series | None, step: SeriesStep) -> None:
    """One line of `h5v watch`."""
    line = Text(_date(step.mtime), "dim")
    if run is not None:
        place = run.steps.index(step)
        line.append(f"  {run.unit} {step.number}", "bold")
        for name, value in metrics_of(run, step).items():
            is_best = best_step(run, name) == place
            line.append(f"  {visible(name)} {_number(value)}", "bold green" if is_best else "")
    file = Path(step.document).name if run is None else _file(run, step)
    line.append(f"  {bytes_text(step.n_bytes)}  {visible(file)}")
    console.print(line)
    console.file.flush()


def write_step(run: Series | None, step: SeriesStep) -> None:
    """One line of `h5v watch --json`."""
    sys.stdout.buffer.write(step_text(run, step).encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


def _file(run: Series, step: SeriesStep) -> str:
    return str(Path(step.document).relative_to(run.folder))


def _number(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.6g}" if math.isfinite(value) else "NaN" if math.isnan(value) else f"{value:g}"


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M")
