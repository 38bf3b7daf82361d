"""What weights are, in every dialect: roles, gates, heads, layouts, initializers."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from decoding import (
    JSON,
    functional,
    layer_entry,
    opened,
    run,
    sequential,
    write_archive,
    write_legacy,
)

from h5viewer.documents.initializers import expected, fans
from h5viewer.names import parse_path
from h5viewer.nodes import WeightMeaning
from h5viewer.operations.meaning import read_meaning
from h5viewer.requests import ReadMeaning

LSTM = ["input gate", "forget gate", "candidate", "output gate"]
GRU = ["update gate", "reset gate", "candidate"]


def _meaning(path: Path, network: JSON, stored: Any, node: str, backend: str = "") -> WeightMeaning:
    def more(file: h5py.File) -> None:
        if backend:
            file.attrs["backend"] = backend

    write_legacy(path, network, stored, more=more)
    return _of(path, f"model_weights/{node}")


def _of(path: Path, node: str) -> WeightMeaning:
    asked = ReadMeaning(document=str(path), node=parse_path(node))
    return opened(path, lambda container: run(read_meaning(asked, container))[0])


def _spans(meaning: WeightMeaning) -> list[tuple[int, int]]:
    return [(part.start, part.stop) for part in meaning.parts]


def _names(meaning: WeightMeaning) -> list[str]:
    return [part.name for part in meaning.parts]


# ------------------------------------------------------------------------- gates


def test_lstm_gates_are_stored_input_forget_candidate_output(tmp_path: Path) -> None:
    """Keras 2 and 3, along the last axis."""
    network = sequential(layer_entry("LSTM", "l", units=3))
    stored = {"l": {"l/kernel:0": (2, 12), "l/recurrent_kernel:0": (3, 12), "l/bias:0": (12,)}}
    found = _meaning(tmp_path / "x.h5", network, stored, "l/l/recurrent_kernel:0")
    assert (found.role, found.title, found.layer) == ("recurrent_kernel", "Recurrent kernel", "l")
    assert _names(found) == LSTM
    assert _spans(found) == [(0, 3), (3, 6), (6, 9), (9, 12)]
    assert all(part.axis == 1 for part in found.parts)
    assert "gates" in found.views
    assert _names(_of(tmp_path / "x.h5", "model_weights/l/l/bias:0")) == LSTM


def test_gru_with_reset_after_has_two_rows_of_biases(tmp_path: Path) -> None:
    """One row for the input, one for the state, three gates each; it is no matrix."""
    network = sequential(layer_entry("GRU", "g", units=2, reset_after=True))
    stored = {"g": {"g/kernel:0": (5, 6), "g/recurrent_kernel:0": (2, 6), "g/bias:0": (2, 6)}}
    bias = _meaning(tmp_path / "x.h5", network, stored, "g/g/bias:0")
    assert _names(bias) == [f"{gate} of the {side}" for side in ("input", "state") for gate in GRU]
    assert [part.row for part in bias.parts] == [0, 0, 0, 1, 1, 1]
    assert _spans(bias) == [(0, 2), (2, 4), (4, 6)] * 2
    assert "reset_after" in bias.notes[0]
    assert not {"norms", "singular", "order"} & set(bias.views)
    assert _names(_of(tmp_path / "x.h5", "model_weights/g/g/kernel:0")) == GRU


def test_cudnn_layers_store_both_biases_one_after_the_other(tmp_path: Path) -> None:
    """CuDNNLSTM: eight blocks."""
    network = sequential(layer_entry("CuDNNLSTM", "l", units=3))
    stored = {"l": {"l/kernel:0": (2, 12), "l/recurrent_kernel:0": (3, 12), "l/bias:0": (24,)}}
    found = _meaning(tmp_path / "x.h5", network, stored, "l/l/bias:0")
    assert _names(found) == [f"{g} of the {side}" for side in ("input", "state") for g in LSTM]
    assert _spans(found)[:2] == [(0, 3), (3, 6)]
    assert _spans(found)[-1] == (21, 24)
    assert "CuDNN" in found.notes[0]


def test_gates_of_keras_1_are_arrays_of_their_own(tmp_path: Path) -> None:
    """lstm_1_W_i ... stand together, in the order of today."""
    network = sequential(layer_entry("LSTM", "lstm_1", output_dim=3))
    stored = {
        "lstm_1": {
            f"lstm_1_{kind}_{gate}": shape
            for gate in "icfo"
            for kind, shape in (("W", (2, 3)), ("U", (3, 3)), ("b", (3,)))
        }
    }
    found = _meaning(tmp_path / "x.h5", network, stored, "lstm_1/lstm_1_U_f")
    assert (found.role, found.title) == ("recurrent_kernel", "Recurrent kernel, forget gate")
    assert _names(found) == LSTM
    paths = [part.path[-1] for part in found.parts]
    assert paths == [b"lstm_1_U_i", b"lstm_1_U_f", b"lstm_1_U_c", b"lstm_1_U_o"]
    assert found.axes == ("hidden", "out")
    assert "Keras 1 stores each gate" in found.notes[0]


def test_gru_of_keras_1_has_its_own_letters(tmp_path: Path) -> None:
    """z, r, h."""
    network = sequential(layer_entry("GRU", "gru_1", output_dim=3))
    stored = {"gru_1": {f"gru_1_W_{gate}": (2, 3) for gate in "zrh"}}
    found = _meaning(tmp_path / "x.h5", network, stored, "gru_1/gru_1_W_z")
    assert _names(found) == GRU
    assert found.title == "Kernel, update gate"


def test_wrapped_recurrent_layers_have_gates_too(tmp_path: Path) -> None:
    """Bidirectional: the class of the layer inside decides; forward and backward are named."""
    inner = {"class_name": "GRU", "config": {"name": "gru", "units": 2, "reset_after": False}}
    network = sequential(layer_entry("Bidirectional", "b", layer=inner))
    stored = {
        "b": {
            f"b/{side}_gru/{name}:0": shape
            for side in ("forward", "backward")
            for name, shape in (("kernel", (4, 6)), ("recurrent_kernel", (2, 6)), ("bias", (6,)))
        }
    }
    found = _meaning(tmp_path / "x.h5", network, stored, "b/b/backward_gru/kernel:0")
    assert found.title == "Kernel, backward"
    assert _names(found) == GRU


def test_convolutional_lstm_has_gates_along_its_last_axis(tmp_path: Path) -> None:
    """ConvLSTM2D."""
    network = sequential(layer_entry("ConvLSTM2D", "c", filters=2, kernel_size=[3, 3]))
    stored = {"c": {"c/kernel:0": (3, 3, 1, 8), "c/recurrent_kernel:0": (3, 3, 2, 8)}}
    found = _meaning(tmp_path / "x.h5", network, stored, "c/c/kernel:0")
    assert _names(found) == LSTM
    assert found.parts[0].axis == 3


def test_weights_files_show_gates_by_the_shapes_alone(tmp_path: Path) -> None:
    """(units, 4 × units) beside a kernel as wide is an LSTM's."""
    stored = {"rnn_1": {"rnn_1/kernel:0": (5, 8), "rnn_1/recurrent_kernel:0": (2, 8)}}
    write_legacy(tmp_path / "x.h5", None, stored, root="/")
    assert _names(_of(tmp_path / "x.h5", "rnn_1/rnn_1/kernel:0")) == LSTM


