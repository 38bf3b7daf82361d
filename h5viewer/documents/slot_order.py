"""In which order an optimizer lists the weights it trains, and which places are certain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from h5viewer.documents.roles import is_known_class
from h5viewer.documents.saved_state import LAYERS
from h5viewer.documents.stored_names import NEVER_TRAINED, canonical_role
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Layer, Shape, Weight

# Keras tracks sublayers in the order in which they were made; groups come by their names.
_MADE_IN_ORDER = (
    "query", "key", "value", "attention_output", "output", "forward", "backward",
)  # fmt: skip
_MOST_STATES = 20_000
_MOST_FAMILIES = 200


class Trained(msgspec.Struct, frozen=True):
    """A weight that an optimizer may train, and where it stands."""

    path: NodePath
    shape: Shape
    layer: int  # the n-th layer with weights
    family: str  # layers of a family come in order; "" in a file that has all in order
    is_ordered: bool  # False: the order inside its layer is not known


def orders(layers: Iterable[Layer], *, is_numbered: bool) -> Iterator[list[Trained]]:
    """The orders in which the weights may have been listed, the likelier first."""
    leaves = list(_leaves(layers))
    for takes_frozen in (False, True):
        listed = list(_trained(leaves, takes_frozen=takes_frozen, is_numbered=is_numbered))
        yield listed
        if not is_numbered:  # Keras 1 and 2.0 sorted them by their names
            yield sorted(listed, key=lambda weight: weight.path[-1])
            yield sorted(listed, key=lambda weight: b"/".join(weight.path[2:]))


def assigned(shapes: list[Shape], weights: list[Trained]) -> list[Trained | None] | None:
    """The weight of each place; None where it is in doubt. None: the shapes do not fit."""
    if any(weight.family for weight in weights):
        return _merged(shapes, weights)
    if all(weight.is_ordered for weight in weights):
        return list(weights) if [weight.shape for weight in weights] == shapes else None
    places: list[Trained | None] = []
    for own in _by_layer(weights):
        found = _placed(shapes[len(places) : len(places) + len(own)], own)
        if found is None:
            return None
        places += found
    return places


def _by_layer(weights: list[Trained]) -> list[list[Trained]]:
    """The weights of each layer, in the order in which the layers are first met."""
    found: dict[int, list[Trained]] = {}
    for weight in weights:
        found.setdefault(weight.layer, []).append(weight)
    return list(found.values())


def _placed(shapes: list[Shape], own: list[Trained]) -> list[Trained | None] | None:
    """Inside one layer: in order, or where the order is not known, by shapes that are unique."""
    if own[0].is_ordered:
        fit = [weight.shape for weight in own] == shapes
        return list(own) if fit else None
    counts = Counter(weight.shape for weight in own)
    if counts != Counter(shapes):
        return None
    by_shape = {weight.shape: weight for weight in own}
    return [by_shape[shape] if counts[shape] == 1 else None for shape in shapes]


def _leaves(layers: Iterable[Layer]) -> Iterator[Layer]:
    for layer in layers:
        if layer.weights:
            yield layer
        yield from _leaves(layer.layers)


def _trained(leaves: list[Layer], *, takes_frozen: bool, is_numbered: bool) -> Iterator[Trained]:
    met: set[NodePath] = set()
    for number, layer in enumerate(leaves):
        weights = sorted(layer.weights, key=_made) if is_numbered else list(layer.weights)
        for weight in weights:
            if weight.path is None or weight.shape is None or weight.path in met:
                continue
            if not _is_trained(weight, takes_frozen=takes_frozen):
                continue
            met.add(weight.path)
            is_bare = is_numbered and layer.class_name is None
            yield Trained(
                path=weight.path,
                shape=weight.shape,
                layer=number,
                family=_family(weight.path, len(layer.key)) if is_bare else "",
                is_ordered=not is_numbered or is_bare or is_known_class(layer.class_name),
            )


def _family(path: NodePath, depth: int) -> str:
    """Layers of one class in one model: their group without its number; "dense_1" → "dense".

    Inside a nested model Keras counts anew, so the way there belongs to it.
    """
    at = 0
    for _ in range(depth):
        found = (at + i for i, part in enumerate(path[at:]) if plain(part) in LAYERS)
        at = next(found, at) + 1
    return "/".join(plain(part) for part in path[: at + 1]).rstrip("0123456789").rstrip("_")


def _is_trained(weight: Weight, *, takes_frozen: bool) -> bool:
    if canonical_role(weight.name).startswith(NEVER_TRAINED):
        return False
    return takes_frozen or weight.trainable is not False


def _made(weight: Weight) -> int:
    first = weight.name.lstrip("_").partition("/")[0]
    for rank, start in enumerate(_MADE_IN_ORDER):
        if "/" in weight.name and first.startswith(start):
            return rank
    return -1


def _merged(shapes: list[Shape], weights: list[Trained]) -> list[Trained | None] | None:
    """Layers whose order is known only within their families, put in an order that fits.

    All orders that fit are followed at once; a place that differs among them is in doubt.
    """
    families: dict[str, list[list[Trained]]] = {}
    for own in _by_layer(weights):
        families.setdefault(own[0].family, []).append(own)
    queues = list(families.values())
    if len(queues) > _MOST_FAMILIES:
        return None
    start = (0,) * len(queues)
    at: dict[tuple[int, ...], int] = {start: 0}
    before: dict[tuple[int, ...], list[tuple[int, ...]]] = {start: []}
    waiting = [start]
    while waiting:
        state = waiting.pop()
        for family, queue in enumerate(queues):
            if state[family] == len(queue):
                continue
            layer = queue[state[family]]
            stop = at[state] + len(layer)
            if shapes[at[state] : stop] != [weight.shape for weight in layer]:
                continue
            following = (*state[:family], state[family] + 1, *state[family + 1 :])
            if following not in at:
                at[following], before[following] = stop, []
                waiting.append(following)
            before[following].append(state)
        if len(at) > _MOST_STATES:
            return None
    end = tuple(len(queue) for queue in queues)
    if end not in at:
        return None
    return _agreed(len(shapes), queues, at, before, end)


def _agreed(
    n_places: int,
    queues: list[list[list[Trained]]],
    at: dict[tuple[int, ...], int],
    before: dict[tuple[int, ...], list[tuple[int, ...]]],
    end: tuple[int, ...],
) -> list[Trained | None]:
    """What all ways to the end have in common at each place."""
    found: list[set[Trained]] = [set() for _ in range(n_places)]
    waiting, met = [end], {end}
    while waiting:
        state = waiting.pop()
        for earlier in before[state]:
            family = next(i for i, n in enumerate(earlier) if state[i] != n)
            for offset, weight in enumerate(queues[family][earlier[family]]):
                found[at[earlier] + offset].add(weight)
            if earlier not in met:
                met.add(earlier)
                waiting.append(earlier)
    return [next(iter(each)) if len(each) == 1 else None for each in found]
