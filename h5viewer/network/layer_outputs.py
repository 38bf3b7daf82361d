"""What layers of a loaded network put out for a sample, and which of them have places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.network.loader import Network
from h5viewer.network.recording import Key, as_taken, fed_to, flat, forget, recorded, shapes_of

Sample = Sequence[NDArray[Any]]
"""A batch of one for each input."""


def layer_of(network: Network, key: Key) -> Any:
    """The Keras layer of a row of the architecture.

    Raises:
        CannotRead: it is not in the loaded network.
    """
    operation = network.layers.get(key)
    if operation is None:
        raise CannotRead(
            "That layer is not in the loaded network.",
            hint="It was left out or replaced when the file was repaired for today's Keras.",
        )
    return operation


def output_of(network: Network, key: Key, sample: Sample) -> NDArray[np.float32]:
    """What a layer puts out, without the batch axis; of several calls the last.

    Raises:
        CannotRead: it is not in the network, or the answer does not need it.
    """
    made = _output(network, key, sample)
    values: NDArray[np.float32] = np.asarray(keras.ops.convert_to_numpy(made), np.float32)[0]
    return values


def _output(network: Network, key: Key, sample: Sample) -> Any:
    operation = layer_of(network, key)
    if isinstance(operation, keras.layers.InputLayer):
        return _fed_into(network, key, operation, sample)
    with recorded(operation) as outputs:
        made = _run_traced(network, sample, outputs) if _is_recurrent(network) else None
        if made is None:
            _run(network.model, sample)
            made = flat(outputs[-1])[0] if outputs else None
    if made is None:
        raise _not_used(operation)
    return made


def _run(model: Any, sample: Sample) -> None:
    """Layer by layer, so that each can be listened to; `Prepared.call` is one compiled piece."""
    forget(model)
    model(as_taken(model, sample), training=False)


def _run_traced(network: Network, sample: Sample, outputs: list[Any]) -> Any:
    """As one compiled piece that gives what was recorded; None: that is inside a loop.

    Eagerly a bidirectional LSTM over 180 steps takes 6 s.
    """

    def run(*tensors: Any) -> Any:
        _run(network.model, tensors)
        return flat(outputs[-1])[0]

    tensors = [
        keras.ops.convert_to_tensor(values, dtype=tensor.dtype)
        for values, tensor in zip(sample, flat(network.model.inputs), strict=True)
    ]
    try:
        return tf.function(run, autograph=False)(*tensors)
    except (TypeError, IndexError):  # a tensor of a loop's inside; a layer that is not called
        return None


def _is_recurrent(network: Network) -> bool:
    return keras.backend.backend() == "tensorflow" and any(
        isinstance(layer, (keras.layers.RNN, keras.layers.Bidirectional))
        for layer in network.layers.values()
    )


def _fed_into(network: Network, key: Key, operation: Any, sample: Sample) -> Any:
    """What an input layer gives, which is never called: what its model is fed with."""
    model, fed = network.model, list(sample)
    if len(key) > 1:
        model = layer_of(network, key[:-1])
        with fed_to(model) as calls:
            _run(network.model, sample)
        fed = calls[-1] if calls else []
    for tensor, values in zip(flat(model.inputs), fed, strict=False):
        if tensor._keras_history[0] is operation:
            return values
    raise _not_used(operation)


def _not_used(operation: Any) -> CannotRead:
    return CannotRead(
        f"The layer “{visible(str(getattr(operation, 'name', '')))}” is not used for the answer.",
        hint="Choose another layer.",
    )


def last_with_places(network: Network, sample: Sample) -> Key:
    """The last layer on the way that has rows, columns and channels.

    Where there is none, the last one with slices of them, or with steps.

    Raises:
        CannotRead: there is none of these either.
    """
    single = {
        key: layer for key, layer in network.layers.items() if not isinstance(layer, keras.Model)
    }
    with shapes_of(single) as seen:
        _run(network.model, sample)
    inputs = {id(tensor._keras_history[0]) for tensor in flat(network.model.inputs)}
    outputs = {id(tensor._keras_history[0]) for tensor in flat(network.model.outputs)}
    for n_axes in (4, 5, 3):
        for key, shape in reversed(seen):
            layer = network.layers[key]
            if len(shape) != n_axes or id(layer) in inputs | outputs:
                continue
            sides = shape[2:] if is_channels_first(layer, network.layers) else shape[1:-1]
            if min(sides) > 1:
                return key
    raise CannotRead(
        "No layer of this network has rows and columns.", hint="Choose occlusion instead."
    )


def is_channels_first(operation: Any, layers: Mapping[Key, Any]) -> bool:
    """Whether channels come before rows and columns in what a layer puts out.

    A layer that does not say so itself is taken to be like those that do.
    """
    own = getattr(operation, "data_format", None)
    if own is not None:
        return bool(own == "channels_first")
    said = [getattr(layer, "data_format", None) for layer in layers.values()]
    return "channels_first" in said and "channels_last" not in said


def as_maps(values: NDArray[np.float32], channels_first: bool) -> NDArray[np.float32]:
    """(pictures, rows, columns); a table is one picture, a step or slice each is one by itself."""
    if values.ndim == 2:
        return values[None]
    if not channels_first:
        values = np.moveaxis(values, -1, -3)
    return values.reshape(-1, *values.shape[-2:])
