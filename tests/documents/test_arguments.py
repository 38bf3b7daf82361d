"""Which arguments count as changed, and what is only another Keras version's way to write."""

from __future__ import annotations

from typing import Any

import pytest

from h5viewer.documents.arguments import changed_arguments
from h5viewer.documents.declared import DeclaredLayer


def layer(name: str = "x", class_name: str = "Dense", **config: Any) -> DeclaredLayer:
    return DeclaredLayer(name, class_name, (0,), {"name": name, **config})


def told(a: DeclaredLayer, b: DeclaredLayer, **names: str) -> dict[str, tuple[Any, Any]]:
    return {each.name: (each.a, each.b) for each in changed_arguments(a, b, names)}


def keras3(class_name: str, **config: Any) -> dict[str, Any]:
    module = "keras.initializers"
    return {"module": module, "class_name": class_name, "config": config, "registered_name": None}


SAME = [
    ({"kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}}},
     {"kernel_initializer": keras3("GlorotUniform", seed=None)}),
    ({"kernel_initializer": {"class_name": "VarianceScaling", "config": {
        "scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}}},
     {"kernel_initializer": keras3("GlorotUniform", seed=None)}),
    ({"dtype": "float32"},
     {"dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"},
                "registered_name": None, "shared_object_id": 3}}),
    ({"batch_input_shape": [None, 8]}, {"batch_shape": [None, 8]}),
    ({"shape": [1, 2]}, {"shape": {"class_name": "__tuple__", "items": [1, 2]}}),
    ({"activation": "relu"}, {"activation": {
        "module": "builtins", "class_name": "function", "config": "relu",
        "registered_name": "relu"}}),
    ({}, {"groups": 1}),
    ({"axis": [3]}, {"axis": 3, "renorm_momentum": 0.99}),
    ({"batch_input_shape": [None, 8]}, {}),
    ({}, {"quantization_config": None, "lora_rank": None, "sparse": False}),
    ({"rate": 1}, {"rate": 1.0}),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), SAME)
def test_what_versions_write_differently_is_no_change(a: dict, b: dict) -> None:
    assert told(layer(**a), layer(**b)) == {}
    assert told(layer(**b), layer(**a)) == {}


DIFFERENT = [
    ({"units": 10}, {"units": 20}, "units"),
    ({"use_bias": True}, {"use_bias": False}, "use_bias"),
    ({}, {"use_bias": False}, "use_bias"),
    ({}, {"trainable": False}, "trainable"),
    ({}, {"dilation_rate": [2, 2]}, "dilation_rate"),
    ({"seed": True}, {"seed": 1}, "seed"),
    ({"kernel_initializer": keras3("GlorotUniform", seed=None)},
     {"kernel_initializer": keras3("GlorotUniform", seed=7)}, "kernel_initializer"),
    ({"kernel_initializer": keras3("GlorotUniform")},
     {"kernel_initializer": keras3("HeUniform")}, "kernel_initializer"),
    ({"regularizer": None}, {"regularizer": keras3("L2", l2=0.01)}, "regularizer"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b", "name"), DIFFERENT)
def test_what_means_something_else_is_a_change(a: dict, b: dict, name: str) -> None:
    assert set(told(layer(**a), layer(**b))) == {name}


def test_a_renamed_argument_of_one_class_is_the_same() -> None:
    a, b = layer("x", "LeakyReLU", alpha=0.2), layer("x", "LeakyReLU", negative_slope=0.2)
    assert told(a, b) == {}
    assert set(told(a, layer("x", "LeakyReLU", negative_slope=0.3))) == {"negative_slope"}
    assert set(told(layer(alpha=0.2), layer(negative_slope=0.2))) == {"alpha", "negative_slope"}


def test_the_shape_of_the_input_counts_where_both_state_it() -> None:
    a, b = layer(batch_input_shape=[None, 8]), layer(batch_shape=[None, 9])
    assert told(a, b) == {"batch_shape": ("[null, 8]", "[null, 9]")}
    assert set(told(layer("x", "InputLayer", batch_shape=[None]), layer("x", "InputLayer"))) == {
        "batch_shape"
    }


def test_class_and_name_are_arguments() -> None:
    found = told(layer("a", "Dense"), layer("b", "EinsumDense"))
    assert found == {"name": ('"a"', '"b"'), "class_name": ('"Dense"', '"EinsumDense"')}


def test_a_renamed_input_is_the_same_input() -> None:
    a, b = layer(), layer()
    a.inputs, b.inputs = ("conv",), ("conv_7",)
    assert told(a, b, conv_7="conv") == {}
    assert told(a, b) == {"inputs": ('["conv"]', '["conv_7"]')}


def test_what_is_inside_a_model_is_not_its_argument() -> None:
    a = layer("m", "Functional", layers=[None], input_layers=[["a", 0, 0]])
    assert told(a, layer("m", "Model", layers=[1, 2], input_layers=[])) == {}


def test_a_value_of_any_depth_and_length_is_told() -> None:
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    found = told(layer(odd=deep, long="x"), layer(odd=1, long="y" * 10**6))
    assert set(found) == {"odd", "long"}
    assert all(len(text) < 30_000 for pair in found.values() for text in pair)
