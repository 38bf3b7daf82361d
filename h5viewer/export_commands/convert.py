"""`h5v convert`: what is written is said by the ending of the new file's name."""

from __future__ import annotations

from collections.abc import Callable

import click

from h5viewer.export_commands.writing import write, writes_a_file
from h5viewer.requests import Export, SaveArchitecture, SaveWeights
from h5viewer.terminal.files import absolute


@click.command()
@click.argument("file")
@writes_a_file
@click.option(
    "--layer",
    "layers",
    multiple=True,
    metavar="PATTERN",
    help="Of .npz and .safetensors: only layers whose names match, such as 'conv*'; repeatable.",
)
@click.option(
    "--repaired",
    is_flag=True,
    help="Of .json: as Keras 3 loads it, instead of exactly as it is stored.",
)
def convert(
    file: str, output: str, force: bool, as_json: bool, layers: tuple[str, ...], repaired: bool
) -> None:
    r"""Write FILE in another format, which the ending of OUT says.

    \b
    .npz, .safetensors   all weights under safe names, with an index of the true ones
    .json                the architecture
    """
    made = _request(absolute(file), absolute(output), layers, is_repaired=repaired)
    write(made, force=force, as_json=as_json)


def _request(document: str, target: str, layers: tuple[str, ...], *, is_repaired: bool) -> Export:
    rows: dict[str, Callable[[], Export]] = {
        ".npz": lambda: SaveWeights(document=document, target=target, layers=layers),
        ".safetensors": lambda: SaveWeights(document=document, target=target, layers=layers),
        ".json": lambda: SaveArchitecture(
            document=document, target=target, is_repaired=is_repaired
        ),
    }
    for ending, make in rows.items():
        if target.lower().endswith(ending):
            if layers and ending == ".json":
                raise click.UsageError("--layer is for .npz and .safetensors.")
            if is_repaired and ending != ".json":
                raise click.UsageError("--repaired is for .json.")
            return make()
    endings = ", ".join(rows)
    raise click.UsageError(f"OUT says by its ending what is to be written: {endings}.")
