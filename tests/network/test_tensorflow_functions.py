"""Functions of TensorFlow in a network, repaired: Keras 3 builds them, and they do the same."""

from __future__ import annotations

import json
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
    ("slice", {"begin": [0, 1, 1], "size": [-1, 1, 2]}, lambda x: x[1:2, 1:3]),
    ("nn.crelu", {}, lambda x: np.concatenate([x.clip(0), (-x).clip(0)], -1)),
    ("nn.avg_pool1d", {"ksize": [1, 2, 1], "strides": [1, 1, 1], "padding": "VALID"},
     lambda x: x.mean(0)),
    ("nn.max_pool1d", {"ksize": 2, "strides": 1, "padding": "VALID"}, lambda x: x.max(0)),
    ("linalg.band_part", {"num_lower": -1, "num_upper": 0}, np.tril),
    ("linalg.band_part", {"num_lower": 0, "num_upper": 1}, lambda x: np.triu(np.tril(x, 1))),
    ("linalg.diag", {}, lambda x: x[..., None] * np.eye(4)),
    ("linalg.diag_part", {}, lambda x: np.diagonal(x)),
    ("linalg.trace", {}, np.trace),
    ("linalg.matrix_transpose", {}, np.transpose),
    ("clip_by_norm", {"clip_norm": 0.5, "axes": [1, 2]},
     lambda x: x * 0.5 / max(0.5, np.linalg.norm(x))),
    ("math.count_nonzero", {"axis": -1}, lambda x: (x != 0).sum(-1)),
    ("math.xlogy", {"y": 3.0}, lambda x: x * np.log(3)),
    ("math.xdivy", {"y": 4.0}, lambda x: x / 4),
    ("math.cumsum", {"axis": 1, "exclusive": True}, lambda x: x.cumsum(0) - x),
    ("math.cumsum", {"axis": 1, "reverse": True}, lambda x: x[::-1].cumsum(0)[::-1]),
    ("math.cumsum", {"axis": 2, "exclusive": True, "reverse": True},
     lambda x: x[:, ::-1].cumsum(1)[:, ::-1] - x),
    ("math.cumprod", {"axis": 1, "reverse": True}, lambda x: x[::-1].cumprod(0)[::-1]),
    ("nn.dropout", {"rate": 0.5}, lambda x: x),
    ("signal.frame", {"frame_length": 2, "frame_step": 1},
     lambda x: np.stack([x[:, at : at + 2] for at in range(3)], 1)),
    ("compat.v1.nn.conv1d", {"filters": np.ones((1, 4, 2)).tolist(), "stride": 1,
     "padding": "SAME"}, lambda x: x.sum(-1, keepdims=True).repeat(2, -1)),
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
    ("sizes", "part", "expected"),
    [
        ([1, 2, -1], 2, slice(3, 6)),
        ([1, -1, 2], 1, slice(1, 4)),
        ([-1, 2], 0, slice(0, 4)),
        ([2, 4], 1, slice(2, 6)),
    ],
)
def test_parts_of_which_one_is_what_is_left(sizes: list[int], part: int, expected: slice) -> None:
    x = some(6, 2)
    layer = entry("TFOpLambda", "tf.split", function="split")
    node = [["x", 0, 0, {"num_or_size_splits": sizes, "axis": 1}]]
    taken = (entry("TFOpLambda", "one", function="math.multiply"),
             [["tf.split", 0, part, {"y": 1.0}]])  # fmt: skip
    assert asked(network([(layer, node), taken], (6, 2)), x) == pytest.approx(x[expected], abs=1e-6)


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
    assert answer == pytest.approx(expected(x), abs=1e-6)


def _v1(size: list[int], **given: Any) -> Callable[[Any], Any]:
    return lambda x: tf.compat.v1.image.resize(x, size, **given)


def _soft(x: Any) -> Any:
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


