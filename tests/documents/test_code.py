"""Python code in a configuration is found wherever it hides, and never run."""

from __future__ import annotations

import base64
import marshal
from pathlib import Path
from typing import Any

import pytest
from decoding import decoded, functional, layer_entry, sequential, write_archive, write_legacy

MARSHALLED = marshal.dumps((lambda x: x * 2).__code__)
BASE64 = base64.encodebytes(MARSHALLED).decode()
LATIN_1 = MARSHALLED.decode("latin-1")
KERAS_3 = {"class_name": "__lambda__", "config": {"code": BASE64, "defaults": None}}


def found(tmp_path: Path, *layers: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    file = decoded(write_legacy(tmp_path / "m.h5", sequential(*layers), {"x": {}}))
    return [(code.layer, code.kind, code.names) for code in file.architecture.code]


@pytest.mark.parametrize(
    "config",
    [
        {"function": [BASE64, None, None], "function_type": "lambda"},
        {"function": [LATIN_1, None, None], "function_type": "lambda"},
        {"function": KERAS_3},
        {"function": ["no code at all", None, None]},
    ],
)
def test_lambda_layers_of_each_generation_are_marked(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    path = write_legacy(
        tmp_path / "m.h5", sequential(layer_entry("Lambda", "lam", **config)), {"lam": {}}
    )
    file = decoded(path)
    assert [(code.layer, code.kind) for code in file.architecture.code] == [("lam", "lambda")]
    assert file.layer("lam").has_code


@pytest.mark.parametrize(
    "hidden",
    [
        {"output_shape": [BASE64, None, None]},
        {"arguments": {"deep": [[{"x": KERAS_3}]]}},
        {"activation": KERAS_3},
        {"kernel_initializer": {"class_name": "X", "config": {"fn": [LATIN_1, [1], None]}}},
    ],
)
def test_code_is_found_anywhere_in_a_layer(tmp_path: Path, hidden: dict[str, Any]) -> None:
    assert found(tmp_path, layer_entry("Dense", "d", **hidden)) == [("d", "lambda", ())]


@pytest.mark.parametrize("argument", [KERAS_3, [LATIN_1, None, None]])
def test_code_is_found_in_the_connections_of_a_layer(tmp_path: Path, argument: Any) -> None:
    call = [[["a", 0, 0, {"fn": argument}]]]
    layers = [layer_entry("InputLayer", "a"), layer_entry("Add", "b") | {"inbound_nodes": call}]
    file = decoded(write_legacy(tmp_path / "m.h5", functional(*layers), {"x": {}}))
    assert [(code.layer, code.kind) for code in file.architecture.code] == [("b", "lambda")]


def test_code_in_nested_layers_belongs_to_them(tmp_path: Path) -> None:
    inner = sequential(layer_entry("Lambda", "deep", function=KERAS_3), name="inner")
    wrapper = layer_entry(
        "TimeDistributed", "td", layer=layer_entry("Lambda", "w", function=KERAS_3)
    )
    assert found(tmp_path, inner, wrapper) == [("deep", "lambda", ()), ("w", "lambda", ())]


def test_functions_are_named(tmp_path: Path) -> None:
    by_name = layer_entry("Lambda", "a", function="scale", function_type="function", module="mine")
    by_entry = layer_entry(
        "Dense",
        "b",
        activation={"class_name": "function", "config": "swoosh", "module": "builtins"},
    )
    assert found(tmp_path, by_name, by_entry) == [
        ("a", "function", ("mine.scale",)),
        ("b", "function", ("swoosh",)),
    ]


def test_names_outside_keras_are_pointed_out(tmp_path: Path) -> None:
    gadget = {"module": "os", "class_name": "function", "config": "mkdir", "name": "mkdir"}
    evil = {"module": "builtins", "class_name": "eval", "config": {"name": "ev", "source": "1"}}
    path = write_archive(tmp_path / "m.keras", sequential(gadget, evil), {"vars/0": (1,)})
    file = decoded(path)
    assert [(code.kind, code.names) for code in file.architecture.code] == [
        ("module", ("os.mkdir",)),
        ("module", ("builtins.eval",)),
    ]
    assert "os.mkdir, which is not part of Keras" in file.layer("mkdir").problem
    assert "not imported" in file.layer("ev").problem


def test_library_functions_of_keras_are_named_too(tmp_path: Path) -> None:
    """`keras.utils.get_file` in a configuration is no layer's activation."""
    fetch = {"module": "keras.utils", "class_name": "function", "config": "get_file"}
    relu = {"module": "keras.activations", "class_name": "function", "config": "relu"}
    layer = layer_entry("Dense", "d", activation=relu, other=fetch)
    assert found(tmp_path, layer) == [("d", "function", ("keras.utils.get_file",))]


def test_registered_classes_are_noted_without_a_warning(tmp_path: Path) -> None:
    custom = layer_entry("QDense", "q") | {"module": "qkeras.layers", "registered_name": "q>QDense"}
    path = write_archive(tmp_path / "m.keras", sequential(custom), {"layers/q_dense/vars/0": (1,)})
    file = decoded(path)
    assert [problem.severity for problem in file.about("q")] == ["note"]
    assert not file.layer("q").has_code
    assert not file.layer("q").problem


def test_code_beside_the_layers_is_found(tmp_path: Path) -> None:
    config = sequential(layer_entry("Dense", "d")) | {"compile_config": {"loss": KERAS_3}}
    file = decoded(write_archive(tmp_path / "m.keras", config, {"layers/dense/vars/0": (4, 3)}))
    assert [(code.layer, code.kind) for code in file.architecture.code] == [("", "lambda")]


def test_ordinary_layers_have_no_code(tmp_path: Path) -> None:
    initializer = {"module": "keras.initializers", "class_name": "Zeros", "config": {}}
    words = ["Ywxyz, a word that only starts like code", 1, 2]
    layer = layer_entry("Dense", "d", kernel_initializer=initializer, note=words)
    assert found(tmp_path, layer, layer_entry("ReLU", "r")) == []
