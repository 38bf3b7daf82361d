"""Evidence: gradients that the optimizer remembers of a layer behind others that were frozen.

Of a network whose base was taken over, only the last layers were trained. What size of
numbers reached them then is compared with what made-up pictures come to there, scaled in
each way.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.network.classes import KERAS_ERRORS
from h5viewer.network.evidence.batch_statistics import normalization_after
from h5viewer.network.evidence.clues import (
    FITS,
    SCALES,
    Clue,
    about,
    in_sentence,
    likely,
    scales,
    shares,
)
from h5viewer.network.evidence.first_layer import input_of
from h5viewer.network.evidence.gradient_memory import Remembered, remembered, row_of
from h5viewer.network.evidence.scenes import SMALL, scenes
from h5viewer.network.loader import Network
from h5viewer.network.recipes import batch_of
from h5viewer.nodes import NetworkInput
from h5viewer.operations import Operation
from h5viewer.operations.network import known_network

_SIZE_SPREAD = 0.6  # of the logarithm: made-up pictures are not those it was trained on
_CERTAIN = 0.75
_DIFFERENT = 1.0  # of logarithms: below, all scales come to the same there
_MOST_LAYERS = 400  # looked at


def deeper_memory(
    container: Container, network: Network, target: NetworkInput, authors: str = ""
) -> Operation[list[Clue]]:
    """What size of pixels gives the numbers that the first trained layer saw.

    Args:
        authors: the scale of those who made the architecture, where it is a known one.
    """
    declared = yield from known_network(container)
    if declared.optimizer is None:
        return []
    for key, layer in sorted(network.layers.items())[:_MOST_LAYERS]:
        if getattr(layer, "bias", None) is None or normalization_after(layer) is not None:
            continue
        row = row_of(declared.layers, key)
        try:
            found = row and remembered(container, row, declared.optimizer)
        except CannotRead:
            continue  # a damaged slot tells nothing
        if found:
            clue = _clue(network.model, layer, found, target, authors)
            return [] if clue is None else [clue]
    return []


def _clue(
    model: Any, layer: Any, found: Remembered, target: NetworkInput, authors: str
) -> Clue | None:
    try:
        sizes = _sizes(model, layer, target)
    except KERAS_ERRORS:
        return None  # code of a layer fails on made-up pictures: predicting will say so
    if not sizes:
        return None
    likelihoods = {
        name: -0.5 * (math.log(found.size / size) / _SIZE_SPREAD) ** 2
        for name, size in sizes.items()
    }
    top, low = max(likelihoods.values()), min(likelihoods.values())
    if top < FITS or top - low < _DIFFERENT:
        return None
    votes = shares(likelihoods, authors)
    each = (f"{about(sizes[name])} from {in_sentence(SCALES[name])}" for name in likely(votes))
    return Clue(
        f"The optimizer remembers gradients of “{layer.name}” as numbers of about "
        f"{about(found.size)} give; they are about {' or '.join(each)}.",
        votes,
        _CERTAIN,
    )


def _sizes(model: Any, layer: Any, target: NetworkInput) -> dict[str, float]:
    """Of the numbers that reach the layer, by the name of each scale."""
    pictures = scenes()[: 2 if max(target.rows, target.columns) <= SMALL else 1]
    ways = scales(target.channels)
    batch = np.concatenate([batch_of(pictures, recipe, target) for recipe in ways.values()])
    values = input_of(model, layer, keras.ops.convert_to_tensor(batch))
    if values is None or len(values) != len(batch):
        return {}
    each = values.reshape(len(ways), -1).astype(np.float64)
    sizes = np.sqrt((each**2).mean(axis=1))
    return {name: float(size) for name, size in zip(ways, _positive(sizes), strict=True)}


def _positive(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(np.nan_to_num(sizes, nan=1e30, posinf=1e30), 1e-30)
