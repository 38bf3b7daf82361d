"""Findings without a look at values: missing, left over, of another shape, frozen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.kinds import of_layer, of_weight
from h5viewer.documents.health.subject import Subject
from h5viewer.documents.stored import MISSING
from h5viewer.nodes import HealthFinding, Layer
from h5viewer.wording import count_text, names_text, plural

_MOST_SINGLE = 3  # frozen layers told one by one


def missing_weights(layer: Layer) -> Iterator[HealthFinding]:
    """Weights that the layer names and the file lacks."""
    absent = [weight for weight in layer.weights if weight.path is None]
    if absent:
        names = names_text([weight.name for weight in absent], 5)
        reasons = {weight.problem for weight in absent} - {MISSING, ""}
        why = f" {min(reasons)}" if reasons else ""
        message = f"{len(absent)} of its {plural(len(layer.weights), 'weight')} missing: {names}."
        yield of_layer(
            kinds.MISSING_WEIGHTS, "serious", layer, len(absent), limits.STRUCTURE, message + why
        )


def left_over(layers: Sequence[Layer], *, is_declared: bool) -> Iterator[HealthFinding]:
    """Groups of weights that no layer of the configuration asks for."""
    if not is_declared:
        return
    for layer in layers:
        if layer.class_name is None and layer.n_parameters and layer.weights:
            n = len(layer.weights)
            message = (
                f"{plural(n, 'weight')} with {plural(layer.n_parameters, 'parameter')} "
                f"{'belongs' if n == 1 else 'belong'} to no layer of the configuration."
            )
            yield of_layer(kinds.LEFT_OVER, "warning", layer, n, limits.STRUCTURE, message)


def shape_mismatch(subject: Subject) -> Iterator[HealthFinding]:
    """The stored shape is not the one the configuration says."""
    problem = subject.weight.problem
    if problem.startswith("The file stores "):
        yield of_weight(kinds.SHAPE_MISMATCH, "serious", subject, 1, limits.STRUCTURE, problem)


def frozen(layers: Sequence[Layer]) -> Iterator[HealthFinding]:
    """Layers with `trainable` off: the outermost ones that have weights."""
    found: list[Layer] = []
    n_with_weights = 0
    waiting = list(reversed(layers))
    while waiting:
        layer = waiting.pop()
        if layer.trainable is False and layer.n_parameters:
            found.append(layer)
            n_with_weights += 1
            continue
        n_with_weights += bool(layer.weights)
        waiting += reversed(layer.layers)
    if len(found) <= _MOST_SINGLE:
        for layer in found:
            message = (
                f"Its {plural(layer.n_parameters, 'parameter')} "
                f"{'is' if layer.n_parameters == 1 else 'are'} not trained (trainable is off)."
            )
            yield of_layer(kinds.FROZEN, "note", layer, layer.n_parameters, limits.FROZEN, message)
        return
    message = (
        f"{count_text(len(found))} of {plural(n_with_weights, 'layer')} with weights are not "
        f"trained (trainable is off): {names_text([layer.name for layer in found], 3)}."
    )
    first = found[0]
    yield of_layer(kinds.FROZEN, "note", first, len(found), limits.FROZEN, message)
