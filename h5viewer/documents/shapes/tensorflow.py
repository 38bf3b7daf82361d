"""TensorFlow functions among the layers of a tf.keras model.

TFOpLambda, SlicingOpLambda   `function`: "math.reduce_mean", "__operators__.getitem";
                              arguments by name in the node
TensorFlowOpLayer             `node_def`: a node of TensorFlow's graph, `constants`
"""

from __future__ import annotations

import json

from h5viewer.documents.json_text import table
from h5viewer.documents.shapes import arrays, matrices, merging
from h5viewer.documents.shapes import picture_operations as pictures
from h5viewer.documents.shapes import tensorflow_rules as rules
from h5viewer.documents.shapes.axes import (
    Axes,
    Config,
    Fed,
    Made,
    Rule,
    ShapeUnknown,
    Tensor,
    as_list,
    one,
)
from h5viewer.documents.shapes.operations import (
    combined,
    kept,
    ravel,
    resize,
)

_LONGEST_NODE = 100_000  # characters of a node_def
_PREFIXES = ("math.", "nn.", "linalg.", "compat.v1.", "__operators__.", "keras.backend.")


def function_call(config: Config, fed: Fed) -> Made:
    """TFOpLambda and SlicingOpLambda."""
    name = config.get("function")
    if not isinstance(name, str):
        raise ShapeUnknown("The function it calls is not named.")
    rule = _FUNCTIONS.get(_short(name))
    if rule is None:
        raise ShapeUnknown("The TensorFlow function it calls is not one whose shape is known.")
    return rule({}, fed)


def _short(name: str) -> str:
    for prefix in _PREFIXES * 2:
        name = name.removeprefix(prefix)
    return name


def is_multiplying(config: Config) -> bool:
    """True when the function multiplies matrices, or is not known."""
    name = config.get("function")
    if not isinstance(name, str):
        return True
    return _short(name) in _MULTIPLYING or _short(name) not in _FUNCTIONS


