"""What the outputs of a loaded network say: classes, labels, numbers, pictures, masks."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from h5viewer.network.recording import flat
from h5viewer.nodes import Answer, Array, NetworkInput, NetworkOutput, OutputKind, Score

MOST_VALUES = 4_000_000
"""Numbers of an answer that are sent: 2000 x 2000, or 1,000 steps of 4,000 words."""

_SHOWN_SIDE = 1024  # pixels of an answer that is a picture
_FEW = 8  # numbers that are told one by one
# What only gives its input another form, or nothing to do when the network is asked.
_PLAIN = (
    "Reshape", "Flatten", "Permute", "Squeeze", "ExpandDims", "Dropout", "SpatialDropout1D",
    "SpatialDropout2D", "Identity", "Cast", "Cropping1D", "Cropping2D", "Transpose",
    "ActivityRegularization", "GaussianNoise", "GaussianDropout", "GetItem",
)  # fmt: skip
_OF_VECTORS = ("UnitNormalization", "Normalize")  # what makes them comparable: no classes' scores
_CLASS_LOSSES = (
    "crossentropy", "hinge", "focal", "kullback", "kl_divergence", "nll", "accuracy", '"acc"',
)  # fmt: skip
# Of an output's name, where no loss says what its numbers are.
_NUMBER_WORDS = frozenset(
    ("box", "boxes", "bbox", "bboxes", "coordinates", "landmarks", "keypoints", "pose", "offset",
     "offsets", "regression", "regressor", "embedding", "embeddings", "encoding", "encoded",
     "latent", "feature", "features", "vector", "descriptor", "code")
)  # fmt: skip
_MASK_WORDS = ("dice", "iou", "jaccard", "tversky", "mask", "segment")


def describe_outputs(
    model: Any, inputs: Sequence[NetworkInput], purposes: Sequence[str] = ()
) -> tuple[NetworkOutput, ...]:
    """All outputs, in the order in which the network gives them.

    Args:
        purposes: loss and metrics it was trained with, a text each output or one for all; may
            be empty.
    """
    names = list(getattr(model, "output_names", ()))
    found = []
    for i, tensor in enumerate(flat(model.outputs)):
        last, activation = last_layer(tensor)
        loss = purposes[min(i, len(purposes) - 1)].lower() if purposes else ""
        shape = (None, *tensor.shape[1:])
        name = str(names[i] if i < len(names) else getattr(last, "name", ""))
        squash = _squash(shape[1:], loss) if activation == "linear" else ""
        kind = _kind(shape[1:], squash or activation, loss, model, inputs)
        if kind == "logits" and not loss and _is_of_numbers(name, last):
            kind = "regression" if (shape[-1] or 0) <= _FEW else "vector"
        has_classes = kind in ("softmax", "sigmoid", "logits") or (
            kind in ("mask", "sequence") and "softmax" in (activation, squash)
        )
        n_classes = int(shape[-1] or 0) if has_classes and len(shape) > 1 else 0
        found.append(
            NetworkOutput(name=name, shape=shape, kind=kind, n_classes=n_classes, squash=squash)
        )
    return tuple(found)


def _squash(sizes: tuple[int | None, ...], loss: str) -> Literal["", "sigmoid", "softmax"]:
    """What the loss itself does to bare scores: then they are answers like all others.

    A row of scores, one a class, stays as it is: "logits" are shown either way.
    """
    if '"from_logits": true' not in loss:
        return ""
    if "binary" in loss:
        return "sigmoid"
    return "softmax" if "crossentropy" in loss and len(sizes) > 1 else ""


def _is_of_numbers(name: str, maker: Any) -> bool:
    """Whether an output or the layer that makes it is called by what is no score of a class."""
    words = re.findall(r"[a-z]+", f"{name} {getattr(maker, 'name', '')}".lower())
    return not _NUMBER_WORDS.isdisjoint(words)


def last_layer(tensor: Any) -> tuple[Any, str]:
    """The layer that makes an output, also inside nested models, and its activation's name."""
    maker = None
    for operation in _back_from(tensor):
        maker = maker or operation
        activation = _activation(operation)
        if activation:
            return maker, activation
        if type(operation).__name__ not in _PLAIN and activation is not None:
            break
    return maker, "linear"


def _back_from(tensor: Any) -> Iterator[Any]:
    """What made a tensor, what made the input of that, and so on, as long as it is one."""
    for _ in range(20):
        operation, node_index, tensor_index = tensor._keras_history
        while hasattr(operation, "layers") and getattr(operation, "outputs", None):
            tensor = flat(operation.outputs)[tensor_index]
            operation, node_index, tensor_index = tensor._keras_history
        yield operation
        inputs = operation._inbound_nodes[node_index].input_tensors
        if len(inputs) != 1:
            return
        tensor = inputs[0]


def _activation(operation: Any) -> str | None:
    """Its name; "" for a layer that passes on what it gets; "linear" for all others."""
    inner = getattr(operation, "layer", None)
    if inner is not None:  # TimeDistributed
        operation = inner
    class_name = type(operation).__name__
    if class_name in ("Softmax", "Sigmoid", "LogSoftmax", "Tanh", "Relu", "ReLU"):
        return class_name.lower()
    if class_name in _OF_VECTORS:
        return "normalized"
    activation = getattr(operation, "activation", None)
    name = str(getattr(activation, "__name__", "") or "")
    if class_name == "Activation" and name == "linear":
        return ""
    return "" if class_name in _PLAIN else name or "linear"


