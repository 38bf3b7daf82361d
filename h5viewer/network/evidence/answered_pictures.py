"""Evidence: pictures that a network answers with, as autoencoders and networks of sharpness do.

It was taught to give back a picture as it got one, cleaner or larger: what its last activation
can say at all, and for which pictures it says them again, tells how both were scaled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from h5viewer.network.evidence.clues import HABITS, Clue, in_words
from h5viewer.network.evidence.scenes import scenes
from h5viewer.network.outputs import last_layer
from h5viewer.network.recipes import RAW, SYMMETRIC, UNIT, batch_of
from h5viewer.network.recording import flat
from h5viewer.nodes import NetworkInput, NetworkOutput

_RANGES: Mapping[str, tuple[str, str]] = {
    "sigmoid": (UNIT.name, "0 to 1"),
    "hard_sigmoid": (UNIT.name, "0 to 1"),
    "tanh": (SYMMETRIC.name, "−1 to 1"),
}
_CERTAIN = 0.8
_MAY_BE_MASKS = 0.5  # of one channel
_LARGEST_SIDE = 256  # pixels of an input that is asked about
_SAYS_AGAIN = 0.75  # of the deviation: above, it says something else than it got
_NEARER = 1.2  # times; of ten own networks nine came nearer by 1.25 to 7 the right side of zero
_TOLD_APART = 0.5


def answered_pictures(model: Any, target: NetworkInput, output: NetworkOutput) -> Iterator[Clue]:
    """Of an output that is a picture with the channels of the input."""
    n_channels = {3: 1, 4: output.shape[-1]}.get(len(output.shape), target.channels)
    if output.kind != "picture" or n_channels != target.channels:
        return
    activation = last_layer(flat(model.outputs)[0])[1]
    if activation in _RANGES:
        name, words = _RANGES[activation]
        certain = _CERTAIN if target.channels >= 3 else _MAY_BE_MASKS
        message = (
            f"It answers with pictures from {words}, as “{activation}” gives: so were those it got."
        )
        yield Clue(message, {name: 1.0}, certain)
    elif max(target.rows, target.columns) <= _LARGEST_SIDE:
        yield from _said_again(model, target)


def _said_again(model: Any, target: NetworkInput) -> Iterator[Clue]:
    """By the ways of scaling that are about as good as the best one."""
    off = {way.name: _off(model, target, way) for way in (UNIT, RAW, SYMMETRIC)}
    best = min(off.values())
    near = {name: HABITS[name] for name, each in off.items() if each <= _NEARER * best}
    if not best < _SAYS_AGAIN or len(near) == len(off):
        return
    votes = {name: habit / sum(near.values()) for name, habit in near.items()}
    nearest_other = min(each for name, each in off.items() if name not in near)
    yield Clue(
        f"Made-up pictures come back with {100 * best:.0f} % of their contrast off when they are "
        f"scaled so: {in_words(votes)}; else with {100 * nearest_other:.0f} %.",
        votes,
        _TOLD_APART,
    )


def _off(model: Any, target: NetworkInput, way: Any) -> float:
    """Of the middle one of made-up pictures, in their deviations; infinite: of another size."""
    batch = batch_of(scenes(), way, target)
    answers = flat(model(keras.ops.convert_to_tensor(batch), training=False))
    said: NDArray[Any] = np.asarray(keras.ops.convert_to_numpy(answers[0]))
    if said.size != batch.size:
        return float("inf")
    given, said = (each.reshape(len(batch), -1).astype(np.float64) for each in (batch, said))
    off = np.sqrt(((said - given) ** 2).mean(axis=1)) / given.std(axis=1)
    return float(np.median(off))
