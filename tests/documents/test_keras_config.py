"""Configurations of every dialect become the layers and connections they declare."""

from __future__ import annotations

import json
from typing import Any

import pytest
from decoding import functional, layer_entry, sequential
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h5viewer.documents.declared import Declaration, every_layer
from h5viewer.documents.keras_config import DEEPEST, find_entry, finished, reading


def read(config: Any) -> Declaration:
    """Of a copy, as it comes from a file: reading takes the entries out of it."""
    return finished(reading(json.loads(json.dumps(config))))


def connections(config: Any) -> dict[str, tuple[str, ...]]:
    return {layer.name: layer.inputs for layer in read(config).layers}


def keras_tensor(layer: str, shape: list[int | None], node: int = 0, tensor: int = 0) -> Any:
    history = [layer, node, tensor]
    config = {"shape": shape, "dtype": "float32", "keras_history": history}
    return {"class_name": "__keras_tensor__", "config": config}


# ---------------------------------------------------------------------- Keras 1


def test_keras_1_sequential_is_a_plain_list() -> None:
    dense = {"class_name": "Dense", "config": {"name": "dense_1", "output_dim": 3}}
    relu = {"class_name": "Activation", "config": {"name": "relu"}}
    declared = read({"class_name": "Sequential", "config": [dense, relu]})
    assert declared.class_name == "Sequential"
    assert [layer.class_name for layer in declared.layers] == ["Dense", "Activation"]
    assert [layer.inputs for layer in declared.layers] == [(), ("dense_1",)]


def test_keras_1_merge_shows_its_branches_below_it() -> None:
    branches = [
        {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"name": n}}]}
        for n in ("left", "right")
    ]
    merge = {"class_name": "Merge", "config": {"name": "merge_1", "layers": branches}}
    layer = read({"class_name": "Sequential", "config": [merge]}).layers[0]
    assert [inner.layers[0].name for inner in layer.layers] == ["left", "right"]
    assert [inner.layers[0].key for inner in layer.layers] == [(0, 0, 0), (0, 1, 0)]


def test_keras_1_functional_references_have_three_parts() -> None:
    merge = {"class_name": "Merge", "name": "m", "config": {"name": "m", "mode": "concat"}}
    merge["inbound_nodes"] = [[["a", 0, 0], ["b", 0, 0]]]
    layers = [layer_entry("InputLayer", "a"), layer_entry("InputLayer", "b"), merge]
    assert connections(functional(*layers))["m"] == ("a", "b")


# ------------------------------------------------------------------ Keras 2, tf.keras


def test_operators_of_tensorflow_have_one_bracket_less() -> None:
    add = layer_entry("TFOpLambda", "tf.add", "x")
    add["inbound_nodes"] = [["x", 0, 0, {"y": ["z", 0, 0], "name": None}]]
    layers = [layer_entry("InputLayer", "x"), layer_entry("InputLayer", "z"), add]
    assert connections(functional(*layers))["tf.add"] == ("x", "z")


def test_constants_of_operators_are_no_layers() -> None:
    subtract = layer_entry("TFOpLambda", "tf.sub", "x")
    subtract["inbound_nodes"] = [["_CONSTANT_VALUE", -1, 1.0, {"y": ["x", 0, 0]}]]
    declared = read(functional(layer_entry("InputLayer", "x"), subtract))
    assert declared.layers[1].inputs == ("x",)
    assert not declared.problems


def test_keyword_arguments_hold_references_and_plain_lists() -> None:
    attention = layer_entry("MultiHeadAttention", "mha")
    arguments = {"value": ["v", 0, 0], "axes": [1, 2, 3], "kind": ["other", 0, 1]}
    attention["inbound_nodes"] = [[["q", 0, 0, arguments]]]
    layers = [layer_entry("InputLayer", "q"), layer_entry("InputLayer", "v"), attention]
    assert connections(functional(*layers))["mha"] == ("q", "v")


def test_a_layer_called_twice_is_fed_by_both_calls() -> None:
    shared = layer_entry("Dense", "shared")
    shared["inbound_nodes"] = [[["a", 0, 0, {}]], [["b", 0, 0, {}]]]
    layers = [layer_entry("InputLayer", "a"), layer_entry("InputLayer", "b"), shared]
    declared = read(functional(*layers))
    assert declared.layers[2].inputs == ("a", "b")
    assert len(declared.layers[2].calls) == 2


def test_an_input_layer_states_its_output_shape() -> None:
    layers = [layer_entry("InputLayer", "a", batch_input_shape=[None, 8, 8, 3])]
    assert read(functional(*layers)).layers[0].output_shape == (None, 8, 8, 3)


# ---------------------------------------------------------------------- Keras 3


def test_keras_3_tensors_are_found_anywhere_in_a_call() -> None:
    call = {
        "args": [[keras_tensor("a", [None, 4]), 2.0]],
        "kwargs": {"mask": {"deep": [keras_tensor("b", [None, 7])]}, "axis": ["a", 0, 0]},
    }
    add = {"class_name": "Add", "module": "keras.src.ops.numpy", "name": "add"}
    add |= {"config": {"name": "add"}, "inbound_nodes": [call]}
    declared = read(functional(layer_entry("Dense", "a"), layer_entry("Dense", "b"), add))
    assert declared.layers[2].inputs == ("a", "b")
    assert declared.layers[2].is_operation


