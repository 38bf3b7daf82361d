"""Circles and names used twice are pointed out; shared layers are neither."""

from __future__ import annotations

from decoding import functional, layer_entry

from h5viewer.documents.graph import check_circles, check_names
from h5viewer.documents.keras_config import finished, reading


def test_a_circle_is_named_in_the_order_of_the_data() -> None:
    layers = [
        layer_entry("InputLayer", "in"),
        layer_entry("Add", "a", "in", "c"),
        layer_entry("Add", "b", "a"),
        layer_entry("Add", "c", "b"),
    ]
    (problem,) = check_circles(finished(reading(functional(*layers))).layers)
    assert problem.message.startswith("3 layers feed each other in a circle: ")
    assert "a → b" in problem.message or "b → c → a" in problem.message


def test_a_layer_that_feeds_itself_is_named() -> None:
    layers = finished(reading(functional(layer_entry("Add", "a", "a")))).layers
    assert check_circles(layers)[0].message == "A layer feeds itself: a → a."


def test_a_layer_called_twice_in_a_row_is_no_circle() -> None:
    shared = layer_entry("Dense", "shared")
    shared["inbound_nodes"] = [[["in", 0, 0, {}]], [["relu", 0, 0, {}]]]
    layers = [layer_entry("InputLayer", "in"), shared, layer_entry("ReLU", "relu", "shared")]
    assert check_circles(finished(reading(functional(*layers))).layers) == []


def test_long_chains_need_no_deep_recursion() -> None:
    chain = [layer_entry("ReLU", f"r{i}", f"r{i - 1}") for i in range(1, 5000)]
    chain = [layer_entry("ReLU", "r0", "r4999"), *chain]
    (problem,) = check_circles(finished(reading(functional(*chain))).layers)
    assert problem.message.startswith("5000 layers feed each other in a circle: ")
    assert len(problem.message) < 200


def test_namesakes_are_counted() -> None:
    layers = finished(reading(functional(*(layer_entry("ReLU", "r") for _ in range(3))))).layers
    (problem,) = check_names(layers)
    assert (problem.where, problem.message) == ("r", "3 layers have the same name.")
