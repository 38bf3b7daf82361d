"""Functions of TensorFlow and of Keras' old backend, as operations of Keras 3: the table.

Names are those of tf.*, without "math.", "nn.", "linalg." and the like in front.
"""

from __future__ import annotations

from collections.abc import Callable

from h5viewer.documents.compatibility.calls import Call, Tensor
from h5viewer.documents.compatibility.chains import (
    CannotSay,
    Chain,
    Given,
    Symbolic,
    sizes_of,
)
from h5viewer.documents.compatibility.objects import policy
from h5viewer.documents.compatibility.slicing import get_item, strided_slice
from h5viewer.documents.compatibility.values import Plain
from h5viewer.documents.json_text import is_list
from h5viewer.documents.references import Reference

Result = Reference | Tensor | Symbolic
Builder = Callable[[Chain, Call], Result]

_X = "x|input|input_tensor|tensor|features|logits|value|inputs|images|data|a|values"


def unary(name: str, **settings: Plain) -> Builder:
    """One tensor in, one out."""

    def build(chain: Chain, call: Call) -> Result:
        return chain.add(name, Given(call, _X).tensor("x"), **settings)

    return build


def binary(name: str, *, is_reversed: bool = False) -> Builder:
    """Two operands; `is_reversed`: the second first."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, "x|value|a|input y|bias|b|other")
        x, y = given.operand("x"), given.operand("y")
        return chain.add(name, *((y, x) if is_reversed else (x, y)))

    return build


def reduction(name: str, **settings: Plain) -> Builder:
    """Over one axis, several or all."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{_X} axis|reduction_indices keepdims|keep_dims")
        keep = given.flag("keepdims")
        return chain.add(
            name, given.tensor("x"), axis=given.axes("axis"), keepdims=keep, **settings
        )

    return build


def same(_: Chain, call: Call) -> Result:
    """What goes in comes out."""
    return Given(call, _X).tensor("x")


def _arg(name: str) -> Builder:
    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{_X} axis|dimension")
        return chain.add(name, given.tensor("x"), axis=given.whole("axis", 0))

    return build


def _along(name: str, default: int = -1) -> Builder:
    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{_X} axis|dim")
        return chain.add(name, given.tensor("x"), axis=given.whole("axis", default))

    return build


def _shape(chain: Chain, call: Call) -> Result:
    x = Given(call, _X).tensor("x")
    shape = chain.shapes[0] if chain.shapes else None
    if shape is None:
        raise CannotSay("the shape it asks for is not known")
    return Symbolic(x, tuple(shape))


def _reshape(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} shape|newshape")
    return chain.add("Reshape", given.tensor("x"), newshape=list(sizes_of(given.get("shape"))))


def _transpose(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} perm|axes|pattern")
    return chain.add("Transpose", given.tensor("x"), axes=given.plain("perm"))


def _expand(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} axis|dim")
    return chain.add("ExpandDims", given.tensor("x"), axis=given.whole("axis", -1))


def _squeeze(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} axis|squeeze_dims")
    axes = given.axes("axis")
    return chain.add("Squeeze", given.tensor("x"), axis=None if axes == [] else axes)


def _concat(chain: Chain, call: Call) -> Result:
    given = Given(call, "values|tensors|inputs axis|concat_dim")
    return chain.add("Concatenate", given.tensors("values"), axis=given.whole("axis", -1))


def _stack(chain: Chain, call: Call) -> Result:
    given = Given(call, "values|x|inputs axis")
    listed = given.get("values")
    if is_list(listed) and any(isinstance(each, Symbolic) for each in listed):
        return _sizes_listed(listed)
    return chain.add("Stack", given.tensors("values"), axis=given.whole("axis", 0))


def _sizes_listed(listed: list[object]) -> Symbolic:
    """[batch, 3, 4] put together from sizes: a shape again."""
    first = next(each for each in listed if isinstance(each, Symbolic))
    sizes = sizes_of(listed)
    return Symbolic(first.of, tuple(None if size == -1 else size for size in sizes))


def _unstack(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} num axis")
    of = given.get("x")
    if isinstance(of, Symbolic) and of.place is None:
        return Symbolic(of.of, of.sizes, is_unstacked=True)
    num = given.plain("num")
    settings: dict[str, Plain] = {"num": num} if num is not None else {}
    return chain.add("Unstack", given.tensor("x"), axis=given.whole("axis", 0), **settings)


