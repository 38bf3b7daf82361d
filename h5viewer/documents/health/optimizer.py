"""Whether the optimizer's stored state fits the weights it is for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.kinds import of_place
from h5viewer.documents.health.subject import Subject
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import HealthFinding, Shape
from h5viewer.wording import count_text, plural, shape_text

_MOST_SLOTS = 6  # arrays that any optimizer keeps for one weight

_FACTORED = ("adafactor", "lamb", "muon", "shampoo")
"""These keep sums over rows and columns, or nothing for some weights."""


class StateVariable(msgspec.Struct, frozen=True):
    """One array of the optimizer's group."""

    path: NodePath
    shape: Shape


def optimizer_state(
    variables: Sequence[StateVariable], subjects: Sequence[Subject], optimizer: str
) -> Iterator[HealthFinding]:
    """Arrays of a shape that no weight has; else too many or too few of one shape."""
    if not subjects or any(word in optimizer.lower() for word in _FACTORED):
        return
    by_path = {subject.path: subject.shape for subject in subjects}
    weights = Counter(by_path.values())
    arrays = [variable for variable in variables if math.prod(variable.shape) > 1]
    odd = [variable for variable in arrays if variable.shape not in weights]
    if odd:
        first = odd[0]
        verb = "has a shape" if len(odd) == 1 else "have shapes"
        message = (
            f"{count_text(len(odd))} of {plural(len(variables), 'variable')} of the optimizer "
            f"{verb} that no weight has: {visible(path_text(first.path[-2:]), 80)} is "
            f"{shape_text(first.shape)}."
        )
        yield of_place(
            kinds.OPTIMIZER_SHAPES, "warning", "", first.path, len(odd), limits.OPTIMIZER, message
        )
        return
    stored = Counter(variable.shape for variable in arrays)
    misfits = (_misfit(stored, weights, k) for k in range(1, _MOST_SLOTS + 1))
    n_wrong, shape = min(misfits, key=lambda misfit: misfit[0])
    if n_wrong:
        path = next(variable.path for variable in arrays if variable.shape == shape)
        message = (
            f"The optimizer has {plural(stored[shape], 'array')} of shape {shape_text(shape)} for "
            f"{plural(weights[shape], 'weight')} of that shape; {count_text(n_wrong)} "
            f"{'is' if n_wrong == 1 else 'are'} missing or too many."
        )
        yield of_place(
            kinds.OPTIMIZER_SHAPES, "warning", "", path, n_wrong, limits.OPTIMIZER, message
        )


def _misfit(stored: Counter[Shape], weights: Counter[Shape], k: int) -> tuple[int, Shape]:
    """How many arrays are wrong if each weight has `k` of them or none; the first such shape."""
    total = 0
    first: Shape = ()
    for shape, n in stored.items():
        wrong = max(n - k * weights[shape], min(n % k, -n % k))
        if wrong and not total:
            first = shape
        total += wrong
    return total, first


def not_numbers(odd: Sequence[tuple[NodePath, int]], n_variables: int) -> Iterator[HealthFinding]:
    """Variables with NaN or infinity; `odd`: where, and how many values."""
    if not odd:
        return
    first, _ = odd[0]
    n_values = sum(n for _, n in odd)
    message = (
        f"{plural(n_values, 'value')} in {len(odd)} of {plural(n_variables, 'variable')} of the "
        f"optimizer {'is' if n_values == 1 else 'are'} NaN or infinite: "
        f"{visible(path_text(first[-2:]), 80)}."
    )
    yield of_place(
        kinds.OPTIMIZER_VALUES, "warning", "", first, n_values, limits.NOT_FINITE, message
    )
