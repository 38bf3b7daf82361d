"""Comparing two files as a worker does: `from comparing import compared, differing`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import Comparison, LayerPair, LayerPairs, WeightPair, WeightPairs
from h5viewer.operations.table import OPERATIONS
from h5viewer.requests import CompareFiles, Progress, ReadDifference


class Compared(NamedTuple):
    layers: list[LayerPair]
    weights: list[WeightPair]
    result: Comparison

    def weight(self, name: str) -> WeightPair:
        """The one pair whose name in either file ends so."""
        (found,) = [
            pair
            for pair in self.weights
            if any(each is not None and each.name == name for each in (pair.a, pair.b))
        ]
        return found


def compared(a: Path, b: Path, **wishes: Any) -> Compared:
    """Everything the comparison says."""
    layers: list[LayerPair] = []
    weights: list[WeightPair] = []

    def take(part: object) -> None:
        if isinstance(part, LayerPairs):
            layers.extend(part.pairs)
        elif isinstance(part, WeightPairs):
            weights.extend(part.pairs)

    result = _answered(CompareFiles(document=str(a), other=str(b), **wishes), take)
    return Compared(layers, weights, result)


def difference(a: Path, b: Path, node: str = "x", **wishes: Any) -> Any:
    """The picture of B minus A."""
    path = (node.encode(),)
    request = ReadDifference(document=str(a), other=str(b), node=path, other_node=path, **wishes)
    return _answered(request, lambda part: None)


def _answered(request: Any, take: Any) -> Any:
    with ExitStack() as stack:
        containers = []
        for path in request.documents:
            source = stack.enter_context(Source(path))
            containers.append(stack.enter_context(closing(open_container(source))))
        steps = stack.enter_context(closing(OPERATIONS[type(request)](request, *containers)))
        try:
            while True:
                part = next(steps)
                if not isinstance(part, Progress):
                    take(part)
        except StopIteration as end:
            return end.value