_KEEPING = (
    "abs cast ceil clip_by_value convert_to_tensor cos cosh digamma dropout elu erf exp expm1 "
    "floor gelu identity is_finite is_inf is_nan l2_normalize leaky_relu log log1p log_sigmoid "
    "log_softmax logical_not negative neg ones_like reciprocal relu relu6 reverse round rsqrt "
    "selu sigmoid sign silu sin sinh softmax softplus softsign sqrt square stop_gradient swish "
    "tan tanh zeros_like saturate_cast cumsum cumprod batch_normalization clip_by_norm "
    "ensure_shape acos acosh asin asinh atan atanh erfinv rint invert not clip sort argsort roll "
    "prevent_gradient debugging.check_numerics to_float to_int32 to_int64 lrn "
    "image.adjust_brightness image.adjust_contrast image.flip_left_right image.flip_up_down "
    "image.rgb_to_hsv image.hsv_to_rgb image.per_image_standardization "
    "local_response_normalization image.adjust_gamma image.adjust_hue image.adjust_saturation "
    "image.rgb_to_yiq image.yiq_to_rgb image.rgb_to_yuv image.yuv_to_rgb"
)
_COMBINING = (
    "add add_n subtract sub multiply mul divide truediv div div_no_nan divide_no_nan floordiv mod "
    "floormod pow maximum minimum squared_difference equal not_equal greater greater_equal less "
    "less_equal logical_and logical_or logical_xor atan2 add_v2 bias_add where radd rsub rmul "
    "rtruediv rpow eq ne gt ge lt le and or xor where_v2 rdiv rfloordiv rmod realdiv floor_div "
    "floor_mod scalar_mul xlogy xdivy accumulate_n sigmoid_cross_entropy_with_logits "
    "binary_crossentropy"
)
_REDUCING = (
    "reduce_mean reduce_sum reduce_max reduce_min reduce_prod reduce_all reduce_any "
    "reduce_logsumexp reduce_std reduce_variance reduce_euclidean_norm count_nonzero norm "
    "mean sum max min prod all any logsumexp std var"
)
_MULTIPLYING = frozenset({
    "matmul", "tensordot", "einsum", "batch_matmul", "dot", "conv2d", "depthwise_conv2d",
    "depthwise_conv2d_native", "conv1d", "convolution", "separable_conv2d",
})  # fmt: skip
_CROSS_ENTROPIES = (
    "categorical_crossentropy", "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_v2",
)  # fmt: skip
_MATRICES = ("band_part", "matrix_band_part", "cholesky", "inv", "matrix_inverse")
_FUNCTIONS: dict[str, Rule] = {
    **dict.fromkeys(_KEEPING.split(), kept),
    **dict.fromkeys(_COMBINING.split(), rules.combined),
    **dict.fromkeys(_REDUCING.split(), rules.reduction),
    **dict.fromkeys(("range", "arange"), rules.counted),
    **dict.fromkeys(("ones", "zeros", "fill"), rules.drawn),
    **dict.fromkeys(("l2_loss", "zero_fraction", "rank", "size"), rules.single),
    **dict.fromkeys(_MATRICES, matrices.kept),
    **dict.fromkeys(("det", "matrix_determinant", "trace"), matrices.in_one),
    **dict.fromkeys(("diag", "matrix_diag"), matrices.spread),
    **dict.fromkeys(("diag_part", "matrix_diag_part"), matrices.diagonal),
    **dict.fromkeys(_CROSS_ENTROPIES, rules.summed_at_the_end),
    "arg_max": rules.arg_reduction,
    "arg_min": rules.arg_reduction,
    "argmax": rules.arg_reduction,
    "argmin": rules.arg_reduction,
    "avg_pool": pictures.pool(2),
    "avg_pool1d": pictures.pool(1),
    "avg_pool2d": pictures.pool(2),
    "batch_flatten": rules.batch_flatten,
    "broadcast_to": rules.broadcast_to,
    "concat": rules.concat,
    "concatenate": rules.concatenate,
    "conv1d": pictures.convolution("", 1),
    "conv2d": pictures.convolution(""),
    "convolution": pictures.convolution(""),
    "crelu": rules.both_signs,
    "depth_to_space": pictures.blocks(pictures.from_depth),
    "depthwise_conv2d": pictures.convolution("depthwise"),
    "depthwise_conv2d_native": pictures.convolution("depthwise"),
    "dot": rules.matmul,
    "einsum": rules.einsum,
    "embedding_lookup": rules.look_up,
    "expand_dims": rules.expand,
    "flatten": ravel,
    "gather": rules.gather,
    "getitem": rules.get_item,
    "image.central_crop": pictures.in_the_middle,
    "image.crop_to_bounding_box": pictures.cut_out,
    "image.extract_patches": pictures.extracted,
    "image.grayscale_to_rgb": pictures.with_channels(3),
    "image.pad_to_bounding_box": pictures.cut_out,
    "image.resize_with_crop_or_pad": pictures.framed,
    "image.resize_with_pad": pictures.framed,
    "image.resize": resize,
    "image.resize_bilinear": resize,
    "image.resize_images": resize,
    "image.resize_nearest_neighbor": resize,
    "image.rgb_to_grayscale": pictures.with_channels(1),
    "image.rot90": pictures.quarter_turned,
    "image.transpose": pictures.upright,
    "matmul": rules.matmul,
    "matrix_transpose": matrices.swapped,
    "max_pool": pictures.pool(2),
    "max_pool1d": pictures.pool(1),
    "max_pool2d": pictures.pool(2),
    "moments": rules.moments,
    "one_hot": rules.one_hot,
    "pad": rules.padded,
    "permute_dimensions": rules.permute,
    "random.normal": rules.drawn,
    "random.truncated_normal": rules.drawn,
    "random.uniform": rules.drawn,
    "random_normal": rules.drawn,
    "random_uniform": rules.drawn,
    "truncated_normal": rules.drawn,
    "pool": pictures.pool_of_any_kind,
    "separable_conv2d": pictures.separable,
    "signal.frame": rules.windows,
    "repeat": rules.repeat,
    "repeat_elements": rules.repeat,
    "reshape": rules.reshape,
    "resize_images": pictures.enlarged,
    "shape": rules.shape_of,
    "slice": rules.slice_of_size,
    "space_to_depth": pictures.blocks(pictures.to_depth),
    "split": rules.split,
    "squeeze": rules.squeeze,
    "stack": rules.stack,
    "tensordot": rules.tensordot,
    "tile": rules.tile,
    "top_k": rules.top_k,
    "transpose": rules.transpose,
    "unstack": rules.unstack,
}


def graph_node(config: Config, fed: Fed) -> Made:
    """TensorFlowOpLayer: inputs are tensors, with constants at stated places among them."""
    node, constants = _node(config), table(config.get("constants"))
    operation, settings = node.get("op"), table(node.get("attr"))
    rule = _NODES.get(operation) if isinstance(operation, str) else None
    if rule is None:
        raise ShapeUnknown("The TensorFlow operation it runs is not one whose shape is known.")
    tensors = [Tensor(shape) for shape in fed.shapes]
    args: list[object] = []
    for place in range(len(tensors) + len(constants)):
        held = constants.get(str(place))
        args.append(held if held is not None else tensors.pop(0) if tensors else None)
    return rule(settings, Fed(fed.shapes, args))


def is_multiplying_node(config: Config) -> bool:
    """True when the operation multiplies matrices, or is not known."""
    try:
        operation = _node(config).get("op")
    except ShapeUnknown:
        return True
    return not isinstance(operation, str) or operation not in _NODES or "MatMul" in operation


def _node(config: Config) -> dict[str, object]:
    node = config.get("node_def")
    if isinstance(node, str) and len(node) <= _LONGEST_NODE:
        try:
            node = json.loads(node)
        except (ValueError, RecursionError) as error:
            raise ShapeUnknown("The operation it runs cannot be read.") from error
    return table(node)