def test_gates_that_do_not_divide_the_weight_are_not_made_up(tmp_path: Path) -> None:
    """A damaged width has no gates."""
    network = sequential(layer_entry("LSTM", "l", units=3))
    stored = {"l": {"l/kernel:0": (2, 13), "l/recurrent_kernel:0": (3, 12), "l/bias:0": (12,)}}
    assert _meaning(tmp_path / "x.h5", network, stored, "l/l/kernel:0").parts == ()


# ------------------------------------------------------------------ heads, filters


@pytest.mark.parametrize(
    ("name", "shape", "axis", "title"),
    [
        ("query/kernel", (8, 2, 4), 1, "Query kernel"),
        ("key/bias", (2, 4), 0, "Key bias"),
        ("attention_output/kernel", (2, 4, 8), 0, "Output kernel"),
    ],
)
def test_attention_heads_are_an_axis(
    tmp_path: Path, name: str, shape: tuple[int, ...], axis: int, title: str
) -> None:
    """Query, key, value and output each have it elsewhere."""
    network = functional(layer_entry("MultiHeadAttention", "m", num_heads=2, key_dim=4))
    stored = {"m": {f"m/{name}:0": shape, "m/value/kernel:0": (8, 2, 4)}}
    found = _meaning(tmp_path / "x.h5", network, stored, f"m/m/{name}:0")
    assert (found.title, found.head_axis) == (title, axis)
    assert _names(found) == ["head 0", "head 1"]
    assert _spans(found) == [(0, 1), (1, 2)]
    assert "heads" in found.views