def without_one_place(sizes: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Sizes without the axes of a single place, as 1 x 1 convolutions leave them."""
    return sizes if set(sizes[:-1]) - {1} else sizes[-1:]


def _kind(
    sizes: tuple[int | None, ...],
    activation: str,
    loss: str,
    model: Any,
    inputs: Sequence[NetworkInput],
) -> OutputKind:
    sizes = without_one_place(sizes)
    if len(sizes) in (3, 4):  # of a volume each slice is a picture
        return _spatial_kind(sizes, activation, loss, model, inputs)
    if len(sizes) == 2:
        is_picture = any(
            each.kind == "picture" and sizes == (each.rows, each.columns) for each in inputs
        )
        return "picture" if is_picture and activation != "softmax" else "sequence"
    n = sizes[-1] if sizes else 1
    if activation == "softmax" and n != 1:
        return "softmax"
    is_same = any(each.layout.startswith("flat") and sizes == each.shape[1:] for each in inputs)
    if is_same:
        return "picture"  # an autoencoder of flat pictures
    if activation == "sigmoid":
        is_regression = loss and not any(word in loss for word in _CLASS_LOSSES)
        return (
            "regression" if is_regression and n == 1 and "squared_hinge" not in loss else "sigmoid"
        )
    return _number_kind(n or 0, activation, loss, inputs)


def _number_kind(n: int, activation: str, loss: str, inputs: Sequence[NetworkInput]) -> OutputKind:
    """Of a row of numbers that are no probabilities."""
    if any(word in loss for word in _CLASS_LOSSES) and n > 1:
        return "logits"
    if n == 1 or (loss and n <= _FEW):
        return "regression"
    sees = any(each.kind == "picture" for each in inputs)
    if (
        not loss
        and sees
        and activation in ("linear", "logsoftmax", "log_softmax")
        and 2 < n <= 30_000
    ):
        return "logits"
    return "vector"


def _spatial_kind(
    sizes: tuple[int | None, ...],
    activation: str,
    loss: str,
    model: Any,
    inputs: Sequence[NetworkInput],
) -> OutputKind:
    """Of rows x columns x channels, and of volumes of them."""
    channels = sizes[-1]
    if len(sizes) == 4 and activation == "sigmoid":
        return "mask"
    pictures = [each for each in inputs if each.kind == "picture"]
    if activation == "softmax" or any(word in loss for word in _MASK_WORDS):
        return "mask"
    if channels not in (1, 3):
        return "mask" if activation == "sigmoid" else "vector"
    if activation == "sigmoid" and channels == 1 and pictures:
        skips = sum(type(each).__name__ == "Concatenate" for each in model.layers)
        if pictures[0].channels != 1 or skips >= 2:
            return "mask"
    return "picture"


def squashed(values: NDArray[Any], how: str) -> NDArray[Any]:
    """Bare scores as shares, where the loss makes them such; (n, …) or without the batch axis."""
    if not how:
        return values
    numbers = values.astype(np.float32)
    if how == "softmax":
        return softmax(numbers)
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-numbers)), np.float32)


def answer(values: NDArray[Any], output: NetworkOutput, top: int) -> Answer:
    """What one output says to one sample.

    Args:
        values: the output without its batch axis.
        top: classes told, best first; 0: all.
    """
    numbers = np.asarray(values, np.float32)
    scores: NDArray[np.float32] | None = None
    if output.kind in ("softmax", "sigmoid", "logits"):
        scores = numbers.ravel()
        if output.kind == "logits":
            scores = softmax(scores)
        elif output.kind == "softmax":
            scores = numbers.ravel()
    best: tuple[Score, ...] = ()
    if scores is not None:
        order = np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")
        order = order[: top or len(order)]
        best = tuple(Score(index=int(i), score=float(scores[i])) for i in order)
    return Answer(
        name=output.name,
        kind=output.kind,
        shape=tuple(int(size) for size in numbers.shape),
        top=best,
        values=Array.of(_bounded(numbers)),
    )


def softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of classes from their logits, along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def _bounded(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """No more than are sent: pictures and volumes by every n-th pixel, others cut off."""
    if numbers.ndim == 4 and numbers.size > MOST_VALUES:
        step = math.ceil((numbers.size / MOST_VALUES) ** (1 / 3))
        numbers = numbers[::step, ::step, ::step]
    if numbers.ndim >= 2 and max(numbers.shape[:2]) > _SHOWN_SIDE:
        step = math.ceil(max(numbers.shape[:2]) / _SHOWN_SIDE)
        numbers = numbers[::step, ::step]
    if numbers.size > MOST_VALUES:
        row = max(1, numbers.size // max(1, numbers.shape[0]))
        numbers = numbers[: max(1, MOST_VALUES // row)]
        if numbers.size > MOST_VALUES:
            numbers = numbers.ravel()[:MOST_VALUES]
    return np.ascontiguousarray(numbers)
