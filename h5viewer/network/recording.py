"""What single layers put out while a network runs, also inside nested models and wrappers.

A layer's `call` is replaced for as long as a `with` lasts and the network is run eagerly:
no second graph is built, which is what fails on nested models elsewhere ("graph
disconnected"). None of these blocks may hold a yield: other requests run in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras

Key = tuple[int, ...]

_ONLY_FORM = ("Reshape", "Flatten", "Permute", "Squeeze", "ExpandDims", "Dropout", "Identity")
"""Classes of layers and operations that change no number when a network is asked."""


@contextmanager
def called_as(operation: Any, call: Callable[..., Any]) -> Iterator[None]:
    """Let `call` stand for what a layer or a Keras operation does."""
    own = vars(operation).get("call")  # a stand-in may have one
    operation.call = call
    try:
        yield
    finally:
        del operation.call
        if own is not None:
            operation.call = own


@contextmanager
def recorded(operation: Any, watch: Callable[[Any], None] | None = None) -> Iterator[list[Any]]:
    """Everything that `operation` puts out, one entry a call, each told to `watch` at once."""
    call = operation.call
    outputs: list[Any] = []

    def call_and_keep(*args: Any, **kwargs: Any) -> Any:
        output = call(*args, **kwargs)
        if watch is not None:
            watch(output)
        outputs.append(output)
        return output

    with called_as(operation, call_and_keep):
        yield outputs


@contextmanager
def fed_to(model: Any) -> Iterator[list[list[Any]]]:
    """What a nested model is called with: its inputs in their order, one entry a call."""
    call = model.call
    fed: list[list[Any]] = []

    def keep_and_call(*args: Any, **kwargs: Any) -> Any:
        fed.append(flat(args[0] if args else kwargs.get("inputs")))
        return call(*args, **kwargs)

    with called_as(model, keep_and_call):
        yield fed


@contextmanager
def shapes_of(operations: Mapping[Key, Any]) -> Iterator[list[tuple[Key, tuple[int, ...]]]]:
    """Key and shape (with the batch axis) of the first output of each call, as they come."""
    seen: list[tuple[Key, tuple[int, ...]]] = []

    def note(key: Key) -> Callable[[Any], None]:
        def take(output: Any) -> None:
            tensors = flat(output)
            if tensors and hasattr(tensors[0], "shape"):
                seen.append((key, tuple(tensors[0].shape)))

        return take

    with ExitStack() as stack:
        for key, operation in operations.items():
            stack.enter_context(recorded(operation, note(key)))
        yield seen


def source_of(tensor: Any) -> Any:
    """What computes a network's output, inside nested models too.

    Layers at the end that only give it another form are passed over.
    """
    operation, node, index = tensor._keras_history
    while True:
        if getattr(operation, "outputs", None) is not None and hasattr(operation, "layers"):
            tensor = flat(operation.outputs)[index]
        elif type(operation).__name__ in _ONLY_FORM:
            inputs = operation._inbound_nodes[node].input_tensors
            if len(inputs) != 1:
                return operation
            tensor = inputs[0]
        else:
            return operation
        operation, node, index = tensor._keras_history


def flat(tensors: Any) -> list[Any]:
    """Inputs or outputs in their order, whatever lists and dictionaries they are in."""
    return list(keras.tree.flatten(tensors))


def functional_of(model: Any) -> Any:
    """What holds the graph of a network: a Sequential has it inside."""
    return getattr(model, "_functional", None) or model


def as_taken(model: Any, tensors: Sequence[Any]) -> Any:
    """Inputs in their order as what a network is called with: `flat`, undone.

    Keras refuses a list where it is to have a dictionary whose keys are not in alphabetic order.
    One sample for a network that takes so many at once, no fewer, is each of them.
    """
    size = flat(model.inputs)[0].shape[0] or 1
    if size > 1 and tensors[0].shape[0] == 1:
        tensors = [keras.ops.repeat(each, size, axis=0) for each in tensors]
    form = getattr(functional_of(model), "_inputs_struct", None)
    if isinstance(form, dict):
        return keras.tree.pack_sequence_as(form, list(tensors))
    return tensors[0] if len(tensors) == 1 else list(tensors)


def going_on(model: Any) -> list[Any]:
    """Layers that go on where they left off (`stateful`); `reset_state` lets them begin anew."""
    layers = model._flatten_layers()
    return [
        each for each in layers if getattr(each, "stateful", False) and hasattr(each, "reset_state")
    ]


def forget(model: Any) -> None:
    """Let all of these begin anew."""
    for layer in going_on(model):
        layer.reset_state()


@contextmanager
def before_activation(operation: Any) -> Iterator[bool]:
    """Let an output layer give its scores before softmax or sigmoid; False: it has neither.

    Gradients of probabilities vanish where the network is sure.
    """
    wrapped = getattr(operation, "layer", None)  # TimeDistributed
    if wrapped is not None:
        operation = wrapped
    if type(operation).__name__ in ("Softmax", "Sigmoid"):
        with called_as(operation, lambda x, *_args, **_kwargs: x):
            yield True
        return
    activation = getattr(operation, "activation", None)
    squashing = (keras.activations.softmax, keras.activations.sigmoid)
    if activation not in squashing:
        yield False
        return
    operation.activation = keras.activations.linear
    try:
        yield True
    finally:
        operation.activation = activation
