"""Answers to requests: one generator a request, working between yields, without Qt.

`Operation[T]` yields `Progress` or parts and returns its result. Closing it at a yield
(what cancelling does) cleans up with `with`. OPERATIONS in `operations/table.py` says
which function answers which request; a test or the command line may call one directly.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from h5viewer.nodes import Part
from h5viewer.requests import Progress

S = TypeVar("S")
T = TypeVar("T")

Operation = Generator[Progress | Part, None, T]


def told(
    work: Generator[S, None, T], tell: Callable[[S], Progress]
) -> Generator[Progress, None, T]:
    """The result of work whose steps are something else; of each `tell` says how far it is."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            result: T = end.value
            return result
        yield tell(step)