def test_convolutions_have_pictures_of_their_window(tmp_path: Path) -> None:
    """Height and width are drawn, one filter for each output."""
    network = sequential(layer_entry("Conv2D", "c", filters=4, kernel_size=[3, 3]))
    stored = {"c": {"c/kernel:0": (3, 3, 2, 4), "c/bias:0": (4,)}}
    found = _meaning(tmp_path / "x.h5", network, stored, "c/c/kernel:0")
    assert (found.picture_axes, found.in_axis, found.out_axis) == ((0, 1), 2, 3)
    assert found.views == ("filters", "norms", "singular")
    assert found.notes == ()
    assert _of(tmp_path / "x.h5", "model_weights/c/c/bias:0").views == ()


def test_windows_of_one_pixel_have_no_pictures(tmp_path: Path) -> None:
    """A 1 × 1 convolution is a matrix."""
    network = sequential(layer_entry("Conv2D", "c", filters=4, kernel_size=[1, 1]))
    stored = {"c": {"c/kernel:0": (1, 1, 2, 4), "c/bias:0": (4,)}}
    found = _meaning(tmp_path / "x.h5", network, stored, "c/c/kernel:0")
    assert "filters" not in found.views
    assert "singular" in found.views


def test_theano_kernels_are_named_not_turned(tmp_path: Path) -> None:
    """(out, in, height, width) stays so; that Theano turns filters is said."""
    config = {"nb_filter": 4, "nb_row": 3, "nb_col": 5, "dim_ordering": "th"}
    network = sequential(layer_entry("Convolution2D", "c", **config))
    stored = {"c": {"c_W": (4, 2, 3, 5), "c_b": (4,)}}
    found = _meaning(tmp_path / "x.h5", network, stored, "c/c_W", backend="theano")
    assert found.axes == ("out", "in", "kernel height", "kernel width")
    assert (found.picture_axes, found.in_axis, found.out_axis) == ((2, 3), 1, 0)
    assert "Theano's and PyTorch's order" in found.notes[0]
    assert "180°" in found.notes[1]


def test_theano_filters_in_the_usual_order_are_still_turned_by_it(tmp_path: Path) -> None:
    """Keras 2 with Theano stores them as everyone does, and applies them turned."""
    network = sequential(layer_entry("Conv2D", "c", filters=4, kernel_size=[3, 3]))
    stored = {"c": {"c/kernel": (3, 3, 2, 4), "c/bias": (4,)}}
    found = _meaning(tmp_path / "x.h5", network, stored, "c/c/kernel", backend="theano")
    assert len(found.notes) == 1
    assert "180°" in found.notes[0]


def test_unnamed_filters_are_judged_by_their_shape_and_it_is_said(tmp_path: Path) -> None:
    """(32, 8, 3, 3) can only have its window at the end; (3, 3, 3, 3) says nothing."""
    stored = {"mine": {"one_W": (32, 8, 3, 3), "two_W": (3, 3, 3, 3)}}
    write_legacy(tmp_path / "x.h5", None, stored, root="/")
    found = _of(tmp_path / "x.h5", "mine/one_W")
    assert (found.picture_axes, found.out_axis) == ((2, 3), 0)
    assert "judged by its shape" in found.notes[-1]
    assert _of(tmp_path / "x.h5", "mine/two_W").picture_axes == ()


