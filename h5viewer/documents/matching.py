"""Which layer of one file is which of another, and which weight.

What the user paired comes first. Then, level by level, layers of the same name are the
same layer; of those left over, layers of one class with weights of the same shapes are,
in the order in which they stand. A layer left over inside one model may at last be found
inside another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from h5viewer.documents.stored_names import canonical_role
from h5viewer.nodes import Layer, Weight
from h5viewer.nodes.comparison import Basis

Key = tuple[int, ...]
T = TypeVar("T")
Pair = tuple[T | None, T | None, Basis]

_ALONE: Key = ()  # in the place of a partner


class Matching(msgspec.Struct):
    """Pairs of layers by the keys of both."""

    b_of: dict[Key, Layer] = {}
    a_of: dict[Key, Layer] = {}
    basis: dict[Key, Basis] = {}  # by the key in A
    alone_a: set[Key] = set()  # by the user's word
    alone_b: set[Key] = set()

    def join(self, a: Layer, b: Layer, basis: Basis) -> None:
        """Make them a pair."""
        self.b_of[a.key], self.a_of[b.key], self.basis[a.key] = b, a, basis

    def free_a(self, layers: Iterable[Layer]) -> list[Layer]:
        """Those of A that are in no pair and may be."""
        return [a for a in layers if a.key not in self.b_of and a.key not in self.alone_a]

    def free_b(self, layers: Iterable[Layer]) -> list[Layer]:
        """Those of B, likewise."""
        return [b for b in layers if b.key not in self.a_of and b.key not in self.alone_b]


def match_layers(
    a: Sequence[Layer],
    b: Sequence[Layer],
    by_hand: Sequence[tuple[Key, Key]] = (),
    *,
    only_by_name: bool = False,
) -> Matching:
    """Match two networks; `only_by_name`: groups of plain HDF5, whose path is all they are."""
    matching = Matching()
    _take_hand_pairs(matching, a, b, by_hand)
    waiting = [(a, b)]
    while waiting:
        level_a, level_b = waiting.pop()
        _match_by_names(matching, level_a, level_b)
        if not only_by_name:
            _match_by_shapes(matching, level_a, level_b)
        for layer in level_a:
            partner = matching.b_of.get(layer.key)
            if partner is not None and layer.layers and partner.layers:
                waiting.append((layer.layers, partner.layers))
    if not only_by_name:
        inner_a = [layer for layer in every_layer(a) if layer.weights and not layer.layers]
        inner_b = [layer for layer in every_layer(b) if layer.weights and not layer.layers]
        _match_by_shapes(matching, inner_a, inner_b)
    return matching


def match_weights(
    a: Sequence[Weight], b: Sequence[Weight], *, only_by_name: bool = False
) -> Iterator[Pair[Weight]]:
    """The weights of one layer: by name, by what the name means, by shape in their order.

    Those that the file lacks are not there.
    """
    left = [weight for weight in a if weight.path is not None]
    right = [weight for weight in b if weight.path is not None]
    partner: dict[int, tuple[Weight, Basis]] = {}  # by identity: two may be equal
    taken: set[int] = set()
    for rule, basis in _RULES[: 1 if only_by_name else None]:
        free_a = [weight for weight in left if id(weight) not in partner]
        free_b = [weight for weight in right if id(weight) not in taken]
        for weight, other in _zipped(free_a, free_b, rule):
            partner[id(weight)] = (other, basis)
            taken.add(id(other))
    for weight in left:
        found, basis = partner.get(id(weight), (None, _NOTHING))
        yield weight, found, basis
    for weight in right:
        if id(weight) not in taken:
            yield None, weight, _NOTHING


_NOTHING: Basis = ""
_RULES: tuple[tuple[Callable[[Weight], Hashable], Basis], ...] = (
    (lambda weight: weight.name, "name"),
    (lambda weight: canonical_role(weight.name), "name"),
    (lambda weight: weight.shape, "shape"),
)


def every_layer(layers: Iterable[Layer]) -> Iterator[Layer]:
    """All of them, each before those inside it."""
    waiting = list(layers)[::-1]
    while waiting:
        layer = waiting.pop()
        yield layer
        waiting += layer.layers[::-1]


def weights_below(layer: Layer) -> list[Weight]:
    """Those of a layer and of all inside it."""
    return [weight for each in every_layer([layer]) for weight in each.weights]


def _take_hand_pairs(
    matching: Matching, a: Sequence[Layer], b: Sequence[Layer], by_hand: Sequence[tuple[Key, Key]]
) -> None:
    if not by_hand:
        return
    layers_a = {layer.key: layer for layer in every_layer(a)}
    layers_b = {layer.key: layer for layer in every_layer(b)}
    for key_a, key_b in by_hand:
        layer_a, layer_b = layers_a.get(key_a), layers_b.get(key_b)
        if layer_a is not None and layer_b is not None:
            if key_a not in matching.b_of and key_b not in matching.a_of:
                matching.join(layer_a, layer_b, "hand")
        elif layer_a is not None and key_b == _ALONE:
            matching.alone_a.add(key_a)
        elif layer_b is not None and key_a == _ALONE:
            matching.alone_b.add(key_b)


def _match_by_names(matching: Matching, a: Sequence[Layer], b: Sequence[Layer]) -> None:
    free_a, free_b = matching.free_a(a), matching.free_b(b)
    for layer, partner in _zipped(free_a, free_b, _name_and_class):
        matching.join(layer, partner, "name")
    free_a, free_b = matching.free_a(free_a), matching.free_b(free_b)
    for layer, partner in _zipped(free_a, free_b, _name):
        matching.join(layer, partner, "name")


def _match_by_shapes(matching: Matching, a: Sequence[Layer], b: Sequence[Layer]) -> None:
    free_a, free_b = matching.free_a(a), matching.free_b(b)
    knows_classes = all(layer.class_name is not None for layer in (*free_a, *free_b))

    def signature(layer: Layer) -> Hashable:
        return _signature(layer, knows_classes=knows_classes)

    for layer, partner in _zipped(free_a, free_b, signature):
        matching.join(layer, partner, "shape")


def _signature(layer: Layer, *, knows_classes: bool) -> Hashable:
    """What tells layers apart that have no name in common; None: nothing does."""
    shapes = tuple(weight.shape for weight in layer.weights if weight.path is not None)
    below = tuple(_signature(inner, knows_classes=knows_classes) for inner in layer.layers)
    if knows_classes:
        return (layer.class_name, shapes, below)
    return (shapes, below) if shapes or below else None


def _zipped(
    a: Sequence[T], b: Sequence[T], key_of: Callable[[T], Hashable]
) -> Iterator[tuple[T, T]]:
    """Of those with the same key the first with the first, the next with the next, and so on."""
    waiting: defaultdict[Hashable, list[T]] = defaultdict(list)
    for each in reversed(b):
        waiting[key_of(each)].append(each)
    for each in a:
        key = key_of(each)
        if key is not None and waiting.get(key):
            yield each, waiting[key].pop()


def _name(layer: Layer) -> Hashable:
    return layer.name


def _name_and_class(layer: Layer) -> Hashable:
    return (layer.name, layer.class_name)