def test_consumers_state_the_shapes_of_what_they_take() -> None:
    two = [keras_tensor("a", [None, 4], tensor=0), keras_tensor("a", [None, 9], tensor=1)]
    user = {"class_name": "Add", "name": "u", "config": {"name": "u"}}
    user["inbound_nodes"] = [{"args": [two, keras_tensor("b", [None, 3])], "kwargs": {}}]
    layers = read(functional(layer_entry("LSTM", "a"), layer_entry("Dense", "b"), user)).layers
    assert layers[0].output_shape == ((None, 4), (None, 9))
    assert layers[1].output_shape == (None, 3)
    assert layers[2].output_shape is None


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ([["a", 0, 0]], ("a",)),
        (["a", 0, 0], ("a",)),
        ([["a", 0, 0], ["b", 0, 0]], ("a", "b")),
        ({"y": ["a", 0, 0], "z": [["b", 0, 0]]}, ("a", "b")),
        ([[["a", 0, 0]], ["b", 0, 0]], ("a", "b")),
        (None, ()),
    ],
)
def test_inputs_and_outputs_come_in_many_forms(stated: Any, expected: tuple[str, ...]) -> None:
    layers = [layer_entry("Dense", "a"), layer_entry("Dense", "b")]
    declared = read(functional(*layers, inputs=stated, outputs=stated))
    assert declared.inputs == declared.outputs == expected
    assert not declared.problems


# ------------------------------------------------------------- nesting, wrappers


def test_nested_models_and_wrappers_are_rows_with_rows() -> None:
    inner = sequential(layer_entry("Dense", "in_a"), layer_entry("ReLU", "in_b"), name="inner")
    wrapper = layer_entry("TimeDistributed", "td", layer=layer_entry("Dense", "wrapped"))
    both = layer_entry("TimeDistributed", "tm", layer=inner)
    declared = read(sequential(inner, wrapper, both))
    names = [layer.name for layer in every_layer(declared.layers)]
    assert names == ["inner", "in_a", "in_b", "td", "wrapped", "tm", "inner", "in_a", "in_b"]
    assert declared.layers[0].layers[1].inputs == ("in_a",)
    assert declared.layers[0].is_network
    assert declared.layers[1].is_wrapper


def test_models_nested_without_end_are_cut() -> None:
    config = sequential(layer_entry("Dense", "leaf"))
    for _ in range(DEEPEST + 20):
        config = sequential(config)
    declared = read(config)
    assert len(every_layer(declared.layers)) == DEEPEST
    assert "nested too deeply" in declared.problems[0].message


def test_reading_takes_the_entries_out_of_the_configuration() -> None:
    """Those of 100,000 layers would else take 100 MB beside their rows."""
    config = functional(layer_entry("Dense", "a"), sequential(layer_entry("Dense", "b")))
    assert len(every_layer(finished(reading(config)).layers)) == 3
    assert config["config"]["layers"] == [None, None]


def test_an_entry_is_found_again_by_its_key() -> None:
    inner = sequential(layer_entry("Dense", "deep"), name="inner")
    config = sequential(inner, layer_entry("TimeDistributed", "td", layer=inner))
    for layer in every_layer(read(config).layers):
        entry = find_entry(config, layer.key)
        assert isinstance(entry, dict)
        assert entry["class_name"] == layer.class_name
        assert entry["config"]["name"] == layer.name
    assert find_entry(config, (7,)) is None
    assert find_entry(config, (0, 0, 0)) is None


# ------------------------------------------------------------------- wrong types


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ([1, 2], "it is a list"),
        ("text", "it is a text"),
        ({"class_name": "Functional", "config": None}, "it is empty"),
        ({"class_name": "Sequential", "config": {"layers": {"0": 1}}}, "its layers are a table"),
        ({"class_name": "Sequential", "config": {"name": "x"}}, "lists no layers"),
    ],
)
def test_what_is_no_model_is_said_in_a_sentence(config: Any, said: str) -> None:
    declared = read(config)
    assert not declared.is_understood
    assert said in " ".join(problem.message for problem in declared.problems)


def test_good_layers_among_bad_entries_are_shown() -> None:
    good = layer_entry("Dense", "good")
    declared = read(sequential(1, None, "x", [], {}, {"class_name": ["Dense"]}, good))
    assert [layer.name for layer in declared.layers][-1] == "good"
    assert [bool(layer.problem) for layer in declared.layers] == [True] * 6 + [False]


def test_a_layer_fed_by_nobody_known_says_so() -> None:
    declared = read(functional(layer_entry("Dense", "a", "ghost")))
    assert "fed by ghost" in declared.layers[0].problem


def test_names_of_the_wrong_type_fall_back_to_the_configuration() -> None:
    entry = layer_entry("Dense", "real", "real") | {"name": 5}
    layer = read(functional(entry)).layers[0]
    assert layer.name == "real"
    assert "a number, not a text" in layer.problem


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
_KEYS = st.sampled_from(
    ["class_name", "config", "name", "layers", "layer", "inbound_nodes", "module", "trainable",
     "batch_input_shape", "input_layers", "output_layers", "args", "kwargs", "keras_history",
     "shape", "registered_name"]
)  # fmt: skip
_VALUES = st.sampled_from(["Sequential", "Functional", "Dense", "__keras_tensor__", "a", 0, None])
_MODEL_LIKE = st.recursive(
    _VALUES | _JSON,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=40,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_MODEL_LIKE)
def test_no_json_is_too_strange(config: Any) -> None:
    """Whatever the types: rows and sentences, never an exception."""
    declared = read({"class_name": "Functional", "config": config})
    for layer in every_layer(declared.layers):
        assert isinstance(layer.name, str)
        assert isinstance(layer.class_name, str)
        entry = find_entry({"config": config}, layer.key)
        if layer.class_name:
            assert isinstance(entry, dict)
            assert entry["class_name"] == layer.class_name
    assert all(problem.message.endswith(".") for problem in declared.problems)