def test_depthwise_and_pointwise_kernels_are_told_apart(tmp_path: Path) -> None:
    """SeparableConv2D has both."""
    config = {"filters": 4, "kernel_size": [3, 3], "depth_multiplier": 1}
    network = sequential(layer_entry("SeparableConv2D", "s", **config))
    stored = {
        "s": {"s/depthwise_kernel:0": (3, 3, 2, 1), "s/pointwise_kernel:0": (1, 1, 2, 4),
              "s/bias:0": (4,)}
    }  # fmt: skip
    found = _meaning(tmp_path / "x.h5", network, stored, "s/s/depthwise_kernel:0")
    assert found.title == "Depthwise kernel"
    assert "filters" in found.views
    assert _of(tmp_path / "x.h5", "model_weights/s/s/pointwise_kernel:0").title == (
        "Pointwise kernel"
    )


def test_running_std_of_keras_1_is_the_variance(tmp_path: Path) -> None:
    """Its name was wrong."""
    network = sequential(layer_entry("BatchNormalization", "n"))
    stored = {"n": {"n_gamma": (4,), "n_beta": (4,), "n_running_mean": (4,), "n_running_std": (4,)}}
    found = _meaning(tmp_path / "x.h5", network, stored, "n/n_running_std")
    assert found.title == "Moving variance"
    assert "stores the variance" in found.notes[0]


def test_numbered_variables_of_an_archive_get_their_roles(tmp_path: Path) -> None:
    """Keras 3: layers/dense/vars/0 is the kernel."""
    network = sequential(layer_entry("Dense", "d", units=2))
    shapes = {"layers/dense/vars/0": (3, 2), "layers/dense/vars/1": (2,)}
    write_archive(tmp_path / "x.keras", network, shapes)
    found = _of(tmp_path / "x.keras", "model.weights.h5/layers/dense/vars/0")
    assert (found.title, found.layer, found.axes) == ("Kernel", "d", ("in", "out"))


# ------------------------------------------------------- the optimizer, no weights


def test_the_optimizers_variable_knows_its_weight(tmp_path: Path) -> None:
    """Both ways: from the weight to its momentum, and back."""
    network = sequential(layer_entry("Dense", "d", units=2))
    stored = {"d": {"d/kernel:0": (3, 2), "d/bias:0": (2,)}}

    def more(file: h5py.File) -> None:
        settings = {"optimizer_config": {"class_name": "SGD", "config": {}}}
        file.attrs["training_config"] = json.dumps(settings)
        group = file.create_group("optimizer_weights")
        names = ["SGD/iter:0", "SGD/d/kernel/momentum:0"]
        group.attrs["weight_names"] = np.array(names, "S")
        group[names[0]] = np.int64(5)
        group[names[1]] = np.zeros((3, 2), "f4")

    write_legacy(tmp_path / "x.h5", network, stored, more=more)
    weight = _of(tmp_path / "x.h5", "model_weights/d/d/kernel:0")
    assert weight.optimizer is not None
    assert [slot.title for slot in weight.optimizer.slots] == ["Momentum"]
    assert [slot.kind for slot in weight.optimizer.own] == ["iterations"]
    assert "state" in weight.views
    momentum = _of(tmp_path / "x.h5", "optimizer_weights/SGD/d/kernel/momentum:0")
    assert momentum.slot is not None
    assert momentum.slot.weight == weight.path
    assert (momentum.layer, momentum.title) == ("d", "Momentum")
    bias = _of(tmp_path / "x.h5", "model_weights/d/d/bias:0")
    assert "state" not in bias.views