def _split(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} num_or_size_splits axis")
    parts = given.plain("num_or_size_splits")
    if isinstance(parts, list):
        sizes = [each for each in parts if isinstance(each, int) and each >= 0]
        if len(sizes) != len(parts):
            raise CannotSay("the sizes of the parts are not stated")
        parts = [sum(sizes[: i + 1]) for i in range(len(sizes) - 1)]
    return chain.add(
        "Split", given.tensor("x"), indices_or_sections=parts, axis=given.whole("axis", 0)
    )


def _tile(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} multiples|n|repeats")
    return chain.add("Tile", given.tensor("x"), repeats=given.plain("multiples"))


def _repeat(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} repeats|rep axis")
    repeats, axis = given.plain("repeats"), given.plain("axis")
    return chain.add("Repeat", given.tensor("x"), repeats=repeats, axis=axis)


def _pad(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} paddings mode constant_values")
    mode = str(given.plain("mode", "constant")).lower()
    x, width = given.tensor("x"), given.plain("paddings")
    filled = given.plain("constant_values", 0)
    if mode != "constant" or filled in (0, 0.0):
        return chain.add("Pad", x, pad_width=width, mode=mode)
    return chain.add("Pad", x, filled, pad_width=width, mode=mode)


def _one_hot(chain: Chain, call: Call) -> Result:
    given = Given(call, "indices|x depth|num_classes on_value off_value axis dtype")
    if given.plain("on_value", 1) not in (1, 1.0) or given.plain("off_value", 0) not in (0, 0.0):
        raise CannotSay("it marks places with other numbers than 1 and 0")
    dtype = policy(given.get("dtype")) or "float32"
    x = given.tensor("indices")
    depth, axis = given.whole("depth"), given.whole("axis", -1)
    return chain.add("OneHot", x, num_classes=depth, axis=axis, dtype=dtype)


def _cast(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} dtype")
    dtype = policy(given.get("dtype"))
    if dtype is None:
        raise CannotSay("the type of numbers it asks for is not known")
    return chain.add("Cast", given.tensor("x"), dtype=dtype)


def _cast_to(dtype: str) -> Builder:
    return lambda chain, call: chain.add("Cast", Given(call, _X).tensor("x"), dtype=dtype)


def _clip(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} low|clip_value_min|min_value high|clip_value_max|max_value")
    low, high = given.plain("low"), given.plain("high")
    return chain.add("Clip", given.tensor("x"), x_min=low, x_max=high)


def _gather(chain: Chain, call: Call) -> Result:
    given = Given(call, "params|reference|x indices validate_indices axis batch_dims")
    if given.plain("batch_dims", 0) not in (0, None):
        raise CannotSay("it gathers within each sample")
    x, indices = given.operand("params"), given.operand("indices")
    return chain.add("Take", x, indices, axis=given.whole("axis", 0))


def _matmul(chain: Chain, call: Call) -> Result:
    order = "a|x b|y transpose_a transpose_b adjoint_a adjoint_b a_is_sparse"
    given = Given(call, order)
    a, b = given.operand("a"), given.operand("b")
    if given.flag("transpose_a") or given.flag("adjoint_a"):
        a = chain.add("Swapaxes", a, axis1=-1, axis2=-2)
    if given.flag("transpose_b") or given.flag("adjoint_b"):
        b = chain.add("Swapaxes", b, axis1=-1, axis2=-2)
    return chain.add("Matmul", a, b)


def _tensordot(chain: Chain, call: Call) -> Result:
    given = Given(call, "a b axes")
    axes = given.plain("axes", 2)
    return chain.add("Tensordot", given.operand("a"), given.operand("b"), axes=axes)


def _einsum(chain: Chain, call: Call) -> Result:
    equation, operands = call.args[0] if call.args else None, call.args[1:]
    if not isinstance(equation, str):
        raise CannotSay("its equation is not stated")
    if not operands:
        raise CannotSay("the file does not say what it multiplies: Keras 2 did not save that")
    return chain.add("Einsum", *operands, subscripts=equation)


def _where(chain: Chain, call: Call) -> Result:
    given = Given(call, "condition x y")
    if given.get("x") is None:
        raise CannotSay("it lists places, as many as there happen to be")
    return chain.add("Where", *(given.operand(key) for key in ("condition", "x", "y")))


def _add_all(chain: Chain, call: Call) -> Result:
    given = Given(call, "inputs|x")
    total, *others = given.tensors("inputs")
    for other in others:
        total = chain.add("Add", total, other)
    if not isinstance(total, Reference | Tensor):
        raise CannotSay("it adds constants")
    return total