def _flag(settings: Config, *names: str) -> bool:
    return any(table(settings.get(name)).get("b") is True for name in names)


def _number(settings: Config, name: str) -> int:
    return _as_integer(table(settings.get(name)).get("i")) or 0


def _as_integer(value: object) -> int | None:
    """JSON of protocol buffers writes 64-bit integers as text."""
    if isinstance(value, str) and len(value) < 20 and value.lstrip("-").isdecimal():
        return int(value)
    return value if isinstance(value, int) else None


def _node_reduction(settings: Config, fed: Fed) -> Made:
    axis = fed.args[1] if len(fed.args) > 1 else None
    keep = _flag(settings, "keep_dims")
    return one(arrays.reduced(fed.one(), axis, keep=keep))


def _node_concat(_: Config, fed: Fed) -> Made:
    shapes = [each.shape for each in fed.args[:-1] if isinstance(each, Tensor)]
    known: list[Axes] = [each for each in shapes if each is not None]
    if len(known) < len(fed.args) - 1 or not known:
        raise ShapeUnknown("The shape of its input is not known.")
    return one(merging.joined(known, fed.args[-1]))


def _node_matmul(settings: Config, fed: Fed) -> Made:
    names = {
        "transpose_a": _flag(settings, "transpose_a", "adj_x"),
        "transpose_b": _flag(settings, "transpose_b", "adj_y"),
    }
    return rules.matmul({}, Fed(fed.shapes, fed.args, {**names}))


def _node_pack(settings: Config, fed: Fed) -> Made:
    shapes = [each.shape for each in fed.args if isinstance(each, Tensor)]
    known = [each for each in shapes if each is not None]
    if len(known) < len(fed.args):
        raise ShapeUnknown("The shape of its input is not known.")
    return one(arrays.stacked(known, _number(settings, "axis")))


def _node_one_hot(_: Config, fed: Fed) -> Made:
    depth = fed.args[1] if len(fed.args) > 1 else None
    return one(arrays.with_axis(fed.one(), depth, -1))


def _node_squeeze(settings: Config, fed: Fed) -> Made:
    stated = as_list(table(table(settings.get("squeeze_dims")).get("list")).get("i")) or []
    return one(arrays.squeezed(fed.one(), [_as_integer(each) for each in stated]))


def _node_slice(settings: Config, fed: Fed) -> Made:
    if _number(settings, "ellipsis_mask") or _number(settings, "new_axis_mask"):
        raise ShapeUnknown("Its slices stand for several axes.")
    stated = [as_list(each) for each in fed.args[1:4]]
    if len(stated) != 3 or None in stated:
        raise ShapeUnknown("Its slices depend on another tensor.")
    masks = [_number(settings, f"{name}_mask") for name in ("begin", "end", "shrink_axis")]
    spec: list[object] = []
    for place, (begin, end, step) in enumerate(zip(*(each or [] for each in stated), strict=False)):
        starts, ends, shrinks = (mask >> place & 1 for mask in masks)
        cut = {"start": None if starts else begin, "stop": None if ends else end, "step": step}
        spec.append(begin if shrinks else cut)
    return one(arrays.cut(fed.one(), spec))


_NODE_KEEPING = (
    "Abs Cast Ceil Cos Elu Erf Exp Floor Identity LeakyRelu Log Log1p LogSoftmax Neg Relu Relu6 "
    "Round Rsqrt Selu Sigmoid Sign Sin Softmax Softplus Softsign Sqrt Square StopGradient Tanh"
)
_NODE_COMBINING = (
    "Add AddV2 AddN Sub Mul RealDiv Div DivNoNan FloorDiv FloorMod Pow Maximum Minimum "
    "SquaredDifference Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr "
    "BiasAdd"
)
_NODES: dict[str, Rule] = {
    **dict.fromkeys(_NODE_KEEPING.split(), kept),
    **dict.fromkeys(_NODE_COMBINING.split(), combined),
    **dict.fromkeys(("Mean", "Sum", "Max", "Min", "Prod", "All", "Any"), _node_reduction),
    "ArgMax": _node_reduction,
    "ArgMin": _node_reduction,
    "BatchMatMul": _node_matmul,
    "BatchMatMulV2": _node_matmul,
    "ConcatV2": _node_concat,
    "ExpandDims": rules.expand,
    "MatMul": _node_matmul,
    "OneHot": _node_one_hot,
    "Pack": _node_pack,
    "Pad": rules.padded,
    "PadV2": rules.padded,
    "Reshape": rules.reshape,
    "ResizeBilinear": resize,
    "ResizeNearestNeighbor": resize,
    "Shape": rules.shape_of,
    "Squeeze": _node_squeeze,
    "StridedSlice": _node_slice,
    "Tile": rules.tile,
    "Transpose": rules.transpose,
}
