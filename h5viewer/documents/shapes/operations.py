"""Keras 3 operations (keras.ops) called on symbolic tensors: listed among the layers.

Their settings stand in `config`, tensors and numbers in the node. Source: keras/src/ops,
the compute_output_spec of each class.
"""

from __future__ import annotations

from collections.abc import Callable

from h5viewer.documents.shapes import arrays, convolutions, einsum, matrices, merging, pooling
from h5viewer.documents.shapes import picture_operations as pictures
from h5viewer.documents.shapes.axes import (
    Axes,
    Config,
    Fed,
    Made,
    Rule,
    ShapeUnknown,
    as_list,
    axis_of,
    broadcast,
    is_true,
    one,
    size,
    times,
)
from h5viewer.documents.shapes.given import argument, operands
from h5viewer.documents.shapes.reshaping import refilled


def combined(_: Config, fed: Fed) -> Made:
    """Element by element; constants among the arguments are broadcast too."""
    return one(broadcast(operands(fed)))


def two(fed: Fed) -> tuple[Axes, Axes]:
    """The shapes of the two tensors that are multiplied."""
    shapes = operands(fed)
    if len(shapes) != 2:
        raise ShapeUnknown("It multiplies two tensors.")
    return shapes[0], shapes[1]


def reduction(config: Config, fed: Fed) -> Made:
    """Sums, means, extremes along axes."""
    axis = argument(config, fed, 1, "axis", "axes")
    return one(arrays.reduced(fed.one(), axis, keep=is_true(config, "keepdims")))


def reduced_twice(config: Config, fed: Fed) -> Made:
    """Moments: mean and variance."""
    made = reduction(config, fed)
    return Made((*made.shapes, *made.shapes))


def reshape(config: Config, fed: Fed) -> Made:
    """All axes, the batch included."""
    stated = as_list(argument(config, fed, 1, "newshape", "shape"))
    if stated is None:
        raise ShapeUnknown("Its target shape is no list of sizes.")
    return one(_refilled_with_batch(fed.one(), list(stated)))


def _refilled_with_batch(shape: Axes, target: list[object]) -> Axes:
    """The batch axis is not known, so a -1 in its place stays unknown."""
    if shape and shape[0] is None and target[:1] == [-1]:
        free = list(target[1:])
        if all(isinstance(each, int) and each >= 0 for each in free):
            return (None, *refilled(None, free))
    return refilled(shape, [-1 if each is None else each for each in target])


def broadcast_to(config: Config, fed: Fed) -> Made:
    """The stated shape."""
    stated = as_list(argument(config, fed, 1, "shape")) or []
    return one(refilled(None, [-1 if each is None else each for each in stated]))


def transpose(config: Config, fed: Fed) -> Made:
    """Axes in another order."""
    return one(arrays.transposed(fed.one(), argument(config, fed, 1, "axes")))


def swap(config: Config, fed: Fed) -> Made:
    """Two axes exchanged, also of a constant."""
    return one(arrays.swapped(operands(fed)[0], config.get("axis1"), config.get("axis2")))


def move(config: Config, fed: Fed) -> Made:
    """Axes moved."""
    return one(arrays.moved(fed.one(), config.get("source"), config.get("destination")))


def expand(config: Config, fed: Fed) -> Made:
    """New axes of length 1."""
    return one(arrays.expanded(fed.one(), argument(config, fed, 1, "axis")))


def squeeze(config: Config, fed: Fed) -> Made:
    """Axes of length 1 gone."""
    return one(arrays.squeezed(fed.one(), argument(config, fed, 1, "axis")))


def concatenate(config: Config, fed: Fed) -> Made:
    """Along an axis."""
    return one(merging.joined(fed.all(), config.get("axis", -1)))


def stack(config: Config, fed: Fed) -> Made:
    """Along a new axis."""
    return one(arrays.stacked(fed.all(), config.get("axis", 0)))


def split(config: Config, fed: Fed) -> Made:
    """Into equal parts, or at places."""
    parts = argument(config, fed, 1, "indices_or_sections")
    return arrays.split(fed.one(), parts, config.get("axis", 0), at_places=True)


