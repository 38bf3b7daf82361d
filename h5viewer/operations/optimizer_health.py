"""The optimizer's part of the health report: shapes that fit, values that are numbers."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.health.optimizer import StateVariable, not_numbers, optimizer_state
from h5viewer.documents.health.subject import Subject
from h5viewer.documents.stored import datasets_below
from h5viewer.errors import H5ViewerError
from h5viewer.formats.boxes import Box, whole
from h5viewer.formats.container import Container
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset, HealthFinding
from h5viewer.operations.unfolding import Unfolding
from h5viewer.requests import Progress

_BOX = 4 << 20  # bytes
_YIELD = 0.04  # seconds

Check = Generator[Progress, None, list[HealthFinding]]


def check_optimizer(
    container: Container,
    group: NodePath,
    subjects: Sequence[Subject],
    optimizer: str,
    unfolding: Unfolding,
) -> Check:
    """What is found in the optimizer's `group`; weights are known from `subjects`."""
    nodes: list[Dataset] = []
    for node in datasets_below(container, group):
        nodes.append(node)
        if len(nodes) % 100 == 0:
            yield Progress(done=len(nodes), unit="variables")
    variables = [StateVariable(node.path, node.shape or ()) for node in nodes]
    found = list(optimizer_state(variables, subjects, optimizer))
    return found + (yield from _check_values(container, nodes, unfolding))


def _check_values(container: Container, nodes: Sequence[Dataset], unfolding: Unfolding) -> Check:
    """One finding for all variables with NaN or infinity."""
    numbers = [node for node in nodes if node.dtype.kind in ("float", "bfloat16")]
    total = sum(min(node.declared_bytes, 2**53) for node in numbers)
    done = 0
    odd: list[tuple[NodePath, int]] = []
    due = time.monotonic() + _YIELD
    for node in numbers:
        array = container.array(node.path)
        region = whole(node.shape or ())
        n_odd = 0
        try:
            unfolding.allow(array, region)
            with closing(array.process(array.boxes(region, _BOX), _count_odd)) as counts:
                for box, count in counts:
                    n_odd += count
                    done += array.cost(box)
                    if time.monotonic() >= due:
                        yield Progress(done=min(done, total), total=total, unit="bytes")
                        due = time.monotonic() + _YIELD
        except H5ViewerError:
            continue  # the tree says that it cannot be read; no weight is concerned
        if n_odd:
            odd.append((node.path, n_odd))
    return list(not_numbers(odd, len(nodes)))


def _count_odd(_: Box, values: NDArray[Any]) -> int:
    """NaN and infinity in one box; may run in any thread."""
    if values.dtype.kind != "f" or not values.size:
        return 0
    if np.isfinite(values.min()) and np.isfinite(values.max()):  # both hand NaN on
        return 0
    return int(values.size - np.count_nonzero(np.isfinite(values)))
