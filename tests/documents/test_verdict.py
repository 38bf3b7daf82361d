"""The sentence that sums a comparison up."""

from __future__ import annotations

from typing import Any

import pytest

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.verdict import verdict
from h5viewer.nodes import ComparedLayer, LayerPair, Weight, WeightPair

KINDS = {"=": "identical", "~": "changed", "s": "shape", "<": "only_a", ">": "only_b",
         "?": "unreadable"}  # fmt: skip


def side(row: int) -> ComparedLayer:
    return ComparedLayer(name=f"layer {row}", class_name="Dense", key=(row,))


def summary(*layers: str, activation: str = "", name: str = "kernel", **wishes: Any) -> str:
    """One text a layer, one letter a weight."""
    weight = Weight(name=name, path=(b"x",), shape=(2,), dtype="float32")
    pairs = [
        WeightPair(
            row=row,
            layer_a="",
            layer_b="",
            a=weight,
            b=weight,
            state=KINDS[letter],  # type: ignore[arg-type]
            relative=0.25 if letter == "~" else None,
        )
        for row, letters in enumerate(layers)
        for letter in letters
    ]
    rows = [LayerPair(a=side(row), b=side(row), state="same") for row in range(len(layers))]
    last = len(layers) - 1
    config: dict[str, object] = {"activation": activation}
    declared = {(last,): DeclaredLayer(f"layer {last}", "Dense", (last,), config)}
    return verdict(rows, pairs, declared, has_layers=False, **wishes)


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        (["==", "=="], "All 4 weights are identical."),
        (["="], "The only weight is identical."),
        (["~"], "The only weight changed by 25 %."),
        (["~~", "~~"], "All 4 weights changed, typically by 25 %."),
        (["<<", ">"], "The files have no weight in common."),
        (["?"], "The only weight could not be read."),
        (["?", "?"], "No weight could be read."),
        (["s"], "The only weight has another shape."),
        (["s", "~"], "None of 2 weights is identical; 1 changed; 1 has another shape."),
        ([], "Neither file has anything to compare."),
        (
            ["==", "==", "~~"],
            "4 of 6 weights are identical; the last layer, layer 2, was retrained.",
        ),
        (
            ["=", "=", "=", "=", "~", "~"],
            "4 of 6 weights are identical; the last 2 layers with weights were retrained.",
        ),
        (
            ["~", "=", "="],
            "2 of 3 weights are identical; only the first layer with weights changed.",
        ),
        (["=", "~", "=", "~"], "2 of 4 weights are identical; 2 changed."),
        (
            ["=", "~s", "=<", ">?"],
            "2 of 7 weights are identical; 1 changed; 1 has another shape; 1 is only in A; "
            "1 is only in B; 1 could not be read.",
        ),
    ],
)
def test_each_story_has_its_sentence(layers: list[str], said: str) -> None:
    assert summary(*layers) == said


def test_a_head_that_classifies_is_called_so() -> None:
    found = summary("==", "==", "~~", activation="softmax")
    assert found == "4 of 6 weights are identical; the classifier head was retrained."
    replaced = summary("==", "==", "ss", activation="sigmoid")
    assert replaced == "4 of 6 weights are identical; the classifier head was replaced."


def test_moving_averages_alone_are_told() -> None:
    weights = [
        WeightPair(
            row=row, layer_a="", layer_b="", b=None, state=state,  # type: ignore[arg-type]
            a=Weight(name=name, path=(b"x",), shape=(1,), dtype="float32"),
        )
        for row, (name, state) in enumerate([("gamma", "identical"), ("moving_mean", "changed")])
    ]  # fmt: skip
    said = verdict([], weights, {}, has_layers=False)
    assert said == "1 of 2 weights is identical; only moving averages changed."


def test_layers_are_counted() -> None:
    rows = [
        LayerPair(a=side(0), b=side(0), state="changed", is_moved=True),
        LayerPair(a=side(1), b=None, state="removed"),
        LayerPair(a=None, b=side(1), state="added"),
    ]
    said = verdict(rows, [], {}, has_layers=True)
    assert said.endswith("Of the layers, 1 changed, 1 added, 1 removed and 1 moved.")
