"""Layers of each Keras, repaired: Keras 3 builds them, and they compute what they did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")

from repaired_networks import Table, asked, entry, network, some  # noqa: E402

from h5viewer.documents.compatibility import repair  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


# ------------------------------------------------------- layers that are built


def test_scaled_branch_of_an_inception_resnet_is_added() -> None:
    """Keras has its class beside the network alone: such networks were refused."""
    nodes = [[["x", 0, 0, {}], ["y", 0, 0, {}]]]
    config = network([(entry("CustomScaleLayer", "mix", scale=0.17), nodes)], (3,), (3,))
    x, y = some(3), some(3)
    assert asked(config, x, y) == pytest.approx(x + 0.17 * y, abs=1e-6)
    config["config"]["layers"][-1]["config"].pop("scale")  # a class of the author's, of that name
    assert not repair(config, version="2.15.0", backend="tensorflow").loads


ROW, PICTURE = (6, 3), (8, 8, 3)
INHERITED = {"kernel_initializer": None, "kernel_regularizer": None, "kernel_constraint": None}
ACCEPTED = [
    ("1.2.2", "Convolution1D", ROW, {"nb_filter": 2, "filter_length": 3, "border_mode": "same"}),
    ("1.2.2", "AtrousConvolution2D", PICTURE,
     {"nb_filter": 2, "nb_row": 2, "nb_col": 2, "atrous_rate": [2, 2], "dim_ordering": "tf"}),
    ("1.2.2", "Deconvolution2D", PICTURE,
     {"nb_filter": 2, "nb_row": 3, "nb_col": 3, "output_shape": [None, 10, 10, 2],
      "subsample": [1, 1], "border_mode": "valid", "dim_ordering": "tf"}),
    ("1.2.2", "MaxPooling1D", ROW, {"pool_length": 2, "stride": 2, "border_mode": "valid"}),
    ("1.2.2", "ZeroPadding2D", PICTURE, {"padding": [1, 2, 0, 1], "dim_ordering": "tf"}),
    ("1.2.2", "BatchNormalization", PICTURE, {"mode": 0, "axis": 3, "epsilon": 0.001}),
    ("1.2.2", "BatchNormalization", ROW, {"mode": 1, "epsilon": 0.001}),
    ("1.2.2", "SpatialDropout2D", PICTURE, {"p": 0.5, "dim_ordering": "tf"}),
    ("1.2.2", "GRU", ROW, {"output_dim": 2, "inner_activation": "hard_sigmoid", "init": "uniform",
                           "consume_less": "cpu", "dropout_W": 0.1, "dropout_U": 0.0}),
    ("1.2.2", "TimeDistributedDense", ROW, {"output_dim": 2, "activation": "linear"}),
    ("2.2.4", "CuDNNGRU", ROW, {"units": 2, "return_sequences": True}),
    ("2.2.4", "ReLU", ROW, {"max_value": {"type": "ndarray", "value": 6.0}}),
    ("2.2.4", "ThresholdedReLU", ROW, {"theta": 0.4}),
    ("2.9.0", "SyncBatchNormalization", PICTURE, {"axis": [3]}),
    ("2.9.0", "DepthwiseConv2D", PICTURE, {"kernel_size": [3, 3], "groups": 1}),
    ("2.9.0", "SeparableConv1D", ROW, {"filters": 2, "kernel_size": [2], "groups": 1, **INHERITED}),
    ("2.9.0", "Conv2DTranspose", PICTURE, {"filters": 2, "kernel_size": 3, "groups": 1}),
    ("2.9.0", "LSTM", ROW, {"units": 2, "time_major": False, "implementation": 2}),
    ("2.9.0", "SpatialDropout1D", ROW, {"rate": 0.5, "trainable": True, "noise_shape": None}),
    ("2.9.0", "Discretization", ROW, {"bins": [-0.5, 0.5], "trainable": True}),
    ("2.9.0", "CategoryEncoding", (3,), {"max_tokens": 4, "output_mode": "binary"}),
    ("2.9.0", "RandomHeight", PICTURE, {"factor": 0.2}),
    ("2.9.0", "RandomCrop", PICTURE, {"height": 4, "width": 4, "rng_type": "stateful"}),
    ("2.9.0", "Attention", ROW, {"score_mode": "dot", "causal": False, "use_scale": False}),
    ("2.15.0", "Dense", ROW,
     {"units": 2, "dtype": {"class_name": "Policy", "config": {"name": "mixed_float16"}}}),
    ("3.8.0", "Conv2D", PICTURE, {"filters": 2, "kernel_size": [3, 3], "unheard_of": None}),
]  # fmt: skip


@pytest.mark.parametrize(("version", "class_name", "shape", "config"), ACCEPTED)
def test_keras_takes_a_repaired_layer(
    version: str, class_name: str, shape: tuple[int, ...], config: Table
) -> None:
    takes_two = class_name == "Attention"
    nodes = [[["x", 0, 0], ["x", 0, 0]]] if takes_two else [[["x", 0, 0]]]
    answer = asked(network([(entry(class_name, "it", **config), nodes)], shape), some(*shape),
                   version=version)  # fmt: skip
    assert answer.size


# --------------------------------------------------- layers that Keras 3 lacks


def test_maxout_takes_the_largest_of_its_dense_layers() -> None:
    w, b, x = some(4, 3, 2), some(4, 2), some(3)
    b[0] -= 9  # the first is never the largest
    layer = entry("MaxoutDense", "max", output_dim=2, nb_feature=4, input_dim=3)
    answer = asked(network([(layer, [[["x", 0, 0]]])], (3,)), x, version="1.2.2", weights=[w, b])
    assert answer == pytest.approx((np.einsum("i,fio->fo", x, w) + b).max(0), abs=1e-6)


def test_a_highway_mixes_its_input_in() -> None:
    w, gate, b, c, x = some(3, 3), some(3, 3), some(3), some(3), some(3)
    layer = entry("Highway", "high", activation="tanh", input_dim=3, bias=True)
    config = network([(layer, [[["x", 0, 0]]])], (3,))
    answer = asked(config, x, version="1.2.2", weights=[w, gate, b, c])
    t = 1 / (1 + np.exp(-(x @ gate + c)))
    assert answer == pytest.approx(t * np.tanh(x @ w + b) + (1 - t) * x, abs=1e-6)


def test_locally_connected_layers_have_a_kernel_for_each_place() -> None:
    kernel, bias, x = some(6, 3 * 2 * 3, 4), some(3, 2, 4), some(7, 3, 3)
    layer = entry(
        "LocallyConnected2D", "local", filters=4, kernel_size=[3, 2], strides=[2, 1],
        padding="valid", data_format="channels_last", activation="linear", use_bias=True,
    )  # fmt: skip
    answer = asked(network([(layer, [[["x", 0, 0]]])], (7, 3, 3)), x, weights=[kernel, bias])
    for row in range(3):
        for column in range(2):
            patch = x[2 * row : 2 * row + 3, column : column + 2].reshape(-1)
            expected = patch @ kernel[2 * row + column] + bias[row, column]
            assert answer[row, column] == pytest.approx(expected, abs=1e-6)


def test_fourier_features_are_scaled_by_the_stored_number() -> None:
    kernel, bias, x = some(3, 5), some(5), some(3)
    layer = entry("RandomFourierFeatures", "fourier", output_dim=5, scale=2.0)
    config = network([(layer, [[["x", 0, 0]]])], (3,))
    answer = asked(config, x, weights=[np.array([2.0], "float32"), kernel, bias])
    assert answer == pytest.approx(np.cos(x @ kernel / 2 + bias), abs=1e-6)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("sum", lambda x, y: x + y),
        ("mul", lambda x, y: x * y),
        ("ave", lambda x, y: (x + y) / 2),
        ("max", np.maximum),
        ("concat", lambda x, y: np.concatenate([x, y])),
        ("dot", lambda x, y: [x @ y]),
        ("cos", lambda x, y: [[x @ y / np.linalg.norm(x) / np.linalg.norm(y)]]),
    ],
)
def test_merge_of_keras_1(mode: str, expected: Callable[[Any, Any], Any]) -> None:
    layer = entry("Merge", "merge", mode=mode, mode_type="raw", concat_axis=-1, dot_axes=-1)
    x, y = some(4), some(4)
    config = network([(layer, [[["x", 0, 0], ["y", 0, 0]]])], (4,), (4,))
    assert asked(config, x, y, version="1.2.2") == pytest.approx(
        np.asarray(expected(x, y)), abs=1e-6
    )


@pytest.mark.parametrize("where", ["Activation", "Dense"])
def test_hard_sigmoid_of_keras_2_is_steeper(where: str) -> None:
    x, w = some(5) * 4, np.eye(5, dtype="float32")
    settings = {"units": 5, "use_bias": False} if where == "Dense" else {}
    layer = entry(where, "hard", activation="hard_sigmoid", **settings)
    config = network([(layer, [[["x", 0, 0]]])], (5,))
    weights = [w] if where == "Dense" else None
    expected = np.clip(0.2 * x + 0.5, 0, 1)
    assert asked(config, x, weights=weights) == pytest.approx(expected, abs=1e-6)