def test_a_dataset_of_no_layer_is_none(tmp_path: Path) -> None:
    """Nothing is made up for what no list names."""
    network = sequential(layer_entry("Dense", "d", units=2))
    stored = {"d": {"d/kernel:0": (3, 2), "d/bias:0": (2,)}}

    def more(file: h5py.File) -> None:
        file["other"] = np.zeros((3, 2))

    write_legacy(tmp_path / "x.h5", network, stored, more=more)
    found = _of(tmp_path / "x.h5", "other")
    assert (found.layer, found.views, found.slot) == ("", (), None)


# ------------------------------------------------------------------- initializers


def test_fans_count_the_window_too() -> None:
    """As Keras counts them; Theano's order by its names."""
    assert fans((3, 4)) == (3, 4)
    assert fans((3, 3, 2, 5)) == (18, 45)
    assert fans((5, 2, 3, 3), ("out", "in", "kernel height", "kernel width")) == (18, 45)


@pytest.mark.parametrize(
    ("initializer", "kind", "std", "high"),
    [
        ("glorot_uniform", "uniform", math.sqrt(2 / 100), math.sqrt(6 / 100)),
        ({"class_name": "GlorotUniform", "config": {}}, "uniform", math.sqrt(2 / 100), None),
        ({"class_name": "HeNormal", "config": {}}, "truncated", math.sqrt(2 / 40), None),
        ({"class_name": "LecunUniform", "config": {}}, "uniform", math.sqrt(1 / 40), None),
        (
            {
                "class_name": "VarianceScaling",
                "config": {"scale": 2.0, "mode": "fan_out", "distribution": "untruncated_normal"},
            },
            "normal",
            math.sqrt(2 / 60),
            None,
        ),
        (
            {"class_name": "RandomUniform", "config": {"minval": -0.2, "maxval": 0.4}},
            "uniform",
            0.6 / math.sqrt(12),
            0.4,
        ),
        ({"class_name": "TruncatedNormal", "config": {"stddev": 1.0}}, "truncated", 0.8796, 2.0),
        ({"class_name": "Orthogonal", "config": {"gain": 1.0}}, "normal", 1 / math.sqrt(60), None),
        ("zeros", "constant", 0.0, 0.0),
    ],
)
def test_initializers_have_the_spread_that_keras_gives_them(
    initializer: object, kind: str, std: float, high: float | None
) -> None:
    """Of a matrix of 40 × 60."""
    found = expected(initializer, (40, 60))
    assert found is not None
    assert found.kind == kind
    assert found.std == pytest.approx(std, rel=1e-3)
    if high is not None:
        assert found.high == pytest.approx(high)


@pytest.mark.parametrize(
    "initializer", [None, "mine", {"class_name": "Mine", "config": {}}, 5, {"class_name": 7}]
)
def test_unknown_initializers_are_not_guessed(initializer: object) -> None:
    """A custom one says nothing."""
    assert expected(initializer, (4, 4)) is None


def test_numbers_of_the_wrong_kind_in_an_initializer_do_no_harm() -> None:
    """The configuration is a stranger's."""
    config = {"minval": "x", "maxval": [1], "stddev": 10**400, "scale": None}
    for name in ("RandomUniform", "RandomNormal", "VarianceScaling", "TruncatedNormal"):
        found = expected({"class_name": name, "config": config}, (4, 4))
        assert found is not None
        assert math.isfinite(found.std)


def test_the_layers_initializer_is_the_one_of_the_role(tmp_path: Path) -> None:
    """Kernel and bias differ."""
    config = {
        "units": 2,
        "kernel_initializer": {"class_name": "RandomNormal", "config": {"stddev": 0.3}},
        "bias_initializer": {"class_name": "Zeros", "config": {}},
    }
    network = sequential(layer_entry("Dense", "d", **config))
    stored = {"d": {"d/kernel:0": (3, 2), "d/bias:0": (2,)}}
    kernel = _meaning(tmp_path / "x.h5", network, stored, "d/d/kernel:0")
    assert kernel.expected is not None
    assert kernel.expected.std == 0.3
    bias = _of(tmp_path / "x.h5", "model_weights/d/d/bias:0")
    assert bias.expected is not None
    assert bias.expected.kind == "constant"
