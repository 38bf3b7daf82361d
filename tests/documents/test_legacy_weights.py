"""Weights of legacy files reach the layers they belong to, and nothing outside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import decoded, functional, layer_entry, sequential, write_legacy

DENSE = {"d/kernel:0": (4, 3), "d/bias:0": (3,)}


def dense(name: str, units: int = 3, **config: object) -> dict[str, object]:
    return layer_entry("Dense", name, units=units, **config)


def test_weights_are_attributed_by_the_lists_of_the_file(tmp_path: Path) -> None:
    config = sequential(dense("d"), layer_entry("ReLU", "r"))
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"d": DENSE, "r": {}}))
    kernel, bias = file.layer("d").weights
    assert (kernel.name, kernel.shape, kernel.dtype) == ("kernel", (4, 3), "float32")
    assert kernel.path == (b"model_weights", b"d", b"d", b"kernel:0")
    assert kernel.axes == ("in", "out")
    assert bias.axes == ("out",)
    assert file.layer("d").n_parameters == 15
    assert file.architecture.parameters.total == 15
    assert not file.messages


def test_split_lists_are_joined(tmp_path: Path) -> None:
    def split(file: h5py.File) -> None:
        weights = file["model_weights"]
        names = weights.attrs["layer_names"]
        del weights.attrs["layer_names"]
        weights.attrs["layer_names0"], weights.attrs["layer_names1"] = names[:2], names[2:]
        kernels = weights["a"].attrs["weight_names"]
        del weights["a"].attrs["weight_names"]
        weights["a"].attrs["weight_names0"] = kernels[:1]
        weights["a"].attrs["weight_names1"] = kernels[1:]

    stored = {name: {f"{name}/kernel": (4, 3), f"{name}/bias": (3,)} for name in "abc"}
    config = sequential(*[dense(name) for name in "abc"])
    file = decoded(write_legacy(tmp_path / "m.h5", config, stored, more=split))
    assert [len(layer.weights) for layer in file.layers] == [2, 2, 2]


def test_a_slash_in_a_layer_name_is_two_groups(tmp_path: Path) -> None:
    stored = {"a/b": {"a/b/kernel:0": (4, 3), "a/b/bias:0": (3,)}, "a": {}}
    file = decoded(
        write_legacy(tmp_path / "m.h5", sequential(dense("a/b"), layer_entry("ReLU", "a")), stored)
    )
    assert file.layer("a/b").weights[0].path == (
        b"model_weights", b"a", b"b", b"a", b"b", b"kernel:0",
    )  # fmt: skip


@pytest.mark.parametrize("form", ["str", "bytes", "fixed", "array", "one"])
def test_the_configuration_may_be_stored_in_any_text_form(tmp_path: Path, form: str) -> None:
    text = json.dumps(sequential(dense("d")))
    forms = {
        "str": text,
        "bytes": text.encode(),
        "fixed": np.bytes_(text.encode()),
        "array": np.array(text.encode()),
        "one": np.array([text.encode()]),
    }
    path = write_legacy(tmp_path / "m.h5", None, {"d": DENSE})
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = forms[form]
    file_read = decoded(path)
    assert file_read.document.format == "keras-h5"
    assert file_read.layer("d").class_name == "Dense"


# ------------------------------------------------------------------- nested models

INNER = [
    layer_entry("InputLayer", "i"),
    layer_entry("Conv2D", "c", filters=4, kernel_size=[3, 3]),
    layer_entry("BatchNormalization", "b"),
]
FLAT = {
    "c/kernel:0": (3, 3, 3, 4), "c/bias:0": (4,), "b/gamma:0": (4,), "b/beta:0": (4,),
    "b/moving_mean:0": (4,), "b/moving_variance:0": (4,),
}  # fmt: skip


def test_a_nested_model_hands_its_flat_list_to_its_layers(tmp_path: Path) -> None:
    config = sequential(sequential(*INNER, name="inner"), dense("d"))
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"inner": FLAT, "d": DENSE}))
    inner = file.layer("inner")
    assert inner.weights == ()
    assert inner.n_parameters == 108 + 4 + 16
    assert [weight.name for weight in file.layer("b").weights] == [
        "gamma", "beta", "moving_mean", "moving_variance",
    ]  # fmt: skip
    assert [weight.trainable for weight in file.layer("b").weights] == [True, True, False, False]
    assert not file.messages


def test_order_decides_where_scopes_are_named_off_by_one(tmp_path: Path) -> None:
    """TensorFlow counts scopes by itself: layer d1 in scope d, layer d2 in scope d1."""
    config = sequential(sequential(dense("d1", 3), dense("d2", 2), name="inner"))
    flat = {"d/kernel:0": (4, 3), "d/bias:0": (3,), "d1/kernel:0": (3, 2), "d1/bias:0": (2,)}
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"inner": flat}))
    assert file.layer("d1").weights[0].shape == (4, 3)
    assert file.layer("d2").weights[0].shape == (3, 2)


def test_frozen_layers_come_after_trained_ones_in_the_flat_list(tmp_path: Path) -> None:
    config = sequential(
        sequential(dense("f", 3, trainable=False), dense("t", 2, trainable=True), name="inner")
    )
    flat = {"x/kernel:0": (3, 2), "x/bias:0": (2,), "y/kernel:0": (4, 3), "y/bias:0": (3,)}
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"inner": flat}))
    assert file.layer("t").weights[0].shape == (3, 2)
    assert file.layer("f").weights[0].shape == (4, 3)
    assert file.architecture.parameters.non_trainable == 15


def test_a_nested_model_keeps_what_nobody_can_place(tmp_path: Path) -> None:
    config = sequential(sequential(layer_entry("Mystery", "m"), dense("d"), name="inner"))
    flat = {"Variable:0": (7,), "Variable_1:0": (2, 2)}
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"inner": flat}))
    assert [weight.shape for weight in file.layer("inner").weights] == [(7,), (2, 2)]
    assert file.architecture.parameters.total == 11
    assert not file.messages  # the inner Dense is not said to miss weights


def test_wrappers_hold_or_pass_on_their_weights(tmp_path: Path) -> None:
    lstm = layer_entry("LSTM", "lstm", units=3)
    config = sequential(
        layer_entry("TimeDistributed", "td", layer=dense("wrapped")),
        layer_entry("Bidirectional", "bi", layer=lstm, backward_layer=lstm),
    )
    stored = {
        "td": {"td/kernel:0": (4, 3), "td/bias:0": (3,)},
        "bi": {
            f"bi/{way}_lstm/lstm_cell/{name}": shape
            for way in ("forward", "backward")
            for name, shape in {"kernel:0": (3, 12), "recurrent_kernel:0": (3, 12)}.items()
        },
    }
    file = decoded(write_legacy(tmp_path / "m.h5", config, stored))
    assert [weight.name for weight in file.layer("wrapped").weights] == ["kernel", "bias"]
    assert [weight.name for weight in file.layer("bi").weights][:2] == [
        "forward_lstm/lstm_cell/kernel",
        "forward_lstm/lstm_cell/recurrent_kernel",
    ]
    assert file.layer("lstm").weights == ()
    assert not file.messages


# ---------------------------------------------------------------- old generations


def test_keras_1_names_and_theano_kernels_are_understood(tmp_path: Path) -> None:
    conv = layer_entry("Convolution2D", "conv", nb_filter=8, nb_row=3, nb_col=5, dim_ordering="th")
    norm = layer_entry("BatchNormalization", "norm")
    stored = {
        "conv": {"conv_W": (8, 2, 3, 5), "conv_b": (8,)},
        "norm": {f"norm_{n}": (8,) for n in ("gamma", "beta", "running_mean", "running_std")},
    }
    config = {"class_name": "Sequential", "config": [conv, norm]}
    file = decoded(write_legacy(tmp_path / "m.h5", config, stored))
    kernel = file.layer("conv").weights[0]
    assert (kernel.name, kernel.axes) == ("W", ("out", "in", "kernel height", "kernel width"))
    assert [weight.trainable for weight in file.layer("norm").weights] == [True, True, False, False]
    assert file.architecture.parameters.trainable == 240 + 8 + 16
    assert not file.messages


def test_numbered_layers_of_keras_0_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["nb_layers"] = 11
        for i in range(11):
            group = file.create_group(f"layer_{i}")
            group.attrs["nb_params"] = 2 if i == 10 else 0
        file["layer_10/param_0"] = np.ones((4, 3))
        file["layer_10/param_1"] = np.ones(3)
    read = decoded(path)
    assert read.document.format == "keras-h5-weights"
    assert [layer.name for layer in read.layers] == [f"layer_{i}" for i in range(11)]
    assert [weight.name for weight in read.layers[10].weights] == ["param_0", "param_1"]
    assert read.layers[0].class_name is None


def test_third_party_roots_are_found(tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "m.h5", None, {"d": DENSE}, root="model/kerasmodel/model_weights"
    )
    with h5py.File(path, "r+") as file:
        file["model/kerasmodel"].attrs["model_config"] = json.dumps(sequential(dense("d")))
    assert decoded(path).layer("d").n_parameters == 15


def test_weights_alone_are_layers_without_a_class(tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "w.h5", None, {"d": DENSE, "empty": {}}, root="/")
    file = decoded(path)
    assert file.document.format == "keras-h5-weights"
    assert file.document.has_architecture
    assert [(layer.name, layer.class_name) for layer in file.layers] == [
        ("d", None),
        ("empty", None),
    ]
    assert file.layers[0].weights[0].axes == ("in", "out")
    assert file.layers[0].trainable is None


def test_weights_of_the_model_itself_are_a_row_of_their_own(tmp_path: Path) -> None:
    stored = {"d": DENSE, "top_level_model_weights": {"scale:0": (5,)}}
    file = decoded(write_legacy(tmp_path / "m.h5", sequential(dense("d")), stored))
    assert file.architecture.n_layers == 1
    assert file.layers[-1].name == "top_level_model_weights"
    assert file.architecture.parameters.total == 20


# ------------------------------------------------------- files that disagree


def test_missing_weights_are_listed_and_counted_apart(tmp_path: Path) -> None:
    def lose(file: h5py.File) -> None:
        del file["model_weights/a"]
        del file["model_weights/b/d/bias:0"]

    config = sequential(dense("a"), dense("b"))
    path = write_legacy(tmp_path / "m.h5", config, {"a": DENSE, "b": DENSE}, more=lose)
    file = decoded(path)
    assert [weight.path for weight in file.layer("a").weights] == [None, None]
    assert "group is missing" in file.layer("a").problem
    assert "1 of its 2 weights" in file.layer("b").problem
    assert file.architecture.parameters.total == 12
    assert any(message.startswith("3 of 4 weights are missing") for message in file.messages)


@pytest.mark.parametrize(
    "name", ["../../elsewhere", "/elsewhere", "", ".", "/", "x/../../elsewhere", "link", "ext/x"]
)
def test_weight_names_never_lead_out_of_their_group(tmp_path: Path, name: str) -> None:
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as outside:
        outside["x"] = np.ones((4, 3))

    def mislead(file: h5py.File) -> None:
        file["elsewhere"] = np.ones((4, 3))
        group = file["model_weights/d"]
        group["link"] = h5py.SoftLink("/elsewhere")
        group["ext"] = h5py.ExternalLink("other.h5", "/")
        group.attrs["weight_names"] = np.array([name.encode(), b"d/bias:0"])

    file = decoded(
        write_legacy(tmp_path / "m.h5", sequential(dense("d")), {"d": DENSE}, more=mislead)
    )
    odd = file.layer("d").weights[0]
    assert odd.path is None
    assert odd.problem
    assert file.architecture.parameters.total == 3


def test_layer_names_never_lead_out_of_their_group(tmp_path: Path) -> None:
    def mislead(file: h5py.File) -> None:
        file.create_group("elsewhere").attrs["weight_names"] = np.array([b"k"])
        file["elsewhere/k"] = np.ones(9)
        file["model_weights/soft"] = h5py.SoftLink("/elsewhere")
        names = [b"../elsewhere", b"/elsewhere", b"soft", b"/"]
        file["model_weights"].attrs["layer_names"] = np.array(names)

    config = sequential(*[layer_entry("Mystery", n) for n in ("../elsewhere", "soft")])
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"d": DENSE}, more=mislead))
    assert file.architecture.parameters.total == 0
    assert "missing" in file.layer("../elsewhere").problem
    assert "not followed" in file.layer("soft").problem


def test_two_dots_are_a_name_as_others_are(tmp_path: Path) -> None:
    """HDF5 knows no way up, and Keras takes such a name."""
    config = sequential(dense(".."), dense("a/../b"))
    weights = {"..": {"../kernel:0": (4, 3), "../bias:0": (3,)}, "a/../b": DENSE}
    file = decoded(write_legacy(tmp_path / "m.h5", config, weights))
    assert file.messages == []
    assert [layer.n_parameters for layer in file.layers] == [15, 15]


def test_namesakes_do_not_share_weights(tmp_path: Path) -> None:
    config = sequential(dense("d", 7), dense("d", 3))
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"d": DENSE}))
    assert [layer.n_parameters for layer in file.layers] == [0, 15]  # the one whose sizes fit
    assert "Two layers have the same name." in file.messages
    assert file.layers[0].problem


def test_a_group_listed_twice_is_counted_once(tmp_path: Path) -> None:
    def list_twice(file: h5py.File) -> None:
        file["model_weights"].attrs["layer_names"] = np.array([b"d", b"d"])

    config = sequential(dense("d"))
    path = write_legacy(tmp_path / "m.h5", config, {"d": DENSE}, more=list_twice)
    assert decoded(path).architecture.parameters.total == 15


def test_one_dataset_under_two_names_is_counted_once(tmp_path: Path) -> None:
    def link(file: h5py.File) -> None:
        weights = file["model_weights"]
        weights["b"].attrs["weight_names"] = np.array([b"twin", b"d/bias:0"])
        weights["b"]["twin"] = weights["a/d/kernel:0"]  # a hard link

    config = sequential(dense("a"), dense("b"))
    path = write_legacy(tmp_path / "m.h5", config, {"a": DENSE, "b": DENSE}, more=link)
    assert decoded(path).architecture.parameters.total == 12 + 3 + 3


def test_datasets_that_no_list_names_are_pointed_out(tmp_path: Path) -> None:
    def hide(file: h5py.File) -> None:
        file["model_weights/d/forgotten"] = np.ones(2)
        file["model_weights/stray/x"] = np.ones(2)

    path = write_legacy(tmp_path / "m.h5", sequential(dense("d")), {"d": DENSE}, more=hide)
    file = decoded(path)
    (problem,) = file.about("/model_weights/d")
    assert "1 dataset here" in problem.message
    assert file.about("/model_weights/stray")


def test_stored_layers_that_are_not_declared_are_pointed_out(tmp_path: Path) -> None:
    file = decoded(
        write_legacy(tmp_path / "m.h5", sequential(dense("d")), {"d": DENSE, "old": DENSE})
    )
    assert "2 weights stored for this layer" in file.about("old")[0].message
    assert file.architecture.parameters.total == 15


def test_declared_layers_that_the_list_forgot_are_found(tmp_path: Path) -> None:
    def forget(file: h5py.File) -> None:
        del file["model_weights"].attrs["layer_names"]

    config = functional(dense("a/b"), dense("d"))
    stored = {"a/b": {"kernel:0": (4, 3), "bias:0": (3,)}, "d": DENSE}
    file = decoded(write_legacy(tmp_path / "m.h5", config, stored, more=forget))
    assert [layer.n_parameters for layer in file.layers] == [15, 15]


def test_sizes_that_contradict_the_configuration_are_named(tmp_path: Path) -> None:
    config = sequential(
        layer_entry("InputLayer", "in", batch_input_shape=[None, 5]), dense("a", 3), dense("b", 2)
    )
    stored = {
        "a": {"a/kernel:0": (5, 3), "a/bias:0": (3,)},
        "b": {"b/kernel:0": (9, 2), "b/bias:0": (4,)},
    }
    file = decoded(write_legacy(tmp_path / "m.h5", config, stored))
    assert file.layer("a").problem == ""
    kernel, bias = file.layer("b").weights
    assert kernel.problem == "The file stores 9 × 2, the configuration says 3 × 2."
    assert bias.problem == "The file stores 4, the configuration says 2."
    assert file.layer("b").problem


def test_unbuilt_models_miss_nothing(tmp_path: Path) -> None:
    file = decoded(write_legacy(tmp_path / "m.h5", sequential(dense("d")), {"d": {}}))
    assert file.layer("d").weights == ()
    assert not file.messages


@pytest.mark.parametrize("value", [np.arange(3), np.zeros(2, [("a", "i4")])])
def test_a_list_of_weights_that_is_no_list_of_names_is_named(tmp_path: Path, value: object) -> None:
    """What the group holds is shown all the same."""

    def spoil(file: h5py.File) -> None:
        file["model_weights/d"].attrs["weight_names"] = value

    path = write_legacy(tmp_path / "m.h5", sequential(dense("d")), {"d": DENSE}, more=spoil)
    file = decoded(path)
    assert file.messages == ["The attribute weight_names is no list of names."]
    assert file.layer("d").n_parameters == 15


def test_a_weight_listed_many_times_is_shown_once(tmp_path: Path) -> None:
    def repeat(file: h5py.File) -> None:
        file["model_weights/d"].attrs["weight_names"] = [*DENSE, *DENSE]

    path = write_legacy(tmp_path / "m.h5", sequential(dense("d")), {"d": DENSE}, more=repeat)
    file = decoded(path)
    assert [weight.name for weight in file.layer("d").weights] == ["kernel", "bias"]
    assert "more than once" in file.layer("d").problem


def test_names_that_are_no_text_lead_to_their_groups(tmp_path: Path) -> None:
    raw = b"d\xe9"

    def rename(file: h5py.File) -> None:
        weights = file["model_weights"]
        weights.move("d", "new")
        weights.id.links.move(b"new", weights.id, raw)
        weights.attrs["layer_names"] = np.array([raw])

    path = write_legacy(tmp_path / "m.h5", sequential(dense("x")), {"d": DENSE}, more=rename)
    with h5py.File(path, "r+") as file:
        del file.attrs["model_config"]
    file = decoded(path)
    assert file.layer("d\\xe9").weights[0].path == (b"model_weights", raw, b"d", b"kernel:0")
    assert not [problem for problem in file.architecture.problems if problem.where == "d\\xe9"]


@pytest.mark.parametrize(
    ("replace", "message"),
    [
        (lambda file: None, "No model_weights is found in this file; no weights are shown."),
        (
            lambda file: file.__setitem__("model_weights", h5py.ExternalLink("other.h5", "/")),
            "model_weights is a link, which is not followed; no weights are shown.",
        ),
        (
            lambda file: file.__setitem__("model_weights", np.zeros(3)),
            "model_weights is no group; no weights are shown.",
        ),
    ],
)
def test_what_stands_in_the_place_of_the_weights_is_named(
    tmp_path: Path, replace: Callable[[h5py.File], None], message: str
) -> None:
    path = write_legacy(tmp_path / "m.h5", sequential(dense("d")), {"d": DENSE})
    with h5py.File(path, "r+") as file:
        del file["model_weights"]
        replace(file)
    assert decoded(path).messages == [message]


@pytest.mark.parametrize(
    ("attribute", "text", "words"),
    [
        ("model_config", "null", "The configuration is not understood: it is empty."),
        ("training_config", "[1]", "The training configuration is not understood: it is a list."),
    ],
)
def test_configurations_of_a_wrong_kind_are_named(
    tmp_path: Path, attribute: str, text: str, words: str
) -> None:
    path = write_legacy(tmp_path / "m.h5", sequential(dense("d")), {"d": DENSE})
    with h5py.File(path, "r+") as file:
        file.attrs[attribute] = text
    file = decoded(path)
    assert file.messages == [words]
    assert file.architecture.parameters.total == 15
