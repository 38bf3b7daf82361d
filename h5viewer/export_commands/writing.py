"""What every command that writes a file takes, does and prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from h5viewer.errors import H5ViewerError
from h5viewer.nodes import Exported
from h5viewer.requests import Export
from h5viewer.terminal.files import worker, write_json, write_object

Command = TypeVar("Command", bound=Callable[..., Any])


def writes_a_file(command: Command) -> Command:
    """The options of all of them: `output`, `force`, `as_json`."""
    return _with_options(command, is_required=True)


def may_write_a_file(command: Command) -> Command:
    """The same of a command that can also tell what it would do: `output` may be None."""
    return _with_options(command, is_required=False)


def _with_options(command: Command, *, is_required: bool) -> Command:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
        click.option("--force", is_flag=True, help="Replace OUT when it exists."),
        click.option(
            "-o", "--output", required=is_required, metavar="OUT", help="The file to write."
        ),
    ):
        command = option(command)
    return command


def write(request: Export, *, force: bool, as_json: bool) -> None:
    """Write the target and say what was done.

    Raises:
        H5ViewerError: nothing was written; with `as_json` that is printed, too.
    """

    def run() -> Exported:
        from h5viewer.terminal.export import run_export

        with worker(warm=False) as pool:
            return run_export(pool, request, may_replace=force)

    tell(request.target, run, as_json=as_json)


def tell(target: str, run: Callable[[], Exported], *, as_json: bool) -> None:
    """Run what writes the target and say what was done.

    Raises:
        H5ViewerError: nothing was written; with `as_json` that is printed, too.
    """
    from h5viewer import summary
    from h5viewer.terminal.export import sentences, to_json

    try:
        done = run()
    except H5ViewerError as error:
        if as_json:
            write_json(summary.to_json(summary.refusal(error)))
        raise
    if as_json:
        write_object(to_json(target, done))
    else:
        for sentence in sentences(target, done):
            click.echo(sentence)
