"""Which variable of a layer a path of a `.weights.h5` file means: `forward_layer/cell/vars/0`.

Keras walks over the attributes of its objects when it saves; the same walk, from a stored
path, ends at the object that holds the variable. Source: keras/src/saving/saving_lib.py.
"""

from __future__ import annotations

from typing import Any

import keras
import msgspec

from h5viewer.documents.assignment import NamedWeight
from h5viewer.documents.roles import snake_case
from h5viewer.errors import CannotRead
from h5viewer.names import plain

_VARS = b"vars"


class Owner(msgspec.Struct):
    """An object that holds variables, and what is stored for them by their number."""

    layer: Any
    weights: dict[int, NamedWeight] = {}

    @property
    def reads_by_itself(self) -> bool:
        """True where the class keeps its variables in an order of its own: quantized ones."""
        if type(self.layer).load_own_variables is keras.layers.Layer.load_own_variables:
            return False
        is_plain = type(self.layer).__module__.startswith("keras.")
        is_plain = is_plain and getattr(self.layer, "quantization_mode", None) is None
        return not is_plain or max(self.weights, default=0) >= len(self.variables)

    @property
    def variables(self) -> list[Any]:
        """In the order of their numbers."""
        return [*self.layer._trainable_variables, *self.layer._non_trainable_variables]


def owners_of(layer: Any, weights: list[NamedWeight]) -> list[Owner] | None:
    """The objects in `layer` that the weights belong to; None: not stored by numbers.

    Raises:
        CannotRead: the layer has nothing where one of the paths leads.
    """
    ways = [_way(weight) for weight in weights]
    known = [way for way in ways if way is not None]
    if not known or len(known) < len(ways):
        return None
    for n_outside in range(min(len(parts) for parts, _ in known) + 1):
        found = _found(layer, n_outside, known, weights)
        if found is not None:
            return found
    raise CannotRead("the file stores variables for it that Keras has no place for.")


def in_order_of(variables: list[Any], layer: Any, weights: list[NamedWeight]) -> list[NamedWeight]:
    """Weights that are stored by numbers in the order of these variables; others as they are.

    Steps are told for the order of legacy files; archives list what a layer holds by its name.
    """
    try:
        owners = owners_of(layer, weights)
    except CannotRead:
        return weights  # of a layout that steps are for
    places = {id(variable): i for i, variable in enumerate(variables)}
    found: dict[int, NamedWeight] = {}
    for owner in owners or ():
        for number, weight in owner.weights.items():
            if number < len(owner.variables) and id(owner.variables[number]) in places:
                found[places[id(owner.variables[number])]] = weight
    return [found[i] for i in sorted(found)] if len(found) == len(weights) else weights


def _found(
    layer: Any, n_outside: int, ways: list[tuple[tuple[str, ...], int]], weights: list[NamedWeight]
) -> list[Owner] | None:
    """The owners when the first `n_outside` parts of all paths lead to the layer."""
    owners: dict[int, Owner] = {}
    for (parts, number), weight in zip(ways, weights, strict=True):
        at = _object_at(layer, parts[n_outside:])
        if not isinstance(at, keras.layers.Layer):
            return None
        owner = owners.setdefault(id(at), Owner(at))
        if number in owner.weights:
            return None
        owner.weights[number] = weight
    for owner in owners.values():
        if not owner.reads_by_itself and len(owner.variables) <= max(owner.weights):
            return None
    return list(owners.values())


def _way(weight: NamedWeight) -> tuple[tuple[str, ...], int] | None:
    path = weight.weight.path
    if path is None or len(path) < 2 or path[-2] != _VARS or not path[-1].isdigit():
        return None
    return tuple(plain(part) for part in path[:-2]), int(path[-1])


def _object_at(layer: Any, parts: tuple[str, ...]) -> Any:
    at = layer
    for part in parts:
        at = _held(at, part)
    return at


def _held(owner: Any, name: str) -> Any:
    """The object an attribute holds, or an element of a list of objects."""
    if isinstance(owner, list | tuple):
        return _element(owner, name)
    for attribute in (name, f"_{name}", name.lstrip("_")):
        found = getattr(owner, attribute, None)
        if isinstance(found, keras.Operation | list | tuple):
            return found
    return None


def _element(held: list[Any] | tuple[Any, ...], name: str) -> Any:
    used: dict[str, int] = {}
    for each in held:
        base = snake_case(type(each).__name__)
        number = used[base] = used.get(base, -1) + 1
        if name == (f"{base}_{number}" if number else base):
            return each
    return None
