"""One stored weight as the report looks at it: where it is, what its units are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.stored_names import canonical_role
from h5viewer.names import NodePath
from h5viewer.nodes import Layer, Shape, Weight

Key = tuple[int, ...]

MOST_UNITS = 4 << 20
"""Units of one weight that are kept count of: 32 MB of extremes."""

_MATRICES = ("kernel", "embeddings")
_UNIT_WORDS = {"token": "row", "gates": "gate unit", "multiplier": "filter", "out": "unit"}


class Subject(msgspec.Struct, frozen=True):
    """A weight with the layer it belongs to; `declared` None where nothing declares the layer."""

    where: str  # the layer's name, after those of the models around it
    layer: Layer
    weight: Weight
    declared: DeclaredLayer | None
    is_frozen: bool = False

    @property
    def path(self) -> NodePath:
        """Where it is stored."""
        return self.weight.path or ()

    @property
    def shape(self) -> Shape:
        """Its axes' lengths."""
        return self.weight.shape or ()

    @property
    def role(self) -> str:
        """kernel, bias, gamma ..., whatever the file calls it."""
        return canonical_role(self.weight.name)

    @property
    def is_matrix(self) -> bool:
        """True for kernels and embeddings: what a layer multiplies with."""
        is_kernel = self.role.endswith(_MATRICES) and "scale" not in self.role
        is_kernel = is_kernel or (self.role == "weight" and bool(self.weight.axes))  # PyTorch's
        return is_kernel and len(self.shape) >= 2

    @property
    def is_depthwise(self) -> bool:
        """True when every filter has an input channel of its own."""
        return "multiplier" in self.weight.axes

    @property
    def unit_axes(self) -> tuple[int, ...]:
        """The axes that number the units; () where none are known."""
        axes = self.weight.axes
        if not self.is_matrix:
            return ()
        for name in ("out", "gates", "token"):
            if name in axes:
                return (axes.index(name),)
        if self.is_depthwise:
            return (axes.index("in"), axes.index("multiplier"))
        if axes[:1] == ("in",):  # an attention's projection: in, head, dimension
            return tuple(range(1, len(axes)))
        return (1,) if not axes and len(self.shape) == 2 else ()

    @property
    def unit_shape(self) -> Shape:
        """How many units along each of their axes."""
        return tuple(self.shape[axis] for axis in self.unit_axes)

    @property
    def n_units(self) -> int:
        """Units in all; 0 where they are not known, or too many."""
        count = math.prod(self.unit_shape) if self.unit_axes else 0
        return count if count <= MOST_UNITS else 0

    @property
    def unit_word(self) -> str:
        """What people call a unit of it."""
        if "kernel height" in self.weight.axes or "kernel length" in self.weight.axes:
            return "filter"
        if "kernel depth" in self.weight.axes:
            return "filter"
        return next((w for axis, w in _UNIT_WORDS.items() if axis in self.weight.axes), "unit")

    @property
    def fans(self) -> tuple[int, int]:
        """Fan in and fan out as Keras' initializers count them.

        Source: keras/src/initializers/random_initializers.py, compute_fans; Keras 1 and
        PyTorch for kernels with the outgoing axis first.
        """
        shape = self.shape
        if len(shape) < 2:
            only = shape[0] if shape else 1
            return only, only
        if self.weight.axes[:1] == ("out",):
            field = math.prod(shape[2:])
            return shape[1] * field, shape[0] * field
        field = math.prod(shape[:-2])
        return shape[-2] * field, shape[-1] * field


def named_layers(layers: Sequence[Layer]) -> Iterator[tuple[str, Layer]]:
    """Each layer with its name, after those of the models around it: "encoder/dense"."""
    waiting = [(layer.name, layer) for layer in reversed(layers)]
    while waiting:
        name, layer = waiting.pop()
        yield name, layer
        waiting += [(f"{name}/{inner.name}", inner) for inner in reversed(layer.layers)]


def subjects_of(
    layers: Sequence[Layer], declared: Mapping[Key, DeclaredLayer]
) -> Iterator[Subject]:
    """Every stored weight of every layer; one of several layers comes with each of them."""
    frozen: set[Key] = set()
    for where, layer in named_layers(layers):
        if layer.trainable is False or layer.key[:-1] in frozen:
            frozen.add(layer.key)
        for weight in layer.weights:
            if weight.path is not None:
                is_frozen = layer.key in frozen
                yield Subject(where, layer, weight, declared.get(layer.key), is_frozen)
