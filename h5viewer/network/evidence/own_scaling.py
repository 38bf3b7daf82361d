"""Evidence: layers of the network that scale pixels by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from h5viewer.network.evidence.clues import Clue, scales
from h5viewer.network.evidence.first_layer import FirstLayer
from h5viewer.nodes import Recipe

_WIDTHS = (0.5, 8.0)  # what a range that a network learns from measures, from its lowest on
_CENTRED = (200.0, 300.0)  # 0 ... 255 less a mean


def own_scaling(first: FirstLayer, n_channels: int) -> Iterator[Clue]:
    """Rescaling and normalization tell which pixels they were made for."""
    if not first.changes:
        return
    for name in ("raw", "unit", "symmetric"):
        low, high = at_first_layer(scales(n_channels)[name], first)
        is_centred = low < -50 and _CENTRED[0] < high - low < _CENTRED[1]
        if _WIDTHS[0] <= high - low <= _WIDTHS[1] or is_centred:
            title = scales(n_channels)[name].title
            yield Clue(
                f"The network itself turns pixels from {title} into "
                f"{_signed(low)} to {_signed(high)} before its first layer.",
                {name: 1.0},
                1.0,
            )
            return


def _signed(number: float) -> str:
    return f"{number:.3g}".replace("-", "−")


def at_first_layer(recipe: Recipe, first: FirstLayer) -> tuple[float, float]:
    """What black and white come to at the first layer."""
    low, high = (
        (shade * recipe.factor - sum(recipe.mean) / len(recipe.mean)) / recipe.std[0]
        for shade in (0.0, 255.0)
    )
    return first.scale * low + first.offset, first.scale * high + first.offset