def unstack(config: Config, fed: Fed) -> Made:
    """One output for each place of an axis."""
    shape = fed.one()
    axis = config.get("axis", 0)
    place = axis_of(axis, len(shape))
    n = config.get("num") if config.get("num") is not None else shape[place]
    made = arrays.split(shape, n, place, at_places=True)
    return Made([arrays.reduced(each or (), place, keep=False) for each in made.shapes])


def matmul(_: Config, fed: Fed) -> Made:
    """One multiply-add for each number of the output and each place of the summed axis."""
    return arrays.multiplied(*two(fed))


def tensordot(config: Config, fed: Fed) -> Made:
    """As matmul, along stated axes."""
    return arrays.tensordot(*two(fed), config.get("axes", 2))


def dot(_: Config, fed: Fed) -> Made:
    """The last axis of one with the last but one of the other."""
    a, b = two(fed)
    if not a or not b:
        return one(broadcast([a, b]))
    return arrays.tensordot(a, b, [[len(a) - 1], [max(len(b) - 2, 0)]])


def einstein(config: Config, fed: Fed) -> Made:
    """One multiply-add for each combination of all letters, with two or more tensors."""
    shapes = fed.all()
    inputs, output = einsum.equation_of(argument(config, fed, 0, "subscripts", "equation"))
    made = einsum.multiplied(shapes, inputs, output)
    return made if len(shapes) > 1 else Made(made.shapes)


def get_item(config: Config, fed: Fed) -> Made:
    """x[key]."""
    return one(arrays.cut(fed.one(), argument(config, fed, 1, "key")))


def tile(config: Config, fed: Fed) -> Made:
    """Repeated as a whole."""
    return one(arrays.tiled(fed.one(), argument(config, fed, 1, "repeats")))


def repeat(config: Config, fed: Fed) -> Made:
    """Each element repeated along an axis."""
    shape, n = fed.one(), size({"repeats": argument(config, fed, 1, "repeats")}, "repeats")
    axis = argument(config, fed, 2, "axis")
    if axis is None:
        return one((times(*shape, n),))
    by = [1] * len(shape)
    by[axis_of(axis, len(shape))] = n
    return one(arrays.tiled(shape, [*by]))


def pad(config: Config, fed: Fed) -> Made:
    """Margins around each axis."""
    return one(arrays.padded(fed.one(), argument(config, fed, 1, "pad_width")))


def one_hot(config: Config, fed: Fed) -> Made:
    """A new axis of classes."""
    classes = argument(config, fed, 1, "num_classes")
    return one(arrays.with_axis(fed.one(), classes, config.get("axis", -1)))


def take(config: Config, fed: Fed) -> Made:
    """Places of an axis, or of all elements."""
    shapes = operands(fed)
    if len(shapes) < 2:
        raise ShapeUnknown("Which places it takes is not known.")
    x, indices = shapes[0], shapes[1]
    if config.get("axis") is None:
        return one(indices)
    place = axis_of(config["axis"], len(x))
    return one((*x[:place], *indices, *x[place + 1 :]))


def take_along(_: Config, fed: Fed) -> Made:
    """As many numbers as indices."""
    return one(operands(fed)[-1])


def resize(config: Config, fed: Fed) -> Made:
    """Pictures of another size."""
    shape = fed.one()
    height, width = arrays.axes_pair(argument(config, fed, 1, "size"))
    return one(_with_image(config, shape, height, width))


def _with_image(config: Config, shape: Axes, height: int | None, width: int | None) -> Axes:
    if len(shape) not in (3, 4):
        raise ShapeUnknown("It takes pictures of 3 or 4 axes.")
    place = len(shape) - (2 if config.get("data_format") == "channels_first" else 3)
    return (*shape[:place], height, width, *shape[place + 2 :])


def grayscale(config: Config, fed: Fed) -> Made:
    """One channel."""
    shape = list(fed.one())
    if len(shape) not in (3, 4):
        raise ShapeUnknown("It takes pictures of 3 or 4 axes.")
    shape[-3 if config.get("data_format") == "channels_first" else -1] = 1
    return one(shape)


def ravel(_: Config, fed: Fed) -> Made:
    """All numbers in one axis."""
    shape = fed.one()
    return one((times(*shape),))


def top_k(config: Config, fed: Fed) -> Made:
    """Values and their places."""
    made = one((*fed.one()[:-1], size(config, "k"))).shapes[0]
    return Made((made, made))


