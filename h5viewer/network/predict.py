"""Predict: what the network answers to a sample, and how the sample looked to it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.network.feeds import Sample, feed, read_samples
from h5viewer.network.loaded import loaded
from h5viewer.network.outputs import answer
from h5viewer.network.prepared import Prepared, keep_pace, pace, prepared
from h5viewer.nodes import Answer, Prediction, ProbedAnswer, Recipe
from h5viewer.operations import Operation
from h5viewer.requests import Predict, Progress

_SLOW = 0.5  # seconds of the last answer


def predict(request: Predict, container: Container) -> Operation[Prediction]:
    """Decode, prepare by the recipe, ask the network; by all recipes when probing."""
    network = yield from loaded(container, request.consent)
    known = yield from prepared(container, network)
    samples = read_samples(request.feeds, known.inputs, container)
    recipe = request.recipe or known.recipe
    yield Progress(done=0, text="Asking the network…")
    fed = feed(samples, known.inputs, recipe)
    if pace(container) > _SLOW:  # its user sees what was given while it works
        yield Prediction(
            answers=(),
            recipe=recipe,
            seconds=0.0,
            pictures=fed.pictures,
            seen=fed.seen,
            ranges=fed.ranges,
            notes=fed.notes,
            is_inverted=fed.is_inverted,
        )
    started = time.perf_counter()
    values = known.call(fed.batches)
    seconds = time.perf_counter() - started
    keep_pace(container, seconds)
    answers = _answers(values, known, request.top)
    probed: tuple[ProbedAnswer, ...] = ()
    if request.probe:
        probed = yield from _probed(samples, known, request.top)
    return Prediction(
        answers=answers,
        recipe=recipe,
        seconds=seconds,
        pictures=fed.pictures,
        seen=fed.seen,
        ranges=fed.ranges,
        probed=probed,
        notes=fed.notes,
        is_inverted=fed.is_inverted,
    )


def _probed(
    samples: Sequence[Sample], known: Prepared, top: int
) -> Operation[tuple[ProbedAnswer, ...]]:
    """The answers by every recipe that fits, the likeliest first."""
    found = []
    for i, recipe in enumerate(known.weighed.recipes):
        yield Progress(done=i, total=len(known.weighed.recipes), unit="recipes")
        found.append(_by(recipe, samples, known, top))
    return tuple(found)


def _by(recipe: Recipe, samples: Sequence[Sample], known: Prepared, top: int) -> ProbedAnswer:
    fed = feed(samples, known.inputs, recipe)
    return ProbedAnswer(
        recipe=recipe, answers=_answers(known.call(fed.batches), known, min(top, 5) or 5)
    )


def _answers(values: Sequence[NDArray[Any]], known: Prepared, top: int) -> tuple[Answer, ...]:
    """What each output says.

    Raises:
        CannotRead: the network answers in numbers that are none.
    """
    if all(not np.isfinite(each).any() for each in values if each.size):
        raise CannotRead(
            "The network answers with nothing but NaN or infinite numbers.",
            hint="Its weights may be damaged: see Health; or try another recipe.",
        )
    return tuple(
        answer(each[0], output, top) for each, output in zip(values, known.outputs, strict=True)
    )
