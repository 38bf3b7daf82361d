"""What a layer makes of a sample, and where in the picture an answer comes from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.network.class_activation import class_activation, maps_and_gradient, resized
from h5viewer.network.classes import KERAS_ERRORS, one_line
from h5viewer.network.feeds import feed, read_samples
from h5viewer.network.loaded import loaded
from h5viewer.network.loader import Network
from h5viewer.network.occlusion import Drops, Pixels, covered, patches, strengths
from h5viewer.network.prepared import Prepared, prepared
from h5viewer.network.recording import Key, flat, recorded, shapes_of
from h5viewer.nodes import Activations, Array, Explanation, OutputKind
from h5viewer.operations import Operation
from h5viewer.requests import ExplainPrediction, Progress, ReadActivations

_MOST_PIXELS = 2_000_000  # of a page of maps: 8 MB through the pipe
_MOST_VALUES = 200_000  # of a layer that puts out a row of numbers


def read_activations(request: ReadActivations, container: Container) -> Operation[Activations]:
    """What one layer puts out for a sample, from channel `start` on.

    Raises:
        CannotRead: no such layer in the network, or it is not used for the answer.
    """
    network = yield from loaded(container, request.consent)
    known = yield from prepared(container, network)
    sample = _fed(known, request, container)
    yield Progress(done=0, text="Asking the network…")
    operation = _layer(network, request.layer)
    with _running(container):
        values = _output_of(network, operation, sample)
    name = str(getattr(operation, "name", ""))
    if values.ndim <= 1:
        row = values.reshape(-1)
        start = min(max(0, request.start), row.size)
        part = row[start : start + _MOST_VALUES]
        return Activations(
            layer=name,
            shape=values.shape,
            values=Array.of(part),
            start=start,
            n_channels=row.size,
        )
    maps = _as_maps(values, is_channels_first(operation, network.layers))
    start = min(max(0, request.start), len(maps))
    part = maps[start : start + max(1, request.count)]
    step = max(1, math.ceil(math.sqrt(part.size / _MOST_PIXELS)))
    return Activations(
        layer=name,
        shape=values.shape,
        maps=Array.of(np.ascontiguousarray(part[:, ::step, ::step])),
        start=start,
        n_channels=len(maps),
    )


def explain_prediction(request: ExplainPrediction, container: Container) -> Operation[Explanation]:
    """How much each place of the first picture speaks for a class.

    Raises:
        CannotRead: no input is a picture; no layer has rows and columns; no such output.
    """
    network = yield from loaded(container, request.consent)
    known = yield from prepared(container, network)
    number = next((at for at, each in enumerate(known.inputs) if each.kind == "picture"), None)
    if number is None:
        raise CannotRead("The network takes no picture, so there are no places to point at.")
    if not 0 <= request.output < len(known.outputs):
        raise CannotRead("The network has no such output.")
    sample = _fed(known, request, container)
    yield Progress(done=0, text="Asking the network…")
    with _running(container):
        answer = known.call(sample)[request.output][0]
    index = _class(answer, request.index)
    score = _score(answer, index)
    pixels = Pixels.of(known.inputs[number], sample[number])
    if request.method == "occlusion":

        def answers(batch: NDArray[Any]) -> NDArray[Any]:
            whole = [np.repeat(each, len(batch), axis=0) for each in sample]
            whole[number] = batch
            with _running(container):
                return known.call(whole)[request.output]

        kind = known.outputs[request.output].kind
        heat, lowest = yield from _occluded(sample[number], pixels, kind, index, answers)
        return Explanation(heat=Array.of(heat), index=index, score=score, lowest=lowest)
    with _running(container):
        key = request.layer or _last_with_places(network, sample)
        operation = _layer(network, key)
        maps, gradient = maps_and_gradient(network.model, sample, operation, request.output, index)
        if maps.ndim != 3:
            raise CannotRead(
                f"The layer “{visible(str(operation.name))}” has no rows and columns.",
                hint="Choose another layer.",
            )
        heat = class_activation(
            maps, gradient, channels_first=is_channels_first(operation, network.layers)
        )
    return Explanation(
        heat=Array.of(resized(heat, pixels.rows, pixels.columns)),
        index=index,
        layer=str(operation.name),
        score=score,
    )


def _occluded(
    values: NDArray[Any],
    pixels: Pixels,
    kind: OutputKind,
    index: int,
    answers: Callable[[NDArray[Any]], NDArray[Any]],
) -> Operation[tuple[NDArray[np.float32], float]]:
    """The map, and the lowest score with one place covered."""
    places = patches(pixels.rows, pixels.columns)
    drops = Drops.nothing(pixels.rows, pixels.columns)
    before = strengths(answers(values), kind, index)[0]
    lowest, done = math.inf, 0
    for part, batch in covered(values, pixels, places):
        yield Progress(done=done, total=len(places), unit="places")
        found = answers(batch)[: len(part)]
        drops.add(part, before - strengths(found, kind, index))
        lowest = min(lowest, *(_score(answer, index) for answer in found))
        done += len(part)
    return drops.heat, lowest


# ------------------------------------------------------------------- the network


def _fed(
    known: Prepared, request: ReadActivations | ExplainPrediction, container: Container
) -> list[NDArray[Any]]:
    """A batch of one for each input."""
    samples = read_samples(request.feeds, known.inputs, container)
    return list(feed(samples, known.inputs, request.recipe or known.recipe).batches)


@contextmanager
def _running(container: Container) -> Iterator[None]:
    """What Keras says while it runs a network becomes a sentence."""
    try:
        yield
    except KERAS_ERRORS as error:
        raise CannotRead(
            f"The network in {container.source.name} could not be run: {one_line(error)}",
            details=str(error)[:4000],
        ) from error


def _run(model: Any, batches: Sequence[NDArray[Any]]) -> None:
    """Layer by layer, so that each can be listened to; `Prepared.call` is one compiled piece."""
    model(batches[0] if len(batches) == 1 else list(batches), training=False)


def _score(answer: NDArray[Any], index: int) -> float:
    return float(np.atleast_1d(answer)[..., index].mean(dtype=np.float64))


def _class(answer: NDArray[Any], wanted: int | None) -> int:
    """The class asked for, or the best one.

    Raises:
        CannotRead: the output has no such class.
    """
    means = np.atleast_1d(answer)
    means = means.reshape(-1, means.shape[-1]).mean(axis=0)
    if wanted is None:
        return int(np.nan_to_num(means, nan=-np.inf).argmax())
    if not 0 <= wanted < len(means):
        raise CannotRead("The network has no such class.")
    return wanted


def _layer(network: Network, key: Key) -> Any:
    operation = network.layers.get(key)
    if operation is None:
        raise CannotRead(
            "That layer is not in the loaded network.",
            hint="It was left out or replaced when the file was repaired for today's Keras.",
        )
    return operation


def _output_of(network: Network, operation: Any, sample: list[NDArray[Any]]) -> NDArray[np.float32]:
    """What a layer puts out, without the batch axis; of several calls the last."""
    with recorded(operation) as outputs:
        _run(network.model, sample)
    made = flat(outputs[-1])[0] if outputs else _fed_into(network, operation, sample)
    values: NDArray[np.float32] = np.asarray(keras.ops.convert_to_numpy(made), np.float32)[0]
    return values


def _fed_into(network: Network, operation: Any, sample: list[NDArray[Any]]) -> Any:
    """What an input layer gives: it is never called.

    Raises:
        CannotRead: it is none of the network's own.
    """
    for tensor, values in zip(flat(network.model.inputs), sample, strict=True):
        if tensor._keras_history[0] is operation:
            return values
    raise CannotRead(
        f"The layer “{visible(str(getattr(operation, 'name', '')))}” is not used for the answer.",
        hint="Choose another layer.",
    )


def _last_with_places(network: Network, sample: list[NDArray[Any]]) -> Key:
    """The last layer on the way that has rows, columns and channels.

    Raises:
        CannotRead: there is none.
    """
    single = {
        key: layer for key, layer in network.layers.items() if not isinstance(layer, keras.Model)
    }
    with shapes_of(single) as seen:
        _run(network.model, sample)
    inputs = {id(tensor._keras_history[0]) for tensor in flat(network.model.inputs)}
    outputs = {id(tensor._keras_history[0]) for tensor in flat(network.model.outputs)}
    for key, shape in reversed(seen):
        layer = network.layers[key]
        if len(shape) != 4 or id(layer) in inputs | outputs:
            continue
        sides = shape[2:] if is_channels_first(layer, network.layers) else shape[1:3]
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


def _as_maps(values: NDArray[np.float32], channels_first: bool) -> NDArray[np.float32]:
    """(pictures, rows, columns); a table is one picture, a step or slice each is one by itself."""
    if values.ndim == 2:
        return values[None]
    if not channels_first:
        values = np.moveaxis(values, -1, -3)
    return values.reshape(-1, *values.shape[-2:])
