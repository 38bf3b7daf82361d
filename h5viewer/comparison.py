"""A comparison as the JSON of `h5v diff --json`, which the README documents, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from h5viewer import summary
from h5viewer.names import path_text, plain
from h5viewer.nodes import Comparison, LayerPair, Weight, WeightPair

Json = dict[str, Any]
Named = tuple[str, LayerPair]
"""A row with its layer's name after those of the models around it."""

_COLUMNS = (
    "layer_a", "weight_a", "path_a", "layer_b", "weight_b", "path_b", "state", "elements",
    "different", "max_difference", "relative", "cosine",
)  # fmt: skip


def is_same(
    comparison: Comparison, layers: Sequence[LayerPair], weights: Sequence[WeightPair]
) -> bool:
    """True where `diff` would say nothing."""
    return not any(layer_rows(comparison, layers)) and not any(
        pair.state != "identical" for pair in weights
    )


def layer_rows(comparison: Comparison, layers: Sequence[LayerPair]) -> Iterator[Named]:
    """The layers that differ; none where not both files declare a network."""
    if not comparison.has_layers:
        return
    above: list[str] = []
    for pair in layers:
        side = pair.a or pair.b
        del above[pair.depth :]
        above.append(side.name if side else "")
        if pair.state != "same" or pair.is_moved:
            yield "/".join(above), pair


def to_json(
    comparison: Comparison, layers: Sequence[LayerPair], weights: Sequence[WeightPair]
) -> Json:
    """The object; weights that could not be read are left out, as nothing is known of them."""
    rows = list(layer_rows(comparison, layers))
    return {
        "layers": {
            "added": [name for name, pair in rows if pair.state == "added"],
            "removed": [name for name, pair in rows if pair.state == "removed"],
            "changed": [
                {"layer": name, "arguments": _arguments(pair)}
                for name, pair in rows
                if pair.a is not None and pair.b is not None
            ],
        },
        "weights": [_weight(pair) for pair in weights if pair.state != "unreadable"],
    }


def json_text(
    comparison: Comparison,
    layers: Sequence[LayerPair],
    weights: Sequence[WeightPair],
    *,
    indent: int | None = None,
) -> str:
    """The object as text."""
    return summary.to_json(to_json(comparison, layers, weights), indent=indent)


def to_csv(weights: Sequence[WeightPair]) -> str:
    """One line a weight, with a heading."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for pair in weights:
        writer.writerow(
            [
                pair.layer_a, pair.a and pair.a.name, _path(pair.a),
                pair.layer_b, pair.b and pair.b.name, _path(pair.b),
                pair.state, pair.n_elements, pair.n_different,
                pair.max_difference, pair.relative, pair.cosine,
            ]
        )  # fmt: skip
    return plain(text.getvalue())


def _arguments(pair: LayerPair) -> Json:
    found: Json = {
        each.name: [
            None if each.a is None else summary.json_value(each.a),
            None if each.b is None else summary.json_value(each.b),
        ]
        for each in pair.arguments
    }
    if pair.is_moved and pair.a is not None and pair.b is not None:
        found["position"] = [list(pair.a.key), list(pair.b.key)]
    return found


def _weight(pair: WeightPair) -> Json:
    return {
        "a": _path(pair.a),
        "b": _path(pair.b),
        "state": pair.state,
        "max_difference": pair.max_difference,
        "relative": pair.relative,
        "cosine": pair.cosine,
    }


def _path(weight: Weight | None) -> str | None:
    return None if weight is None or weight.path is None else path_text(weight.path)