def _squared_difference(chain: Chain, call: Call) -> Result:
    given = Given(call, "x y")
    return chain.add("Square", chain.add("Subtract", given.operand("x"), given.operand("y")))


def _l2_normalize(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} axis|dim epsilon")
    x, epsilon = given.tensor("x"), given.plain("epsilon", 1e-12)
    total = chain.add("Sum", chain.add("Square", x), axis=given.axes("axis"), keepdims=True)
    bounded = chain.add("Maximum", total, epsilon)
    return chain.add("Multiply", x, chain.add("Rsqrt", bounded))


def _norm(chain: Chain, call: Call) -> Result:
    given = Given(call, "tensor|x ord axis keepdims")
    kind, keep = given.plain("ord", "euclidean"), given.flag("keepdims")
    if kind not in ("euclidean", 2, 2.0):
        kinds = {1: "Sum", float("inf"): "Max"}
        if not isinstance(kind, int | float) or kind not in kinds:
            raise CannotSay("the norm it takes is an unusual one")
        absolute = chain.add("Absolute", given.tensor("tensor"))
        return chain.add(kinds[kind], absolute, axis=given.axes("axis"), keepdims=keep)
    squared = chain.add("Square", given.tensor("tensor"))
    total = chain.add("Sum", squared, axis=given.axes("axis"), keepdims=keep)
    return chain.add("Sqrt", total)


def _leaky(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} alpha")
    slope = given.plain("alpha", 0.2)
    return chain.add("LeakyRelu", given.tensor("x"), negative_slope=slope)


def _gelu(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} approximate")
    return chain.add("Gelu", given.tensor("x"), approximate=given.flag("approximate"))


def _resize(chain: Chain, call: Call) -> Result:
    order = "images size method preserve_aspect_ratio antialias"
    given = Given(call, order)
    method = str(given.plain("method", "bilinear"))
    known = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
    if method not in known or given.flag("preserve_aspect_ratio"):
        raise CannotSay(f"it resizes by “{method}”")
    size = sizes_of(given.get("size"))
    return chain.add(
        "Resize",
        given.tensor("images"),
        size=list(size),
        interpolation=method,
        antialias=given.flag("antialias"),
        data_format="channels_last",
    )


def _blocks(name: str) -> Builder:
    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{_X} block_size data_format")
        if given.plain("data_format", "NHWC") != "NHWC":
            raise CannotSay("its channels come first")
        return chain.add(name, given.tensor("x"), block_size=given.whole("block_size"))

    return build


def _pool(name: str) -> Builder:
    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, "input|value ksize strides padding data_format")
        if given.plain("data_format", "NHWC") not in ("NHWC", "NWC", "NDHWC"):
            raise CannotSay("its channels come first")
        return chain.add(
            name,
            given.tensor("input"),
            pool_size=_middle(given.plain("ksize")),
            strides=_middle(given.plain("strides")),
            padding=str(given.plain("padding", "valid")).lower(),
            data_format="channels_last",
        )

    return build


def _middle(sizes: Plain) -> Plain:
    """[1, 2, 2, 1] is [2, 2]."""
    return sizes[1:-1] if isinstance(sizes, list) and len(sizes) > 3 else sizes


def _moments(chain: Chain, call: Call) -> Result:
    given = Given(call, "x axes shift keepdims|keep_dims")
    axes, keep = given.plain("axes"), given.flag("keepdims")
    return chain.add("Moments", given.tensor("x"), axes=axes, keepdims=keep)


