"""Random numbers of the right shape for every input of a network: to compare two of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.network.inputs import describe_inputs, users_of
from h5viewer.network.recording import flat

_OPEN_SIZE = 24  # for sizes that the network leaves open
_FEW = 5  # indices, where it is not known how many there are


def random_batches(model: Any, n_samples: int = 2) -> list[NDArray[Any]]:
    """One batch an input, always the same: indices where they are looked up."""
    numbers = np.random.default_rng(20)
    batches: list[NDArray[Any]] = []
    for tensor, described in zip(flat(model.inputs), describe_inputs(model), strict=True):
        shape = (
            tensor.shape[0] or n_samples,
            *(_OPEN_SIZE if size is None else size for size in tensor.shape[1:]),
        )
        if described.dtype == "string":
            batches.append(numbers.choice(["the", "cat", "sat", ""], shape).astype("O"))
        elif described.kind == "indices":
            most = _n_indices(model, tensor)
            batches.append(numbers.integers(0, most, shape).astype(_whole(described.dtype)))
        else:
            batches.append(numbers.normal(size=shape).astype("float32"))
    return batches


def largest_difference(answers: list[NDArray[Any]], expected: list[NDArray[Any]]) -> float:
    """By the largest expected number of each output; infinite where shapes or holes differ."""
    if [each.shape for each in answers] != [each.shape for each in expected]:
        return float("inf")
    worst = 0.0
    for ours, theirs in zip(answers, expected, strict=True):
        first, second = ours.astype(np.float64), theirs.astype(np.float64)
        are_equal = (first == second) | (np.isnan(first) & np.isnan(second))
        if are_equal.all():
            continue
        largest = max(float(np.max(np.abs(second))), 1e-6)
        difference = float(np.max(np.where(are_equal, 0.0, np.abs(first - second)))) / largest
        worst = max(worst, float("inf") if np.isnan(difference) else difference)
    return worst


def _n_indices(model: Any, tensor: Any) -> int:
    sizes = [getattr(user, "input_dim", None) for user in users_of(model, tensor)]
    return min((size for size in sizes if isinstance(size, int)), default=_FEW)


def _whole(dtype: str) -> str:
    return dtype if dtype.startswith(("int", "uint")) else "int32"
