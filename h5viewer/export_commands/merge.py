"""`h5v merge`: one file made of several."""

from __future__ import annotations

import click

from h5viewer.export_commands.writing import write, writes_a_file
from h5viewer.requests import AverageNetworks
from h5viewer.terminal.files import absolute


class Shares(click.ParamType[tuple[float, ...]]):
    """Numbers with commas between them."""

    name = "numbers"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """`1,2.5` as (1.0, 2.5)."""
        try:
            return tuple(float(each) for each in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} are no numbers with commas between them.", param, ctx)


@click.command()
@click.argument("files", nargs=-1, required=True)
@writes_a_file
@click.option("--average", "how", flag_value="average", help="The mean of all weights.")
@click.option("--shares", type=Shares(), metavar="A,B,…", help="How much each file counts.")
@click.option(
    "--decay",
    type=float,
    help="Exponential mean of a series, oldest first: each new file takes 1 − DECAY.",
)
def merge(
    files: tuple[str, ...],
    output: str,
    force: bool,
    as_json: bool,
    how: str | None,
    shares: tuple[float, ...] | None,
    decay: float | None,
) -> None:
    """Make one file of FILES, and compare what was written.

    FILES themselves are never changed.
    """
    if how is None:
        raise click.UsageError("Say what to make of the files: --average.")
    if shares and decay is not None:
        raise click.UsageError("--shares and --decay both say how much each file counts.")
    first, *others = (absolute(file) for file in files)
    request = AverageNetworks(
        document=first,
        others=tuple(others),
        target=absolute(output),
        shares=shares or (),
        decay=decay,
    )
    write(request, force=force, as_json=as_json)
