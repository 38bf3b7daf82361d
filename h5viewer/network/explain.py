"""What a layer makes of a sample, and where in the picture an answer comes from."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.network.class_activation import class_activation, maps_and_gradient, resized
from h5viewer.network.classes import KERAS_ERRORS, one_line
from h5viewer.network.feeds import feed, read_samples
from h5viewer.network.layer_outputs import (
    as_maps,
    is_channels_first,
    last_with_places,
    layer_of,
    output_of,
)
from h5viewer.network.loaded import loaded
from h5viewer.network.occlusion import Drops, Pixels, covered, patches, strengths
from h5viewer.network.places import input_with_places, laid_out, picture_of
from h5viewer.network.prepared import Prepared, prepared
from h5viewer.nodes import Activations, Array, Explanation, OutputKind
from h5viewer.operations import Operation
from h5viewer.requests import ExplainPrediction, Progress, ReadActivations

_MOST_PIXELS = 2_000_000  # of a page of maps: 8 MB through the pipe
_MOST_VALUES = 200_000  # of a layer that puts out a row of numbers
_STEP_SECONDS = 0.7  # of a batch: a worker that does not heed a cancel in time is ended


def read_activations(request: ReadActivations, container: Container) -> Operation[Activations]:
    """What one layer puts out for a sample, from channel `start` on.

    Raises:
        CannotRead: no such layer in the network, or it is not used for the answer.
    """
    network = yield from loaded(container, request.consent)
    known = yield from prepared(container, network)
    sample = _fed(known, request, container)
    yield Progress(done=0, text="Asking the network…")
    operation = layer_of(network, request.layer)
    with _running(container):
        values = output_of(network, request.layer, sample)
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
    maps = as_maps(values, is_channels_first(operation, network.layers))
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
    """How much each place of the first picture, signal or volume speaks for a class.

    Raises:
        CannotRead: no input is a picture; no layer has rows and columns; no such output.
    """
    network = yield from loaded(container, request.consent)
    known = yield from prepared(container, network)
    number = input_with_places(known.inputs)
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
    values = sample[number][0]
    shown = None if known.inputs[number].kind == "picture" else picture_of(values)
    has_steps = shown is not None and values.ndim == 2
    pixels = Pixels.of(known.inputs[number], sample[number])
    sides = (pixels.rows, pixels.columns) if shown is None else shown.shape[:2]
    if request.method == "occlusion":
        if shown is not None and not has_steps:
            raise CannotRead(
                "Places of a volume cannot be covered.", hint="Choose class activation instead."
            )

        def answers(batch: NDArray[Any]) -> NDArray[Any]:
            whole = [np.repeat(each, len(batch), axis=0) for each in sample]
            whole[number] = batch
            with _running(container):
                return known.call(whole)[request.output]

        kind = known.outputs[request.output].kind
        heat, lowest = yield from _occluded(sample[number], pixels, kind, index, answers)
        if has_steps:
            heat = resized(heat.T, *sides)
        return Explanation(
            heat=Array.of(heat), index=index, score=score, lowest=lowest, picture=shown
        )
    with _running(container):
        key = request.layer or last_with_places(network, sample)
        operation = layer_of(network, key)
        maps, gradient = maps_and_gradient(network.model, sample, operation, request.output, index)
        if maps.ndim not in (2, 3, 4):
            raise CannotRead(
                f"The layer “{visible(str(operation.name))}” has no rows and columns.",
                hint="Choose another layer.",
            )
        heat = class_activation(
            maps, gradient, channels_first=is_channels_first(operation, network.layers)
        )
    return Explanation(
        heat=laid_out(heat, *sides, has_steps=has_steps),
        index=index,
        layer=str(operation.name),
        score=score,
        picture=shown,
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
    started = time.perf_counter()
    before = strengths(answers(values), kind, index)[0]
    most = int(_STEP_SECONDS / max(1e-6, time.perf_counter() - started))
    lowest, done = math.inf, 0
    for part, batch in covered(values, pixels, places, most):
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
    except (MemoryError, tf.errors.OpError):
        raise  # said for all operations alike: see `guarded`
    except KERAS_ERRORS as error:
        raise CannotRead(
            f"The network in {container.source.name} could not be run: {one_line(error)}",
            details=str(error)[:4000],
        ) from error


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