def _normalize_batch(chain: Chain, call: Call) -> Result:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset."""
    given = Given(call, "x mean variance offset scale variance_epsilon|epsilon")
    epsilon = given.plain("variance_epsilon", 1e-3)
    centred = chain.add("Subtract", given.tensor("x"), given.operand("mean"))
    inverse = chain.add("Rsqrt", chain.add("Add", given.operand("variance"), epsilon))
    y = chain.add("Multiply", centred, inverse)
    if given.get("scale") is not None:
        y = chain.add("Multiply", y, given.operand("scale"))
    if given.get("offset") is not None:
        y = chain.add("Add", y, given.operand("offset"))
    return y


def _cumulated(name: str) -> Builder:
    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{_X} axis exclusive reverse")
        if given.flag("exclusive") or given.flag("reverse"):
            raise CannotSay("it runs backwards, or leaves each place out")
        return chain.add(name, given.tensor("x"), axis=given.whole("axis", 0))

    return build


def _mirrored(axis: int) -> Builder:
    return lambda chain, call: chain.add("Flip", Given(call, "image").tensor("image"), axis=axis)


def _flip(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} axis|axes")
    return chain.add("Flip", given.tensor("x"), axis=given.axes("axis"))


def _roll(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} shift axis")
    return chain.add("Roll", given.tensor("x"), shift=given.plain("shift"), axis=given.axes())


def _top_k(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} k sorted")
    return chain.add("TopK", given.tensor("x"), k=given.whole("k", 1))


def _broadcast(chain: Chain, call: Call) -> Result:
    given = Given(call, f"{_X} shape")
    sizes = sizes_of(given.get("shape"))
    if -1 in sizes:
        raise CannotSay("the shape it asks for is not known well enough")
    return chain.add("BroadcastTo", given.tensor("x"), shape=list(sizes))


def _flatten(chain: Chain, call: Call) -> Result:
    return chain.add("Reshape", Given(call, _X).tensor("x"), newshape=[-1])


def _batch_flatten(chain: Chain, call: Call) -> Result:
    return chain.layer("Flatten", Given(call, _X).tensor("x"), data_format="channels_last")


def _resize_images(chain: Chain, call: Call) -> Result:
    """K.resize_images: by whole factors."""
    given = Given(call, "x height_factor width_factor data_format interpolation")
    return chain.layer(
        "UpSampling2D",
        given.tensor("x"),
        size=[given.whole("height_factor"), given.whole("width_factor")],
        data_format=str(given.plain("data_format", "channels_last")),
        interpolation=str(given.plain("interpolation", "nearest")),
    )


def _standardized(chain: Chain, call: Call) -> Result:
    """tf.image.per_image_standardization."""
    x, shape = Given(call, "image").tensor("image"), chain.shapes[0] if chain.shapes else None
    sizes = shape[1:] if shape is not None and len(shape) == 4 else ()
    count = 1
    for size in sizes:
        if size is None:
            raise CannotSay("the size of its pictures is not known")
        count *= size
    if not sizes:
        raise CannotSay("the size of its pictures is not known")
    axes: Plain = [-3, -2, -1]
    centred = chain.add("Subtract", x, chain.add("Mean", x, axis=axes, keepdims=True))
    spread = chain.add("Std", x, axis=axes, keepdims=True)
    return chain.add("Divide", centred, chain.add("Maximum", spread, count**-0.5))


_UNARY = {
    "abs": "Absolute", "acos": "Arccos", "asin": "Arcsin", "atan": "Arctan", "ceil": "Ceil",
    "cos": "Cos", "cosh": "Cosh", "elu": "Elu", "erf": "Erf", "exp": "Exp", "expm1": "Expm1",
    "floor": "Floor", "is_finite": "Isfinite", "is_inf": "Isinf", "is_nan": "Isnan", "log": "Log",
    "log1p": "Log1p", "log_sigmoid": "LogSigmoid", "logical_not": "LogicalNot", "neg": "Negative",
    "negative": "Negative", "ones_like": "OnesLike", "reciprocal": "Reciprocal", "relu": "Relu",
    "relu6": "Relu6", "round": "Round", "rint": "Round", "rsqrt": "Rsqrt", "selu": "Selu",
    "sigmoid": "Sigmoid", "sign": "Sign", "silu": "Silu", "sin": "Sin", "sinh": "Sinh",
    "softplus": "Softplus", "softsign": "Softsign", "sqrt": "Sqrt", "square": "Square",
    "swish": "Silu", "tan": "Tan", "tanh": "Tanh", "zeros_like": "ZerosLike", "not": "LogicalNot",
    "invert": "LogicalNot", "image.rgb_to_grayscale": "RGBToGrayscale",
}  # fmt: skip
_BINARY = {
    "add": "Add", "add_v2": "Add", "bias_add": "Add", "subtract": "Subtract", "sub": "Subtract",
    "multiply": "Multiply", "mul": "Multiply", "scalar_mul": "Multiply", "divide": "Divide",
    "truediv": "Divide", "div": "Divide", "realdiv": "Divide", "floordiv": "FloorDivide",
    "floor_div": "FloorDivide", "floor_mod": "Mod", "floormod": "Mod", "mod": "Mod",
    "pow": "Power", "maximum": "Maximum", "minimum": "Minimum",
    "equal": "Equal", "eq": "Equal", "not_equal": "NotEqual", "ne": "NotEqual",
    "greater": "Greater", "gt": "Greater", "greater_equal": "GreaterEqual", "ge": "GreaterEqual",
    "less": "Less", "lt": "Less", "less_equal": "LessEqual", "le": "LessEqual",
    "logical_and": "LogicalAnd", "and": "LogicalAnd", "logical_or": "LogicalOr", "or": "LogicalOr",
    "logical_xor": "LogicalXor", "xor": "LogicalXor", "atan2": "Arctan2",
    "div_no_nan": "DivideNoNan", "divide_no_nan": "DivideNoNan",
}  # fmt: skip
_REVERSED = {
    "radd": "Add", "rsub": "Subtract", "rmul": "Multiply", "rtruediv": "Divide", "rdiv": "Divide",
    "rfloordiv": "FloorDivide", "rpow": "Power", "rmod": "Mod",
}  # fmt: skip
_REDUCTIONS = {
    "reduce_mean": "Mean", "mean": "Mean", "reduce_sum": "Sum", "sum": "Sum", "reduce_max": "Max",
    "max": "Max", "reduce_min": "Min", "min": "Min", "reduce_prod": "Prod", "prod": "Prod",
    "reduce_all": "All", "all": "All", "reduce_any": "Any", "any": "Any", "reduce_std": "Std",
    "std": "Std", "reduce_variance": "Var", "var": "Var", "reduce_logsumexp": "Logsumexp",
    "logsumexp": "Logsumexp",
}  # fmt: skip
_SAME = ("identity", "stop_gradient", "ensure_shape", "convert_to_tensor", "prevent_gradient",
         "debugging.check_numerics")  # fmt: skip
FUNCTIONS: dict[str, Builder] = {
    **{name: unary(made) for name, made in _UNARY.items()},
    **{name: binary(made) for name, made in _BINARY.items()},
    **{name: binary(made, is_reversed=True) for name, made in _REVERSED.items()},
    **{name: reduction(made) for name, made in _REDUCTIONS.items()},
    **dict.fromkeys(_SAME, same),
    "add_n": _add_all, "argmax": _arg("Argmax"), "argmin": _arg("Argmin"),
    "arg_max": _arg("Argmax"), "arg_min": _arg("Argmin"), "avg_pool": _pool("AveragePool"),
    "avg_pool2d": _pool("AveragePool"), "batch_flatten": _batch_flatten,
    "batch_normalization": _normalize_batch, "broadcast_to": _broadcast, "cast": _cast,
    "clip": _clip, "clip_by_value": _clip, "concat": _concat, "concatenate": _concat,
    "cumprod": _cumulated("Cumprod"), "cumsum": _cumulated("Cumsum"),
    "depth_to_space": _blocks("DepthToSpace"), "einsum": _einsum, "expand_dims": _expand,
    "flatten": _flatten, "gather": _gather, "gelu": _gelu, "getitem": get_item,
    "image.flip_left_right": _mirrored(-2), "image.flip_up_down": _mirrored(-3),
    "image.per_image_standardization": _standardized, "image.resize": _resize,
    "l2_normalize": _l2_normalize, "leaky_relu": _leaky, "log_softmax": _along("LogSoftmax"),
    "matmul": _matmul, "dot": _matmul, "max_pool": _pool("MaxPool"),
    "max_pool2d": _pool("MaxPool"), "moments": _moments, "norm": _norm,
    "reduce_euclidean_norm": _norm, "one_hot": _one_hot, "pad": _pad,
    "permute_dimensions": _transpose, "repeat": _repeat, "repeat_elements": _repeat,
    "reshape": _reshape, "resize_images": _resize_images, "reverse": _flip, "roll": _roll,
    "shape": _shape, "softmax": _along("Softmax"), "space_to_depth": _blocks("SpaceToDepth"),
    "split": _split, "squared_difference": _squared_difference, "squeeze": _squeeze,
    "stack": _stack, "strided_slice": strided_slice, "tensordot": _tensordot, "tile": _tile,
    "top_k": _top_k, "transpose": _transpose, "unstack": _unstack, "where": _where,
    "where_v2": _where, "to_float": _cast_to("float32"), "to_int32": _cast_to("int32"),
    "to_int64": _cast_to("int64"),
}  # fmt: skip
"""What a function of TensorFlow is in Keras 3."""
