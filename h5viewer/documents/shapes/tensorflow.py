"""TensorFlow functions among the layers of a tf.keras model.

TFOpLambda, SlicingOpLambda   `function`: "math.reduce_mean", "__operators__.getitem";
                              arguments by name in the node
TensorFlowOpLayer             `node_def`: a node of TensorFlow's graph, `constants`
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from h5viewer.documents.json_text import table
from h5viewer.documents.shapes import arrays, einsum, merging
from h5viewer.documents.shapes.axes import (
    Axes,
    Config,
    Fed,
    Made,
    Rule,
    ShapeUnknown,
    Tensor,
    as_list,
    axis_of,
    one,
    whole,
)
from h5viewer.documents.shapes.operations import (
    argument,
    combined,
    kept,
    operands,
    resize,
    tensordot,
    top_k,
)
from h5viewer.documents.shapes.reshaping import refilled

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


def _reduction(_: Config, fed: Fed) -> Made:
    axis = argument({}, fed, 1, "axis", "reduction_indices", "dimension")
    keep = fed.kwargs.get("keepdims") is True or fed.kwargs.get("keep_dims") is True
    return one(arrays.reduced(fed.one(), axis, keep=keep))


def _arg_reduction(_: Config, fed: Fed) -> Made:
    axis = argument({}, fed, 1, "axis", "dimension")
    return one(arrays.reduced(fed.one(), 0 if axis is None else axis, keep=False))


def _reshape(_: Config, fed: Fed) -> Made:
    stated = argument({}, fed, 1, "shape")
    if isinstance(stated, Tensor):
        if stated.value is None:
            raise ShapeUnknown("Its target shape depends on another tensor.")
        return one(stated.value)
    target = as_list(stated)
    if target is None:
        raise ShapeUnknown("Its target shape is no list of sizes.")
    shape, sizes = fed.one(), [_size(each) for each in target]
    if None not in sizes:
        return one(refilled(shape, list(sizes)))
    # Sizes that other tensors hold: a -1 beside them stays unknown.
    return one(tuple(None if each is None or each == -1 else each for each in sizes))


def _size(value: object) -> int | None:
    """A size in a target shape; None: another tensor holds it."""
    if isinstance(value, Tensor):
        held = value.value
        return held[0] if held is not None and len(held) == 1 else None
    return whole(value, "shape")


def _shape(_: Config, fed: Fed) -> Made:
    return one((len(fed.one()),))


def _get_item(_: Config, fed: Fed) -> Made:
    return one(arrays.cut(fed.one(), argument({}, fed, 1, "slice_spec")))


def _concat(_: Config, fed: Fed) -> Made:
    return one(merging.joined(fed.all(), argument({}, fed, 1, "axis", "concat_dim")))


def _stack(_: Config, fed: Fed) -> Made:
    return one(arrays.stacked(fed.all(), fed.kwargs.get("axis", 0)))


def _unstack(_: Config, fed: Fed) -> Made:
    shape = fed.one()
    place = axis_of(fed.kwargs.get("axis", 0), len(shape))
    n = fed.kwargs.get("num")
    made = arrays.split(shape, shape[place] if n is None else n, place, at_places=True)
    return Made([arrays.reduced(each or (), place, keep=False) for each in made.shapes])


def _split(_: Config, fed: Fed) -> Made:
    parts = argument({}, fed, 1, "num_or_size_splits")
    return arrays.split(fed.one(), parts, fed.kwargs.get("axis", 0), at_places=False)


def _transpose(_: Config, fed: Fed) -> Made:
    return one(arrays.transposed(fed.one(), argument({}, fed, 1, "perm")))


def _expand(_: Config, fed: Fed) -> Made:
    return one(arrays.expanded(fed.one(), argument({}, fed, 1, "axis", "dim")))


def _squeeze(_: Config, fed: Fed) -> Made:
    return one(arrays.squeezed(fed.one(), argument({}, fed, 1, "axis", "squeeze_dims")))


def _matmul(_: Config, fed: Fed) -> Made:
    shapes = operands(Fed(fed.shapes, fed.args, _tensors(fed.kwargs)))
    if len(shapes) != 2 or min(len(shape) for shape in shapes) < 2:
        raise ShapeUnknown("It multiplies two matrices.")
    a, b = shapes
    if any(fed.kwargs.get(name) is True for name in ("transpose_a", "adjoint_a")):
        a = arrays.swapped(a, -1, -2)
    if any(fed.kwargs.get(name) is True for name in ("transpose_b", "adjoint_b")):
        b = arrays.swapped(b, -1, -2)
    return arrays.multiplied(a, b)


def _tensors(kwargs: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in kwargs.items() if isinstance(value, Tensor | list)}


def _combined(_: Config, fed: Fed) -> Made:
    names = ("x", "y", "value", "bias", "condition")
    kwargs = {name: value for name, value in fed.kwargs.items() if name in names}
    return combined({}, Fed(fed.shapes, fed.args, kwargs))


def _tensordot(_: Config, fed: Fed) -> Made:
    axes = fed.kwargs.get("axes", 2)
    return tensordot({"axes": axes}, Fed(fed.shapes, fed.args, _tensors(_without(fed, "axes"))))


def _without(fed: Fed, *names: str) -> dict[str, object]:
    return {name: value for name, value in fed.kwargs.items() if name not in names}


def _einsum(_: Config, fed: Fed) -> Made:
    inputs, output = einsum.equation_of(argument({}, fed, 0, "equation"))
    return einsum.multiplied(fed.all(), inputs, output)


def _tile(_: Config, fed: Fed) -> Made:
    return one(arrays.tiled(fed.one(), argument({}, fed, 1, "multiples")))


def _pad(_: Config, fed: Fed) -> Made:
    return one(arrays.padded(fed.one(), argument({}, fed, 1, "paddings")))


def _one_hot(_: Config, fed: Fed) -> Made:
    axis = fed.kwargs.get("axis")
    depth = argument({}, fed, 1, "depth")
    return one(arrays.with_axis(fed.one(), depth, -1 if axis is None else axis))


def _broadcast_to(_: Config, fed: Fed) -> Made:
    stated = as_list(argument({}, fed, 1, "shape"))
    if stated is None:
        raise ShapeUnknown("Its target shape depends on another tensor.")
    sizes = [_size(each) for each in stated]
    return one(tuple(None if each == -1 else each for each in sizes))


def _gather(_: Config, fed: Fed) -> Made:
    shapes = operands(Fed(fed.shapes, fed.args, _without(fed, "axis", "batch_dims")))
    axis = fed.kwargs.get("axis")
    if len(shapes) != 2 or fed.kwargs.get("batch_dims") not in (None, 0):
        raise ShapeUnknown("Which places it takes is not known.")
    place = axis_of(0 if axis is None else axis, len(shapes[0]))
    return one((*shapes[0][:place], *shapes[1], *shapes[0][place + 1 :]))


def _top_k(_: Config, fed: Fed) -> Made:
    return top_k({"k": argument({}, fed, 1, "k")}, fed)


_KEEPING = (
    "abs cast ceil clip_by_value convert_to_tensor cos cosh digamma dropout elu erf exp expm1 "
    "floor gelu identity is_finite is_inf is_nan l2_normalize leaky_relu log log1p log_sigmoid "
    "log_softmax logical_not negative neg ones_like reciprocal relu relu6 reverse round rsqrt "
    "selu sigmoid sign silu sin sinh softmax softplus softsign sqrt square stop_gradient swish "
    "tan tanh zeros_like saturate_cast cumsum cumprod batch_normalization clip_by_norm ensure_shape"
)
_COMBINING = (
    "add add_n subtract sub multiply mul divide truediv div div_no_nan divide_no_nan floordiv mod "
    "floormod pow maximum minimum squared_difference equal not_equal greater greater_equal less "
    "less_equal logical_and logical_or logical_xor atan2 add_v2 bias_add where radd rsub rmul "
    "rtruediv rpow eq ne gt ge lt le and or xor where_v2"
)
_REDUCING = (
    "reduce_mean reduce_sum reduce_max reduce_min reduce_prod reduce_all reduce_any "
    "reduce_logsumexp reduce_std reduce_variance reduce_euclidean_norm count_nonzero norm"
)
_MULTIPLYING = frozenset({"matmul", "tensordot", "einsum", "batch_matmul"})
_FUNCTIONS: dict[str, Rule] = {
    **dict.fromkeys(_KEEPING.split(), kept),
    **dict.fromkeys(_COMBINING.split(), _combined),
    **dict.fromkeys(_REDUCING.split(), _reduction),
    "argmax": _arg_reduction, "argmin": _arg_reduction, "arg_max": _arg_reduction,
    "arg_min": _arg_reduction, "reshape": _reshape, "shape": _shape, "getitem": _get_item,
    "concat": _concat, "stack": _stack, "unstack": _unstack, "split": _split,
    "transpose": _transpose, "expand_dims": _expand, "squeeze": _squeeze, "matmul": _matmul,
    "tensordot": _tensordot, "einsum": _einsum, "tile": _tile, "pad": _pad, "one_hot": _one_hot,
    "broadcast_to": _broadcast_to, "gather": _gather, "top_k": _top_k, "image.resize": resize,
    "image.resize_bilinear": resize, "image.resize_nearest_neighbor": resize,
}  # fmt: skip


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
    return _matmul({}, Fed(fed.shapes, fed.args, {**names}))


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
    "ArgMax": _node_reduction, "ArgMin": _node_reduction, "Reshape": _reshape,
    "Shape": _shape, "ConcatV2": _node_concat, "MatMul": _node_matmul, "BatchMatMul": _node_matmul,
    "BatchMatMulV2": _node_matmul, "Pack": _node_pack, "Transpose": _transpose,
    "ExpandDims": _expand, "Squeeze": _node_squeeze, "Tile": _tile, "Pad": _pad, "PadV2": _pad,
    "OneHot": _node_one_hot, "ResizeBilinear": resize, "ResizeNearestNeighbor": resize,
}  # fmt: skip
