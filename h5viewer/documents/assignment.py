"""Which stored weights belong to which declared layer, and what each of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.roles import Role
from h5viewer.documents.stored import StoredWeight, without_output
from h5viewer.nodes import Problem

Key = tuple[int, ...]

# Keras 1 wrote "dense_1_W"; the gates of recurrent layers are arrays of their own.
_KERAS_1 = re.compile(r"(?:^|_)((?:[WUb])(?:_[a-z])?|gamma|beta|running_mean|running_std)$")
_MODERN = {
    "W": "kernel", "U": "recurrent_kernel", "b": "bias",
    "running_mean": "moving_mean", "running_std": "moving_variance",
}  # fmt: skip


@dataclass
class NamedWeight:
    """A stored weight in its layer: a short name and, where known, its role."""

    name: str
    weight: StoredWeight
    role: Role | None = None


@dataclass
class Assignment:
    """What the file holds for one layer."""

    weights: list[NamedWeight] = field(default_factory=list)
    problem: str = ""


@dataclass
class Assignments:
    """Everything the file holds, by the key of the layer it belongs to."""

    by_key: dict[Key, Assignment] = field(default_factory=dict)
    extra: list[tuple[str, Assignment]] = field(default_factory=list)  # rows of their own
    problems: list[Problem] = field(default_factory=list)
    is_any_stored: bool = False

    def give(self, layer: DeclaredLayer, weights: list[NamedWeight], problem: str = "") -> None:
        """Add weights to a layer."""
        assignment = self.by_key.setdefault(layer.key, Assignment())
        assignment.weights += weights
        assignment.problem = assignment.problem or problem
        self.is_any_stored = self.is_any_stored or bool(weights)


def canonical_role(name: str) -> str:
    """The modern name of a stored weight's role: "dense_1_W:0" → "kernel"."""
    last = without_output(name).rpartition("/")[2]
    old = _KERAS_1.search(last)
    role = old.group(1) if old else last
    return _MODERN.get(role, role)


def short_names(names: list[str]) -> list[str]:
    """Names without what they have in common in front, ":0" and Keras 1's layer name."""
    split = [without_output(name).split("/") for name in names]
    n_common = 0
    while all(len(parts) > n_common + 1 for parts in split) and (
        len({parts[n_common] for parts in split}) == 1
    ):
        n_common += 1
    shortened = []
    for parts in split:
        old = _KERAS_1.search(parts[-1]) if len(parts) == 1 else None
        shortened.append(old.group(1) if old else "/".join(parts[n_common:]))
    if len(set(shortened)) < len(shortened):
        return [without_output(name) for name in names]
    return shortened


def with_roles(weights: list[StoredWeight], known: list[Role] | None) -> list[NamedWeight]:
    """Name a layer's stored weights; a role is given by name, never by position alone."""
    # an empty or odd name stays as it is, so that the user sees what the file says
    odd = any(weight.path is None for weight in weights)
    names = [weight.name for weight in weights]
    shown = names if odd and _are_odd(names) else short_names(names)
    by_name = {role.name: role for role in known or ()}
    if "depthwise_kernel" in by_name:  # Keras 3 calls it "kernel" in DepthwiseConv2D
        by_name.setdefault("kernel", by_name["depthwise_kernel"])
    named = []
    for name, weight in zip(shown, weights, strict=True):
        role = by_name.get(canonical_role(weight.name))
        is_direct = "/" not in name
        named.append(NamedWeight(name, weight, role if is_direct else None))
    return named


def _are_odd(names: list[str]) -> bool:
    return any(not name.strip("/.") or ".." in name or name.startswith("/") for name in names)


def fits(weights: list[StoredWeight], known: list[Role]) -> bool:
    """True when these weights are, in order and by name, what a layer of that class has."""
    if len(weights) != len(known):
        return False
    return all(
        canonical_role(weight.name) in (role.name, "kernel" if "kernel" in role.name else role.name)
        for weight, role in zip(weights, known, strict=True)
    )
