"""`h5v strip`."""

from __future__ import annotations

from typing import cast

import click

from h5viewer.export_commands.writing import write, writes_a_file
from h5viewer.requests import FloatName, StripFile
from h5viewer.terminal.files import absolute


@click.command()
@click.argument("file")
@writes_a_file
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
def strip(
    file: str,
    output: str,
    force: bool,
    as_json: bool,
    training_config: bool,
    recompress: int | None,
    shuffle: bool,
    floats: str | None,
) -> None:
    """Write FILE without the state of its optimizer, and compare what was written.

    Everything else stays as it is stored, bit for bit; FILE itself is never changed.
    """
    if shuffle and not recompress:
        raise click.UsageError("--shuffle is for --recompress with a level from 1 on.")
    request = StripFile(
        document=absolute(file),
        target=absolute(output),
        training_config=training_config,
        gzip=recompress,
        shuffle=shuffle,
        floats=cast("FloatName", floats or ""),
    )
    write(request, force=force, as_json=as_json)
