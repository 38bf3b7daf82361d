"""What the axes of stored weights mean, as the layers they belong to say."""

from __future__ import annotations

from collections.abc import Iterable

from h5viewer.names import NodePath
from h5viewer.nodes import Layer

AxisMeanings = dict[NodePath, tuple[str, ...]]


def axis_meanings(layers: Iterable[Layer]) -> AxisMeanings:
    """Names of the axes of every stored weight of these layers, nested ones included."""
    meanings: AxisMeanings = {}
    stack = list(layers)
    while stack:
        layer = stack.pop()
        stack.extend(layer.layers)
        for weight in layer.weights:
            if weight.path is not None and weight.axes:
                meanings[weight.path] = weight.axes
    return meanings
