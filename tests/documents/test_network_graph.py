"""Boxes and edges of a network: nested models, shared layers, repeats, odd names."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from decoding import functional, layer_entry

from h5viewer.documents.keras_config import finished, reading
from h5viewer.documents.network_graph import (
    MOST_BOXES,
    Folding,
    NetworkGraph,
    Tangled,
    network_graph,
)


def graph(config: dict[str, Any], **folding: Any) -> NetworkGraph:
    # reading takes a configuration apart
    return network_graph(finished(reading(deepcopy(config))).layers, Folding(**folding))


def lines(drawn: NetworkGraph) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Edges by the keys of their ends."""
    return [(drawn.boxes[edge.source].key, drawn.boxes[edge.target].key) for edge in drawn.edges]


def nested(class_name: str, name: str, layers: list[Any], *feeding: str, **more: Any) -> Any:
    entry = layer_entry(class_name, name, *feeding)
    entry["config"] = {"name": name, "layers": layers} | more
    return entry


def block(number: int, before: str, mask: str = "") -> list[dict[str, Any]]:
    inputs = [before, mask] if mask else [before]
    return [
        layer_entry("Attention", f"block{number}_attention", *inputs),
        layer_entry("Add", f"block{number}_add", f"block{number}_attention", before),
        layer_entry("LayerNormalization", f"block{number}_norm", f"block{number}_add"),
        layer_entry("Dense", f"block{number}_dense", f"block{number}_norm"),
    ]


def test_a_sequential_is_a_chain() -> None:
    config = nested("Sequential", "s", [layer_entry("Dense", name) for name in "abc"])
    assert lines(graph(config)) == [((0,), (1,)), ((1,), (2,))]


def test_a_skip_connection_has_its_own_edge() -> None:
    layers = [
        layer_entry("InputLayer", "in"),
        layer_entry("Dense", "a", "in"),
        layer_entry("Add", "sum", "a", "in"),
    ]
    assert set(lines(graph(functional(*layers)))) == {
        ((0,), (1,)),
        ((1,), (2,)),
        ((0,), (2,)),
    }


def test_an_unfolded_model_takes_the_edges_to_its_own_inputs_and_outputs() -> None:
    inner = [
        layer_entry("InputLayer", "left"),
        layer_entry("InputLayer", "right"),
        layer_entry("Add", "sum", "left", "right"),
    ]
    ends = {"input_layers": [["left", 0, 0], ["right", 0, 0]], "output_layers": [["sum", 0, 0]]}
    layers = [
        layer_entry("InputLayer", "a"),
        layer_entry("InputLayer", "b"),
        nested("Functional", "inner", inner, "a", "b", **ends),
        layer_entry("Dense", "last", "inner"),
    ]
    folded = graph(functional(*layers))
    assert set(lines(folded)) == {((0,), (2,)), ((1,), (2,)), ((2,), (3,))}
    unfolded = graph(functional(*layers), unfolded={(2,)})
    frame = next(n for n, box in enumerate(unfolded.boxes) if box.kind == "network")
    assert [box.key for box in unfolded.boxes if box.parent == frame] == [
        (2, 0),
        (2, 1),
        (2, 2),
    ]
    assert set(lines(unfolded)) == {
        ((0,), (2, 0)),
        ((1,), (2, 1)),
        ((2, 0), (2, 2)),
        ((2, 1), (2, 2)),
        ((2, 2), (3,)),
    }


def test_a_layer_called_twice_is_one_box_with_the_edges_of_both_calls() -> None:
    shared = layer_entry("Dense", "shared")
    shared["inbound_nodes"] = [[["a", 0, 0, {}]], [["b", 0, 0, {}]]]
    layers = [layer_entry("InputLayer", "a"), layer_entry("InputLayer", "b"), shared]
    assert lines(graph(functional(*layers))) == [((0,), (2,)), ((1,), (2,))]


def test_equal_blocks_are_one_box_even_where_all_take_the_same_mask() -> None:
    layers = [layer_entry("InputLayer", "in"), layer_entry("InputLayer", "mask")]
    before = "in"
    for number in range(5):
        layers += block(number, before, "mask")
        before = f"block{number}_dense"
    layers.append(layer_entry("Softmax", "out", before))
    drawn = graph(functional(*layers))
    (box,) = [box for box in drawn.boxes if box.kind == "repeats"]
    assert (box.key, box.count, box.period) == ((2,), 5, 4)
    assert lines(drawn) == [((0,), (2,)), ((1,), (2,)), ((2,), (22,))]
    opened = graph(functional(*layers), opened={(2,)})
    assert len(opened.boxes) == len(layers) + 1
    assert not [box for box in graph(functional(*layers), folds_repeats=False).boxes if box.count]


def test_branches_side_by_side_are_no_repeats() -> None:
    layers = [layer_entry("InputLayer", "in")]
    layers += [layer_entry("Dense", f"branch{number}", "in") for number in range(6)]
    assert not graph(functional(*layers)).has_repeats


def test_layers_of_other_sizes_are_no_repeats() -> None:
    layers = [layer_entry("InputLayer", "in")]
    for number, units in enumerate((8, 16, 32, 64)):
        entry = layer_entry("Dense", f"d{number}", layers[-1]["config"]["name"])
        entry["config"]["units"] = units
        layers.append(entry)
    assert not graph(functional(*layers)).has_repeats


def test_circles_self_loops_and_equal_names_are_drawn_as_declared() -> None:
    layers = [
        layer_entry("Add", "a", "c"),
        layer_entry("Add", "b", "a", "b"),
        layer_entry("Add", "c", "b"),
        layer_entry("Add", "c", "c"),
    ]
    assert set(lines(graph(functional(*layers)))) == {
        ((2,), (0,)),
        ((0,), (1,)),
        ((1,), (1,)),
        ((1,), (2,)),
        ((2,), (3,)),
    }


def test_the_branches_of_a_keras_1_merge_are_not_chained() -> None:
    branches = [nested("Sequential", name, [layer_entry("Dense", name + "d")]) for name in "ab"]
    merge = nested("Merge", "merge", branches)
    config = nested("Sequential", "s", [merge, layer_entry("Dense", "last")])
    drawn = graph(config, unfolded={(0,)})
    assert lines(drawn) == [((0,), (1,))]


def test_more_boxes_than_can_be_drawn_are_refused() -> None:
    inner = [layer_entry("Dense", f"d{number}") for number in range(MOST_BOXES)]
    config = nested("Sequential", "s", [nested("Sequential", "inner", inner)])
    assert len(graph(config, folds_repeats=False).boxes) == 1
    with pytest.raises(Tangled):
        graph(config, unfolded={(0,)}, folds_repeats=False)
