"""Evidence: the network's own answers to pictures that are drawn here, scaled in each way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.network.evidence.clues import HABITS, Background, Clue, scales
from h5viewer.network.evidence.scenes import scenes
from h5viewer.network.evidence.strokes import drawn_digits
from h5viewer.network.recipes import RAW, SYMMETRIC, UNIT, batch_of, on_dark, on_light
from h5viewer.network.recording import flat
from h5viewer.nodes import NetworkInput, NetworkOutput, Recipe

_LARGEST_SIDE = 64  # pixels: networks of digits are small
_DIGITS_FIRST = (10, 36, 47, 62)  # classes of MNIST and of EMNIST's parts, digits first
_KNOWS = 0.6  # of the digits must be read: a network of other things reads one in ten
_CERTAIN = 0.95
_LARGE = ("raw", "caffe")  # scales of which white is 100 and more
_ASKED = (UNIT, SYMMETRIC, RAW)
_LEAST = 1e-45  # probability that float32 holds


class Reading(msgspec.Struct, frozen=True):
    """What came of one way to scale the digits: how many were read, how far apart the scores."""

    n_right: int
    gap: float


def reads_digits(model: Any, target: NetworkInput, output: NetworkOutput) -> Iterator[Clue]:
    """Whether it is a network of digits, and which way it wants them."""
    if output.n_classes not in _DIGITS_FIRST or output.kind == "sequence":
        return
    if not 8 <= max(target.rows, target.columns) <= _LARGEST_SIDE:
        return
    dark = {recipe.name: _reading(on_dark(recipe), target, model) for recipe in _ASKED}
    light = {recipe.name: _reading(on_light(recipe), target, model) for recipe in _ASKED}
    on: Background = "dark"
    right = max(reading.n_right for reading in dark.values())
    wrong = max(reading.n_right for reading in light.values())
    ways = dark
    if wrong > right:
        on, right, wrong, ways = "light", wrong, right, light
    n = len(drawn_digits())
    if right < _KNOWS * n:
        return
    words = ("light on dark", "dark on light")
    like, unlike = words if on == "dark" else words[::-1]
    yield Clue(
        f"The network reads {right} of {n} drawn digits when they are {like}, "
        f"{wrong} when they are {unlike}.",
        {name: 1 / len(scales(1)) for name in scales(1)},
        _CERTAIN * (right - wrong) / n if right > wrong else 0.0,
        on,
        is_digits=True,
    )
    yield _of_digits(ways, n)


def _of_digits(ways: dict[str, Reading], n: int) -> Clue:
    """Which scale its answers speak for: the surest is not the best."""
    unit = ways["unit"]
    for recipe in (SYMMETRIC, RAW):
        reads = ways[recipe.name].n_right
        more = (reads - max(way.n_right for name, way in ways.items() if name != recipe.name)) / n
        if more >= 0.2:
            message = f"From {recipe.title} it reads {reads} of them, from 0 to 1 {unit.n_right}."
            return Clue(message, {recipe.name: 1.0}, min(0.6, 1.5 * more))
    return _clue(_by_gap(unit.gap), unit.gap, "drawn digits")


def answers_to_scenes(model: Any, target: NetworkInput, output: NetworkOutput) -> Iterator[Clue]:
    """How far its answers to coloured scenes are apart: too little, well, or beyond measure."""
    if output.kind not in ("softmax", "logits") or output.n_classes < 2:
        return
    batch = batch_of(scenes(), UNIT, target)
    gap = _gap(_asked(model, batch))
    if math.isfinite(gap):
        yield _clue(_by_gap(gap), gap, "made-up pictures")


def _by_gap(gap: float) -> dict[str, float]:
    """From the distance of the scores by which 0 to 1 tells the best class from the worst.

    Networks answer their own kind of picture with 5 to 60; 255 times less or more is far from
    that. Corpus: 0.16 for one trained on 0 to 255, 16 to 64 for five trained on 0 to 1.
    """
    raw = 1 / (1 + (max(gap, 1e-6) / 1.2) ** 1.5)
    others = [name for name in HABITS if name not in _LARGE]
    return _among(_LARGE, raw) | _among(others, 1 - raw)


def _among(names: Sequence[str], share: float) -> dict[str, float]:
    """A share of the votes for scales of one size, by habit."""
    total = sum(HABITS[name] for name in names)
    return {name: share * HABITS[name] / total for name in names}


def _clue(votes: dict[str, float], gap: float, what: str) -> Clue:
    sure = "hardly differ" if gap < 1.2 else "differ well"
    return Clue(
        f"From 0 to 1 its scores of {what} {sure}: by {gap:.2g} between best and worst class.",
        votes,
        0.5 * abs(2 * (votes["raw"] + votes["caffe"]) - 1),
    )


def _reading(recipe: Recipe, target: NetworkInput, model: Any) -> Reading:
    digits = drawn_digits()
    values = _asked(model, batch_of([pixels for _, pixels in digits], recipe, target))
    scores = values.reshape(len(digits), -1)
    right = sum(int(row.argmax()) == digit for (digit, _), row in zip(digits, scores, strict=True))
    return Reading(right, _gap(scores))


def _asked(model: Any, batch: NDArray[np.float32]) -> NDArray[Any]:
    """Not compiled: that would take longer than the few batches do."""
    answers = flat(model(keras.ops.convert_to_tensor(batch), training=False))
    return np.asarray(keras.ops.convert_to_numpy(answers[0]))


def _gap(values: NDArray[Any]) -> float:
    """Between the scores of the best and the worst class, of the middle picture."""
    scores = values.reshape(len(values), -1).astype(np.float64)
    if scores.min() >= 0 and scores.max() <= 1.001:  # probabilities
        scores = np.log(np.maximum(scores, _LEAST))
    return float(np.median(scores.max(axis=1) - scores.min(axis=1)))
