"""What the names of stored weights tell of the layers inside a layer: "layer_0/query/kernel"."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from h5viewer.nodes import Layer, Weight

_DEEPEST = 30  # rows below rows; the rest of a longer way stays in the weight's name

Counted = tuple[Weight, int]
"""A weight, and how many parameters it adds to the totals."""


def in_parts(
    name: str,
    key: tuple[int, ...],
    weights: Sequence[Counted],
    below: tuple[Layer, ...] = (),
    problem: str = "",
) -> Layer:
    """A row with its own weights, and rows for what the ways to the others lead through.

    A whole network may be saved as one layer; a part that holds nothing but one other is a
    row with it.
    """
    own, parts = _parted(weights) if len(key) < _DEEPEST else (list(weights), {})
    first = len(below)
    for number, (part, held) in enumerate(parts.items(), start=first):
        part, held = _down_to_branch(part, held)
        below += (in_parts(part, (*key, number), held),)
    return Layer(
        name=name,
        class_name=None,
        key=key,
        n_parameters=sum(n for _, n in own) + sum(layer.n_parameters for layer in below),
        weights=tuple(weight for weight, _ in own),
        layers=below,
        problem=problem,
    )


def _parted(weights: Sequence[Counted]) -> tuple[list[Counted], dict[str, list[Counted]]]:
    """The weights whose names lead no further, and the others by where they lead."""
    own: list[Counted] = []
    parts: dict[str, list[Counted]] = {}
    for weight, n_parameters in weights:
        part, _, rest = weight.name.partition("/")
        if part and rest:
            inside = msgspec.structs.replace(weight, name=rest)
            parts.setdefault(part, []).append((inside, n_parameters))
        else:
            own.append((weight, n_parameters))
    return own, parts


def _down_to_branch(name: str, weights: list[Counted]) -> tuple[str, list[Counted]]:
    for _ in range(_DEEPEST):
        own, parts = _parted(weights)
        if own or len(parts) > 1:
            break
        ((part, weights),) = parts.items()
        name = f"{name}/{part}"
    return name, weights
