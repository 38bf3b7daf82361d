"""Legacy files: the weights of each stored group to the declared layer of that name.

A nested model is one group with a flat list: first the trainable weights of all its
layers, then the others. They are handed to the inner layers where order and names agree
with the layers' classes, or where the names lead there; else the nested model keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator

from h5viewer.documents.assignment import Assignments, with_roles
from h5viewer.documents.declared import Declaration, DeclaredLayer, every_layer
from h5viewer.documents.legacy_weights import TOP_LEVEL
from h5viewer.documents.roles import Role, fits, roles_of
from h5viewer.documents.stored import StoredLayer, StoredWeight
from h5viewer.documents.stored_names import canonical_role, owner_of
from h5viewer.nodes import Problem
from h5viewer.wording import plural

_Slot = tuple[DeclaredLayer, Role]


class LegacyMatching:
    """Hands stored groups to declared layers, one at a time."""

    def __init__(self, declaration: Declaration) -> None:
        self.found = Assignments()
        self._top = _by_name(declaration.layers)
        nested = [layer for layer in every_layer(declaration.layers) if len(layer.key) > 1]
        self._nested = _by_name(nested)

    def take(self, stored: StoredLayer) -> None:
        """Attribute one stored group."""
        layer = self._find(stored)
        if layer is not None:
            if stored.weights or stored.problem:
                self._hand_out(layer, stored.weights, stored.problem)
            else:
                self.found.give(layer, [])
        elif stored.name == TOP_LEVEL.decode():
            if stored.weights:  # weights of the model itself
                self._keep_as_row(stored)
        else:
            self._report(stored)

    def _find(self, stored: StoredLayer) -> DeclaredLayer | None:
        free = [
            layer
            for layer in self._top.get(stored.name, ()) or self._nested.get(stored.name, ())
            if layer.key not in self.found.by_key
        ]
        if len(free) > 1:  # namesakes: the first whose sizes agree
            for layer in free:
                if _sizes_agree(stored.weights, roles_of(layer)):
                    return layer
        return free[0] if free else None

    def _hand_out(self, layer: DeclaredLayer, weights: list[StoredWeight], problem: str) -> None:
        if layer.is_network:
            shares, kept = _share_out(layer, weights)
            for inner, share in shares:
                self.found.give(inner, with_roles(share, roles_of(inner)))
            self.found.give(layer, with_roles(kept, None), problem)
        elif layer.class_name == "TimeDistributed" and layer.layers:
            self.found.give(layer, [], problem)
            self._hand_out(layer.layers[0], weights, "")
        else:
            known = roles_of(layer)
            self.found.give(layer, with_roles(weights, known), problem)

    def _keep_as_row(self, stored: StoredLayer) -> None:
        rows = Assignments()
        model = DeclaredLayer(stored.name, "", (), {})
        rows.give(model, with_roles(stored.weights, None))
        self.found.extra.append((stored.name, rows.by_key[()]))
        self.found.is_any_stored = True

    def _report(self, stored: StoredLayer) -> None:
        n_weights = sum(weight.path is not None for weight in stored.weights)
        message = "The file lists this layer, but the configuration does not declare it."
        self.found.n_left_out += n_weights
        if n_weights:
            message = (
                f"Left out of the totals: {plural(n_weights, 'weight')} stored for this layer, "
                "which the configuration does not declare."
            )
        if stored.problem:
            message = stored.problem
        self.found.problems.append(Problem(where=stored.name, message=message))


def _by_name(layers: list[DeclaredLayer]) -> dict[str, list[DeclaredLayer]]:
    found: dict[str, list[DeclaredLayer]] = {}
    for layer in layers:
        found.setdefault(layer.name, []).append(layer)
    return found


def _sizes_agree(weights: list[StoredWeight], known: list[Role] | None) -> bool:
    if known is None or len(known) != len(weights):
        return False
    return all(
        weight.shape is None
        or not role.sizes
        or (
            len(weight.shape) == len(role.sizes)
            and all(b is None or a == b for a, b in zip(weight.shape, role.sizes, strict=True))
        )
        for weight, role in zip(weights, known, strict=True)
    )


def _share_out(
    network: DeclaredLayer, weights: list[StoredWeight]
) -> tuple[list[tuple[DeclaredLayer, list[StoredWeight]]], list[StoredWeight]]:
    """Weights of a nested model, by inner layer, and those that stay with the model."""
    leaves = list(_leaves(network))
    names = [weight.name for weight in weights]
    for order in _orders(leaves):
        if fits(names, [role for _, role in order]):
            shares: dict[tuple[int, ...], tuple[DeclaredLayer, list[StoredWeight]]] = {}
            for (leaf, _), weight in zip(order, weights, strict=True):
                shares.setdefault(leaf.key, (leaf, []))[1].append(weight)
            return list(shares.values()), []
    return _share_out_by_name(leaves, weights)


def _leaves(network: DeclaredLayer) -> Iterator[DeclaredLayer]:
    """The layers that hold weights; TimeDistributed stands for what it wraps."""
    for layer in network.layers:
        if layer.is_network or (layer.class_name == "TimeDistributed" and layer.layers):
            yield from _leaves(layer)
        else:
            yield layer


def _orders(leaves: list[DeclaredLayer]) -> Iterator[list[_Slot]]:
    """The orders in which writers listed a nested model's weights."""
    known = [(leaf, roles_of(leaf)) for leaf in leaves]
    if any(each is None for _, each in known):
        return
    slots = [(leaf, role) for leaf, each in known for role in each or ()]
    learnt = [slot for slot in slots if slot[1].trainable and slot[0].trainable is not False]
    fixed = [slot for slot in slots if not (slot[1].trainable and slot[0].trainable is not False)]
    yield learnt + fixed
    yield [slot for slot in slots if slot[1].trainable] + [
        slot for slot in slots if not slot[1].trainable
    ]  # saved before a layer was frozen
    yield slots  # layer by layer: TensorFlow 2.1, 2.2


def _share_out_by_name(
    leaves: list[DeclaredLayer], weights: list[StoredWeight]
) -> tuple[list[tuple[DeclaredLayer, list[StoredWeight]]], list[StoredWeight]]:
    by_name = _by_name(leaves)
    shares: dict[str, list[StoredWeight]] = {}
    kept: list[StoredWeight] = []
    for weight in weights:
        parts = owner_of(weight.name).split("/")
        names = [part for part in parts if len(by_name.get(part, ())) == 1]
        if names:
            shares.setdefault(names[-1], []).append(weight)
        else:
            kept.append(weight)
    if any(not _is_plausible(by_name[name][0], share) for name, share in shares.items()):
        return [], weights  # TensorFlow's scope names may be off by one from the layers'
    return [(by_name[name][0], share) for name, share in shares.items()], kept


def _is_plausible(layer: DeclaredLayer, share: list[StoredWeight]) -> bool:
    known = roles_of(layer)
    if known is None or layer.layers:  # a wrapper: what it wraps has weights, too
        return True
    expected = {role.name for role in known}
    met = [canonical_role(weight.name) for weight in share]
    return len(met) == len(known) and (set(met) == expected or "depthwise_kernel" in expected)
