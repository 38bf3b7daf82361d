"""Functions of TensorFlow and of Keras' old backend, as operations of Keras 3: the table.

Names are those of tf.*, without "math.", "nn.", "linalg." and the like in front, but for what
TensorFlow 1 did otherwise.
"""

from __future__ import annotations

from h5viewer.documents.compatibility import tensorflow_arrays as arrays
from h5viewer.documents.compatibility import tensorflow_maths as maths
from h5viewer.documents.compatibility import tensorflow_pictures as pictures
from h5viewer.documents.compatibility import tensorflow_resizing as resizing
from h5viewer.documents.compatibility.chains import Builder
from h5viewer.documents.compatibility.slicing import get_item, strided_slice

_UNARY = {
    "abs": "Absolute", "acos": "Arccos", "acosh": "Arccosh", "asin": "Arcsin",
    "asinh": "Arcsinh", "atan": "Arctan", "atanh": "Arctanh", "ceil": "Ceil", "cos": "Cos",
    "cosh": "Cosh", "elu": "Elu", "erf": "Erf", "erfinv": "Erfinv", "exp": "Exp", "expm1": "Expm1",
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
    "logical_xor": "LogicalXor", "xor": "LogicalXor",
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
    **{name: maths.unary(made) for name, made in _UNARY.items()},
    **{name: maths.binary(made) for name, made in _BINARY.items()},
    **{name: maths.binary(made, is_reversed=True) for name, made in _REVERSED.items()},
    **{name: maths.reduction(made) for name, made in _REDUCTIONS.items()},
    **dict.fromkeys(_SAME, maths.same),
    "add_n": maths.add_all,
    "argmax": maths.arg_reduction("Argmax"),
    "argmin": maths.arg_reduction("Argmin"),
    "arg_max": maths.arg_reduction("Argmax"),
    "arg_min": maths.arg_reduction("Argmin"),
    "argsort": maths.ordered("Argsort"),
    "atan2": maths.arctan2,
    "avg_pool": pictures.pool("AveragePool"),
    "avg_pool2d": pictures.pool("AveragePool"),
    "batch_flatten": arrays.batch_flatten,
    "batch_normalization": maths.normalize_batch,
    "broadcast_to": arrays.broadcast,
    "cast": maths.cast,
    "clip": maths.clip,
    "clip_by_value": maths.clip,
    "concat": arrays.concat,
    "concatenate": arrays.concat,
    "conv2d": pictures.convolution("Conv"),
    "cumprod": maths.cumulated("Cumprod"),
    "cumsum": maths.cumulated("Cumsum"),
    "depthwise_conv2d": pictures.convolution("DepthwiseConv"),
    "depthwise_conv2d_native": pictures.convolution("DepthwiseConv"),
    "depth_to_space": pictures.blocks("DepthToSpace"),
    "einsum": maths.einsum,
    "expand_dims": arrays.expand,
    "flatten": arrays.flatten,
    "gather": arrays.gather,
    "gelu": maths.gelu,
    "getitem": get_item,
    "image.extract_patches": pictures.patches,
    "image.flip_left_right": pictures.mirrored(-2),
    "image.flip_up_down": pictures.mirrored(-3),
    "image.grayscale_to_rgb": pictures.coloured,
    "image.per_image_standardization": pictures.standardized,
    "compat.v1.image.resize": resizing.resize_v1,
    "image.resize": pictures.resize,
    "image.resize_bilinear": resizing.resize_by("bilinear"),
    "image.resize_images": resizing.resize_v1,
    "image.resize_nearest_neighbor": resizing.resize_by("nearest"),
    "l2_normalize": maths.l2_normalize,
    "leaky_relu": maths.leaky,
    "log_softmax": maths.along_axis("LogSoftmax"),
    "matmul": maths.matmul,
    "dot": maths.matmul,
    "max_pool": pictures.pool("MaxPool"),
    "max_pool2d": pictures.pool("MaxPool"),
    "moments": maths.moments,
    "norm": maths.norm,
    "reduce_euclidean_norm": maths.norm,
    "one_hot": arrays.one_hot,
    "pad": arrays.pad,
    "permute_dimensions": arrays.transpose,
    "repeat": arrays.repeat,
    "repeat_elements": arrays.repeat,
    "reshape": arrays.reshape,
    "resize_images": pictures.resize_images,
    "reverse": arrays.flip,
    "roll": arrays.roll,
    "shape": arrays.shape_of,
    "softmax": maths.along_axis("Softmax"),
    "sort": maths.ordered("Sort"),
    "space_to_depth": pictures.blocks("SpaceToDepth"),
    "split": arrays.split,
    "squared_difference": maths.squared_difference,
    "squeeze": arrays.squeeze,
    "stack": arrays.stack,
    "strided_slice": strided_slice,
    "tensordot": maths.tensordot,
    "tile": arrays.tile,
    "top_k": maths.top_k,
    "transpose": arrays.transpose,
    "unstack": arrays.unstack,
    "where": maths.where,
    "where_v2": maths.where,
    "to_float": maths.cast_to("float32"),
    "to_int32": maths.cast_to("int32"),
    "to_int64": maths.cast_to("int64"),
}
"""What a function of TensorFlow is in Keras 3."""
