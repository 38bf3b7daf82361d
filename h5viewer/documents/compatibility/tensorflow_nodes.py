"""TensorFlowOpLayer: a node of TensorFlow's graph, told as the function it came from."""

from __future__ import annotations

import json

from h5viewer.documents.compatibility.calls import Call
from h5viewer.documents.compatibility.chains import CannotSay
from h5viewer.documents.json_text import is_list, table
from h5viewer.documents.references import Reference

_LONGEST = 100_000  # characters of a node

_FUNCTIONS = {
    "AddV2": "add", "AddN": "add_n", "RealDiv": "divide", "ConcatV2": "concat", "Pack": "stack",
    "Unpack": "unstack", "Mean": "reduce_mean", "Sum": "reduce_sum", "Max": "reduce_max",
    "Min": "reduce_min", "Prod": "reduce_prod", "All": "reduce_all", "Any": "reduce_any",
    "ArgMax": "argmax", "ArgMin": "argmin", "BatchMatMul": "matmul", "BatchMatMulV2": "matmul",
    "MatMul": "matmul", "ExpandDims": "expand_dims", "OneHot": "one_hot", "Neg": "negative",
    "StridedSlice": "strided_slice", "SelectV2": "where", "Select": "where", "GatherV2": "gather",
    "BiasAdd": "bias_add", "SquaredDifference": "squared_difference", "LogSoftmax": "log_softmax",
    "LeakyRelu": "leaky_relu", "StopGradient": "stop_gradient", "Floor": "floor", "PadV2": "pad",
    "MirrorPad": "pad", "SplitV": "split", "Split": "split", "ReverseV2": "reverse",
    "BroadcastTo": "broadcast_to", "DepthToSpace": "depth_to_space", "FloorMod": "floormod",
    "FloorDiv": "floordiv", "SpaceToDepth": "space_to_depth", "ZerosLike": "zeros_like",
    "OnesLike": "ones_like", "LogicalAnd": "logical_and", "LogicalOr": "logical_or",
    "LogicalNot": "logical_not", "NotEqual": "not_equal", "GreaterEqual": "greater_equal",
    "LessEqual": "less_equal", "DivNoNan": "div_no_nan", "TopKV2": "top_k", "Inv": "reciprocal",
    "ResizeBilinear": "image.resize_bilinear",
    "ResizeNearestNeighbor": "image.resize_nearest_neighbor",
}  # fmt: skip
_ATTRIBUTES = {  # of a node: the argument of the function
    "keep_dims": "keepdims", "axis": "axis", "transpose_a": "transpose_a", "adj_x": "adjoint_a",
    "transpose_b": "transpose_b", "adj_y": "adjoint_b", "squeeze_dims": "axis", "num": "num",
    "alpha": "alpha", "begin_mask": "begin_mask", "end_mask": "end_mask",
    "ellipsis_mask": "ellipsis_mask", "new_axis_mask": "new_axis_mask",
    "shrink_axis_mask": "shrink_axis_mask", "block_size": "block_size", "DstT": "dtype",
    "data_format": "data_format", "ksize": "ksize", "strides": "strides", "padding": "padding",
    "mode": "mode", "num_split": "num_or_size_splits", "batch_dims": "batch_dims",
    "exclusive": "exclusive", "reverse": "reverse", "align_corners": "align_corners",
    "half_pixel_centers": "half_pixel_centers",
}  # fmt: skip
_AXIS_LAST = frozenset({"concat"})
_AXIS_THIRD = frozenset({"gather"})
_DTYPES = {
    "DT_FLOAT": "float32", "DT_DOUBLE": "float64", "DT_INT32": "int32", "DT_INT64": "int64",
    "DT_BOOL": "bool", "DT_UINT8": "uint8", "DT_INT8": "int8", "DT_HALF": "float16",
    "DT_BFLOAT16": "bfloat16", "DT_INT16": "int16", "DT_STRING": "string",
}  # fmt: skip


def as_function(config: dict[str, object], call: Call) -> tuple[str, Call]:
    """Name and arguments of the function that a node of the graph runs.

    Raises:
        CannotSay: the node cannot be read.
    """
    node = _node(config)
    operation = node.get("op")
    if not isinstance(operation, str):
        raise CannotSay("what it runs is not stated")
    operands = _operands(config, call)
    named = {
        argument: value
        for key, argument in _ATTRIBUTES.items()
        if (value := _value(table(node.get("attr")).get(key))) is not None
    }
    name = _FUNCTIONS.get(operation, _lower(operation))
    if name == "concat":
        return name, Call([operands[:-1], operands[-1] if operands else None])
    if name in ("stack", "add_n"):
        return name, Call([operands], named)
    if name == "gather" and len(operands) == 3:
        return name, Call(operands[:2], {**named, "axis": operands[2]})
    if operation == "Split":  # the axis comes first
        return name, Call(operands[1:], {**named, "axis": operands[0] if operands else 0})
    if operation == "SplitV":
        sizes, axis = [*operands, None, None][1:3]
        return name, Call(operands[:1], {"num_or_size_splits": sizes, "axis": axis})
    return name, Call(operands, named)


def _operands(config: dict[str, object], call: Call) -> list[object]:
    """Tensors, with constants at their stated places among them."""
    first = call.args[0] if call.args else []
    tensors = list(first) if is_list(first) else [first]
    constants = table(config.get("constants"))
    found: list[object] = []
    for place in range(len(tensors) + len(constants)):
        if str(place) in constants:
            found.append(constants[str(place)])
        elif tensors:
            found.append(tensors.pop(0))
    if not any(isinstance(each, Reference) for each in found):
        raise CannotSay("it takes no tensor")
    return found


def _node(config: dict[str, object]) -> dict[str, object]:
    node = config.get("node_def")
    if isinstance(node, str) and len(node) <= _LONGEST:
        try:
            node = json.loads(node)
        except (ValueError, RecursionError) as error:
            raise CannotSay("what it runs cannot be read") from error
    return table(node)


def _value(stated: object) -> object:
    """An attribute in the JSON of protocol buffers: {"i": "1"}, {"b": true}, {"list": …}."""
    value = table(stated)
    if "list" in value:
        listed = table(value["list"])
        numbers = listed.get("i")
        return [_whole(each) for each in numbers] if is_list(numbers) else None
    if "i" in value:
        return _whole(value["i"])
    if "type" in value:
        return _DTYPES.get(str(value["type"]))
    if "s" in value:
        return _text(value["s"])
    for key in ("b", "f"):
        if key in value:
            return value[key]
    return None


def _whole(value: object) -> object:
    if isinstance(value, str) and len(value) < 20 and value.lstrip("-").isdecimal():
        return int(value)
    return value


def _text(value: object) -> str | None:
    """Bytes are Base64 there; only a few words matter."""
    words = {"VkFMSUQ=": "valid", "U0FNRQ==": "same", "TkhXQw==": "NHWC", "TkNIVw==": "NCHW",
             "UkVGTEVDVA==": "reflect", "U1lNTUVUUklD": "symmetric"}  # fmt: skip
    return words.get(value) if isinstance(value, str) else None


def _lower(operation: str) -> str:
    """Names of graph nodes as functions: "ExpandDims" is "expand_dims"."""
    made = "".join(f"_{each.lower()}" if each.isupper() else each for each in operation)
    return made.lstrip("_")
