"""The commands of `h5v` about the files of a training run."""

from __future__ import annotations

import time
from pathlib import Path

import click

from h5viewer.errors import CannotOpen
from h5viewer.export_commands.writing import may_write_a_file
from h5viewer.names import visible
from h5viewer.terminal.files import absolute, json_indent, refusals, write_json

REFUSED = 1


@click.command()
@click.argument("folder")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def series(folder: str, as_json: bool) -> None:
    """Print the training runs in FOLDER: their files by epoch, metrics, the best, the latest.

    FOLDER may also be a file of a run.
    """
    from h5viewer.series.sheet import json_text
    from h5viewer.terminal.series import find_runs, print_runs

    with refusals(as_json=as_json, code=REFUSED):
        runs = find_runs(absolute(folder))
    if as_json:
        write_json(json_text(runs, indent=json_indent()))
        return
    from h5viewer.terminal import screen

    print_runs(screen.output(), runs)


@click.command()
@click.argument("folder")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--new", "only_new", is_flag=True, help="Leave out what is there already.")
@click.option(
    "--every",
    type=click.FloatRange(min=0.1),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to look.",
)
def watch(folder: str, as_json: bool, only_new: bool, every: float) -> None:
    """Print a line for each model or checkpoint that is saved in FOLDER, until Ctrl+C.

    Files that are still being written are left alone until they are whole.
    """
    from h5viewer.series.sheet import Told
    from h5viewer.terminal import screen
    from h5viewer.terminal.series import print_step, write_step
    from h5viewer.terminal.series import watch as follow

    path = absolute(folder)
    if not Path(path).is_dir():
        raise CannotOpen(
            f"{visible(Path(path).name)} is no folder.", hint="Name the folder the run saves in."
        )
    console = screen.output()

    def say(told: Told) -> None:
        if as_json:
            write_step(told)
        else:
            print_step(console, told)

    def wait() -> bool:
        time.sleep(every)
        return True

    follow(path, say, wait, only_new=only_new)


@click.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def resume(file: str, as_json: bool) -> None:
    """Print what FILE holds of its training, and the Python lines that go on from there."""
    import json

    from h5viewer.terminal.resuming import read, text_lines, to_json

    with refusals(as_json=as_json, code=REFUSED):
        found = read(absolute(file))
    if as_json:
        write_json(json.dumps(to_json(found), ensure_ascii=False, indent=json_indent()))
        return
    for line in text_lines(found):
        click.echo(line)


@click.command()
@click.argument("folder")
@may_write_a_file
def state(folder: str, output: str | None, force: bool, as_json: bool) -> None:
    """Print which checkpoints the `checkpoint` file in FOLDER names, and where they are.

    With -o a copy of it is written in which checkpoints that were moved, with their folder or from
    another computer, are called as they are here. FOLDER may also be the file itself.
    """
    import json

    from h5viewer.state_file import read, write_corrected
    from h5viewer.terminal.checkpoint_state import lines, to_json

    with refusals(as_json=as_json, code=REFUSED):
        found = read(absolute(folder))
        if output is not None:
            write_corrected(found, absolute(output), may_replace=force)
    if as_json:
        write_json(json.dumps(to_json(found), indent=json_indent()))
        return
    for line in lines(found):
        click.echo(line)


SERIES_COMMANDS = (series, watch, resume, state)
