"""What the inputs of a loaded network take: pictures of a size and layout, numbers, indices."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from h5viewer.network.free_sizes import with_free_sizes
from h5viewer.network.recording import flat, functional_of
from h5viewer.nodes import NetworkInput

_COLOURS = (1, 2, 3, 4)
_SMALLEST_SIDE = 8  # rows x columns without channels: smaller ones are tables
_SMALLEST_FLAT = 20  # 400 numbers in a row: 20 x 20; 16 x 16 = 256 is more often a table
_SMALLEST_FLAT_COLOUR = 16
_OF_SEQUENCES = ("Conv1D", "Embedding", "Attention", "Position", "Transformer", "TimeDistributed")
_OF_STEPS = ("RNN", "LSTM", "GRU", "Bidirectional")  # take a picture row by row
_SMALLEST_OF_STEPS = 20
_MNIST = 28  # a side: pictures, whatever reads their rows
_SMALLEST_RESHAPED = 8
_LONGEST = 2  # times the shorter side: longer ones are rather signals of some sensors
_FORMS = ("Reshape", "ExpandDims")  # give numbers the axes of a picture
_PASSING = ("Rescaling", "Dropout", "GaussianNoise", "Identity", "Cast")  # before that
_OF_INDICES = ("Embedding", "CategoryEncoding", "IntegerLookup", "StringLookup", "Hashing")


def describe_inputs(model: Any) -> tuple[NetworkInput, ...]:
    """All inputs, in the order in which the network takes them."""
    return with_free_sizes(model, [_describe(model, tensor) for tensor in flat(model.inputs)])


def _describe(model: Any, tensor: Any) -> NetworkInput:
    shape = (None, *tensor.shape[1:])
    name = str(getattr(tensor, "name", "")).split(":")[0]
    dtype = str(tensor.dtype)
    users = [type(user).__name__ for user in users_of(model, tensor)]
    if any(user in _OF_INDICES for user in users) or dtype.startswith(("int", "uint", "string")):
        is_colour = len(shape) == 4 and shape[-1] in _COLOURS  # whole numbers of a picture
        if not is_colour:
            return NetworkInput(name=name, shape=shape, dtype=dtype, kind="indices")
    form = _reshaped(model, tensor) if len(shape) in (2, 3) else ()
    layout, rows, columns, channels = _by_form(shape[1:], form) or _picture(shape[1:], users)
    return NetworkInput(
        name=name,
        shape=shape,
        dtype=dtype,
        kind="picture" if layout else "values",
        layout=layout,
        rows=rows,
        columns=columns,
        channels=channels,
    )


def _picture(sizes: tuple[int | None, ...], users: list[str]) -> tuple[Any, int, int, int]:
    """Layout, rows, columns and channels; the layout is "" for what is no picture."""
    match sizes:
        case (rows, columns, channels) if channels in _COLOURS and _is_side(rows, columns):
            return "rows-columns-channels", rows or 0, columns or 0, channels or 0
        case (channels, rows, columns) if channels in _COLOURS and _is_side(rows, columns):
            return "channels-rows-columns", rows or 0, columns or 0, channels or 0
        case (int(rows), int(columns)) if rows == columns and (
            rows == _MNIST or rows >= _smallest_side(users)
        ):
            return "rows-columns", rows, columns, 1
        case (int(length),):
            side, colour_side = math.isqrt(length), math.isqrt(length // 3)
            if side**2 == length and side >= _SMALLEST_FLAT:
                return "flat", side, side, 1
            if 3 * colour_side**2 == length and colour_side >= _SMALLEST_FLAT_COLOUR:
                return "flat", colour_side, colour_side, 3
    return "", 0, 0, 0


def _by_form(
    sizes: tuple[int | None, ...], form: tuple[int | None, ...]
) -> tuple[Any, int, int, int] | None:
    """The same by the axes that the network itself gives its numbers; None: those of no picture."""
    match form:
        case (int(rows), int(columns), 1 | 3 | 4 as channels):
            is_first = False
        case (1 | 3 | 4 as channels, int(rows), int(columns)):
            is_first = True
        case _:
            return None
    shorter, longer = sorted((rows, columns))
    if shorter < _SMALLEST_RESHAPED or longer > _LONGEST * shorter:
        return None
    if len(sizes) == 2:
        return ("rows-columns", rows, columns, 1) if sizes == (rows, columns) else None
    return "flat-channels-first" if is_first and channels > 1 else "flat", rows, columns, channels


def _reshaped(model: Any, tensor: Any) -> tuple[int | None, ...]:
    """The axes that a network gives the numbers of an input first; (): it takes them as they are.

    Also (): what comes then reads them step by step.
    """
    for owner, operation, made in _calls(model, tensor):
        name = type(operation).__name__
        if name in _PASSING:
            return _reshaped(owner, made)
        if name in _FORMS:
            words = (*_OF_SEQUENCES, *_OF_STEPS, "ConvLSTM")
            users = (type(user).__name__ for user in users_of(owner, made))
            are_steps = any(word in user for user in users for word in words)
            return () if are_steps else _reshaped(owner, made) or tuple(made.shape[1:])
    return ()


def _smallest_side(users: list[str]) -> float:
    """From which size on equal axes are rows and columns, for what takes them."""
    if any(word in user for user in users for word in _OF_SEQUENCES):
        return math.inf
    if any(word in user for user in users for word in _OF_STEPS):
        return _SMALLEST_OF_STEPS
    return _SMALLEST_SIDE


def _is_side(rows: int | None, columns: int | None) -> bool:
    return (rows or 99) >= 4 and (columns or 99) >= 4


def users_of(model: Any, tensor: Any) -> Iterator[Any]:
    """Layers and operations that take a tensor of the network; inside nested ones their own."""
    for _, operation, _ in _calls(model, tensor):
        yield operation


def _calls(model: Any, tensor: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Which network calls which operation with a tensor, and what that makes of it."""
    for operation in getattr(functional_of(model), "operations", ()):
        for node in operation._inbound_nodes:
            for index, each in enumerate(node.input_tensors):
                if each is not tensor:
                    continue
                if hasattr(operation, "layers") and getattr(operation, "inputs", None):
                    inner = flat(operation.inputs)
                    yield from _calls(operation, inner[min(index, len(inner) - 1)])
                else:
                    yield model, operation, node.output_tensors[0]
