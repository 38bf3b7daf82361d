"""Evidence: the means and variances that a batch normalization behind the first layer keeps.

Of a convolution the mean of each filter's output is that filter's sum times the mean of the
pixels: many filters give the mean of each channel by least squares. Variances give their
deviation, once it is known how far pixels side by side and the channels of one go together:
that is what explains the variances best.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.network.evidence.clues import (
    PHOTOS,
    TINT,
    Clue,
    Look,
    about,
    in_words,
    looks,
    scales,
    shares,
)
from h5viewer.network.evidence.first_layer import FirstLayer
from h5viewer.nodes import Recipe

_NEIGHBOURS = (0.8, 0.9, 0.95, 0.97, 0.98, 0.99)  # correlation of pixels side by side
_CHANNELS = (0.2, 0.5, 0.7, 0.9, 0.97)  # of a pixel's channels; photographs: 0.95 and 0.9
_LEAST_FIT = 0.6  # part of the means that the filters' sums must explain
_LARGEST = 11  # pixels a side of a kernel
_CERTAIN = 0.9
_BEGUN, _SETTLED = 0.1, 0.9  # part of the way from what it begins with
_EXTRAPOLATED = 0.25  # power of that part: what lies ahead of a fifth of the way is told well
# Of pictures each of mean 0 and deviation 1, as a kernel tells it.
_MEAN_SPREAD = 0.1
_TINT_SPREAD = 0.16  # of what a channel is off by
_NARROW = 1.0  # logarithm of how much likelier so small a mean is than of any photographs
_UNEVEN = 20.0  # of 255: how far a channel may be from the tint of photographs

Floats = NDArray[np.float64]


class Statistics(msgspec.Struct, frozen=True):
    """Of the numbers that reach the first layer: mean of each channel, deviation of all."""

    mean: tuple[float, ...]
    deviation: float


def batch_statistics(
    first: FirstLayer, n_channels: int, n_steps: float | None = None
) -> Iterator[Clue]:
    """What the pixels were like in training.

    Args:
        first: where pixels meet weights.
        n_channels: of the pixels.
        n_steps: of training, where the optimizer counted them.
    """
    found = _statistics(first.layer, n_steps)
    if found is None or not found.deviation > 0:
        return
    fitting = {
        (name, look.background): _likelihood(found, recipe, look, first)
        for name, recipe in scales(n_channels).items()
        for look in looks(n_channels)
    }
    by_scale = {
        name: max(each for (scale, _), each in fitting.items() if scale == name)
        for name in scales(n_channels)
    }
    votes = shares(by_scale)
    scale, background = max(fitting, key=lambda key: fitting[key])
    fits = fitting[scale, background] > -8  # 4 spreads off: pictures of another sort
    norm = _norm(first.layer)
    reached = reached_after(n_steps, norm)
    part = reached**_EXTRAPOLATED if begins_here(norm, n_steps) else reached
    certainty = _CERTAIN * part * (1 if fits else 1 / 3) * (1 if norm.trainable else 1 / 2)
    source = "" if norm.trainable else ", which this training left as it was,"
    yet = told_after(n_steps, norm)
    mean = ", ".join(f"{each:.2f}" if abs(each) < 10 else f"{each:.0f}" for each in found.mean)
    yield Clue(
        f"Batch normalization{source} remembers pixels of mean {mean} and deviation "
        f"{about(found.deviation)}, as pixels of {in_words(votes)} have{yet}.",
        votes,
        certainty,
        background if fits else "",
    )


def _likelihood(found: Statistics, recipe: Recipe, look: Look, first: FirstLayer) -> float:
    """Logarithm of how likely pixels by this recipe are to look so."""
    n = len(found.mean)
    if recipe.is_standardized:
        return _standardized(found, first)
    means = [_of_channel(recipe.mean, i, n) for i in range(n)]
    stds = [_of_channel(recipe.std, i, n) for i in range(n)]
    fed = [(each - first.offset) / first.scale for each in found.mean]
    pixels = [(x * s + m) / recipe.factor for x, s, m in zip(fed, stds, means, strict=True)]
    mean = sum(pixels) / n
    tint = TINT[::-1] if recipe.is_bgr else TINT
    uneven = max(abs(each - mean - by) for each, by in zip(pixels, tint, strict=False)) * (n > 1)
    deviation = found.deviation / first.scale * (sum(stds) / n) / recipe.factor
    most = math.sqrt(max(mean * (255 - mean), 1.0))  # of numbers from 0 to 255
    too_much = max(0.0, deviation / most - 1.1)
    return (
        -0.5
        * (
            ((mean - look.mean) / look.mean_spread) ** 2
            + (math.log(deviation / look.deviation) / look.deviation_spread) ** 2
            + (uneven / _UNEVEN) ** 2
            + (too_much / 0.2) ** 2
        )
        - math.log(look.mean_spread / PHOTOS.mean_spread)
        - look.rarity
    )


def _standardized(found: Statistics, first: FirstLayer) -> float:
    """Logarithm of how likely pixels of mean 0 and deviation 1 are to look so."""
    fed = [(each - first.offset) / first.scale for each in found.mean]
    mean = sum(fed) / len(fed)
    tint = [each / PHOTOS.deviation for each in TINT]
    uneven = max(abs(each - mean - by) for each, by in zip(fed, tint, strict=False))
    return _NARROW - 0.5 * (
        (mean / _MEAN_SPREAD) ** 2
        + (math.log(found.deviation / first.scale) / PHOTOS.deviation_spread) ** 2
        + (uneven * (len(fed) > 1) / _TINT_SPREAD) ** 2
    )


def _of_channel(numbers: tuple[float, ...], i: int, n: int) -> float:
    return numbers[i] if len(numbers) == n else sum(numbers) / len(numbers)


def _statistics(layer: Any, n_steps: float | None) -> Statistics | None:
    norm = _norm(layer)
    if norm is layer:
        return _direct(layer, n_steps)
    kernel = _kernel(layer)
    if norm is None or kernel is None or max(kernel.shape[:2]) > _LARGEST:
        return None
    mean, variance = kept_by(norm, n_steps)
    n_filters = kernel.shape[3]
    if len(mean) != n_filters or not variance.any() or (mean == 0).all():
        return None
    bias = getattr(layer, "bias", None)
    if bias is not None:
        mean = mean - np.asarray(bias, np.float64)
    sums = kernel.sum(axis=(0, 1)).T  # (filters, channels)
    if n_filters < 2 * sums.shape[1]:
        return None
    channels, *_ = np.linalg.lstsq(sums, mean, rcond=None)
    rest = float(((sums @ channels - mean) ** 2).sum())
    total = float((mean**2).sum())
    # Pixels of mean 0 leave nothing to explain: then the rest is small beside the deviation.
    deviation = _deviation(kernel, variance)
    is_small = total < 0.05 * float(variance.sum())
    if rest > (1 - _LEAST_FIT) * total and not is_small:
        return None
    return Statistics(tuple(float(each) for each in channels), deviation)


def _direct(layer: Any, n_steps: float | None) -> Statistics | None:
    mean, variance = kept_by(layer, n_steps)
    if len(mean) not in (1, 3) or ((mean == 0).all() and (variance == 1).all()):
        return None
    deviation = math.sqrt(float(variance.mean()))
    return Statistics(tuple(float(each) for each in mean), deviation)


def reached_after(n_steps: float | None, norm: Any) -> float:
    """How much of what it keeps is of this training: 0 to 1."""
    return 1.0 if n_steps is None else 1 - float(norm.momentum) ** n_steps


def told_after(n_steps: float | None, norm: Any) -> str:
    """Where that is not much, after how many steps."""
    if n_steps is None or reached_after(n_steps, norm) > _SETTLED:
        return ""
    return f", after no more than {n_steps:,.0f} steps of training"


def kept_by(norm: Any, n_steps: float | None = None) -> tuple[Floats, Floats]:
    """Mean and variance of each channel that came to it in training.

    After few steps much of it is the 0 and 1 that it began with: that is taken off. Where no
    variance would be left it began with those of another training, and stays as it is.
    """
    mean = np.asarray(norm.moving_mean, np.float64)
    variance = np.asarray(norm.moving_variance, np.float64)
    reached = reached_after(n_steps, norm)
    if begins_here(norm, n_steps):
        return mean / reached, (variance - (1 - reached)) / reached
    return mean, variance


def begins_here(norm: Any, n_steps: float | None) -> bool:
    """Whether it may have begun with this training, and has come far enough to tell of it."""
    reached = reached_after(n_steps, norm)
    came = np.asarray(norm.moving_variance, np.float64) - (1 - reached)
    return bool(norm.trainable and reached > _BEGUN and (came > 0).all())


def normalization_after(layer: Any) -> Any:
    """The batch normalization that gets the sums of a layer, unbent; None: something else does."""
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    return _users(layer)[0] if is_normalized(layer) and activation == "linear" else None


def is_taken_over(first: FirstLayer | None) -> bool:
    """Whether the batch normalization was frozen: it remembers another training."""
    norm = None if first is None else _norm(first.layer)
    return norm is not None and not norm.trainable


def _norm(layer: Any) -> Any:
    return layer if type(layer).__name__ == "BatchNormalization" else normalization_after(layer)


def is_normalized(layer: Any) -> bool:
    """Whether nothing but a batch normalization gets what a layer puts out."""
    return {type(user).__name__ for user in _users(layer)} == {"BatchNormalization"}


def _users(layer: Any) -> list[Any]:
    return [node.operation for node in getattr(layer, "_outbound_nodes", ())]


def is_convolution(layer: Any) -> bool:
    """Whether its kernel meets many places of a picture."""
    return type(layer).__name__ in ("Conv2D", "DepthwiseConv2D", "SeparableConv2D")


def _kernel(layer: Any) -> Floats | None:
    """(rows, columns, channels, filters) of a convolution of any sort."""
    match type(layer).__name__:
        case "Conv2D":
            return np.asarray(layer.kernel, np.float64)
        case "DepthwiseConv2D":
            depthwise = np.asarray(layer.kernel, np.float64)
            return _spread(depthwise, np.eye(depthwise.shape[2] * depthwise.shape[3]))
        case "SeparableConv2D":
            pointwise = np.asarray(layer.pointwise_kernel, np.float64)[0, 0]
            return _spread(np.asarray(layer.depthwise_kernel, np.float64), pointwise)
    return None


def _spread(depthwise: Floats, pointwise: Floats) -> Floats:
    """A depthwise kernel and the mixing after it, as one convolution."""
    mixing = pointwise.reshape(*depthwise.shape[2:], -1)
    return np.asarray(np.einsum("rkcd,cdf->rkcf", depthwise, mixing))


def _deviation(kernel: Floats, variance: Floats) -> float:
    """Of pixels that go together with their neighbours and across channels as the filters tell.

    Those that get much tell more: what a filter of edges gets depends on how sharp they are.
    """
    rows, columns, _, _ = kernel.shape
    places = np.indices((rows, columns)).reshape(2, -1).T
    distance = np.sqrt(((places[:, None] - places[None]) ** 2).sum(axis=-1))
    spots = kernel.reshape(-1, *kernel.shape[2:])
    logs = np.log(np.maximum(variance, 1e-9 * variance.max()))
    shares = variance / max(float(variance.sum()), 1e-30)
    least, deviation = math.inf, 0.0
    for neighbours in _NEIGHBOURS:
        mixed = np.tensordot(neighbours**distance, spots, 1)
        each_channel = (spots * mixed).sum(axis=(0, 1))
        as_one = (spots.sum(axis=1) * mixed.sum(axis=1)).sum(axis=0)
        for across in _CHANNELS:
            unit = (1 - across) * each_channel + across * as_one
            off = logs - np.log(np.maximum(unit, 1e-30))
            spread = float(shares @ (off - shares @ off) ** 2)
            if spread < least:
                square = float((variance * unit).sum() / max((unit**2).sum(), 1e-30))
                least, deviation = spread, math.sqrt(max(square, 0.0))
    return deviation
