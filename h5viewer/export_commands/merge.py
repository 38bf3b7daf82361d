"""`h5v merge`: one file made of several."""

from __future__ import annotations

import click

from h5viewer.export_commands.writing import write, writes_a_file
from h5viewer.requests import AverageNetworks, ChainNetworks, Export, JoinNetworks
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
@click.option("--ensemble", "how", flag_value="mean", help="The mean of all outputs.")
@click.option("--concatenate", "how", flag_value="concatenate", help="All outputs side by side.")
@click.option("--chain", "how", flag_value="chain", help="Each takes what the one before gives.")
@click.option("--shares", type=Shares(), metavar="A,B,…", help="How much each counts in a mean.")
@click.option(
    "--decay",
    type=float,
    help="With --average: files are a series, oldest first; each new one takes 1 − DECAY.",
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
        raise click.UsageError(
            "Say what to make of the files: --average, --ensemble, --concatenate or --chain."
        )
    if shares and how not in ("average", "mean"):
        raise click.UsageError("--shares are for --average and --ensemble.")
    if decay is not None and (how != "average" or shares):
        raise click.UsageError("--decay is for --average, without --shares.")
    request = _request(how, files, output, shares or (), decay)
    write(request, force=force, as_json=as_json)


def _request(
    how: str, files: tuple[str, ...], output: str, shares: tuple[float, ...], decay: float | None
) -> Export:
    document, *rest = (absolute(file) for file in files)
    others, target = tuple(rest), absolute(output)
    if how == "average":
        return AverageNetworks(
            document=document, others=others, target=target, shares=shares, decay=decay
        )
    if how == "chain":
        return ChainNetworks(document=document, others=others, target=target)
    return JoinNetworks(
        document=document,
        others=others,
        target=target,
        how="mean" if how == "mean" else "concatenate",
        shares=shares,
    )