@pytest.mark.parametrize(
    ("function", "given", "expected"),
    [
        ("nn.softmax_cross_entropy_with_logits", {"logits": ["y", 0, 0]},
         lambda x, y: -(x * np.log(_soft(y))).sum(-1)),
        ("nn.sigmoid_cross_entropy_with_logits", {"logits": ["y", 0, 0]},
         lambda x, y: np.log1p(np.exp(y)) - x * y),
        ("keras.backend.categorical_crossentropy", {"output": ["y", 0, 0]},
         lambda x, y: -(x * np.log(y / y.sum(-1, keepdims=True))).sum(-1)),
        ("keras.backend.binary_crossentropy", {"output": ["y", 0, 0]},
         lambda x, y: -(x * np.log(y) + (1 - x) * np.log(1 - y))),
        ("keras.backend.binary_crossentropy", {"output": ["y", 0, 0], "from_logits": True},
         lambda x, y: np.log1p(np.exp(y)) - x * y),
    ],
)  # fmt: skip
def test_what_networks_are_trained_by(
    function: str, given: Table, expected: Callable[[Any, Any], Any]
) -> None:
    x, y = some(3, 4), np.abs(some(3, 4)) + 0.05
    layer = entry("TFOpLambda", "tf.loss", function=function)
    answer = asked(network([(layer, [["x", 0, 0, given]])], (3, 4), (3, 4)), x, y)
    assert answer == pytest.approx(expected(x, y), abs=1e-5)


@pytest.mark.parametrize(
    ("function", "expected"),
    [("nn.l2_loss", lambda x: (x**2).sum() / 2), ("math.zero_fraction", lambda x: (x == 0).mean())],
)
def test_one_number_of_all(function: str, expected: Callable[[Any], float]) -> None:
    x = some(2, 3)
    x[0, 1] = 0
    entries = [
        (entry("TFOpLambda", "one", function=function), [["x", 0, 0, {}]]),
        (entry("TFOpLambda", "sum", function="math.add"), [["x", 0, 0, {"y": ["one", 0, 0]}]]),
    ]
    assert asked(network(entries, (2, 3)), x) == pytest.approx(x + expected(x), abs=1e-6)


@pytest.mark.parametrize(
    ("function", "given"),
    [
        ("image.resize_with_pad", {"target_height": 0, "target_width": 4}),
        ("image.resize_with_crop_or_pad", {"target_height": -3, "target_width": 4}),
        ("clip_by_norm", {"clip_norm": 10**400}),
    ],
)
def test_absurd_arguments_are_refused_in_a_sentence(function: str, given: Table) -> None:
    layer = entry("TFOpLambda", "tf.odd", function=function)
    config = network([(layer, [["x", 0, 0, given]])], (6, 6, 3))
    found = repair(config, version="2.15.0", backend="tensorflow")
    assert [each.layer for each in found.findings if not each.repair] == ["tf.odd"]


@pytest.mark.parametrize(
    "start", [float("inf"), float("nan"), 10**400, -(10**12)], ids=["inf", "nan", "huge", "long"]
)
def test_no_row_of_absurd_length_is_counted(start: float) -> None:
    node = [["_CONSTANT_VALUE", -1, start, {"limit": ["n", 0, 0]}]]
    entries = [
        (entry("TFOpLambda", "size", function="shape"), [["x", 0, 0, {}]]),
        (entry("SlicingOpLambda", "n", function="__operators__.getitem"),
         [["size", 0, 0, {"slice_spec": [2]}]]),
        (entry("TFOpLambda", "count", function="range"), node),
    ]  # fmt: skip
    found = repair(network(entries, (2, 4)), version="2.15.0", backend="tensorflow")
    assert "count" in [each.layer for each in found.findings if not each.repair]


def test_no_configuration_of_a_few_bytes_makes_a_matrix_of_gigabytes() -> None:
    layer = entry("TFOpLambda", "tf.diag", function="linalg.diag")
    config = network([(layer, [["x", 0, 0, {}]])], (10_000_000,))
    found = repair(config, version="2.15.0", backend="tensorflow")
    assert [each.message for each in found.findings if not each.repair] == [
        "It calls TensorFlow's linalg.diag, and its matrices have more than 1,000 rows."
    ]


def test_matrices_of_which_the_inverse_is_taken() -> None:
    x = some(3, 3) + 3 * np.eye(3, dtype=np.float32)
    for function, expected in (("linalg.inv", np.linalg.inv(x)), ("linalg.det", np.linalg.det(x))):
        layer = entry("TFOpLambda", "tf.f", function=function)
        answer = asked(network([(layer, [["x", 0, 0, {}]])], (3, 3)), x)
        assert answer == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("function", "given", "expected"),
    [
        ("ones", {}, 1.0),
        ("zeros", {}, 0.0),
        ("fill", {"value": 2.5}, 2.5),
    ],
)
def test_tensors_filled_with_a_number(function: str, given: Table, expected: float) -> None:
    x = some(2, 3)
    entries = [
        (entry("TFOpLambda", "size", function="shape"), [["x", 0, 0, {}]]),
        (entry("TFOpLambda", "filled", function=function), [["size", 0, 0, given]]),
        (entry("TFOpLambda", "sum", function="math.add"), [["x", 0, 0, {"y": ["filled", 0, 0]}]]),
    ]
    answer = asked(network(entries, (2, 3)), x, is_shape_told=False)
    assert answer == pytest.approx(x + expected, abs=1e-6)


