"""`h5v diff`: what differs between two files, and nothing of what does not."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from h5viewer.comparison import layer_rows
from h5viewer.names import visible
from h5viewer.nodes import ChangedArgument, Comparison, LayerPair, Weight, WeightPair
from h5viewer.wording import (
    CHANGE_WORDS,
    UNKNOWN,
    cosine_text,
    difference_text,
    plural,
    relative_text,
    shape_text,
)

_STYLES = {
    "added": "green", "removed": "red", "changed": "yellow", "moved": "cyan",
    "identical": "dim", "shape": "red", "only_a": "red", "only_b": "green",
    "unreadable": "red",
}  # fmt: skip
_MOST_ARGUMENTS = 8
_LONGEST_VALUE = 60


def print_diff(
    console: Console,
    comparison: Comparison,
    layers: Sequence[LayerPair],
    weights: Sequence[WeightPair],
    *,
    n_rows: int,
    with_identical: bool,
) -> None:
    """The sentence, the layers, the weights: at most `n_rows` of each; 0: all."""
    console.print(Text(visible(comparison.summary, 2000), "bold"))
    rows = list(layer_rows(comparison, layers))
    for name, pair in rows[: n_rows or None]:
        console.print(_layer_line(name, pair))
    _print_more(console, len(rows), n_rows, "layer")
    shown = [pair for pair in weights if with_identical or pair.state != "identical"]
    if shown:
        console.print(_table(shown[: n_rows or None]))
    _print_more(console, len(shown), n_rows, "weight")


def _print_more(console: Console, n: int, n_rows: int, what: str) -> None:
    if n_rows and n > n_rows:
        console.print(f"… and {plural(n - n_rows, f'more {what}')}; --rows 0 prints all.")


def _layer_line(name: str, pair: LayerPair) -> Text:
    states = [pair.state] if pair.state != "same" else []
    words = [*states, *(["moved"] if pair.is_moved else [])]
    line = Text(f"{' and '.join(words):<9}", _STYLES[words[0]])
    side = pair.a or pair.b
    line += Text(f"{visible(name)}  ", "bold") + Text(
        visible((side and side.class_name) or ""), "dim"
    )
    told = [_argument(each) for each in pair.arguments[:_MOST_ARGUMENTS]]
    if len(pair.arguments) > _MOST_ARGUMENTS:
        told.append(f"… ({len(pair.arguments)})")
    return line + Text("  " + ", ".join(told) if told else "")


def _argument(argument: ChangedArgument) -> str:
    return f"{visible(argument.name, 40)}: {_value(argument.a)} → {_value(argument.b)}"


def _value(text: str | None) -> str:
    if text is None:
        return UNKNOWN
    value = json.loads(text)
    return visible(value if isinstance(value, str) else text, _LONGEST_VALUE)


def _table(pairs: Sequence[WeightPair]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Weight", overflow="fold")
    table.add_column("State")
    table.add_column("Shape")
    for title in ("Max. difference", "Relative", "Cosine"):
        table.add_column(title, justify="right")
    for pair in pairs:
        table.add_row(
            Text(_name(pair)),
            Text(CHANGE_WORDS[pair.state], _STYLES[pair.state]),
            Text(_shapes(pair)),
            difference_text(pair.max_difference),
            relative_text(pair.relative),
            cosine_text(pair.cosine),
        )
    return table


def _name(pair: WeightPair) -> str:
    a = _named(pair.layer_a, pair.a)
    b = _named(pair.layer_b, pair.b)
    return a if a == b or not b else b if not a else f"{a} → {b}"


def _named(layer: str, weight: Weight | None) -> str:
    if weight is None:
        return ""
    return visible(f"{layer.rstrip('/')}/{weight.name}")


def _shapes(pair: WeightPair) -> str:
    shapes = [shape_text(weight.shape) for weight in (pair.a, pair.b) if weight is not None]
    return shapes[0] if len(set(shapes)) == 1 else " → ".join(shapes)
