"""`h5v merge`: one file made of several."""

from __future__ import annotations

import click

from h5viewer.export_commands.writing import may_write_a_file, write
from h5viewer.requests import (
    AverageNetworks,
    ChainNetworks,
    CombineNetwork,
    Export,
    JoinNetworks,
    MatchWeights,
    PlanMerge,
)
from h5viewer.terminal.files import absolute, worker, write_object

_KINDS = "--average, --ensemble, --concatenate, --chain, or --architecture with --weights"


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


class Pair(click.ParamType[tuple[str, str]]):
    """A layer and what it takes its weights from."""

    name = "pair"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """`head=dense_1` as ("head", "dense_1")."""
        layer, equals, source = str(value).partition("=")
        if not layer or not equals:
            self.fail(f"{value!r} is not LAYER=SOURCE.", param, ctx)
        return layer, source


@click.command()
@click.argument("files", nargs=-1)
@may_write_a_file
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
@click.option(
    "--architecture", metavar="FILE", help="A whole model or JSON, to be given other weights."
)
@click.option("--weights", metavar="FILE", help="Where those weights are.")
@click.option(
    "--pair",
    "pairs",
    type=Pair(),
    multiple=True,
    metavar="LAYER=SOURCE",
    help="Which layer takes the weights of which; nothing behind “=”: none. More than once.",
)
@click.option(
    "--pairs",
    "pairs_file",
    metavar="FILE",
    help="The same from a JSON file, as --json prints it; --pair changes single ones.",
)
@click.option(
    "--with-state",
    is_flag=True,
    help="Keep the optimizer's state of a TensorFlow checkpoint, in a .keras file.",
)
def merge(
    files: tuple[str, ...],
    output: str | None,
    force: bool,
    as_json: bool,
    how: str | None,
    shares: tuple[float, ...] | None,
    decay: float | None,
    architecture: str | None,
    weights: str | None,
    pairs: tuple[tuple[str, str], ...],
    pairs_file: str | None,
    with_state: bool,
) -> None:
    """Make one file of FILES, and compare what was written.

    FILES themselves are never changed. Without -o only what is possible is told: which kinds of
    merging FILES allow, or which layers take which weights.
    """
    if bool(architecture) != bool(weights) or (architecture and (files or how)):
        raise click.UsageError("--architecture goes with --weights, and with no other files.")
    if shares and how not in ("average", "mean"):
        raise click.UsageError("--shares are for --average and --ensemble.")
    if decay is not None and (how != "average" or shares):
        raise click.UsageError("--decay is for --average, without --shares.")
    if pairs_file and not architecture:
        raise click.UsageError("--pairs is for --architecture and --weights.")
    if with_state and not architecture:
        raise click.UsageError("--with-state is for --architecture and --weights.")
    if architecture and weights:
        if pairs_file:
            from h5viewer.match_file import read_pairs

            pairs = tuple({**dict(read_pairs(absolute(pairs_file))), **dict(pairs)}.items())
        if output is None:
            _tell_matches(architecture, weights, pairs, as_json=as_json)
            return
        request: Export = CombineNetwork(
            document=absolute(architecture),
            others=(absolute(weights),),
            target=absolute(output),
            pairs=pairs or None,
            with_state=with_state,
        )
    elif not files:
        raise click.UsageError("Which files?")
    elif output is None:
        _tell_choices(files, as_json=as_json)
        return
    elif how is None:
        raise click.UsageError(f"Say what to make of the files: {_KINDS}.")
    else:
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


def _tell_choices(files: tuple[str, ...], *, as_json: bool) -> None:
    document, *others = (absolute(file) for file in files)
    _tell(PlanMerge(document=document, others=tuple(others)), as_json=as_json)


def _tell_matches(
    architecture: str, weights: str, pairs: tuple[tuple[str, str], ...], *, as_json: bool
) -> None:
    request = MatchWeights(document=absolute(architecture), other=absolute(weights), pairs=pairs)
    _tell(request, as_json=as_json)


def _tell(request: PlanMerge | MatchWeights, *, as_json: bool) -> None:
    from h5viewer.nodes import MergeChoices, WeightMatches
    from h5viewer.terminal.merge import choices_text, matches_text, to_json
    from h5viewer.workers.pool import ask

    with worker() as pool:
        found = ask(pool, request)
    assert isinstance(found, MergeChoices | WeightMatches)
    if as_json:
        write_object(to_json(found))
        return
    for line in choices_text(found) if isinstance(found, MergeChoices) else matches_text(found):
        click.echo(line)
