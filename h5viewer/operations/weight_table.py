"""All weights of a document with their numbers, in one pass over the file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import groupby
from operator import attrgetter

from h5viewer.documents.weight_rows import ListedWeight, listed_weights
from h5viewer.errors import H5ViewerError
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import Container, StoredArray
from h5viewer.formats.parallel import in_threads
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import (
    Dataset,
    WeightRow,
    WeightRows,
    WeightSummaries,
    WeightSummary,
    WeightTable,
)
from h5viewer.operations import Operation
from h5viewer.operations.cuts import READ_BUDGET, require_numbers
from h5viewer.operations.weight_numbers import Summarised, WeightNumbers, no_numbers
from h5viewer.requests import Progress, TabulateWeights
from h5viewer.wording import bytes_text

MOST_ROWS = 200_000
"""Weights in the table; 4,000 layers with their optimizer have 50,000."""

_ROWS_A_PART = 200
_MOST_OPEN = 1000  # datasets kept open between the two: opening one takes 0.2 ms
_NEXT_PART = 0.1  # seconds
_YIELD = 0.04  # seconds
_UNFOLDED = 100  # times the bytes stored: fill values or a bomb rather than weights
_MOST_BYTES = 2**63 - 1


class _Budget:
    """What weights that unfold to much more than they store may cost together."""

    def __init__(self) -> None:
        self._left = READ_BUDGET // 8  # 2 GB in small chunks took two minutes

    def refusal(self, facts: Dataset, cost: int) -> str:
        """Why this weight is not read; "" and a share of the budget where it is."""
        if cost <= _UNFOLDED * max(1 << 20, facts.stored_bytes):
            return ""
        if cost <= self._left:
            self._left -= cost
            return ""
        return (
            f"It unfolds from {bytes_text(facts.stored_bytes)} to {bytes_text(cost)}; "
            "the table does not read it."
        )


def tabulate_weights(request: TabulateWeights, container: Container) -> Operation[WeightTable]:
    """All rows first, then a summary of each in the order of the file."""
    table = _Table(container)
    yield from table.rows(request.with_state)
    yield from table.summaries()
    return WeightTable(n_rows=table.n_rows, n_left_out=table.n_left_out)


class _Table:
    """What is kept between the two: of each weight its place, its path, its cost."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._to_read: list[tuple[int, int, NodePath]] = []  # offset, row, path
        self._open: dict[int, StoredArray] = {}  # by row
        self._refused: list[WeightSummary] = []
        self._lost: list[WeightSummary] = []
        self._met: set[NodePath] = set()
        self._budget = _Budget()
        self._cost = 0
        self.n_rows = 0
        self.n_left_out = 0

    # ------------------------------------------------------------------- rows

    def rows(self, with_state: bool) -> Iterator[WeightRows | Progress]:
        """Facts of every weight, in parts."""
        waiting: list[WeightRow] = []
        due = time.monotonic() + _NEXT_PART
        for listed in listed_weights(self._container, with_state=with_state):
            if listed is not None:
                row = self._row(listed)
                if row is not None:
                    waiting.append(row)
            if len(waiting) >= _ROWS_A_PART or (waiting and time.monotonic() >= due):
                yield WeightRows(rows=tuple(waiting))
                waiting = []
                due = time.monotonic() + _NEXT_PART
            elif time.monotonic() >= due:
                yield Progress(done=self.n_rows, unit="weights")
                due = time.monotonic() + _NEXT_PART
        yield WeightRows(rows=tuple(waiting))

    def _row(self, listed: ListedWeight) -> WeightRow | None:
        """The weight's facts; None: it is in the table already, or the table is full."""
        if self.n_rows >= MOST_ROWS:
            self.n_left_out += 1
            return None
        try:
            array = self._container.array(listed.path)
        except H5ViewerError as error:
            facts = None
            self._refused.append(no_numbers(self.n_rows, error.message))
        else:
            facts = array.facts
            if facts.same_as is not None and facts.same_as in self._met:
                return None
            self._plan(array)
        self._met.add(listed.path)
        self.n_rows += 1
        return WeightRow(
            layer=listed.layer,
            name=listed.name,
            path=listed.path,
            shape=None if facts is None else facts.shape,
            dtype="" if facts is None else facts.dtype.text,
            n_bytes=0 if facts is None else min(facts.declared_bytes, _MOST_BYTES),
            is_state=listed.is_state,
            axes=listed.axes,
        )

    def _plan(self, array: StoredArray) -> None:
        facts = array.facts
        try:
            require_numbers(facts, insist=False)
        except H5ViewerError as error:
            self._refused.append(no_numbers(self.n_rows, _reason(error, facts)))
            return
        cost = array.cost(whole(facts.shape or ()))
        refusal = self._budget.refusal(facts, cost)
        if refusal:
            self._refused.append(no_numbers(self.n_rows, refusal))
            return
        self._cost += cost
        self._to_read.append((array.offset, self.n_rows, facts.path))
        if len(self._open) < _MOST_OPEN:
            self._open[self.n_rows] = array

    # ---------------------------------------------------------------- numbers

    def summaries(self) -> Iterator[WeightSummaries | Progress]:
        """Numbers of every weight, in parts, with progress in bytes."""
        done = 0
        waiting = self._refused
        part_due, yield_due = time.monotonic() + _NEXT_PART, time.monotonic() + _YIELD
        for step in self._steps():
            if isinstance(step, WeightSummary):
                waiting.append(step)
            else:
                done += step
            if len(waiting) >= _ROWS_A_PART or (waiting and time.monotonic() >= part_due):
                yield WeightSummaries(summaries=tuple(waiting))
                waiting = []
                part_due = time.monotonic() + _NEXT_PART
            elif time.monotonic() >= yield_due:
                yield Progress(done=min(done, self._cost), total=self._cost, unit="bytes")
                yield_due = time.monotonic() + _YIELD
        yield WeightSummaries(summaries=tuple(waiting))

    def _steps(self) -> Iterator[int | WeightSummary]:
        """Bytes read, and summaries in the order of the file.

        Weights share their threads: each with threads of its own took twice the time. Those
        of large chunks, which take much memory, have them alone.
        """
        for n_ahead, weights in groupby(self._weights(), key=attrgetter("n_ahead")):
            with closing(in_threads(_tasks(weights), n_ahead)) as found:
                for weight, results in found:
                    if results is None:
                        yield weight.summary()
                    else:
                        yield weight.take(results)
        yield from self._lost

    def _weights(self) -> Iterator[WeightNumbers]:
        for _, row, path in sorted(self._to_read):
            try:
                array = self._open.pop(row, None) or self._container.array(path)
            except H5ViewerError as error:  # it was there a moment ago
                self._lost.append(no_numbers(row, error.message))
            else:
                yield WeightNumbers(row, array)


def _tasks(
    weights: Iterator[WeightNumbers],
) -> Iterator[Callable[[], tuple[WeightNumbers, Summarised | None]]]:
    """What is to do for each weight; None says that it was the last."""
    for weight in weights:
        for task in weight.tasks():
            yield partial(_with, weight, task)
        yield partial(_with, weight, lambda: None)


def _with(
    weight: WeightNumbers, task: Callable[[], Summarised | None]
) -> tuple[WeightNumbers, Summarised | None]:
    return weight, task()


def _reason(error: H5ViewerError, facts: Dataset) -> str:
    """The obstacle alone: the row says which weight it is."""
    if facts.obstacle is not None:
        return facts.obstacle.reason
    name = visible(path_text(facts.path))
    return error.message.removeprefix(f"{name} ").capitalize() if not facts.shape else error.message
