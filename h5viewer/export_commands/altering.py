"""`h5v cut`, `freeze`, `rename` and `edit`: one network with something different."""

from __future__ import annotations

from pathlib import Path

import click

from h5viewer.errors import CannotRead
from h5viewer.export_commands.writing import write, writes_a_file
from h5viewer.names import parse_path, visible
from h5viewer.requests import (
    AnyChange,
    ComputeWeight,
    CutNetwork,
    EditFile,
    FreezeLayers,
    PasteValues,
    RenameLayer,
    RenameLayers,
    SetAttribute,
    SetClassNames,
    SetElement,
)
from h5viewer.terminal.files import absolute

_LARGEST = 64_000_000  # bytes of a table or of names


@click.command()
@click.argument("file")
@writes_a_file
@click.option("--at", "layer", required=True, metavar="LAYER", help="Its output becomes the end.")
@click.option(
    "--use", type=click.IntRange(1), default=1, metavar="N", help="Of a layer used several times."
)
def cut(file: str, output: str, force: bool, as_json: bool, layer: str, use: int) -> None:
    """Write the network of FILE up to LAYER, and compare what was written.

    LAYER in a nested network: backbone/conv1. What only later layers need is left out. OUT is
    what its name says: .h5 or .keras.
    """
    request = CutNetwork(
        document=absolute(file), target=absolute(output), layer=(layer,), call=use - 1
    )
    write(request, force=force, as_json=as_json)


@click.command()
@click.argument("file")
@writes_a_file
@click.option("--layer", "frozen", multiple=True, metavar="NAME", help="Freeze these layers.")
@click.option("--train", "trained", multiple=True, metavar="NAME", help="Train these instead.")
def freeze(
    file: str,
    output: str,
    force: bool,
    as_json: bool,
    frozen: tuple[str, ...],
    trained: tuple[str, ...],
) -> None:
    """Write FILE with layers that training leaves as they are, and compare what was written.

    NAME may be a pattern ("conv*", "backbone/*"), a nested network means all in it, and both
    options may be given several times. Nothing else changes.
    """
    if not frozen and not trained:
        raise click.UsageError("Say which layers: --layer NAME to freeze, --train NAME to train.")
    request = FreezeLayers(
        document=absolute(file), target=absolute(output), frozen=frozen, trained=trained
    )
    write(request, force=force, as_json=as_json)


@click.command()
@click.argument("file")
@writes_a_file
@click.option(
    "--layer", "names", multiple=True, nargs=2, required=True, metavar="OLD NEW",
    help="A layer and its new name; may be given several times.",
)  # fmt: skip
def rename(
    file: str, output: str, force: bool, as_json: bool, names: tuple[tuple[str, str], ...]
) -> None:
    """Write FILE with other names of layers, wherever it mentions them.

    OLD in a nested network: backbone/conv1; NEW is its own name alone. Nothing else changes.
    """
    request = RenameLayers(document=absolute(file), target=absolute(output), names=names)
    write(request, force=force, as_json=as_json)


@click.command()
@click.argument("file")
@writes_a_file
@click.option(
    "--set-attribute", "attributes", multiple=True, nargs=3, metavar="PATH NAME VALUE",
    help="Another value of the same type; of several a JSON list.",
)  # fmt: skip
@click.option(
    "--weight", "weights", multiple=True, nargs=2, metavar="PATH EXPRESSION",
    help='Other values: "x * 0.5", "clip(x, -1, 1)", "where(isnan(x), 0, x)", "x[3] = 0".',
)  # fmt: skip
@click.option(
    "--element", "elements", multiple=True, nargs=3, metavar="PATH INDEX VALUE",
    help="One value; INDEX as 3,0,2.",
)  # fmt: skip
@click.option(
    "--table", "tables", multiple=True, nargs=2, metavar="PATH FILE",
    help="All values from a text file: numbers between tabs or commas.",
)  # fmt: skip
@click.option("--class-names", metavar="FILE", help="Class names from a text file, one a line.")
@click.option(
    "--rename", "names", multiple=True, nargs=2, metavar="OLD NEW", help="A layer's name."
)
def edit(
    file: str,
    output: str,
    force: bool,
    as_json: bool,
    attributes: tuple[tuple[str, str, str], ...],
    weights: tuple[tuple[str, str], ...],
    elements: tuple[tuple[str, str, str], ...],
    tables: tuple[tuple[str, str], ...],
    class_names: str | None,
    names: tuple[tuple[str, str], ...],
) -> None:
    """Write a copy of FILE with these changes; everything else stays bit for bit.

    PATH is that of the tree: /model_weights/dense/dense/kernel:0. All options may be given
    several times; FILE itself is never changed.
    """
    changes: list[AnyChange] = [
        *(
            SetAttribute(
                path=parse_path(path), name=name.encode("utf-8", "surrogateescape"), text=text
            )
            for path, name, text in attributes
        ),
        *(ComputeWeight(path=parse_path(path), expression=text) for path, text in weights),
        *(PasteValues(path=parse_path(path), text=_text(table)) for path, table in tables),
        *(
            SetElement(path=parse_path(path), index=_index(index), text=text)
            for path, index, text in elements
        ),
        *(RenameLayer(old=old, new=new) for old, new in names),
    ]
    if class_names is not None:
        lines = tuple(line.strip() for line in _text(class_names).splitlines() if line.strip())
        changes.append(SetClassNames(names=lines))
    if not changes:
        raise click.UsageError("Say what to change: --weight, --set-attribute, --rename …")
    request = EditFile(document=absolute(file), target=absolute(output), changes=tuple(changes))
    write(request, force=force, as_json=as_json)


def _index(text: str) -> tuple[int, ...]:
    parts = text.strip("[]() ").split(",")
    try:
        return tuple(int(part) for part in parts if part.strip())
    except ValueError:
        raise click.UsageError(f"{text!r} is no index such as 3,0,2.") from None


def _text(name: str) -> str:
    path = Path(name)
    try:
        if path.stat().st_size > _LARGEST:
            raise CannotRead(f"{visible(path.name)} is too large: {_LARGEST:,} bytes at most.")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CannotRead(f"{visible(path.name)} is no text (UTF-8).") from None
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CannotRead(f"{visible(path.name)} cannot be read: {why}.") from error
