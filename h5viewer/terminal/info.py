"""`h5v info`: a file and the network it declares, as Keras's `model.summary()` lays it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from h5viewer.names import visible
from h5viewer.nodes import Architecture, Document, Layer, Problem, Training
from h5viewer.summary import all_problems
from h5viewer.terminal.code import print_code
from h5viewer.terminal.info_pictures import CountedSet, print_data_sets
from h5viewer.terminal.screen import shown
from h5viewer.wording import (
    UNKNOWN,
    bytes_text,
    cost_facts,
    count_text,
    names_text,
    output_shape_text,
    plural,
)


def print_info(
    console: Console,
    document: Document,
    layers: Sequence[Layer],
    architecture: Architecture | None,
    surveyed: Sequence[Problem],
    data_sets: Sequence[CountedSet],
    n_rows: int,
) -> None:
    """Title, layers (at most `n_rows`; 0: all), totals, training, data sets, problems."""
    console.print(Text(document.title, "bold"), Text(bytes_text(document.size), "dim"))
    if architecture is not None:
        _print_layers(console, layers, architecture, n_rows)
        _print_totals(console, layers, architecture)
        _print_training(console, architecture.training)
        print_code(console, architecture.code)
    print_data_sets(console, data_sets)
    print_problems(console, all_problems(document, layers, architecture, surveyed))


def _print_layers(
    console: Console, layers: Sequence[Layer], architecture: Architecture, n_rows: int
) -> None:
    name = architecture.name or "(no name)"
    what = visible(architecture.class_name or "weights only")
    n_layers = plural(architecture.n_layers, architecture.item)
    console.print(shown(name, "bold"), Text(f"{what}, {n_layers}", "dim"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    names = ("Layer", "Class") if architecture.item == "layer" else ("Operation", "Kind")
    for heading in names:
        table.add_column(heading, overflow="fold")
    table.add_column("Output shape", overflow="fold")
    table.add_column("Parameters", justify="right")
    is_wide = console.width >= _ROOM_FOR_COUNTS
    if is_wide:
        table.add_column("Multiply-adds", justify="right")
    table.add_column("Connected to", overflow="fold")
    rows = list(_rows(layers))
    for depth, layer in rows[: n_rows or None]:
        table.add_row(
            *_cells(depth, layer, is_wide=is_wide),
            style="" if layer.trainable is not False else "dim",
        )
    console.print(table)
    if n_rows and len(rows) > n_rows:
        more = plural(len(rows) - n_rows, f"more {architecture.item}")
        console.print(f"… and {more}; --layers 0 prints all.")


def _rows(layers: Sequence[Layer]) -> Iterator[tuple[int, Layer]]:
    """All layers with their depth, nested ones below the model they belong to."""
    to_do = [(0, layer) for layer in reversed(layers)]
    while to_do:
        depth, layer = to_do.pop()
        yield depth, layer
        to_do += [(depth + 1, inner) for inner in reversed(layer.layers)]


def _cells(depth: int, layer: Layer, *, is_wide: bool) -> tuple[Text, ...]:
    inputs = ", ".join(visible(name) for name in layer.inputs[:_MOST_INPUTS])
    if len(layer.inputs) > _MOST_INPUTS:
        inputs += f", … ({len(layer.inputs)})"
    counted = UNKNOWN if layer.multiply_adds is None else count_text(layer.multiply_adds)
    return (
        Text("  " * depth) + shown(layer.name),
        shown(layer.class_name or UNKNOWN),
        Text(output_shape_text(layer.output_shape)),
        Text(count_text(layer.n_parameters)),
        *([Text(counted)] if is_wide else []),
        Text(inputs),
    )


_MOST_INPUTS = 5
_ROOM_FOR_COUNTS = 100  # columns of the terminal


def _print_totals(console: Console, layers: Sequence[Layer], architecture: Architecture) -> None:
    parameters = architecture.parameters
    n_bytes = _weight_bytes(layers)
    _print_facts(
        console,
        [
            ("Total parameters", count_text(parameters.total)),
            ("Trainable", count_text(parameters.trainable)),
            ("Non-trainable", count_text(parameters.non_trainable)),
            *([("Weights", bytes_text(n_bytes))] if n_bytes else []),
            *[(label, f"{text}, one sample") for label, text in cost_facts(architecture.cost)],
        ],
    )


def _weight_bytes(layers: Sequence[Layer]) -> int | None:
    """Of all stored weights, each dataset once; None where one has no fixed size."""
    sizes = {w.path: w.n_bytes for _, each in _rows(layers) for w in each.weights if w.path}
    known = [size for size in sizes.values() if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _print_training(console: Console, training: Training | None) -> None:
    if training is None:
        return
    state = f"{plural(training.n_variables, 'variable')}, {bytes_text(training.state_bytes)}"
    facts = [
        ("Loss", visible(training.loss)),
        ("Metrics", visible(training.metrics)),
        ("Optimizer", visible(training.optimizer_class or "")),
        ("Optimizer state", state if training.n_variables else ""),
    ]
    _print_facts(console, [(label, text) for label, text in facts if text])


def _print_facts(console: Console, facts: Iterable[tuple[str, str]]) -> None:
    for label, text in facts:
        console.print(Text(f"{label + ':':<18}", "dim") + Text(text))


def print_problems(console: Console, problems: Sequence[Problem]) -> None:
    """One line for all that have one problem; of many the first."""
    places: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        places.setdefault((problem.message, problem.severity), []).append(problem.where)
    for (message, severity), found in islice(places.items(), _MOST_PROBLEMS):
        where = names_text(list(filter(None, found)), _MOST_PLACES)
        style = "yellow" if severity == "warning" else "dim"
        console.print(Text(f"{where}: " if where else "", "bold") + Text(visible(message), style))
    if len(places) > _MOST_PROBLEMS:
        console.print(f"… and {plural(len(places) - _MOST_PROBLEMS, 'more problem')}.")


_MOST_PROBLEMS = 50
_MOST_PLACES = 3  # with the same problem
