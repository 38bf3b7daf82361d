"""Weights of a layer whose class is somebody else's: what of their order in legacy files is known.

Such a layer lists its own variables, then those of each object in it, in the order in which its
code made them. Legacy files list those first that are trained; of a frozen layer that is none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from msgspec.structs import replace

from h5viewer.documents.keras_objects import network as of_config
from h5viewer.documents.keras_objects import stored_layers
from h5viewer.documents.new_network import NewNetwork, Path
from h5viewer.documents.stored_names import NEVER_TRAINED, canonical_role, owner_of
from h5viewer.errors import CannotRead
from h5viewer.names import visible

_ADAPTED = frozenset({"mean", "variance", "count"})  # by Normalization, from its data


def reordered(layer: str, names: Sequence[str], *, is_trained: bool) -> list[int]:
    """Where each weight of the new order stands in the old one, once the layer's flag is changed.

    Raises:
        CannotRead: an object in it has nothing that is trained, so that its turn is not known.
    """
    owners: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        owners.setdefault(owner_of(name), []).append(i)
    resting = [_is_resting(canonical_role(name)) for name in names]
    if len(owners) > 1 and any(all(resting[i] for i in each) for each in owners.values()):
        raise CannotRead(
            f"“{visible(layer)}” is of a class of its own, and in which order Keras lists its "
            "weights then is not known."
        )
    one_by_one = [i for each in owners.values() for i in each]
    return sorted(one_by_one, key=lambda i: resting[i]) if is_trained else one_by_one


def _is_resting(role: str) -> bool:
    return role.startswith(NEVER_TRAINED) or role in _ADAPTED


def frozen_in_order(network: NewNetwork, changed: Collection[Path]) -> NewNetwork:
    """The network with the weights of such layers as legacy files list them after the change.

    Raises:
        CannotRead: as `reordered`.
    """
    strange = {
        path: held for path, _, held in stored_layers(of_config(network.config))
        if path in changed and not held.is_known
    }  # fmt: skip
    layers = []
    for layer in network.layers:
        held = strange.get(layer.path)
        if held is not None:
            names = [weight.name for weight in layer.weights]
            order = reordered(held.name, names, is_trained=held.trainable)
            layer = replace(layer, weights=tuple(layer.weights[i] for i in order))
        layers.append(layer)
    return replace(network, layers=tuple(layers))


def has_one_holder(places: Iterable[str]) -> bool:
    """True where all variables are of one object, which lists them as archives number them."""
    return len({place.rpartition("vars/")[0] for place in places if place}) <= 1
