"""`h5v`: what is in a model file, in a terminal.

Exit codes: 0 opened, 1 refused, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import click

from h5viewer import __version__
from h5viewer.data_set_commands import DATA_SET_COMMANDS
from h5viewer.errors import H5ViewerError
from h5viewer.export_commands import EXPORT_COMMANDS
from h5viewer.names import parse_path
from h5viewer.network_commands import NETWORK_COMMANDS
from h5viewer.nodes import (
    Architecture,
    Comparison,
    Document,
    Layer,
    LayerPair,
    LayerPairs,
    Layers,
    Listed,
    Part,
    Problem,
    WeightPair,
    WeightPairs,
)
from h5viewer.requests import CompareFiles, DecodeArchitecture, SurveyNodes
from h5viewer.series_commands import SERIES_COMMANDS
from h5viewer.terminal.commands_help import Commands
from h5viewer.terminal.files import (
    absolute,
    explain,
    json_indent,
    opened,
    refusals,
    worker,
    write_json,
    write_object,
)
from h5viewer.workers.pool import Pool, ask

REFUSED, INTERRUPTED = 1, 130
SAME, DIFFERENT, TROUBLE = 0, 1, 2
"""What `h5v diff` says, as diff does."""
SERIOUS = 1
"""What `h5v check` says of a network that cannot work as it is."""

_LISTED = ("tf-checkpoint", "tf-graph")  # formats whose weights or operations are listed
_SETTINGS = {"help_option_names": ["-h", "--help"]}


@click.group(cls=Commands, context_settings=_SETTINGS, no_args_is_help=False)
@click.version_option(__version__, prog_name="h5v")
def commands() -> None:
    """Look into Keras and HDF5 model files."""


for _command in (*NETWORK_COMMANDS, *EXPORT_COMMANDS, *SERIES_COMMANDS, *DATA_SET_COMMANDS):
    commands.add_command(_command)


@commands.command()
@click.argument("file")
@click.argument("path", default="/")
@click.option("--depth", default=64, show_default=True, help="Levels of groups to go down.")
@click.option(
    "--items",
    type=click.IntRange(min=0),
    help="Items to print of each group; 0: all.  [default: 1000 on a terminal, else all]",
)
@click.option("-a", "--attributes", is_flag=True, help="Print attributes, too.")
def tree(file: str, path: str, depth: int, items: int | None, attributes: bool) -> None:
    """Print groups, datasets and links of FILE, from PATH on."""
    with worker() as pool:
        from h5viewer.terminal import screen
        from h5viewer.terminal.info import print_problems
        from h5viewer.terminal.tree import TreePrinter

        document = opened(pool, file)
        printer = TreePrinter(
            pool,
            document.path,
            screen.output(),
            depth=depth,
            n_items=items,
            with_attributes=attributes,
        )
        printer.print_from(parse_path(path))
        print_problems(screen.errors(), document.problems)


@commands.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--layers", default=500, show_default=True, help="Rows of the table; 0: all.")
def info(file: str, as_json: bool, layers: int) -> None:
    """Print what is in FILE: its network, its data sets of pictures, problems."""
    from h5viewer import summary
    from h5viewer.terminal.info_pictures import read_data_sets

    with refusals(as_json=as_json, code=REFUSED), worker() as pool:
        document = opened(pool, file)
        found, architecture = _decode(pool, document)
        surveyed = _survey(pool, document)
        data_sets, unread = read_data_sets(pool, document)
        surveyed = [*surveyed, *unread]
    if as_json:
        write_object(summary.summarize(document, found, architecture, surveyed, data_sets))
        return
    from h5viewer.terminal import screen
    from h5viewer.terminal.info import print_info

    print_info(screen.output(), document, found, architecture, surveyed, data_sets, layers)


@commands.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "as_csv", is_flag=True, help="Print a sheet with a line a weight.")
@click.option("--optimizer", is_flag=True, help="Also of the optimizer's state.")
def stats(file: str, as_json: bool, as_csv: bool, optimizer: bool) -> None:
    """Print numbers of every weight in FILE: extremes, mean, norm, zeros, NaN and Inf."""
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    with refusals(as_json=as_json, code=REFUSED), worker() as pool:
        from h5viewer import weight_sheet
        from h5viewer.terminal import screen
        from h5viewer.terminal.stats import (
            print_reasons,
            print_weights,
            read_weights,
            write_pieces,
        )

        document = opened(pool, file)
        pairs = read_weights(pool, document, with_state=optimizer)
    if not as_json and not as_csv:
        print_weights(screen.output(), document, pairs)
        return
    pieces = weight_sheet.json_pieces if as_json else weight_sheet.csv_pieces
    write_pieces(pieces(pairs))
    print_reasons(screen.errors(), pairs)


@commands.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(file: str, as_json: bool) -> None:
    """Print what is wrong with the weights in FILE: NaN, dead units, odd scales and more.

    Exit codes: 0 nothing serious, 1 something serious, 2 trouble.
    """
    from h5viewer import health_report

    with refusals(as_json=as_json, code=TROUBLE), worker() as pool:
        from h5viewer.terminal.check import check_health, print_report

        report = check_health(pool, absolute(file))
    if as_json:
        write_object(health_report.to_json(report))
    else:
        from h5viewer.terminal import screen

        print_report(screen.output(), Path(file).name, report)
    is_serious = health_report.count(report.findings, "serious") > 0
    raise click.exceptions.Exit(SERIOUS if is_serious else 0)


@commands.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--rows", default=500, show_default=True, help="Rows of each table; 0: all.")
@click.option("--all", "with_identical", is_flag=True, help="Print identical weights, too.")
def diff(first: str, second: str, as_json: bool, rows: int, with_identical: bool) -> None:
    """Print what differs between two files: layers, their arguments, weights.

    Exit codes, as of diff: 0 the same, 1 different, 2 trouble.
    """
    from h5viewer import comparison

    with refusals(as_json=as_json, code=TROUBLE), worker() as pool:
        found, layers, weights = _compare(pool, absolute(first), absolute(second))
    from h5viewer.terminal import screen
    from h5viewer.terminal.diff import print_diff
    from h5viewer.terminal.info import print_problems

    if as_json:
        write_json(comparison.json_text(found, layers, weights, indent=json_indent()))
    else:
        print_diff(
            screen.output(), found, layers, weights, n_rows=rows, with_identical=with_identical
        )
    print_problems(screen.errors(), found.problems)
    is_same = comparison.is_same(found, layers, weights)
    raise click.exceptions.Exit(TROUBLE if found.problems else SAME if is_same else DIFFERENT)


def _compare(
    pool: Pool, first: str, second: str
) -> tuple[Comparison, list[LayerPair], list[WeightPair]]:
    from h5viewer.terminal import screen

    layers: list[LayerPair] = []
    weights: list[WeightPair] = []

    def keep(part: Part) -> None:
        if isinstance(part, LayerPairs):
            layers.extend(part.pairs)
        elif isinstance(part, WeightPairs):
            weights.extend(part.pairs)

    with screen.progress("Comparing") as show:
        found = ask(pool, CompareFiles(document=first, other=second), keep, show)
    assert isinstance(found, Comparison)
    return found, layers, weights


def _decode(pool: Pool, document: Document) -> tuple[Sequence[Layer], Architecture | None]:
    from h5viewer.terminal import screen

    is_listed = document.lists_weights or document.format in _LISTED
    if not (document.has_architecture or is_listed):
        return (), None
    layers: list[Layer] = []

    def keep(part: Part) -> None:
        if isinstance(part, Layers):
            layers.extend(part.layers)

    with screen.progress("Reading layers") as show:
        architecture = ask(pool, DecodeArchitecture(document=document.path), keep, show)
    assert isinstance(architecture, Architecture)
    return layers, architecture


def _survey(pool: Pool, document: Document) -> Sequence[Problem]:
    from h5viewer.terminal import screen

    try:
        with screen.progress("Looking around") as show:
            listed = ask(pool, SurveyNodes(document=document.path), on_progress=show)
    except H5ViewerError as error:  # a part that ends its reader; the rest has been read
        return (Problem(where="", message=error.message),)
    assert isinstance(listed, Listed)
    return listed.problems


# ------------------------------------------------------------------- the program


def main() -> None:
    """The `h5v` command; also a frozen program's worker."""
    if sys.argv[1:2] == ["--worker"]:
        from h5viewer.workers.serving import serve

        serve(*sys.argv[2:4])
        return
    sys.excepthook = _apologize
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        click.echo(err=True)
        code = INTERRUPTED
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        # not commands.main: it has an exit code of its own for a closed pipe
        with commands.make_context("h5v", list(arguments)) as context:
            commands.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:  # of --help
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except H5ViewerError as error:
        explain(error)
        return REFUSED
    except BrokenPipeError:
        # `h5v tree FILE | head` has seen enough; what is left must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, a closed terminal
        click.echo(f"The output cannot be written: {error.strerror}.", err=True)
        return REFUSED
    return 0


def _apologize(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """What a bug looks like: one sentence that can be reported."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = ""
    if trace is not None:
        where = f" in {Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}"
    click.echo(
        f"h5v stopped because of an error in itself{where}: {kind.__name__}: {error}", err=True
    )


if __name__ == "__main__":
    main()
