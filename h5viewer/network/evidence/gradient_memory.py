"""Evidence: what the optimizer remembers of the first layer's gradients.

A kernel's gradient is the bias's times the input: the size of one beside the other is the
size of the pixels in training, and where their signs agree the pixels were positive.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import NodePath
from h5viewer.network.evidence.batch_statistics import (
    is_convolution,
    is_normalized,
    normalization_after,
)
from h5viewer.network.evidence.clues import (
    FITS,
    PHOTOS,
    Clue,
    Look,
    about,
    in_words,
    looks,
    scales,
    shares,
)
from h5viewer.network.evidence.first_layer import FirstLayer
from h5viewer.network.loader import Network
from h5viewer.nodes import Layer, OptimizerState, Recipe, Weight
from h5viewer.operations import Operation
from h5viewer.operations.network import known_network

_SQUARED = ("velocity", "accumulator", "accumulated_grad")
_SIGNED = "momentum"
_LARGEST = 50_000_000  # numbers of a kernel that are read
_SIZE_SPREAD = 0.55  # of the logarithm; gradients favour strokes over background
_SIGN_SPREAD = 0.4
_ODD = 0.05  # likelihood of any sign: gradients of few batches may be anything
_TOGETHER = 0.65  # what is left of the deviation, beside the mean, where a kernel meets many pixels
_SENSIBLE = (0.01, 1000.0)  # beyond it the bias has no gradient of its own
_CERTAIN = 0.85
_LEAST_UNITS = 4

Floats = NDArray[np.float64]


class Remembered(msgspec.Struct, frozen=True):
    """Of the numbers that reached the first layer: their size, how alike in sign they were."""

    size: float
    agreement: float | None  # -1 ... 1, as a cosine; None: only squares are kept
    sign_spread: float = _SIGN_SPREAD


def gradient_memory(
    container: Container, network: Network, first: FirstLayer, n_channels: int
) -> Operation[list[Clue]]:
    """What size the pixels had in training."""
    if _bias(first.layer) is None or normalization_after(first.layer) is not None:
        return []  # before a normalization a bias has no gradient
    key = next((key for key, layer in network.layers.items() if layer is first.layer), None)
    if key is None:
        return []
    declared = yield from known_network(container)
    layer = row_of(declared.layers, key)
    if layer is None or declared.optimizer is None:
        return []
    try:
        found = remembered(container, layer, declared.optimizer)
    except CannotRead:
        return []  # a damaged slot tells nothing; Weights and Health say so
    if found is None:
        return []
    if is_normalized(first.layer):  # it takes a mean off the gradients: signs tell less
        found = replace(found, sign_spread=2 * _SIGN_SPREAD)
    return [_clue(found, first, n_channels)]


def _bias(layer: Any) -> Any:
    """Of a recurrent layer that of its cell; of one in both directions, of the first."""
    for name in ("forward_layer", "cell"):
        layer = getattr(layer, name, None) or layer
    return getattr(layer, "bias", None)


def _clue(found: Remembered, first: FirstLayer, n_channels: int) -> Clue:
    likelihoods = {
        name: max(_likelihood(found, recipe, look, first) for look in looks(n_channels))
        for name, recipe in scales(n_channels).items()
    }
    votes = shares(likelihoods)
    sign = ""
    if found.agreement is not None and abs(found.agreement) > 0.3:
        sign = ", and mostly positive" if found.agreement > 0 else ", and mostly negative"
    return Clue(
        f"The optimizer remembers gradients of the first layer as pixels of about "
        f"{about(found.size)} give{sign}: {in_words(votes)}.",
        votes,
        _CERTAIN if max(likelihoods.values()) > FITS else _CERTAIN / 3,
    )


def _likelihood(found: Remembered, recipe: Recipe, look: Look, first: FirstLayer) -> float:
    mean, deviation = (sum(each) / len(each) for each in (recipe.mean, recipe.std))
    level = (look.mean * recipe.factor - mean) / deviation
    spread = look.deviation * recipe.factor / deviation
    if recipe.is_standardized:
        level, spread = 0.0, 1.0
    if look is PHOTOS and is_convolution(first.layer):
        spread *= _TOGETHER  # its gradients are sums over places, in which pixels cancel out
    level, spread = first.scale * level + first.offset, first.scale * spread
    size = math.hypot(level, spread)
    likelihood = -0.5 * (math.log(found.size / size) / _SIZE_SPREAD) ** 2 - look.rarity
    if found.agreement is not None:
        by_chance = math.hypot(0.7, 1.3 * spread / size)  # what the level does not decide
        off = (found.agreement - level / size) / (found.sign_spread * by_chance)
        likelihood += math.log(math.exp(-0.5 * off**2) + _ODD)
    return likelihood


def remembered(container: Container, layer: Layer, state: OptimizerState) -> Remembered | None:
    """What the optimizer keeps of a layer's gradients; None: nothing that tells a size.

    Raises:
        CannotRead: it is damaged.
    """
    kernel, bias = _weight(layer, "kernel", "W"), _weight(layer, "bias", "b")
    if kernel is None or bias is None:
        return None
    kinds: dict[str, tuple[Floats, Floats]] = {}
    for kind in (*_SQUARED, _SIGNED):
        of_kernel, of_bias = (_slot(state, kind, each.path) for each in (kernel, bias))
        if of_kernel and of_bias:
            kinds[kind] = _read(container, of_kernel), _input_bias(_read(container, of_bias))
    sizes = [
        _size(np.sqrt(np.abs(slots[0])), np.sqrt(np.abs(slots[1])))
        for kind, slots in kinds.items()
        if kind in _SQUARED
    ]
    agreement = None
    if _SIGNED in kinds:
        sizes.append(_size(*kinds[_SIGNED]))
        agreement = _agreement(*kinds[_SIGNED])
    size = next((each for each in sizes if each is not None), None)
    if size is None or not _SENSIBLE[0] < size < _SENSIBLE[1]:
        return None
    return Remembered(size, agreement)


def _input_bias(bias: Floats) -> Floats:
    """Of GRU's two, the input's and the state's, the first."""
    return bias[0] if bias.ndim == 2 else bias


