"""`h5v dataset python`, `augment`, `pictures`: what is done with a data set that is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from h5viewer.export_commands.writing import write, writes_a_file
from h5viewer.nodes import Augmentation, without_labels
from h5viewer.python_texts.kinds import KINDS
from h5viewer.requests import SavePictures, WriteAugmented
from h5viewer.terminal.files import absolute, refusals

Command = TypeVar("Command", bound=Callable[..., Any])

REFUSED = 1

_SHARE = click.FloatRange(0, 1)


def _changes_pictures(command: Command) -> Command:
    """The options of an augmentation."""
    for option in (
        click.option(
            "--fill-value", type=click.FloatRange(0, 255), default=0, metavar="0…255",
            help="What --fill constant fills with.",
        ),
        click.option(
            "--fill",
            type=click.Choice(["nearest", "constant", "reflect", "wrap"]),
            default="nearest",
            show_default=True,
            help="What comes in from beyond the border.",
        ),
        click.option(
            "--flip", type=click.Choice(["horizontal", "vertical", "both"]),
            help="Every second picture.",
        ),
        click.option(
            "--channel-shift", type=click.FloatRange(0, 255), default=0, metavar="0…255",
            help="Added to or taken from all channels, at most.",
        ),
        click.option(
            "--brightness", type=click.FloatRange(0, 100), nargs=2, default=(1, 1),
            metavar="LOW HIGH", help="Multiplied by something between: 0.7 1.3.",
        ),
        click.option(
            "--zoom", type=click.FloatRange(0.01, 100), nargs=2, default=(1, 1),
            metavar="LOW HIGH", help="Above 1 what is seen gets smaller: 0.8 1.2.",
        ),
        click.option(
            "--shear", type=click.FloatRange(0, 89), default=0, metavar="DEGREES",
            help="At most, either way.",
        ),
        click.option(
            "--height-shift", type=_SHARE, default=0, metavar="SHARE",
            help="At most, up or down: 0.1.",
        ),
        click.option(
            "--width-shift", type=_SHARE, default=0, metavar="SHARE",
            help="At most, left or right: 0.1.",
        ),
        click.option(
            "--rotation", type=click.FloatRange(0, 180), default=0, metavar="DEGREES",
            help="At most, either way.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def _augmentation(chosen: dict[str, Any]) -> Augmentation:
    return Augmentation(
        rotation=chosen["rotation"],
        width_shift=chosen["width_shift"],
        height_shift=chosen["height_shift"],
        shear=chosen["shear"],
        zoom_low=min(chosen["zoom"]),
        zoom_high=max(chosen["zoom"]),
        brightness_low=min(chosen["brightness"]),
        brightness_high=max(chosen["brightness"]),
        channel_shift=chosen["channel_shift"],
        horizontal_flip=chosen["flip"] in ("horizontal", "both"),
        vertical_flip=chosen["flip"] in ("vertical", "both"),
        fill_mode=chosen["fill"],
        fill_value=chosen["fill_value"],
    )


_of_set = click.option(
    "--set", "node", metavar="PATH", help="Which pictures, as /train_set_x; else those to train on."
)


_labels_of = click.option(
    "--labels", metavar="FILE.h5", help="The file that the labels are in, if another one."
)


@click.command()
@click.argument("file")
@_of_set
@_labels_of
@click.option(
    "--as",
    "kind",
    type=click.Choice(list(KINDS)),
    help="dataset: a Keras PyDataset; generator, layers: with random changes; tf.data: a pipeline.",
)
@click.option("--batch", type=click.IntRange(1), default=32, show_default=True, metavar="N")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, metavar="N")
@_changes_pictures
def python(
    file: str,
    node: str | None,
    labels: str | None,
    kind: Any,
    batch: int,
    workers: int,
    **chosen: Any,
) -> None:
    """Print a Python program that trains from the pictures in FILE, and runs as it is.

    Its readers open FILE anew for each batch, so that several threads or processes may read.
    """
    from h5viewer.python_texts.program import Program, python_text
    from h5viewer.terminal.chosen_pictures import chosen_set, labelled_by

    change = _augmentation(chosen)
    if kind == "dataset" and not change.is_nothing:
        raise click.UsageError("--as dataset changes no pictures: take generator, layers, tf.data.")
    if kind in ("generator", "layers") and change.is_nothing:
        raise click.UsageError(f"--as {kind}: say how pictures change, as --rotation 20.")
    if kind is None:
        kind = "dataset" if change.is_nothing else "layers"
    path = absolute(file)
    shown, others = chosen_set(path, node)
    elsewhere = absolute(labels) if labels is not None else ""
    shown = labelled_by(elsewhere, shown) if elsewhere else shown
    program = Program(
        path, kind, shown, others, change, batch=batch, workers=workers, labels_path=elsewhere
    )
    click.echo(python_text(program), nl=False)


@click.command()
@click.argument("file")
@writes_a_file
@_of_set
@click.option(
    "--copies", type=click.IntRange(1, 1000), default=1, show_default=True, metavar="N",
    help="Changed ones of each picture.",
)  # fmt: skip
@click.option("--only-changed", is_flag=True, help="Leave out the pictures as they are.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@_changes_pictures
def augment(
    file: str,
    output: str,
    force: bool,
    as_json: bool,
    node: str | None,
    copies: int,
    only_changed: bool,
    seed: int,
    **chosen: Any,
) -> None:
    """Write FILE with pictures changed at random behind its own, and compare what was written.

    Labels come along; everything else in FILE stays as it is. Changes are those of Keras'
    ImageDataGenerator; the same seed gives the same pictures.
    """
    from h5viewer.terminal.chosen_pictures import chosen_set

    change = _augmentation(chosen)
    if change.is_nothing:
        raise click.UsageError("Say how pictures change: --rotation 20, --flip horizontal …")
    path = absolute(file)
    with refusals(as_json=as_json, code=REFUSED):
        shown, _ = chosen_set(path, node)
    request = WriteAugmented(
        document=path,
        target=absolute(output),
        pictures=shown,
        augmentation=change,
        seed=seed,
        copies=copies,
        keeps_originals=not only_changed,
    )
    write(request, force=force, as_json=as_json)


def _spans(
    _: click.Context, __: click.Parameter, value: str | None
) -> tuple[tuple[int, int | None], ...]:
    """First and behind the last of each part of "0,7,10:20,30:"."""
    if value is None:
        return ()
    found: list[tuple[int, int | None]] = []
    for part in value.split(","):
        match = re.fullmatch(r"(\d{1,15})|(\d{0,15}):(\d{0,15})", part.strip())
        if match is None:
            raise click.BadParameter(f"{value} are no positions; write them as 0,7,10:20.")
        if match[1]:
            found.append((int(match[1]), int(match[1]) + 1))
        else:
            found.append((int(match[2] or 0), int(match[3]) if match[3] else None))
    return tuple(found)


@click.command()
@click.argument("file")
@writes_a_file
@_of_set
@_labels_of
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="NAME",
    help="Only pictures of this class, by name or number; may be given several times.",
)
@click.option(
    "--indices", "spans", callback=_spans, metavar="0,7,10:20",
    help="Only these, counted from 0; 10:20 is 10 to 19.",
)  # fmt: skip
def pictures(
    file: str,
    output: str,
    force: bool,
    as_json: bool,
    node: str | None,
    labels: str | None,
    classes: tuple[str, ...],
    spans: tuple[tuple[int, int | None], ...],
) -> None:
    """Write pictures of FILE as PNG: OUT is a .zip, or a .png for a single one.

    In the archive those of a class stand in a folder of its name. Without --class and --indices
    all pictures of the set are written.
    """
    from h5viewer.terminal.chosen_pictures import chosen_set, labelled_by
    from h5viewer.terminal.saved_pictures import chosen_indices, classes_of

    path = absolute(file)
    with refusals(as_json=as_json, code=REFUSED):
        shown, _ = chosen_set(path, node, takes_loose=True)
        elsewhere = absolute(labels) if labels is not None else ""
        labelled = labelled_by(elsewhere, shown) if elsewhere else shown
        labelling = classes_of(elsewhere or path, labelled) if classes or elsewhere else None
        indices = chosen_indices(shown.n_pictures, labelling, classes, spans)
        own = without_labels(shown) if elsewhere else shown
        request = SavePictures(
            document=path, target=absolute(output), pictures=own, indices=indices
        )
        if elsewhere and labelling is not None and labelling.marks is None:
            given = tuple(labelling.classes[list(indices)].tolist())
            names = labelling.counts.names
            request = msgspec.structs.replace(request, classes=given, class_names=names)
    write(request, force=force, as_json=as_json)


PICTURE_COMMANDS = (python, augment, pictures)
