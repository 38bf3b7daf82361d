"""The commands of `h5v` that write a file: each a function here, its printing in `terminal`."""

from __future__ import annotations

import sys
from typing import cast

import click

from h5viewer.errors import H5ViewerError
from h5viewer.requests import FloatName, StripFile
from h5viewer.terminal.files import absolute, worker, write_json


@click.command()
@click.argument("file")
@click.option("-o", "--output", required=True, metavar="OUT", help="The file to write.")
@click.option("--training-config", is_flag=True, help="Leave out how it was trained, too.")
@click.option(
    "--recompress",
    type=click.IntRange(0, 9),
    metavar="LEVEL",
    help="Compress weights by gzip, 1 to 9; 0: store them uncompressed.",
)
@click.option("--shuffle", is_flag=True, help="Sort bytes before compressing: mostly smaller.")
@click.option("--float16", "floats", flag_value="float16", help="Round weights to float16.")
@click.option("--bfloat16", "floats", flag_value="bfloat16", help="Round weights to bfloat16.")
@click.option("--force", is_flag=True, help="Replace OUT when it exists.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def strip(
    file: str,
    output: str,
    training_config: bool,
    recompress: int | None,
    shuffle: bool,
    floats: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write FILE without the state of its optimizer, and compare what was written.

    Everything else stays as it is stored, bit for bit; FILE itself is never changed.
    """
    if shuffle and not recompress:
        raise click.UsageError("--shuffle is for --recompress with a level from 1 on.")
    from h5viewer import summary
    from h5viewer.terminal.export import run_export, sentences, to_json

    request = StripFile(
        document=absolute(file),
        target=absolute(output),
        training_config=training_config,
        gzip=recompress,
        shuffle=shuffle,
        floats=cast("FloatName", floats or ""),
    )
    try:
        with worker(warm=False) as pool:
            done = run_export(pool, request, may_replace=force)
    except H5ViewerError as error:
        if as_json:
            write_json(summary.to_json(summary.refusal(error)))
        raise
    if as_json:
        indent = 2 if sys.stdout.isatty() else None
        write_json(summary.to_json(to_json(request.target, done), indent=indent))
    else:
        for sentence in sentences(request.target, done):
            click.echo(sentence)


EXPORT_COMMANDS: tuple[click.Command, ...] = (strip,)
"""What the group of `h5v` adds to its own commands."""