def _size(kernel: Floats, bias: Floats) -> float | None:
    """The kernel's gradients beside the bias's, by the middle one of the units."""
    if kernel.shape[-1] != bias.size:
        return None
    each = np.sqrt((kernel**2).mean(axis=tuple(range(kernel.ndim - 1))))
    learning = np.abs(bias.ravel()) > 1e-12
    if np.count_nonzero(learning) < _LEAST_UNITS:
        return None
    return float(np.median(each[learning] / np.abs(bias.ravel())[learning]))


def _agreement(kernel: Floats, bias: Floats) -> float | None:
    """Cosine of the kernel's mean gradients and the bias's, over all units."""
    if kernel.shape[-1] != bias.size:
        return None
    means = kernel.mean(axis=tuple(range(kernel.ndim - 1)))
    length = math.sqrt(float((means**2).sum() * (bias**2).sum()))
    return float((means * bias.ravel()).sum()) / length if length > 0 else None


def row_of(layers: list[Layer], key: tuple[int, ...]) -> Layer | None:
    """The layer of that key, as the file declares it."""
    inside: Any = layers
    found: Layer | None = None
    for i in range(len(key)):
        found = next((each for each in inside if each.key == key[: i + 1]), None)
        if found is None:
            return None
        inside = found.layers
    return found


def _weight(layer: Layer, *names: str) -> Weight | None:
    for weight in layer.weights:
        last = weight.name.rsplit("/", 1)[-1].split(":")[0]
        if any(last == name or last.endswith(f"_{name}") for name in names):
            return weight
    return None


def _slot(state: OptimizerState, kind: str, weight: NodePath | None) -> NodePath | None:
    found = (slot.path for slot in state.slots if slot.kind == kind and slot.weight == weight)
    return next(found, None) if weight is not None else None


def _read(container: Container, path: NodePath) -> Floats:
    stored = container.array(path)
    shape = stored.facts.shape or ()
    if math.prod(shape) > _LARGEST:
        raise CannotRead("too large for a clue")
    values = stored.read(tuple(slice(0, size) for size in shape))
    return np.nan_to_num(np.asarray(values, np.float64))
