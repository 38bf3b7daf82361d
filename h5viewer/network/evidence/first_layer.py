"""The first layer that has learnt something, and what the network does to pixels before it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.network.classes import KERAS_ERRORS
from h5viewer.network.recording import as_taken
from h5viewer.nodes import NetworkInput

_PROBES = (0.0, 255.0, 100.0)  # shades that are sent through
_FREE_SIZE = 64  # pixels, of an input of any size
_HALF = 3  # pixels around the middle: of flat pictures two, all channels of both
_NO_LEARNING = ("Normalization", "Rescaling", "Discretization")


class FirstLayer(msgspec.Struct, frozen=True):
    """Where pixels first meet weights. What is fed as x gets there as `scale` x + `offset`."""

    layer: Any
    scale: float
    offset: float

    @property
    def changes(self) -> bool:
        """Whether the network rescales its input by itself."""
        return abs(self.scale - 1) > 1e-3 or abs(self.offset) > 1e-3


class _Found(BaseException):
    """Ends the run through the network, as the rest of it is not needed.

    Not an Exception: Keras turns those into others of its own.
    """

    def __init__(self, layer: Any, values: NDArray[np.float32]) -> None:
        super().__init__()
        self.layer = layer
        self.values = values


def find_first_layer(model: Any, inputs: Sequence[NetworkInput]) -> FirstLayer | None:
    """The first layer with weights that a picture meets; None: what it gets is no plain scaling.

    Of several inputs it is that of one of those that are pictures.
    """
    is_mixed = len({each.kind for each in inputs}) > 1
    batches = [keras.ops.convert_to_tensor(_probe(each)) for each in inputs]
    learnt = [layer for layer in _leaves(model) if _has_learnt(layer)]
    try:
        found = _first_called(model, learnt, as_taken(model, batches), passes_others=is_mixed)
    except KERAS_ERRORS:
        return None  # code of a layer fails on made-up pictures: predicting will say so
    return None if found is None else _scaling(found)


def input_of(model: Any, layer: Any, batch: Any) -> NDArray[np.float32] | None:
    """What reaches a layer first; None: the network runs without it."""
    found = _first_called(model, [layer], batch)
    return None if found is None else found.values


def _first_called(
    model: Any, layers: Sequence[Any], batch: Any, *, passes_others: bool = False
) -> _Found | None:
    """Which of the layers is called first, and with what.

    Args:
        model: the network.
        layers: of which the first is wanted.
        batch: what the network gets.
        passes_others: one that gets the same of every sample is not meant: numbers that go
            with a picture.
    """
    try:
        with _watched(layers, passes_others=passes_others):
            model(batch, training=False)
    except _Found as found:
        return found
    return None


def _probe(target: NetworkInput) -> NDArray[np.float32]:
    sizes = [_FREE_SIZE if size is None else size for size in target.shape[1:]]
    sides = tuple(size for size in sizes if isinstance(size, int))
    batch = np.zeros((len(_PROBES), *sides), np.float32)
    for i, shade in enumerate(_PROBES if target.kind == "picture" else ()):
        batch[i] = shade
    return batch


def _leaves(model: Any) -> list[Any]:
    layers = model._flatten_layers(include_self=False, recursive=True)
    return [layer for layer in layers if not hasattr(layer, "layers")]


def _has_learnt(layer: Any) -> bool:
    return bool(layer.weights) and type(layer).__name__ not in _NO_LEARNING


@contextmanager
def _watched(layers: Sequence[Any], *, passes_others: bool) -> Iterator[None]:
    """The first of them to be called ends the run.

    Set beside Keras' own way of setting attributes, which takes 6 ms each in a large network.
    """
    own = [vars(layer).get("call") for layer in layers]
    for layer in layers:
        vars(layer)["call"] = _catcher(layer, layer.call if passes_others else None)
    try:
        yield
    finally:
        for layer, call in zip(layers, own, strict=True):
            if call is None:
                del vars(layer)["call"]
            else:
                vars(layer)["call"] = call


def _catcher(layer: Any, call: Callable[..., Any] | None) -> Any:
    def catch(inputs: Any, *args: Any, **kwargs: Any) -> Any:
        tensor = inputs[0] if isinstance(inputs, list | tuple) else inputs
        values = np.asarray(keras.ops.convert_to_numpy(tensor), np.float32)
        if call is not None and np.array_equal(values, values[:1].repeat(len(values), 0)):
            return call(inputs, *args, **kwargs)
        raise _Found(layer, values)

    return catch


def _scaling(found: _Found) -> FirstLayer | None:
    """Of the middle of what the layer gets, as its rim may be padding.

    The mean: where each channel is scaled in its own way, the median is that of another channel
    for another shade.
    """
    values = found.values
    if len(values) != len(_PROBES):
        return None
    middle = tuple(slice(max(0, size // 2 - _HALF), size // 2 + _HALF) for size in values.shape[1:])
    shades = [float(np.mean(each[middle])) for each in values]
    scale = (shades[1] - shades[0]) / (_PROBES[1] - _PROBES[0])
    offset = shades[0]
    expected = scale * _PROBES[2] + offset
    if not math.isfinite(scale) or abs(expected - shades[2]) > 1e-3 * (1 + abs(shades[1])):
        return None
    return FirstLayer(found.layer, scale, offset) if scale > 0 else None
