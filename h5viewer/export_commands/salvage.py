"""`h5v salvage`."""

from __future__ import annotations

import click

from h5viewer.export_commands.writing import write, writes_a_file
from h5viewer.requests import SalvageFile
from h5viewer.terminal.files import absolute


@click.command()
@click.argument("file")
@writes_a_file
def salvage(file: str, output: str, force: bool, as_json: bool) -> None:
    """Write what is whole of FILE, which is cut short or damaged, and list what is lost.

    The new file has the structure of FILE and lists what is missing from it.
    """
    request = SalvageFile(document=absolute(file), target=absolute(output))
    write(request, force=force, as_json=as_json)