@pytest.mark.parametrize(
    ("first", "given", "expected"),
    [
        (["n", 0, 0], {}, np.arange(4)),
        (["_CONSTANT_VALUE", -1, 1], {"limit": ["n", 0, 0]}, np.arange(1, 4)),
        (["_CONSTANT_VALUE", -1, 0], {"limit": ["n", 0, 0], "delta": 2}, np.arange(0, 4, 2)),
    ],
)
def test_positions_counted_by_the_size_of_a_tensor(
    first: list[Any], given: Table, expected: Any
) -> None:
    sizes = entry("TFOpLambda", "size", function="shape")
    part = entry("SlicingOpLambda", "n", function="__operators__.getitem")
    counting, node = entry("TFOpLambda", "count", function="range"), [[*first, given]]
    entries = [
        (sizes, [["x", 0, 0, {}]]),
        (part, [["size", 0, 0, {"slice_spec": [2]}]]),
        (counting, node),
        (entry("TFOpLambda", "sum", function="math.reduce_sum"), [["x", 0, 0, {"axis": [1, 2]}]]),
        (entry("TFOpLambda", "row", function="expand_dims"), [["sum", 0, 0, {"axis": -1}]]),
        (entry("TFOpLambda", "type", function="cast"), [["count", 0, 0, {"dtype": "float32"}]]),
        (entry("TFOpLambda", "added", function="math.add"), [["row", 0, 0, {"y": ["type", 0, 0]}]]),
    ]
    x = some(2, 4)
    answer = asked(network(entries, (2, 4)), x, is_shape_told=False)
    assert answer == pytest.approx(x.sum() + expected, abs=1e-5)


def test_sizes_counted_as_numbers() -> None:
    for function, expected in (("rank", 3), ("size", 6)):
        entries = [
            (entry("SlicingOpLambda", "one", function="__operators__.getitem"),
             [["x", 0, 0, {"slice_spec": [0]}]]),
            (entry("TFOpLambda", "n", function=function),
             [["x" if function == "rank" else "one", 0, 0, {}]]),
            (entry("TFOpLambda", "f", function="cast"), [["n", 0, 0, {"dtype": "float32"}]]),
            (entry("TFOpLambda", "sum", function="math.add"), [["x", 0, 0, {"y": ["f", 0, 0]}]]),
        ]  # fmt: skip
        x = some(2, 3)
        assert asked(network(entries, (2, 3)), x) == pytest.approx(x + expected, abs=1e-6)


def test_classes_marked_by_other_numbers() -> None:
    entries = [
        (entry("TFOpLambda", "best", function="math.argmax"), [["x", 0, 0, {"axis": -1}]]),
        (entry("TFOpLambda", "marks", function="one_hot"),
         [["best", 0, 0, {"depth": 4, "on_value": 2.0, "off_value": -1.0}]]),
    ]  # fmt: skip
    x = some(3, 4)
    expected = np.where(np.arange(4) == x.argmax(-1)[:, None], 2, -1)
    assert asked(network(entries, (3, 4)), x) == pytest.approx(expected, abs=1e-6)