def halved(config: Config, fed: Fed) -> Made:
    """Glu: half of an axis gates the other half."""
    shape = list(fed.one())
    place = axis_of(config.get("axis", -1), len(shape))
    length = shape[place]
    shape[place] = None if length is None else length // 2
    return one(shape)


def cumulated(config: Config, fed: Fed) -> Made:
    """Cumulative sums: of all numbers without an axis."""
    return ravel(config, fed) if config.get("axis") is None else one(fed.one())


def outer(_: Config, fed: Fed) -> Made:
    """Each number of one with each of the other."""
    a, b = two(fed)
    made = (times(*a), times(*b))
    return one(made, times(*made))


def inner(_: Config, fed: Fed) -> Made:
    """Along the last axes of both."""
    a, b = two(fed)
    if not a or not b:
        return one(broadcast([a, b]))
    return arrays.tensordot(a, b, [[len(a) - 1], [len(b) - 1]])


def attended(_: Config, fed: Fed) -> Made:
    """DotProductAttention: scores of each query with each key, then sums of values."""
    shapes = operands(fed)
    if len(shapes) < 3 or any(len(shape) != 4 for shape in shapes[:3]):
        raise ShapeUnknown("It takes queries, keys and values of 4 axes.")
    query, key = shapes[:2]
    return one(query, times(2, *query[1:], key[1]))


def stacked_along(axis: int) -> Rule:
    """Hstack, Vstack: one behind the other."""
    return lambda _, fed: one(merging.joined(fed.all(), axis))


def differences(config: Config, fed: Fed) -> Made:
    """Of neighbours along an axis, `n` times."""
    shape, n = list(fed.one()), size(config, "n", default=1)
    place = axis_of(config.get("axis", -1), len(shape))
    length = shape[place]
    shape[place] = None if length is None else max(0, length - n)
    return one(shape)


def multi_hot(config: Config, fed: Fed) -> Made:
    """Rows of 0 and 1 for all numbers of a sample."""
    shape = arrays.with_axis(fed.one(), config.get("num_classes"), config.get("axis", -1))
    return one(shape[-1:] if len(shape) == 2 else (shape[0], *shape[2:]))


