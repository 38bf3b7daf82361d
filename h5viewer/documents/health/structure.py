"""Findings without a look at values: missing, left over, of another shape, frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.kinds import of_layer, of_place, of_weight
from h5viewer.documents.health.subject import Key, Subject, named_layers
from h5viewer.documents.roles import roles_of
from h5viewer.documents.stored import MISSING
from h5viewer.documents.stored_names import canonical_role
from h5viewer.names import NodePath, plain
from h5viewer.nodes import HealthFinding, Layer
from h5viewer.wording import count_text, names_text, plural

_NUMBERED = b"vars"

_MOST_SINGLE = 3  # frozen layers told one by one


class Unclaimed(msgspec.Struct, frozen=True):
    """A stored weight that no layer of the configuration asks for."""

    path: NodePath
    root: NodePath  # where all weights are
    n_elements: int
    is_numbered: bool  # layers/dense/vars/0

    @property
    def group(self) -> NodePath:
        """What stands for its layer in the file."""
        if not self.is_numbered:
            return self.path[: len(self.root) + 1]
        group = self.path[:-1]
        return group[:-1] if group[-1:] == (_NUMBERED,) and len(group) > len(self.root) else group

    @property
    def depth(self) -> int:
        """Names of the group that are worth saying."""
        return max(1, len(self.group) - len(self.root))


def findings(
    layers: Sequence[Layer],
    declared: Mapping[Key, DeclaredLayer],
    subjects: Sequence[Subject],
    unclaimed: Sequence[Unclaimed],
) -> Iterator[HealthFinding]:
    """All of them, in this order; `unclaimed`: stored, and of no layer."""
    for where, layer in named_layers(layers):
        yield from missing_weights(where, layer)
        if layer.key in declared:
            yield from unlisted_weights(where, layer, declared[layer.key])
    yield from left_over(unclaimed)
    for subject in subjects:
        yield from shape_mismatch(subject)
    yield from frozen(layers)


def missing_weights(where: str, layer: Layer) -> Iterator[HealthFinding]:
    """Weights that the layer names and the file lacks."""
    absent = [weight for weight in layer.weights if weight.path is None]
    if absent:
        names = names_text([weight.name for weight in absent], 5)
        reasons = {weight.problem for weight in absent} - {MISSING, ""}
        why = f" {min(reasons)}" if reasons else ""
        message = f"{len(absent)} of its {plural(len(layer.weights), 'weight')} missing: {names}."
        yield of_layer(
            kinds.MISSING_WEIGHTS,
            "serious",
            where,
            layer,
            len(absent),
            limits.STRUCTURE,
            message + why,
        )


def unlisted_weights(where: str, layer: Layer, declared: DeclaredLayer) -> Iterator[HealthFinding]:
    """Weights that a layer of this class has, and that the file does not even name."""
    known = roles_of(declared)
    stored = [canonical_role(weight.name) for weight in layer.weights]
    if not known or not stored or declared.is_wrapper:
        return
    names = {role.name for role in known} | {"kernel"}
    needed = [role.name for role in known if not (role.is_optional or role.is_copy)]
    if not all(name in names for name in stored):
        return  # stored under names of somebody's own
    has_kernel = any(name.endswith("kernel") for name in stored)
    absent = [
        name for name in needed
        if name not in stored and not (name.endswith("kernel") and has_kernel)
    ]  # fmt: skip
    if absent:
        message = (
            f"{len(absent)} of the {plural(len(needed), 'weight')} of a {layer.class_name} layer "
            f"not stored: {names_text(absent, 5)}."
        )
        yield of_layer(
            kinds.MISSING_WEIGHTS, "serious", where, layer, len(absent), limits.STRUCTURE, message
        )


def left_over(unclaimed: Sequence[Unclaimed]) -> Iterator[HealthFinding]:
    """Groups of weights that no layer of the configuration asks for."""
    groups: dict[NodePath, list[Unclaimed]] = {}
    for each in unclaimed:
        groups.setdefault(each.group, []).append(each)
    for group, inside in groups.items():
        n = len(inside)
        n_parameters = sum(each.n_elements for each in inside)
        message = (
            f"{plural(n, 'weight')} with {plural(n_parameters, 'parameter')} "
            f"{'belongs' if n == 1 else 'belong'} to no layer of the configuration."
        )
        name = "/".join(plain(part) for part in group[-inside[0].depth :])
        yield of_place(kinds.LEFT_OVER, "warning", name, group, n, limits.STRUCTURE, message)


def shape_mismatch(subject: Subject) -> Iterator[HealthFinding]:
    """The stored shape is not the one the configuration says."""
    problem = subject.weight.problem
    if problem.startswith("The file stores "):
        yield of_weight(kinds.SHAPE_MISMATCH, "serious", subject, 1, limits.STRUCTURE, problem)


def frozen(layers: Sequence[Layer]) -> Iterator[HealthFinding]:
    """Layers with `trainable` off: the outermost ones that have weights."""
    found: dict[Key, tuple[str, Layer]] = {}
    n_with_weights = 0
    for where, layer in named_layers(layers):
        if any(layer.key[:depth] in found for depth in range(1, len(layer.key))):
            continue
        is_frozen = layer.trainable is False and layer.n_parameters > 0
        n_with_weights += is_frozen or bool(layer.weights)
        if is_frozen:
            found[layer.key] = where, layer
    if len(found) <= _MOST_SINGLE:
        for where, layer in found.values():
            message = (
                f"Its {plural(layer.n_parameters, 'parameter')} "
                f"{'is' if layer.n_parameters == 1 else 'are'} not trained (trainable is off)."
            )
            n = layer.n_parameters
            yield of_layer(kinds.FROZEN, "note", where, layer, n, limits.FROZEN, message)
        return
    message = (
        f"{count_text(len(found))} of {plural(n_with_weights, 'layer')} with weights are not "
        f"trained (trainable is off): {names_text([where for where, _ in found.values()], 3)}."
    )
    where, first = next(iter(found.values()))
    yield of_layer(kinds.FROZEN, "note", where, first, len(found), limits.FROZEN, message)