KERNEL = some(2, 3, 3, 2)
ALIGNED = {"align_corners": True}
PICTURE_FUNCTIONS: list[tuple[str, Table, Callable[[Any], Any]]] = [
    ("image.resize_with_pad", {"target_height": 7, "target_width": 20},
     lambda x: tf.image.resize_with_pad(x, 7, 20)),
    ("image.resize_with_crop_or_pad", {"target_height": 3, "target_width": 17},
     lambda x: tf.image.resize_with_crop_or_pad(x, 3, 17)),
    ("image.pad_to_bounding_box",
     {"offset_height": 1, "offset_width": 2, "target_height": 20, "target_width": 19},
     lambda x: tf.image.pad_to_bounding_box(x, 1, 2, 20, 19)),
    ("compat.v1.nn.pool", {"window_shape": [2, 3], "pooling_type": "AVG", "strides": [2, 1],
     "padding": "SAME"}, lambda x: tf.nn.pool(x, [2, 3], "AVG", [2, 1], "SAME")),
    ("nn.convolution", {"filters": KERNEL.tolist(), "padding": "SAME", "data_format": None},
     lambda x: tf.nn.convolution(x, KERNEL, padding="SAME")),
    ("compat.v1.nn.separable_conv2d",
     {"depthwise_filter": KERNEL.tolist(), "pointwise_filter": KERNEL.reshape(1, 1, 6, 6).tolist(),
      "strides": [1, 1, 1, 1], "padding": "VALID"},
     lambda x: tf.nn.separable_conv2d(x, KERNEL, KERNEL.reshape(1, 1, 6, 6), [1, 1, 1, 1],
                                      "VALID")),
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
    ("nn.local_response_normalization", {}, tf.nn.local_response_normalization),
    ("compat.v1.nn.lrn", {"depth_radius": 1, "bias": 2.0, "alpha": 1e-2, "beta": 0.75},
     lambda x: tf.nn.local_response_normalization(x, 1, 2.0, 1e-2, 0.75)),
    ("image.adjust_contrast", {"contrast_factor": 2.5},
     lambda x: tf.image.adjust_contrast(x, 2.5)),
    ("image.adjust_brightness", {"delta": 0.25}, lambda x: tf.image.adjust_brightness(x, 0.25)),
    ("image.transpose", {}, tf.image.transpose),
    ("image.central_crop", {"central_fraction": 0.5}, lambda x: tf.image.central_crop(x, 0.5)),
    ("image.rot90", {"k": 3}, lambda x: tf.image.rot90(x, 3)),
    ("image.rot90", {}, tf.image.rot90),
    ("image.rot90", {"k": 2}, lambda x: tf.image.rot90(x, 2)),
    ("image.rot90", {"k": 4}, lambda x: x),
    ("image.crop_to_bounding_box",
     {"offset_height": 1, "offset_width": 2, "target_height": 4, "target_width": 3},
     lambda x: tf.image.crop_to_bounding_box(x, 1, 2, 4, 3)),
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
    check_of_pictures(function, given, some(7, 8, 1 if "gray" in function else 3), expected)


def check_of_pictures(
    function: str, given: Table, x: np.ndarray, expected: Callable[[Any], Any]
) -> None:
    layer = entry("TFOpLambda", f"tf.{function}", function=function)
    answer = asked(network([(layer, [["x", 0, 0, given]])], x.shape), x)
    assert answer == pytest.approx(np.asarray(expected(x[None]))[0], abs=1e-5)


COLOUR_FUNCTIONS: list[tuple[str, Table, Callable[[Any], Any]]] = [
    ("adjust_gamma", {"gamma": 1.5, "gain": 2.0}, lambda x: tf.image.adjust_gamma(x, 1.5, 2.0)),
    ("adjust_hue", {"delta": 0.3}, lambda x: tf.image.adjust_hue(x, 0.3)),
    ("adjust_saturation", {"saturation_factor": 1.5},
     lambda x: tf.image.adjust_saturation(x, 1.5)),
    ("rgb_to_yiq", {}, lambda x: tf.image.rgb_to_yiq(x)),
    ("rgb_to_yuv", {}, lambda x: tf.image.rgb_to_yuv(x)),
    ("yiq_to_rgb", {}, lambda x: tf.image.yiq_to_rgb(x)),
    ("yuv_to_rgb", {}, lambda x: tf.image.yuv_to_rgb(x)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "given", "expected"),
    COLOUR_FUNCTIONS,
    ids=[name for name, _, _ in COLOUR_FUNCTIONS],
)
def test_a_function_of_tensorflow_for_colours(
    function: str, given: Table, expected: Callable[[Any], Any]
) -> None:
    check_of_pictures(f"image.{function}", given, np.abs(some(5, 6, 3)), expected)


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


# ------------------------------------------------------------------ shapes


def _shape(*then: tuple[Table, Any]) -> list[tuple[Table, Any]]:
    """The shape of x, its height and its width, and what is made of them."""
    take = [
        (entry("SlicingOpLambda", name, function="__operators__.getitem"),
         [["shape", 0, 0, {"slice_spec": [place]}]])
        for place, name in enumerate(("batch", "height", "width"))
    ]  # fmt: skip
    return [(entry("TFOpLambda", "shape", function="shape"), [["x", 0, 0, {}]]), *take, *then]


ROW: list[tuple[Table, Any]] = [
    (entry("TFOpLambda", "area", function="math.multiply"),
     [["height", 0, 0, {"y": ["width", 0, 0]}]]),
    (entry("TFOpLambda", "flat", function="reshape"),
     [["x", 0, 0, {"shape": [["batch", 0, 0], ["area", 0, 0], 2]}]]),
]  # fmt: skip
"""tf.reshape(x, [batch, height * width, 2])"""


def test_sizes_that_a_network_reckons_with_are_numbers_here() -> None:
    """tf.reshape(x, [batch, height * width, 2]), tf.image.resize(x, tf.shape(x)[1:3] * 2)."""
    x = some(3, 4, 2)
    assert asked(network(_shape(*ROW), (3, 4, 2)), x) == pytest.approx(x.reshape(12, 2), abs=1e-6)
    both = (entry("SlicingOpLambda", "both", function="__operators__.getitem"),
            [["shape", 0, 0, {"slice_spec": [{"start": 1, "stop": 3, "step": None}]}]])  # fmt: skip
    twice = (entry("TFOpLambda", "twice", function="math.multiply"), [["both", 0, 0, {"y": 2}]])
    large = (entry("TFOpLambda", "large", function="image.resize"),
             [["x", 0, 0, {"size": ["twice", 0, 0], "method": "nearest"}]])  # fmt: skip
    answer = asked(network(_shape(both, twice, large), (3, 4, 2)), x, is_shape_told=False)
    assert answer == pytest.approx(x.repeat(2, 0).repeat(2, 1), abs=1e-6)
    scaled = (entry("TFOpLambda", "scaled", function="math.multiply"),
              [["x", 0, 0, {"y": ["width", 0, 0]}]])  # fmt: skip
    assert asked(network(_shape(scaled), (3, 4, 2)), x) == pytest.approx(4 * x, abs=1e-6)


def test_scores_are_scaled_by_the_root_of_a_size() -> None:
    """tf.matmul(x, x, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(x)[-1], tf.float32))."""
    x = some(3, 4)
    entries = [
        (entry("TFOpLambda", "shape", function="compat.v1.shape"), [["x", 0, 0, {}]]),
        (entry("SlicingOpLambda", "last", function="__operators__.getitem"),
         [["shape", 0, 0, {"slice_spec": [-1]}]]),
        (entry("TFOpLambda", "number", function="cast"), [["last", 0, 0, {"dtype": "float32"}]]),
        (entry("TFOpLambda", "root", function="math.sqrt"), [["number", 0, 0, {}]]),
        (entry("TFOpLambda", "scores", function="linalg.matmul"),
         [["x", 0, 0, {"b": ["x", 0, 0], "transpose_b": True}]]),
        (entry("TFOpLambda", "scaled", function="math.truediv"),
         [["scores", 0, 0, {"y": ["root", 0, 0]}]]),
    ]  # fmt: skip
    assert asked(network(entries, (3, 4)), x) == pytest.approx(x @ x.T / 2, abs=1e-6)
    found = repair(network(entries, (3, None)), version="2.15.0", backend="")
    assert not found.loads  # the size is known with a sample alone


def test_a_picture_of_any_size_is_put_in_a_row() -> None:
    """Height times width is not known, and neither is the batch."""
    x = some(3, 4, 2)
    answer = asked(network(_shape(*ROW), (None, None, 2)), x)
    assert answer == pytest.approx(x.reshape(12, 2), abs=1e-6)


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
    assert asked(network(entries, (6, 4)), x) == pytest.approx(x.reshape(2, 12), abs=1e-6)


def test_half_of_what_is_not_known_is_no_batch() -> None:
    half = (entry("TFOpLambda", "half", function="math.floordiv"), [["height", 0, 0, {"y": 2}]])
    flat = (entry("TFOpLambda", "flat", function="reshape"),
            [["x", 0, 0, {"shape": [["half", 0, 0], ["width", 0, 0], 4]}]])  # fmt: skip
    found = repair(network(_shape(half, flat), (None, None, 2)), version="2.15.0", backend="")
    (lost,) = [each.message for each in found.findings if not each.repair]
    assert "the shape it asks for is not known well enough" in lost


def test_shapes_that_are_put_together_are_shapes() -> None:
    """tf.reshape(x, tf.concat([tf.shape(x)[:1], [6, 2], tf.shape(x)[2:3]], 0))."""
    x, along = some(3, 4, 4), {"axis": 0}
    cuts = [
        (entry("SlicingOpLambda", name, function="__operators__.getitem"),
         [["shape", 0, 0, {"slice_spec": [{"start": start, "stop": stop, "step": None}]}]])
        for name, start, stop in (("first", None, 1), ("third", 2, 3))
    ]  # fmt: skip
    numbers = [["_CONSTANT_VALUE", -1, number, along] for number in (6, 2)]
    parts = [["first", 0, 0, along], numbers, ["third", 0, 0, along]]
    whole = (entry("TFOpLambda", "whole", function="concat"), [parts])
    flat = (entry("TFOpLambda", "flat", function="reshape"),
            [["x", 0, 0, {"shape": ["whole", 0, 0]}]])  # fmt: skip
    answer = asked(network(_shape(*cuts, whole, flat), (3, 4, 4)), x, is_shape_told=False)
    assert answer == pytest.approx(x.reshape(6, 2, 4), abs=1e-6)


def test_batch_that_was_put_together_with_time_comes_apart_again() -> None:
    """y = tf.reshape(x, [-1, 8]); tf.reshape(y, [tf.shape(x)[0], 3, 8])."""
    x = some(3, 4, 2)
    merged = (entry("TFOpLambda", "merged", function="reshape"),
              [["x", 0, 0, {"shape": [-1, 8]}]])  # fmt: skip
    apart = (entry("TFOpLambda", "apart", function="reshape"),
             [["merged", 0, 0, {"shape": [["batch", 0, 0], 3, 8]}]])  # fmt: skip
    answer = asked(network(_shape(merged, apart), (3, 4, 2)), x)
    assert answer == pytest.approx(x.reshape(3, 8), abs=1e-6)
    lost = (entry("TFOpLambda", "apart", function="reshape"),
            [["merged", 0, 0, {"shape": [["batch", 0, 0], -1]}]])  # fmt: skip
    found = repair(network(_shape(merged, lost), (3, 4, 2)), version="2.15.0", backend="")
    assert not found.loads


@pytest.mark.parametrize("function", ["math.multiply", "concat"])
def test_a_shape_of_nothing_is_a_finding(function: str) -> None:
    """tf.shape(x)[5:] * 2."""
    beyond = {"start": 5, "stop": None, "step": None}
    none = (entry("SlicingOpLambda", "none", function="__operators__.getitem"),
            [["shape", 0, 0, {"slice_spec": [beyond]}]])  # fmt: skip
    node = [["none", 0, 0, {"y": 2}]] if "mul" in function else [[["none", 0, 0, {"axis": 0}], []]]
    made = (entry("TFOpLambda", "made", function=function), node)
    found = repair(network(_shape(none, made), (3, 4, 2)), version="2.15.0", backend="")
    assert [each.layer for each in found.findings if not each.repair] == ["made"]


@pytest.mark.parametrize(
    ("function", "given", "mean"),
    [("random.truncated_normal", {}, 0.0), ("random.normal", {"mean": 2.0, "stddev": 3.0}, 2.0),
     ("random.uniform", {"minval": -1.0, "maxval": 2.0}, 0.5), ("random.uniform", {}, 0.5)],
)  # fmt: skip
def test_random_numbers_are_their_mean_so_that_an_answer_is_the_same_again(
    function: str, given: Table, mean: float
) -> None:
    """z = mean + exp(log_variance) * tf.random.normal([tf.shape(mean)[0], 2, 5])."""
    x = some(3, 4, 2)
    sizes = [["batch", 0, 0, given], *(["_CONSTANT_VALUE", -1, size, given] for size in (2, 5))]
    drawn = (entry("TFOpLambda", "drawn", function=function), [sizes])
    config = network(_shape(drawn), x.shape)
    assert asked(config, x) == pytest.approx(np.full((2, 5), mean), abs=1e-6)
    found = repair(config, version="2.15.0", backend="tensorflow")
    (told,) = [each.repair for each in found.findings if each.layer == "drawn"]
    assert told.endswith("In the place of random numbers stands their mean.")


def test_bytes_are_resized_as_numbers() -> None:
    """TensorFlow answers in floating numbers; differences of bytes would wrap round."""
    x = np.array([[[200]], [[10]], [[250]], [[30]]], np.uint8)
    layer = entry("TFOpLambda", "large", function="compat.v1.image.resize")
    config = network([(layer, [["x", 0, 0, {"size": [8, 1]}]])], x.shape)
    config["config"]["layers"][0]["config"]["dtype"] = "uint8"
    expected = tf.compat.v1.image.resize(x[None], [8, 1])[0]
    assert asked(config, x) == pytest.approx(np.asarray(expected), abs=1e-6)
