"""What is wrong with a configuration's connections: circles and names used twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.nodes import Problem

_Call = tuple[int, int]  # position of the layer, index of its node
_SHOWN = 8  # names of a circle in a sentence


def check_names(layers: Sequence[DeclaredLayer]) -> list[Problem]:
    """Layers of one model that share a name."""
    counted = Counter(layer.name for layer in layers)
    twice = {name: n for name, n in counted.items() if n > 1}
    return [
        Problem(where=name, message=f"{_count(n)} layers have the same name.")
        for name, n in list(twice.items())[:20]
    ]


def check_circles(layers: Sequence[DeclaredLayer]) -> list[Problem]:
    """The first circle in which layers feed each other.

    A layer called twice may feed itself through others; so calls are followed, not layers.
    """
    if _is_in_order(layers):
        return []
    circle = _find_circle(_feeding(layers))
    if not circle:
        return []
    names = [layers[position].name for position, _ in circle]
    shown = " → ".join([*names[:_SHOWN], *(["…"] if len(names) > _SHOWN else []), names[0]])
    message = f"{len(names)} layers feed each other in a circle: {shown}."
    if len(names) == 1:
        message = f"A layer feeds itself: {shown}."
    return [Problem(where=names[0], message=message)]


def _is_in_order(layers: Sequence[DeclaredLayer]) -> bool:
    """True when each layer is fed by earlier ones only, as nearly always: there is no circle."""
    met: set[str] = set()
    for layer in layers:
        if layer.name in met or not all(
            reference.layer in met for call in layer.calls for reference in call
        ):
            return False
        met.add(layer.name)
    return True


def _feeding(layers: Sequence[DeclaredLayer]) -> dict[_Call, list[_Call]]:
    """For each call, the calls that it is fed by."""
    position = {layer.name: i for i, layer in enumerate(layers)}
    return {
        (i, n): [
            (position[reference.layer], reference.node)
            for reference in call
            if reference.layer in position
            and reference.node < len(layers[position[reference.layer]].calls)
        ]
        for i, layer in enumerate(layers)
        for n, call in enumerate(layer.calls)
    }


def _find_circle(feeding: dict[_Call, list[_Call]]) -> list[_Call]:
    """Calls of one circle in the order of the data; empty when there is none; iterative."""
    done: set[_Call] = set()
    for start in feeding:
        if start in done:
            continue
        way: dict[_Call, None] = {start: None}  # a stack that answers "is it in?" at once
        waiting = [iter(feeding[start])]
        while waiting:
            call = next(waiting[-1], None)
            if call is None:
                waiting.pop()
                done.add(way.popitem()[0])
            elif call in way:
                calls = list(way)
                return calls[calls.index(call) :][::-1]
            elif call not in done:
                way[call] = None
                waiting.append(iter(feeding[call]))
    return []


def _count(n: int) -> str:
    return "Two" if n == 2 else str(n)
