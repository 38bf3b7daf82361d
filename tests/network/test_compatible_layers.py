"""Layers of each Keras, repaired: Keras 3 builds them, and they compute what they did."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")

from h5viewer.documents.compatibility import Repair, repair  # noqa: E402
from h5viewer.network.building import build, finished  # noqa: E402
from h5viewer.operations.layout_steps import converted  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Table = dict[str, Any]
numbers = np.random.default_rng(3)


def some(*shape: int) -> np.ndarray:
    return numbers.uniform(-0.9, 0.9, shape).astype("float32")


def entry(class_name: str, name: str, **config: Any) -> Table:
    return {"class_name": class_name, "config": {"name": name, **config}, "name": name}


def network(entries: list[tuple[Table, Any]], *shapes: tuple[int, ...], **ends: Any) -> Table:
    """A functional network of tf.keras with inputs x, y …"""
    inputs = ["xyz"[i] for i in range(len(shapes))]
    layers = []
    for name, shape in zip(inputs, shapes, strict=True):
        first = entry("InputLayer", name, batch_input_shape=[None, *shape], dtype="float32")
        layers.append({**first, "inbound_nodes": []})
    layers += [{**each, "inbound_nodes": nodes} for each, nodes in entries]
    last = ends.get("outputs", [[entries[-1][0]["name"], 0, 0]])
    starts = [[name, 0, 0] for name in inputs]
    config = {"layers": layers, "input_layers": starts, "output_layers": last, "name": "net"}
    return {"class_name": "Functional", "config": config}


def asked(config: Table, *samples: np.ndarray, version: str = "2.15.0", weights: Any = None) -> Any:
    """What the repaired network says; `weights` are those the file stores for its last layer."""
    found = repair(config, version=version, backend="tensorflow")
    assert found.loads, [each.message for each in found.findings if not each.repair]
    assert found.config is not None
    built = finished(build(found.config))
    if weights is not None:
        _set(built, found, weights)
    given = [sample[None] for sample in samples]
    answer = built.model(given if len(given) > 1 else given[0], training=False)
    return np.asarray(answer)[0]


def _set(built: Any, found: Repair, weights: list[np.ndarray]) -> None:
    row = found.layers[max(found.layers)]
    arrays = converted(weights, row.steps)
    for taker in row.takers:
        taken = range(len(arrays)) if taker.takes is None else taker.takes
        for variable, i in zip(built.layers[taker.path].weights, taken, strict=True):
            variable.assign(arrays[i])


# ------------------------------------------------------- layers that are built


def test_scaled_branch_of_an_inception_resnet_is_added() -> None:
    """Keras has its class beside the network alone: such networks were refused."""
    nodes = [[["x", 0, 0, {}], ["y", 0, 0, {}]]]
    config = network([(entry("CustomScaleLayer", "mix", scale=0.17), nodes)], (3,), (3,))
    x, y = some(3), some(3)
    assert asked(config, x, y) == pytest.approx(x + 0.17 * y)
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
    assert asked(config, x, weights=weights) == pytest.approx(np.clip(0.2 * x + 0.5, 0, 1))


# -------------------------------------------------------- TensorFlow's functions

FUNCTIONS: list[tuple[str, Table, Callable[[Any], Any]]] = [
    ("math.multiply", {"y": 2.0}, lambda x: x * 2),
    ("__operators__.add", {"y": [1.0, 2.0, 3.0, 4.0]}, lambda x: x + np.arange(1.0, 5)),
    ("math.subtract", {"y": ["x", 0, 0]}, lambda x: x - x),
    ("math.reduce_mean", {"axis": [1]}, lambda x: x.mean(0)),
    ("math.reduce_sum", {"axis": -1, "keepdims": True}, lambda x: x.sum(-1, keepdims=True)),
    ("math.l2_normalize", {"axis": -1}, lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)),
    ("compat.v1.norm", {"axis": -1}, lambda x: np.linalg.norm(x, axis=-1)),
    ("math.squared_difference", {"y": 1.0}, lambda x: (x - 1) ** 2),
    ("nn.leaky_relu", {"alpha": 0.1}, lambda x: np.where(x > 0, x, 0.1 * x)),
    ("clip_by_value", {"clip_value_min": -0.2, "clip_value_max": 0.3},
     lambda x: x.clip(-0.2, 0.3)),
    ("compat.v1.transpose", {"perm": [0, 2, 1]}, np.transpose),
    ("reshape", {"shape": [-1, 8]}, lambda x: x.reshape(-1, 8)[0]),
    ("expand_dims", {"axis": 1}, lambda x: x[None]),
    ("tile", {"multiples": [1, 2, 1]}, lambda x: np.tile(x, (2, 1))),
    ("compat.v1.pad", {"paddings": [[0, 0], [1, 0], [0, 0]], "constant_values": 2.0},
     lambda x: np.pad(x, [(1, 0), (0, 0)], constant_values=2)),
    ("compat.v1.gather", {"indices": [1, 0], "axis": 1}, lambda x: x[[1, 0]]),
    ("linalg.matmul", {"b": ["x", 0, 0], "transpose_b": True}, lambda x: x @ x.T),
    ("math.argmax", {"axis": -1}, lambda x: x.argmax(-1)),
    ("cast", {"dtype": "int32"}, lambda x: x.astype("int32")),
    ("keras.backend.permute_dimensions", {"pattern": [0, 2, 1]}, np.transpose),
    ("math.cumsum", {"axis": 1}, lambda x: x.cumsum(0)),
    ("reverse", {"axis": [1]}, lambda x: x[::-1]),
    ("sort", {"axis": 1}, lambda x: np.sort(x, 0)),
    ("sort", {"direction": "DESCENDING"}, lambda x: -np.sort(-x, -1)),
    ("argsort", {"direction": "DESCENDING"}, lambda x: np.argsort(-x, -1)),
    ("math.atan2", {"x": 0.5}, lambda x: np.arctan2(x, 0.5)),
    ("math.asinh", {}, np.arcsinh),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "given", "expected"), FUNCTIONS, ids=[name for name, _, _ in FUNCTIONS]
)
def test_a_function_of_tensorflow(
    function: str, given: Table, expected: Callable[[Any], Any]
) -> None:
    # rows of 4 would make `reshape` to 8 mix samples: 2 rows a sample
    x = some(2, 4)
    layer = entry("TFOpLambda", f"tf.{function}", function=function)
    answer = asked(network([(layer, [["x", 0, 0, given]])], (2, 4)), x)
    assert np.squeeze(answer) == pytest.approx(np.squeeze(expected(x)), abs=1e-6)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ([{"start": None, "stop": None, "step": None}, 0], lambda x: x[0]),
        ([{"start": 0, "stop": None, "step": None}, {"start": 1, "stop": -1, "step": 2}],
         lambda x: x[1:-1:2]),
        (["...", None, -1], lambda x: x[..., None, -1]),
    ],
)  # fmt: skip
def test_slices(spec: list[Any], expected: Callable[[Any], Any]) -> None:
    x = some(6, 4)
    layer = entry("SlicingOpLambda", "tf.getitem", function="__operators__.getitem")
    answer = asked(network([(layer, [["x", 0, 0, {"slice_spec": spec}]])], (6, 4)), x)
    assert answer == pytest.approx(expected(x))


def test_shapes_that_a_network_works_out_are_numbers_here() -> None:
    """tf.reshape(x, [tf.shape(x)[0], 2, 12])."""
    x = some(6, 4)
    entries = [
        (entry("TFOpLambda", "shape", function="compat.v1.shape"), [["x", 0, 0, {}]]),
        (entry("SlicingOpLambda", "first", function="__operators__.getitem"),
         [["shape", 0, 0, {"slice_spec": [0]}]]),
        (entry("TFOpLambda", "reshape", function="reshape"),
         [["x", 0, 0, {"shape": [["first", 0, 0], 2, 12]}]]),
    ]  # fmt: skip
    assert asked(network(entries, (6, 4)), x) == pytest.approx(x.reshape(2, 12))


def _shape(*then: tuple[Table, Any]) -> list[tuple[Table, Any]]:
    """The shape of x, its height and its width, and what is made of them."""
    take = [
        (entry("SlicingOpLambda", name, function="__operators__.getitem"),
         [["shape", 0, 0, {"slice_spec": [place]}]])
        for place, name in enumerate(("batch", "height", "width"))
    ]  # fmt: skip
    return [(entry("TFOpLambda", "shape", function="shape"), [["x", 0, 0, {}]]), *take, *then]


def test_sizes_that_a_network_reckons_with_are_numbers_here() -> None:
    """tf.reshape(x, [batch, height * width, 2]), tf.image.resize(x, tf.shape(x)[1:3] * 2)."""
    x = some(3, 4, 2)
    area = (entry("TFOpLambda", "area", function="math.multiply"),
            [["height", 0, 0, {"y": ["width", 0, 0]}]])  # fmt: skip
    flat = (entry("TFOpLambda", "flat", function="reshape"),
            [["x", 0, 0, {"shape": [["batch", 0, 0], ["area", 0, 0], 2]}]])  # fmt: skip
    assert asked(network(_shape(area, flat), (3, 4, 2)), x) == pytest.approx(x.reshape(12, 2))
    both = (entry("SlicingOpLambda", "both", function="__operators__.getitem"),
            [["shape", 0, 0, {"slice_spec": [{"start": 1, "stop": 3, "step": None}]}]])  # fmt: skip
    twice = (entry("TFOpLambda", "twice", function="math.multiply"), [["both", 0, 0, {"y": 2}]])
    large = (entry("TFOpLambda", "large", function="image.resize"),
             [["x", 0, 0, {"size": ["twice", 0, 0], "method": "nearest"}]])  # fmt: skip
    answer = asked(network(_shape(both, twice, large), (3, 4, 2)), x)
    assert answer == pytest.approx(x.repeat(2, 0).repeat(2, 1))
    scaled = (entry("TFOpLambda", "scaled", function="math.multiply"),
              [["x", 0, 0, {"y": ["width", 0, 0]}]])  # fmt: skip
    assert asked(network(_shape(scaled), (3, 4, 2)), x) == pytest.approx(4 * x)


def test_a_picture_of_any_size_is_put_in_a_row() -> None:
    """Height times width is not known, and neither is the batch."""
    x = some(3, 4, 2)
    area = (entry("TFOpLambda", "area", function="math.multiply"),
            [["height", 0, 0, {"y": ["width", 0, 0]}]])  # fmt: skip
    flat = (entry("TFOpLambda", "flat", function="reshape"),
            [["x", 0, 0, {"shape": [["batch", 0, 0], ["area", 0, 0], 2]}]])  # fmt: skip
    answer = asked(network(_shape(area, flat), (None, None, 2)), x)
    assert answer == pytest.approx(x.reshape(12, 2))


def _v1(size: list[int], **given: Any) -> Callable[[Any], Any]:
    return lambda x: tf.compat.v1.image.resize(x, size, **given)


KERNEL = some(2, 3, 3, 2)
ALIGNED = {"align_corners": True}
PICTURE_FUNCTIONS: list[tuple[str, Table, Callable[[Any], Any]]] = [
    ("image.grayscale_to_rgb", {}, lambda x: x.repeat(3, -1)),
    ("image.extract_patches",
     {"sizes": [1, 2, 3, 1], "strides": [1, 2, 1, 1], "rates": [1, 1, 1, 1], "padding": "VALID"},
     lambda x: tf.image.extract_patches(x, [1, 2, 3, 1], [1, 2, 1, 1], [1, 1, 1, 1], "VALID")),
    ("compat.v1.nn.conv2d",
     {"filter": KERNEL.tolist(), "strides": [1, 1, 2, 1], "padding": "SAME"},
     lambda x: tf.nn.conv2d(x, KERNEL, [1, 1, 2, 1], "SAME")),
    ("compat.v1.nn.depthwise_conv2d",
     {"filter": KERNEL.tolist(), "strides": [1, 2, 2, 1], "padding": "VALID"},
     lambda x: tf.nn.depthwise_conv2d(x, KERNEL, [1, 2, 2, 1], "VALID")),
    ("compat.v1.image.resize", {"size": [16, 5]}, _v1([16, 5])),
    ("compat.v1.image.resize", {"size": [4, 11], "method": 1}, _v1([4, 11], method=1)),
    ("compat.v1.image.resize_bilinear", {"size": [15, 8], **ALIGNED}, _v1([15, 8], **ALIGNED)),
    ("compat.v1.image.resize_nearest_neighbor", {"size": [12, 20], **ALIGNED},
     _v1([12, 20], method=1, **ALIGNED)),
    ("compat.v1.image.resize_bilinear", {"size": [16, 5], "half_pixel_centers": True},
     lambda x: tf.image.resize(x, [16, 5])),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "given", "expected"),
    PICTURE_FUNCTIONS,
    ids=[name for name, _, _ in PICTURE_FUNCTIONS],
)
def test_a_function_of_tensorflow_for_pictures(
    function: str, given: Table, expected: Callable[[Any], Any]
) -> None:
    x = some(7, 8, 1 if "gray" in function else 3)
    layer = entry("TFOpLambda", f"tf.{function}", function=function)
    answer = asked(network([(layer, [["x", 0, 0, given]])], x.shape), x)
    assert answer == pytest.approx(np.asarray(expected(x[None]))[0], abs=1e-5)


def test_half_of_what_is_not_known_is_no_batch() -> None:
    half = (entry("TFOpLambda", "half", function="math.floordiv"), [["height", 0, 0, {"y": 2}]])
    flat = (entry("TFOpLambda", "flat", function="reshape"),
            [["x", 0, 0, {"shape": [["half", 0, 0], ["width", 0, 0], 4]}]])  # fmt: skip
    found = repair(network(_shape(half, flat), (None, None, 2)), version="2.15.0", backend="")
    (lost,) = [each.message for each in found.findings if not each.repair]
    assert "the shape it asks for is not known well enough" in lost


NODES: list[tuple[str, Table, Table, Callable[[Any], Any]]] = [
    ("Mul", {}, {"1": 3.0}, lambda x: 3 * x),
    ("Sub", {}, {"0": 1.0}, lambda x: 1 - x),
    ("Mean", {"keep_dims": {"b": True}}, {"1": [2]}, lambda x: x.mean(-1, keepdims=True)),
    ("MatMul", {"transpose_b": {"b": True}}, {"1": [[1.0, 0, 0, 2]]},
     lambda x: x @ np.array([[1], [0], [0], [2]])),
    ("Transpose", {}, {"1": [0, 2, 1]}, np.transpose),
    ("Squeeze", {"squeeze_dims": {"list": {"i": ["1"]}}}, {}, None),
    ("StridedSlice",
     {"begin_mask": {"i": "1"}, "end_mask": {"i": "1"}, "shrink_axis_mask": {"i": "2"}},
     {"1": [0, 1], "2": [0, 2], "3": [1, 1]}, lambda x: x[1]),
    ("Softplus", {}, {}, lambda x: np.log1p(np.exp(x))),
    ("LeakyRelu", {"alpha": {"f": 0.3}}, {}, lambda x: np.where(x > 0, x, 0.3 * x)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "attr", "constants", "expected"), NODES, ids=[each[0] for each in NODES]
)
def test_a_node_of_tensorflows_graph(
    operation: str, attr: Table, constants: Table, expected: Callable[[Any], Any] | None
) -> None:
    """TensorFlowOpLayer of TensorFlow 2.0 to 2.3."""
    x = some(1, 4) if expected is None else some(2, 4)
    node = json.dumps({"name": "it", "op": operation, "input": ["x"], "attr": attr})
    layer = entry("TensorFlowOpLayer", "it", node_def=node, constants=constants)
    answer = asked(network([(layer, [[["x", 0, 0, {}]]])], x.shape), x, version="2.3.0")
    assert answer == pytest.approx(x[0] if expected is None else expected(x), abs=1e-6)