def windows(config: Config, fed: Fed) -> Made:
    """ExtractSequences: pieces of the last axis, one behind the other."""
    shape, length = fed.one(), size(config, "sequence_length", least=1)
    step = size(config, "sequence_stride", least=1)
    if not shape or length is None or step is None:
        raise ShapeUnknown("How long its pieces are is not stated.")
    count = None if shape[-1] is None else max(0, 1 + (shape[-1] - length) // step)
    return one((*shape[:-1], count, length))


def kept(_: Config, fed: Fed) -> Made:
    """What is fed first."""
    return Made((fed.one(),))


def window(rule: Callable[[int], Rule]) -> Rule:
    """Pooling of as many axes as the input has between batch and channels."""

    def by_rank(config: Config, fed: Fed) -> Made:
        rank = len(fed.one()) - 2
        if rank not in (1, 2, 3):
            raise ShapeUnknown("It takes inputs of 3 to 5 axes.")
        return rule(rank)(config, fed)

    return by_rank


def convolution(config: Config, fed: Fed) -> Made:
    """A convolution with a tensor for a kernel, or with two of them one after the other."""
    shapes = operands(fed)
    rank = len(shapes[0]) - 2
    if len(shapes) not in (2, 3) or rank not in (1, 2, 3) or len(shapes[1]) != rank + 2:
        raise ShapeUnknown("It takes pictures and a kernel.")
    kernel = list(shapes[1][:rank])
    stated = {**config, "kernel_size": kernel, "filters": shapes[-1][-1]}
    return convolutions.convolution(rank)(stated, Fed(shapes[:1]))


_SAME = (
    "Absolute Abs Fabs Angle Arccos Arccosh Arcsin Arcsinh Arctan Arctanh Argsort Array "
    "BitwiseInvert BitwiseNot Cbrt Ceil Clip Conjugate Conj Copy Cos Cosh Deg2rad Rad2deg "
    "EmptyLike Exp Exp2 Expm1 Flip Fliplr Flipud Floor FullLike Imag I0 Isfinite Isinf Isnan "
    "Isneginf Isposinf Isreal Log Log10 Log1p Log2 LogicalNot NanToNum OnesLike ZerosLike Real "
    "Reciprocal Roll Round Sign Signbit Sin Sinc Sinh Sort Tan Tanh Tril Triu Trunc Negative "
    "Square Sqrt Relu Relu6 Sigmoid SparseSigmoid Softplus Softsign SoftShrink SparsePlus Silu "
    "Squareplus LogSigmoid LeakyRelu HardSigmoid HardSilu Elu Selu Gelu Celu TanhShrink "
    "HardTanh HardShrink Threshold Softmax LogSoftmax Sparsemax Normalize RMSNorm LayerNorm "
    "BatchNorm Rsqrt Erf Erfc Erfinv StopGradient Cast SaturateCast ConvertToTensor RGBToHSV "
    "HSVToRGB GaussianBlur ElasticTransform AffineTransform PerspectiveTransform Cholesky "
    "CholeskyInverse Inv View SliceUpdate ScatterUpdate"
)
_COMBINING = (
    "Add Subtract Multiply Divide DivideNoNan TrueDivide FloorDivide Power Mod Fmod Maximum "
    "Minimum Fmax Fmin Arctan2 Heaviside BitwiseAnd BitwiseOr BitwiseXor BitwiseLeftShift "
    "LeftShift BitwiseRightShift RightShift Equal NotEqual Greater GreaterEqual Less LessEqual "
    "LogicalAnd LogicalOr LogicalXor Logaddexp Logaddexp2 Hypot Gcd Lcm Ldexp Nextafter Isclose "
    "Where Polar"
)
_REDUCING = (
    "All Any Amax Amin Argmax Argmin Average CountNonzero Max Mean Median Min Prod Ptp Std Sum "
    "Var Nanargmax Nanargmin Nanmax Nanmean Nanmedian Nanmin Nanprod Nanstd Nansum Nanvar "
    "Logsumexp"
)
OPERATIONS: dict[str, Rule] = {
    **dict.fromkeys(_SAME.split(), kept),
    **dict.fromkeys(_COMBINING.split(), combined),
    **dict.fromkeys(_REDUCING.split(), reduction),
    "Moments": reduced_twice, "Reshape": reshape, "BroadcastTo": broadcast_to,
    "Transpose": transpose, "Swapaxes": swap, "Moveaxis": move, "ExpandDims": expand,
    "Squeeze": squeeze, "Concatenate": concatenate, "Stack": stack, "Split": split,
    "ArraySplit": split, "Unstack": unstack, "Matmul": matmul, "Tensordot": tensordot,
    "Dot": dot, "Einsum": einstein, "GetItem": get_item, "Tile": tile, "Repeat": repeat,
    "Pad": pad, "OneHot": one_hot, "Take": take, "TakeAlongAxis": take_along,
    "ExtractSequences": windows, "Det": matrices.in_one, "Diagonal": matrices.diagonal_of_keras,
    "Trace": matrices.traced, "Resize": resize,
    "RGBToGrayscale": grayscale, "Ravel": ravel, "TopK": top_k, "Glu": halved,
    "Cumsum": cumulated, "Cumprod": cumulated, "Outer": outer,
    "MaxPool": window(pooling.pooled), "AveragePool": window(pooling.pooled),
    "AdaptiveMaxPool": window(pooling.pooled_to),
    "AdaptiveAveragePool": window(pooling.pooled_to), "Conv": convolution,
    "SeparableConv": convolution,
    "DepthwiseConv": pictures.depthwise, "DepthToSpace": pictures.from_depth,
    "SpaceToDepth": pictures.to_depth, "ExtractPatches": pictures.patches,
    "Rot90": pictures.turned, "CropImages": pictures.resized_by(-1, "cropping"),
    "PadImages": pictures.resized_by(1, "padding"), "Norm": reduction, "Inner": inner,
    "Hstack": stacked_along(1), "Vstack": stacked_along(0), "DotProductAttention": attended,
    "Diff": differences, "MultiHot": multi_hot,
}  # fmt: skip
MULTIPLYING = frozenset({
    "Matmul", "Tensordot", "Dot", "Einsum", "Outer", "Conv", "SeparableConv", "DepthwiseConv",
    "Inner", "DotProductAttention",
})  # fmt: skip
