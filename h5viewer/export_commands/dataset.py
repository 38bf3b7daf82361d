"""`h5v export`: one dataset as a file of its own."""

from __future__ import annotations

import re

import click

from h5viewer.export_commands.writing import write, writes_a_file
from h5viewer.names import parse_path
from h5viewer.requests import SaveDataset
from h5viewer.terminal.files import absolute

_POSITION = re.compile(r"\d+")
_SPAN = re.compile(r"(\d*):(\d*)")
_TO_THE_END = -1


@click.command()
@click.argument("file")
@click.argument("path")
@writes_a_file
@click.option(
    "--part",
    metavar="PART",
    default="",
    help="Only a part, one entry for each axis: '0,:,10:20' is position 0, all, and 10 to 19.",
)
def export(file: str, path: str, output: str, force: bool, as_json: bool, part: str) -> None:
    """Write the dataset at PATH in FILE as OUT, which ends in .npy, .csv or .png."""
    request = SaveDataset(
        document=absolute(file),
        target=absolute(output),
        node=parse_path(path),
        selection=_selection(part),
    )
    write(request, force=force, as_json=as_json)


def _selection(part: str) -> tuple[int | tuple[int, int], ...]:
    """What PART says; an end that is left open is `_TO_THE_END`."""
    return tuple(_axis(entry.strip()) for entry in part.split(",")) if part else ()


def _axis(entry: str) -> int | tuple[int, int]:
    if _POSITION.fullmatch(entry):
        return int(entry)
    if match := _SPAN.fullmatch(entry):
        return int(match[1] or 0), int(match[2]) if match[2] else _TO_THE_END
    raise click.UsageError(f"--part has no meaning where it says “{entry}”.")
