"""`h5v dataset`: data sets of pictures, made of folders, checked, changed, read by programs."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import click

from h5viewer.export_commands.writing import writes_a_file
from h5viewer.nodes import DataSetRecipe
from h5viewer.picture_commands import PICTURE_COMMANDS
from h5viewer.requests import BuildDataSet
from h5viewer.terminal.commands_help import Commands
from h5viewer.terminal.files import absolute, refusals, worker, write_object

REFUSED = 1
WARNED = 1
TROUBLE = 2

_TABLES = (".csv", ".tsv", ".txt")


@click.group(cls=Commands, no_args_is_help=False)
def dataset() -> None:
    """Make a data set of pictures for training, see what is wrong with one, use it."""


def _size(_: click.Context, __: click.Parameter, value: str | None) -> tuple[int, int]:
    """Width and height of "128x96"; of "128" a square."""
    if value is None:
        return 0, 0
    found = re.fullmatch(r"(\d{1,5})(?:[x×](\d{1,5}))?", value.strip().lower())
    if not found or not int(found[1]) or not int(found[2] or 1):
        raise click.BadParameter(f"{value} is no size; write it as 128x96.")
    return int(found[1]), int(found[2] or found[1])


def _shares(_: click.Context, __: click.Parameter, value: str) -> tuple[int, int, int]:
    """Of training, validation and test, of "80/10/10" or "80/20"."""
    parts = value.strip().split("/")
    if not all(re.fullmatch(r"\d{1,6}", part) for part in parts) or len(parts) > 3:
        raise click.BadParameter(f"{value} is no split; write it as 80/10/10.")
    training, validation, test = (*map(int, parts), 0, 0)[:3]
    if training + validation + test == 0:
        raise click.BadParameter(f"{value} leaves no pictures.")
    return training, validation, test


def _names(_: click.Context, __: click.Parameter, value: str) -> tuple[str, str]:
    images, _comma, labels = (part.strip() for part in value.partition(","))
    if not images or not labels or images == labels or "/" in value:
        raise click.BadParameter(f"{value} are no two names; write them as images,labels.")
    return images, labels


@dataset.command()
@click.argument("folder")
@writes_a_file
@click.option(
    "--size",
    callback=_size,
    metavar="WxH",
    help="Of every picture; else as all of them are, or 224x224 where they differ.",
)
@click.option(
    "--fit",
    type=click.Choice(["stretch", "pad", "crop"]),
    default="stretch",
    show_default=True,
    help="How other proportions are brought to it.",
)
@click.option(
    "--color", type=click.Choice(["rgb", "grey", "rgba"]), default="rgb", show_default=True
)
@click.option(
    "--dtype",
    type=click.Choice(["uint8", "float32"]),
    default="uint8",
    show_default=True,
    help="float32: from 0 to 1.",
)
@click.option(
    "--split",
    callback=_shares,
    default="100",
    metavar="80/10/10",
    help="Shares of training, validation and test; folders of these names count before.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option("--no-stratify", is_flag=True, help="Split all at once, not class by class.")
@click.option("--no-shuffle", is_flag=True, help="Keep the order of the names.")
@click.option(
    "--layout",
    type=click.Choice(["images", "keras"]),
    default="images",
    show_default=True,
    help="keras: train_set_x, train_set_y, list_classes.",
)
@click.option(
    "--names",
    callback=_names,
    default="images,labels",
    metavar="IMAGES,LABELS",
    help="Other names of the datasets.",
)
@click.option("--channels-first", is_flag=True, help="Channels before rows and columns.")
@click.option(
    "--chunk",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="Pictures in a chunk; else as many as suit random batches.",
)
@click.option(
    "--compress", type=click.Choice(["gzip", "lzf", "none"]), default="none", show_default=True
)
@click.option(
    "--labels",
    metavar="FILE.csv|PATTERN",
    help="Classes from a table, or from names as '{class}_*.jpg'; else from folders. none: no "
    "classes.",
)
@click.option(
    "--on-error", type=click.Choice(["skip", "stop"]), default="skip", show_default=True,
    help="What is done about pictures that cannot be read.",
)  # fmt: skip
def build(folder: str, output: str, force: bool, as_json: bool, **choices: Any) -> None:
    """Write the pictures in FOLDER as one HDF5 file, and compare what was written.

    FOLDER holds a folder for each class, perhaps below train, validation and test, or pictures
    whose names or a table tell the class.
    """
    if choices["layout"] == "keras" and choices["names"] != DataSetRecipe().dataset_names:
        raise click.UsageError("--names: with --layout keras the datasets have names of their own.")
    rule, pattern, table = _labels(choices["labels"])
    recipe = DataSetRecipe(
        labels=rule,
        pattern=pattern,
        width=choices["size"][0],
        height=choices["size"][1],
        fit=choices["fit"],
        colour=choices["color"],
        dtype=choices["dtype"],
        shares=choices["split"],
        seed=choices["seed"],
        is_stratified=not choices["no_stratify"],
        is_shuffled=not choices["no_shuffle"],
        layout=choices["layout"],
        dataset_names=choices["names"],
        is_channels_first=choices["channels_first"],
        chunk=choices["chunk"] or 0,
        compression="" if choices["compress"] == "none" else choices["compress"],
        on_unreadable=choices["on_error"],
    )
    request = BuildDataSet(
        document=absolute(folder), target=absolute(output), recipe=recipe, table=table
    )
    from h5viewer.terminal.data_sets import lines, to_json
    from h5viewer.terminal.export import run_export

    with refusals(as_json=as_json, code=REFUSED), worker(warm=False) as pool:
        done = run_export(pool, request, may_replace=force)
    if as_json:
        write_object(to_json(request.target, done))
        return
    for line in lines(request.target, done):
        click.echo(line)


@dataset.command()
@click.argument("file")
@click.argument("more", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(file: str, more: tuple[str, ...], as_json: bool) -> None:
    """Print what is wrong with the pictures and labels in FILE: duplicates, leakage and more.

    Name the files of all splits together, as what they share is a fault. Exit codes: 0 no
    warning, 1 warnings, 2 trouble.
    """
    from h5viewer import picture_report
    from h5viewer.terminal.picture_check import check_pictures, print_report

    with refusals(as_json=as_json, code=TROUBLE), worker() as pool:
        report = check_pictures(pool, [absolute(each) for each in (file, *more)])
    if as_json:
        write_object(picture_report.to_json(report))
    else:
        from h5viewer.terminal import screen

        print_report(screen.output(), report)
    has_warnings = picture_report.count(report.findings, "warning") > 0
    raise click.exceptions.Exit(WARNED if has_warnings else 0)


def _labels(value: str | None) -> tuple[Any, str, str]:
    """The rule, its pattern, the absolute path of a table."""
    if value is None:
        return "", "", ""
    if value in ("folders", "none"):
        return value, "", ""
    if Path(value).suffix.lower() in _TABLES and os.path.lexists(value):
        return "table", "", absolute(value)
    if "{class}" not in value:
        raise click.UsageError(
            f"--labels: {value} is neither a table that is there nor a pattern with {{class}}."
        )
    return "names", value, ""


for _command in PICTURE_COMMANDS:
    dataset.add_command(_command)

DATA_SET_COMMANDS = (dataset,)
