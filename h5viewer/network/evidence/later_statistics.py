"""Evidence: what a batch normalization further in the network keeps, behind what bends its numbers.

Where nothing but a convolution stands before it, `batch_statistics` reckons back to the pixels.
Else made-up pictures are sent there, scaled in each way: one way comes to what it remembers.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from h5viewer.network.classes import KERAS_ERRORS
from h5viewer.network.evidence.batch_statistics import kept_by, reached_after, told_after
from h5viewer.network.evidence.clues import FITS, Clue, in_words, scales, shares
from h5viewer.network.evidence.first_layer import input_of
from h5viewer.network.evidence.scenes import SMALL, scenes
from h5viewer.network.evidence.strokes import drawn_digits
from h5viewer.network.recipes import batch_of
from h5viewer.nodes import NetworkInput

# Of eight networks trained on 0 to 1, 0 to 255, -1 to 1 and ImageNet's means, the right scale is
# off by 0.1 to 0.24 and 0.2 to 0.4, the next one by 0.3 and 0.7 or more.
_MEAN_SPREAD = 0.25  # of deviations
_DEVIATION_SPREAD = 0.5  # of the logarithm
_CERTAIN = 0.75
_LEAST = 1e-12

Floats = NDArray[np.float64]


def later_statistics(model: Any, target: NetworkInput, n_steps: float | None) -> list[Clue]:
    """Which scale brings made-up pictures to what the first batch normalization keeps.

    Args:
        n_steps: of training, where the optimizer counted them.
    """
    norm = next((each for each in model._flatten_layers() if _has_learnt(each)), None)
    if norm is None:
        return []
    ways = [list(scenes())]
    if target.channels == 1:
        digits = [picture for _, picture in drawn_digits()[:10]]
        ways.append(digits)
    try:
        kept = kept_by(norm, n_steps)
        found = [_likelihoods(model, norm, kept, target, pictures) for pictures in ways]
    except KERAS_ERRORS:
        return []  # code of a layer fails on made-up pictures: predicting will say so
    likelihoods = {
        name: max(each.get(name, -np.inf) for each in found) for name in scales(target.channels)
    }
    if max(likelihoods.values()) < FITS:
        return []
    votes = shares(likelihoods)
    return [
        Clue(
            f"Batch normalization “{norm.name}” remembers numbers as made-up pictures give there "
            f"when they are scaled so: {in_words(votes)}{told_after(n_steps, norm)}.",
            votes,
            _CERTAIN * reached_after(n_steps, norm),
        )
    ]


def _has_learnt(layer: Any) -> bool:
    if type(layer).__name__ != "BatchNormalization" or not layer.trainable:
        return False
    mean, variance = kept_by(layer)
    return bool((mean != 0).any() and (variance > 0).any())


def _likelihoods(
    model: Any,
    norm: Any,
    kept: tuple[Floats, Floats],
    target: NetworkInput,
    pictures: list[NDArray[np.uint8]],
) -> dict[str, float]:
    """Logarithm of how likely each scale is to have come to what is kept, by its name."""
    if max(target.rows, target.columns) > SMALL:
        pictures = pictures[:1]
    return {
        name: _likelihood(*kept, values)
        for name, recipe in scales(target.channels).items()
        if (values := _reaching(model, norm, target, pictures, recipe)) is not None
    }


def _reaching(
    model: Any, norm: Any, target: NetworkInput, pictures: list[NDArray[np.uint8]], recipe: Any
) -> Floats | None:
    batch = batch_of(pictures, recipe, target)
    values = input_of(model, norm, keras.ops.convert_to_tensor(batch))
    if values is None:
        return None
    axis = norm.axis[0] if isinstance(norm.axis, list | tuple) else norm.axis
    channels = np.moveaxis(values.astype(np.float64), axis, -1)
    return np.asarray(channels.reshape(-1, channels.shape[-1]))


def _likelihood(mean: Floats, variance: Floats, values: Floats) -> float:
    own_mean, own_variance = values.mean(axis=0), values.var(axis=0)
    off = np.abs(own_mean - mean) / np.sqrt(variance + own_variance + _LEAST)
    wider = 0.5 * np.log(_positive(own_variance) / _positive(variance))
    by_mean = float(np.sqrt((off**2).mean())) / _MEAN_SPREAD
    by_deviation = float(np.median(np.abs(wider))) / _DEVIATION_SPREAD
    return -0.5 * (by_mean**2 + by_deviation**2)


def _positive(variance: Floats) -> Floats:
    """A unit that nothing wakes has none: as little as the rest of them allow."""
    return np.asarray(variance + 1e-9 * variance.max() + _LEAST)
