"""The commands of `h5v` that ask a network: each a function here, its printing in `terminal`."""

from __future__ import annotations

from pathlib import Path

import click

from h5viewer.errors import H5ViewerError
from h5viewer.terminal.files import (
    absolute,
    json_indent,
    network_worker,
    refusals,
    worker,
    write_json,
    write_object,
)

_CODE = click.option(
    "--code", multiple=True, metavar="FILE.py", help="Defines layers of your own; runs, confined."
)
_LABELS = click.option(
    "--labels",
    default="",
    metavar="FILE",
    help="Class names: text, JSON, CSV, or a folder of class folders.",
)
_ARCHITECTURE = click.option(
    "--architecture",
    default="",
    metavar="FILE",
    help="For a file that holds weights alone: JSON or the whole model that states its layers.",
)


@click.command()
@click.argument("file")
@_ARCHITECTURE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(file: str, architecture: str, as_json: bool) -> None:
    """Print what today's Keras would refuse in FILE, and how it is repaired.

    Exit codes: 0 the network loads, 1 it does not.
    """
    with refusals(as_json=as_json, code=1), worker() as pool:
        from h5viewer.terminal import screen
        from h5viewer.terminal.doctor import diagnose, print_diagnosis, to_json

        found = diagnose(pool, absolute(file), architecture)
    if as_json:
        write_object(to_json(found))
    else:
        print_diagnosis(screen.output(), Path(file).name, found)
    raise click.exceptions.Exit(0 if found.loads else 1)


@click.command()
@click.argument("file")
@click.option("-o", "--output", required=True, metavar="NEW.keras", help="The file to write.")
@click.option("--force", is_flag=True, help="Replace NEW.keras when it exists.")
@_CODE
@_ARCHITECTURE
@click.option(
    "--compile/--no-compile",
    "compiles",
    default=True,
    help="With the loss and the optimizer that FILE states.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def repair(
    file: str,
    output: str,
    force: bool,
    code: tuple[str, ...],
    architecture: str,
    compiles: bool,
    as_json: bool,
) -> None:
    """Write the network in FILE as a .keras file that today's Keras opens."""
    with refusals(as_json=as_json, code=1), network_worker() as pool:
        from h5viewer.terminal.repair import sentences, to_json, write_repaired

        done = write_repaired(
            pool,
            absolute(file),
            absolute(output),
            may_replace=force,
            code=code,
            architecture=architecture,
            compiles=compiles,
        )
    if as_json:
        write_object(to_json(absolute(file), output, done))
    else:
        click.echo("\n".join(sentences(Path(file).name, Path(output).name, done)))


@click.command()
@click.argument("model")
@click.argument("data", metavar="DATA.h5|FOLDER")
@click.option(
    "--x", metavar="PATH", multiple=True, help="The dataset of the samples; one for each input."
)
@click.option("--y", metavar="PATH", default="", help="The dataset of their labels.")
@click.option(
    "--y-file",
    metavar="FILE.h5",
    default="",
    help="The file that the labels are in, if another one.",
)
@click.option("--recipe", default="", metavar="NAME", help="How pixels become numbers.")
@click.option(
    "--labels",
    default="",
    metavar="FILE",
    help="Class names: a file, or a folder of class folders.",
)
@click.option(
    "--with",
    "together_with",
    metavar="FILE",
    multiple=True,
    help="Goes with every picture of FOLDER, for a further input.",
)
@click.option("--limit", type=click.IntRange(min=0), default=0, help="Samples; 0: all.")
@click.option("--allow-code", is_flag=True, help="Run Python code that MODEL holds, confined.")
@_CODE
@_ARCHITECTURE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(
    model: str,
    data: str,
    x: tuple[str, ...],
    y: str,
    y_file: str,
    recipe: str,
    labels: str,
    together_with: tuple[str, ...],
    limit: int,
    allow_code: bool,
    code: tuple[str, ...],
    architecture: str,
    as_json: bool,
) -> None:
    """Print how good MODEL is on samples of known class: loss, accuracy, confusion, mistakes.

    They are two datasets of an HDF5 file, or the pictures in a folder of class folders.
    """
    if bool(x) != bool(y):
        raise click.UsageError("Give both --x and --y, or neither.")
    from h5viewer import evaluation, summary

    try:
        with network_worker() as pool:
            from h5viewer.terminal.evaluate import Wish, evaluated, print_all

            wish = Wish(
                model=absolute(model),
                data=absolute(data),
                x=x,
                y=y,
                recipe=recipe,
                labels=labels,
                limit=limit,
                allow_code=allow_code,
                code=code,
                architecture=architecture,
                together_with=together_with,
                y_file=absolute(y_file) if y_file else "",
            )
            found, names = evaluated(pool, wish)
    except H5ViewerError as error:
        if as_json:
            write_json(summary.to_json(summary.refusal(error)))
        raise
    if as_json:
        write_json(evaluation.to_json(found, indent=json_indent()))
    else:
        print_all(Path(model).name, found, names)


@click.command()
@click.argument("model")
@click.argument("pictures", nargs=-1, required=True, metavar="PICTURE…")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--recipe", default="", metavar="NAME", help="How pixels become numbers.")
@click.option("--probe", is_flag=True, help="Also print what every other recipe gives.")
@click.option("--top", type=click.IntRange(min=1), default=5, show_default=True, help="Classes.")
@click.option(
    "--labels",
    default="",
    metavar="FILE",
    help="Class names: text, JSON, CSV, or a folder of class folders.",
)
@click.option("--allow-code", is_flag=True, help="Run Python code that MODEL holds, confined.")
@_CODE
@_ARCHITECTURE
def predict(
    model: str,
    pictures: tuple[str, ...],
    as_json: bool,
    recipe: str,
    probe: bool,
    top: int,
    labels: str,
    allow_code: bool,
    code: tuple[str, ...],
    architecture: str,
) -> None:
    """Print what the network in MODEL answers to each PICTURE, or to all in a folder.

    A .npy file holds numbers for inputs that are no pictures. Exit codes: 0 all were
    answered, 1 some were not.
    """
    from h5viewer import summary

    try:
        with network_worker() as pool:
            from h5viewer.terminal import predict as predicting
            from h5viewer.terminal import screen
            from h5viewer.terminal.asked_network import load

            names = predicting.expand(pictures)
            network = load(
                pool,
                absolute(model),
                allow_code=allow_code,
                code=code,
                architecture=architecture,
                recipe=recipe,
                labels=labels,
            )
            if not as_json:
                predicting.print_head(screen.output(), network)
            outcomes = []
            for outcome in predicting.predict_all(pool, network, names, top=top, probe=probe):
                outcomes.append(outcome)
                if not as_json:
                    predicting.print_outcome(screen.output(), outcome, network)
    except H5ViewerError as error:
        if as_json:
            write_json(summary.to_json(summary.refusal(error)))
        raise
    if as_json:
        write_object(predicting.to_json(model, network, outcomes))
    if any(outcome.error is not None for outcome in outcomes):
        raise click.exceptions.Exit(1)


NETWORK_COMMANDS: tuple[click.Command, ...] = (doctor, predict, repair, evaluate)
"""What the group of `h5v` adds to its own commands."""
