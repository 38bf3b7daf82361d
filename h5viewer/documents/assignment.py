"""Which stored weights belong to which declared layer, and what each of them is."""

from __future__ import annotations

import msgspec

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.guesses import certain_roles
from h5viewer.documents.roles import Role
from h5viewer.documents.stored import StoredWeight
from h5viewer.documents.stored_names import canonical_role, owner_of, short_names
from h5viewer.nodes import Problem

Key = tuple[int, ...]


class NamedWeight(msgspec.Struct):
    """A stored weight in its layer: a short name and, where known, its role."""

    name: str
    weight: StoredWeight
    role: Role | None = None


class Assignment(msgspec.Struct):
    """What the file holds for one layer."""

    weights: list[NamedWeight] = []
    problem: str = ""


class Assignments(msgspec.Struct):
    """Everything the file holds, by the key of the layer it belongs to."""

    by_key: dict[Key, Assignment] = {}
    extra: list[tuple[str, Assignment]] = []  # rows of their own
    problems: list[Problem] = []
    is_any_stored: bool = False
    n_left_out: int = 0  # weights stored for no declared layer

    def give(self, layer: DeclaredLayer, weights: list[NamedWeight], problem: str = "") -> None:
        """Add weights to a layer."""
        assignment = self.by_key.setdefault(layer.key, Assignment())
        assignment.weights += weights
        assignment.problem = assignment.problem or problem
        self.is_any_stored = self.is_any_stored or bool(weights)


def with_roles(
    weights: list[StoredWeight], known: list[Role] | None, layer: str = ""
) -> list[NamedWeight]:
    """Name a layer's stored weights; a role is given by name, never by position alone.

    Without `known` roles those are given that the names or shapes leave no doubt about.
    """
    shown = short_names([weight.name for weight in weights])
    by_owner: dict[str, list[StoredWeight]] = {}
    if known is None:
        for weight in weights:
            by_owner.setdefault(owner_of(weight.name), []).append(weight)
    guessed = {
        owner: _by_name(certain_roles(owner if len(by_owner) > 1 else layer or owner, group))
        for owner, group in by_owner.items()
    }
    stated = _by_name(known)
    named = []
    for name, weight in zip(shown, weights, strict=True):
        role = None
        if known is None:
            role = guessed[owner_of(weight.name)].get(canonical_role(weight.name))
        elif "/" not in name:  # "forward_lstm/kernel" is no kernel of the wrapper itself
            role = stated.get(canonical_role(weight.name))
        named.append(NamedWeight(name, weight, role))
    return named


def _by_name(known: list[Role] | None) -> dict[str, Role]:
    found = {role.name: role for role in known or ()}
    if "depthwise_kernel" in found:  # Keras 3 calls it "kernel" in DepthwiseConv2D
        found.setdefault("kernel", found["depthwise_kernel"])
    return found
