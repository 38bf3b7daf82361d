"""From configurations of any Keras to ones of our own making, without Keras."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from repairing_configs import (
    classes,
    functional,
    layer,
    layer_of,
    messages,
    objects,
    repaired,
    sequential,
)

from h5viewer.documents.compatibility import CODE_CLASS, Repair, Taker, repair
from h5viewer.documents.compatibility.layout import EachHalf, Flip, Join, Scale, Transpose
from h5viewer.documents.config_text import parsed_config
from h5viewer.documents.document import find_places
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

DENSE = layer("Dense", "dense", units=3, activation="relu", batch_input_shape=[None, 4])


def test_a_network_of_keras_3_needs_nothing() -> None:
    first = layer("InputLayer", "in", batch_shape=[None, 4], dtype="float32")
    found = repaired(sequential(first, layer("Dense", "out", units=2)), "3.8.0")
    assert found.loads
    assert found.findings == ()
    assert classes(found) == ["InputLayer", "Dense"]


def test_a_model_made_by_python_code_is_said_to_be_one() -> None:
    own = {"module": "mine.models", "class_name": "Sub", "config": {"units": 8},
           "registered_name": "mine>Sub", "build_config": {"input_shape": [1, 6]}}  # fmt: skip
    found = repaired(own, "3.15.1")
    assert not found.loads
    (finding,) = found.findings
    assert "Its class mine>Sub is not part of Keras" in finding.message
    assert "Python code" in finding.message
    (finding,) = repaired({"class_name": "Sub", "config": {"units": 8}}, "3.15.1").findings  # .h5
    assert "Its class Sub is not part of Keras" in finding.message
    (finding,) = repaired({"class_name": "Dense", "config": {"units": 8}}, "3.15.1").findings
    assert "Python code" not in finding.message


def test_a_vocabulary_of_the_newest_keras_needs_nothing() -> None:
    words = layer(
        "StringLookup", "words", vocabulary=["a", "b"], oov_method="floormod", salt=None,
        vocabulary_size=3, vocabulary_dtype="string",
    )  # fmt: skip
    first = layer("InputLayer", "in", batch_shape=[None, 1], dtype="string")
    assert repaired(sequential(first, words), "3.15.1").findings == ()


def test_the_configuration_stays_as_it_is() -> None:
    config = functional((layer("Dense", "a/b", units=2, init="zero"), [[["x", 0, 0]]]))
    before = json.dumps(config)
    repaired(config, "1.2.2")
    assert json.dumps(config) == before


def test_arguments_of_keras_1_get_their_names_of_today() -> None:
    old = layer(
        "Convolution2D", "conv", nb_filter=4, nb_row=3, nb_col=2, border_mode="same",
        subsample=[2, 1], dim_ordering="th", bias=False, init="uniform", input_dtype="float32",
        batch_input_shape=[None, 3, 9, 9], activation="relu", W_regularizer=None,
    )  # fmt: skip
    found = repaired({"class_name": "Sequential", "config": [old]}, "1.2.2", backend="theano")
    made = layer_of(found, "conv")
    assert made["filters"] == 4
    assert made["kernel_size"] == [3, 2]
    assert made["padding"] == "same"
    assert made["strides"] == [2, 1]
    assert made["use_bias"] is False
    assert made["data_format"] == "channels_first"
    assert found.layers[0,].steps == (Transpose(0, (2, 3, 1, 0)), Flip(0, (0, 1)))
    assert found.loads
    told = next(each for each in found.findings if "names of Keras 1" in each.message)
    assert "nb_filter → filters" in told.repair


def test_gates_of_keras_1_are_joined_and_hard_sigmoid_keeps_its_meaning() -> None:
    old = layer("LSTM", "lstm", output_dim=3, inner_activation="hard_sigmoid", input_dim=2)
    steps = repaired(sequential({**old, "config": {**old["config"], "input_length": 5}}), "1.2.2")
    join, *scales = steps.layers[0,].steps
    assert join == Join(((0, 6, 3, 9), (1, 7, 4, 10), (2, 8, 5, 11)))
    assert scales == [Scale(at, (1.2, 1.2, 1.0, 1.2)) for at in range(3)]
    new = layer("LSTM", "lstm", units=3, recurrent_activation="hard_sigmoid")
    first = layer("InputLayer", "in", batch_shape=[None, 5, 2])
    assert repaired(sequential(first, new), "3.8.0").layers[1,].steps == ()


def test_both_directions_of_a_bidirectional_layer_are_told_once() -> None:
    inner = layer("LSTM", "lstm", units=2, recurrent_activation="hard_sigmoid", time_major=False)
    both = layer(
        "Bidirectional", "both", layer=inner, backward_layer=inner, merge_mode="concat",
        batch_input_shape=[None, 5, 2],
    )  # fmt: skip
    found = repaired(sequential(both), "2.3.1")
    assert [type(step) for step in found.layers[0,].steps] == [EachHalf]
    assert sum("hard_sigmoid" in message for message in messages(found)) == 1


def test_a_direction_with_settings_of_its_own_has_steps_of_its_own() -> None:
    forward = layer("LSTM", "f", units=2, recurrent_activation="sigmoid")
    backward = layer("LSTM", "b", units=2, recurrent_activation="hard_sigmoid", go_backwards=True)
    both = layer("Bidirectional", "both", layer=forward, backward_layer=backward)
    both["config"]["batch_input_shape"] = [None, 5, 2]
    (step,) = repaired(sequential(both)).layers[0,].steps
    assert isinstance(step, EachHalf)
    assert step.steps == ()
    assert step.backward == tuple(Scale(at, (1.2, 1.2, 1.0, 1.2)) for at in range(3))


def test_arguments_that_change_nothing_are_told_in_one_sentence() -> None:
    config = layer("SeparableConv1D", "sep", filters=2, kernel_size=3, groups=1)
    config["config"] |= {"kernel_initializer": "zeros", "batch_input_shape": [None, 9, 2]}
    found = repaired(sequential(config))
    assert (
        "Its arguments “groups”, “kernel_initializer” are ones that SeparableConv1D of Keras 3 "
        "does not take." in messages(found)
    )


def test_a_layer_as_activation_becomes_a_layer_of_its_own() -> None:
    leaky = layer("LeakyReLU", "leaky", alpha={"type": "ndarray", "value": 0.25})
    dense = layer("Dense", "dense", units=3, activation=leaky, batch_input_shape=[None, 4])
    found = repaired(sequential(dense, layer("Dense", "out", units=1)))
    assert classes(found) == ["InputLayer", "Dense", "LeakyReLU", "Dense"]
    assert layer_of(found, "dense_activation")["negative_slope"] == 0.25
    assert found.layers[0,].takers == (Taker(("dense",)),)
    assert found.layers[0,].path == ("dense_activation",)


def test_names_that_keras_refuses_are_changed_and_told() -> None:
    found = repaired(
        functional(
            (layer("Dense", "a/b", units=2), [[["x", 0, 0]]]),
            (layer("Dense", "a_b", units=2), [[["a/b", 0, 0]]]),
        )
    )
    assert [each.path for each in found.layers.values()] == [("x",), ("a_b",), ("a_b_1",)]
    assert "Its name holds a “/”, which Keras 3 refuses." in messages(found)
    nodes = [each for each in objects(found.config) if each["class_name"] == "__keras_tensor__"]
    assert [each["config"]["keras_history"][0] for each in nodes] == ["a_b", "x"]


def test_a_class_that_keras_lacks_is_asked_for_or_passed_through() -> None:
    strange = {**layer("Blur", "blur", sigma=2), "module": "__main__", "registered_name": "my>Blur"}
    config = sequential(DENSE, strange)
    found = repaired(config)
    assert not found.loads
    assert found.custom == {"my>Blur"}
    (asked,) = [each for each in found.findings if each.needs]
    assert (asked.needs, asked.subject, asked.layer) == ("class", "my>Blur", "blur")
    assert layer_of(found, "blur")["sigma"] == 2
    passed = repaired(config, pass_through=["my>Blur"])
    assert passed.loads
    assert classes(passed)[-1] == "Identity"


def test_an_activation_that_keras_lacks_is_asked_for_or_left_out() -> None:
    config = sequential({**DENSE, "config": {**DENSE["config"], "activation": "softplus2"}})
    found = repaired(config)
    assert found.functions == {"softplus2"}
    assert not found.loads
    assert layer_of(found, "dense")["activation"]["config"] == "softplus2"
    assert layer_of(repaired(config, pass_through=["softplus2"]), "dense")["activation"] == "linear"


@pytest.mark.parametrize(
    "function",
    [
        ["4wEAAAAAAAAA", None, None],
        {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA", "defaults": None}},
    ],
)
def test_code_stays_data(function: Any) -> None:
    found = repaired(sequential(DENSE, layer("Lambda", "lam", function=function)))
    assert not found.loads
    assert [each.needs for each in found.findings if each.needs] == ["code"]
    (code,) = found.code.values()
    assert code.function == function
    assert code.layer == "lam"
    assert "4wEA" not in json.dumps(found.config)
    assert classes(found)[-1] == CODE_CLASS


def test_nothing_that_a_file_names_is_taken_over() -> None:
    gadget = {"class_name": "function", "config": "system", "module": "os", "registered_name": "x"}
    kinds = ("kernel_initializer", "kernel_regularizer", "activation", "dtype", "units")
    for kind in kinds:
        config = sequential({**DENSE, "config": {**DENSE["config"], kind: gadget}})
        assert '"os"' not in json.dumps(repaired(config).config)
    strange = layer("Blur", "blur", inner={**gadget, "class_name": "Popen", "config": {}}, f=gadget)
    assert '"os"' not in json.dumps(repaired(sequential(DENSE, strange)).config)
    mkdir = {**layer("mkdir", "m"), "module": "os", "registered_name": "mkdir"}
    assert not repaired(sequential(DENSE, mkdir)).loads


def test_a_vocabulary_in_another_file_is_refused() -> None:
    lookup = layer("StringLookup", "words", vocabulary="/etc/passwd", batch_input_shape=[None, 1])
    found = repaired(sequential(lookup))
    assert not found.loads
    assert "passwd" not in json.dumps(found.config)
    assert any("another file, which is not opened" in message for message in messages(found))


@pytest.mark.parametrize("depth", [40, 400])
def test_layers_in_layers_without_end_are_refused(depth: int) -> None:
    entry = layer("Dense", "dense", units=1)
    for i in range(depth):
        entry = layer("TimeDistributed", f"t{i}", layer=entry, batch_input_shape=[None, 3, 2])
    network = sequential(DENSE)
    for _ in range(depth):
        network = sequential(network)
    for config in (sequential(entry), network):
        found = repaired(config)
        assert found.loads is False or depth == 40
        assert depth == 40 or any("nested too deeply" in message for message in messages(found))


ODD: tuple[Any, ...] = (
    None, True, -1, 10**30, 1.5, "", "../x", [], {}, [None], ["x", 0, 0], [[["x", 0, 0]]],
    {"class_name": "Dense"}, {"class_name": {}, "config": []}, {"class_name": "function"},
    [[[[[[[[[1]]]]]]]]], {"items": [1]}, "Lambda", "Merge", "\ud800",
)  # fmt: skip
RICH = functional(
    (layer("LSTM", "lstm", units=2, return_sequences=True, activation="tanh"), [[["x", 0, 0]]]),
    (layer("TFOpLambda", "tf.add", function="math.add"), [["lstm", 0, 0, {"y": 2.0}]]),
    (
        layer("Bidirectional", "two", merge_mode="sum", layer=layer("GRU", "gru", units=2)),
        [[["tf.add", 0, 0, {}]]],
    ),
    shape=(5, 4),
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, list):
        value = dict(enumerate(value))
    for key, each in value.items() if isinstance(value, dict) else ():
        found += _places(each, (*path, key))
    return found


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_values_of_any_type_anywhere_are_survived(odd: Any) -> None:
    for i, path in enumerate(_places(RICH)):
        config = copy.deepcopy(RICH)
        *way, last = path
        holder: Any = config
        for key in way:
            holder = holder[key]
        holder[last] = odd
        json.dumps(repaired(config, ("1.2.2", "2.15.0", "3.8.0")[i % 3]).config)


@pytest.mark.parametrize("config", [None, 3, "x", [], {}, {"class_name": "Sequential"}])
def test_what_is_no_network_is_said_to_be_none(config: Any) -> None:
    found = repaired(config)
    assert found.config is None
    assert not found.loads
    assert len(found.findings) == 1
    assert not found.findings[0].repair


def test_a_function_of_tensorflow_that_is_not_known_is_named() -> None:
    config = functional((layer("TFOpLambda", "f", function="signal.stft"), [["x", 0, 0, {}]]))
    (finding,) = repaired(config).findings
    assert "signal.stft" in finding.message
    assert finding.repair == ""


def test_calls_of_a_network_used_as_a_layer_are_counted_from_0() -> None:
    inner = sequential({**DENSE, "config": {**DENSE["config"], "units": 4}})
    config = functional(
        (inner, [[["x", 0, 0]], [["net", 1, 0]]]),
        (layer("Add", "sum"), [[["net", 1, 0], ["net", 2, 0]]]),
    )
    found = repaired(config, "2.2.4")
    nodes = [each for each in objects(found.config) if each["class_name"] == "__keras_tensor__"]
    calls = sorted(tuple(each["config"]["keras_history"]) for each in nodes)
    assert calls == [("net", 0, 0), ("net", 0, 0), ("net", 1, 0), ("x", 0, 0)]
    assert found.layers[1, 0].takers == (Taker(("net", "dense")),)


def test_layers_that_feed_each_other_in_a_circle_are_named() -> None:
    config = functional(
        (layer("Add", "a"), [[["x", 0, 0], ["b", 0, 0]]]),
        (layer("Dense", "b", units=4), [[["a", 0, 0]]]),
    )
    found = repaired(config)
    assert not found.loads
    assert [each.layer for each in found.findings if not each.repair] == ["a"]
    shared = functional((layer("Dense", "d", units=4), [[["x", 0, 0]], [["d", 0, 0]]]))
    assert repaired(shared).loads


NEEDS_MORE = {
    "class": {
        "materialsvirtuallab",
        "fastmachinelearning",
        "CouMarinX",
        "ShashankSagriNayak",
        "binbreaze",  # code of a Python that cannot run today: the user's file
    },
    "input": {"SciSharp"},
}


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_every_network_of_the_corpus_loads_or_needs_the_users_word() -> None:
    needs: dict[str, set[str]] = {kind: set() for kind in NEEDS_MORE}
    n_loading = 0
    for path in sorted([*CORPUS.glob("keras_h5/*"), *CORPUS.glob("keras_v3/*.keras")]):
        found = _of_file(path)
        if found is None:
            continue
        n_loading += found.loads
        if not found.loads:
            (kind,) = {each.needs for each in found.findings if each.needs} or {"input"}
            needs[kind].add(path.name.partition("__")[0])
    assert needs == NEEDS_MORE
    assert n_loading == 54


def _of_file(path: Path) -> Repair | None:
    if path.suffix == ".json" or path.stat().st_size < 1000:
        return None
    with Source(str(path)) as source:
        container = open_container(source)
        config = parsed_config(container, find_places(container), [])
        return None if config is None else repair(config, version=None, backend=None)
