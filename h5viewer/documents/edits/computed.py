"""A weight by an expression of its values: statements one after the other, box by box."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from h5viewer.documents.edits import Boxes, Values
from h5viewer.documents.edits.evaluation import combine, evaluate
from h5viewer.documents.edits.indexing import Places, places_of, within
from h5viewer.documents.edits.language import Statement, called, index_parts, is_whole, parse
from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box
from h5viewer.nodes import Shape


class Computed:
    """An `Edit` by an expression."""

    def __init__(self, text: str) -> None:
        self._statements = parse(text)
        self._known: dict[ast.expr, Values] = {}
        self._places: list[Places | None] = []
        self._shape: Shape = ()

    def prepare(self, shape: Shape, boxes: Boxes, /) -> Iterator[None]:
        """Sums and single elements, each by a walk over what the statements before make of it."""
        self._shape = shape
        self._places = [
            None if each.index is None else places_of(each.index, shape)
            for each in self._statements
        ]
        self._known = {}
        for i, statement in enumerate(self._statements):
            for node in _wholes(statement):
                yield from self._look(i, node, boxes)

    def apply(self, box: Box, values: Values) -> Values:
        """The values after all statements."""
        return self._after(len(self._statements), box, values)

    # ------------------------------------------------------------------ statements

    def _after(self, n: int, box: Box, values: Values) -> Values:
        for statement, places in zip(self._statements[:n], self._places, strict=False):
            values = self._changed(statement, places, box, values)
        return values

    def _changed(self, statement: Statement, places: Places | None, box: Box, x: Values) -> Values:
        value = evaluate(statement.value, x, self._known)
        if statement.mask is not None:
            where = evaluate(statement.mask, x, self._known)
            if where.dtype != np.bool_:
                raise CannotRead("Between the brackets of x[…] stands an index or a comparison.")
            return np.where(where, _made(statement, x, value), x)
        if places is None:
            return _whole_box(_made(statement, x, value), x)
        local = within(places, box)
        if local is None:
            return x
        made = _made(statement, x[local], value)
        changed = x.astype(np.result_type(x, made), copy=True)
        changed[local] = made
        return changed

    # ------------------------------------------------------------- all values together

    def _look(self, n: int, node: ast.expr, boxes: Boxes) -> Iterator[None]:
        if isinstance(node, ast.Subscript):
            places = places_of(index_parts(node.slice) or (), self._shape)
            if any(len(each) != 1 for each in places):
                raise CannotRead("Only a single element can be read, as in x[3] or x[0, 2].")
            for box, values in boxes():
                yield
                local = within(places, box)
                if local is not None:
                    self._known[node] = self._after(n, box, values)[local].reshape(())
                    return
            return
        assert isinstance(node, ast.Call)
        yield from self._reduce(n, node, boxes)

    def _reduce(self, n: int, node: ast.Call, boxes: Boxes) -> Iterator[None]:
        name, argument = called(node), node.args[0]
        folding = _Folding(name)
        for _ in range(2 if name in ("std", "var") else 1):
            folding.begin()
            for box, values in boxes():
                after = self._after(n, box, values)
                folding.add(_whole_box(evaluate(argument, after, self._known), after))
                yield
        self._known[node] = np.asarray(folding.result())


class _Folding:
    """A number about all values, from one piece after the other."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._n_walks = self._count = 0
        self._total: Any = 0
        self._mean = 0.0

    def begin(self) -> None:
        """Another walk over all values."""
        if self._n_walks:
            self._mean = float(self._total) / self._count if self._count else float("nan")
        self._n_walks += 1
        self._total, self._count = 0, 0

    def add(self, values: Values) -> None:
        if not values.size:
            return
        with np.errstate(all="ignore"):
            found = self._of(values)
            if not self._count:
                self._total = found
            elif self._name in ("min", "max"):
                self._total = (np.minimum if self._name == "min" else np.maximum)(
                    self._total, found
                )
            else:
                self._total = self._total + found
        self._count += values.size

    def _of(self, values: Values) -> Any:
        match self._name:
            case "min":
                return values.min()
            case "max":
                return values.max()
            case "count_nonzero":
                return np.int64(np.count_nonzero(values))
            case "norm":
                return np.square(values.astype(np.float64)).sum()
            case "std" | "var" if self._n_walks > 1:
                return np.square(values.astype(np.float64) - self._mean).sum()
        return values.sum(dtype=None if values.dtype.kind in "iub" else np.float64)

    def result(self) -> Any:
        if not self._count and self._name not in ("sum", "count_nonzero", "norm"):
            raise CannotRead("The weight is empty, so it has no mean, minimum or maximum.")
        match self._name:
            case "mean" | "var":
                return np.float64(self._total) / self._count
            case "std":
                return np.sqrt(np.float64(self._total) / self._count)
            case "norm":
                return np.sqrt(np.float64(self._total))
        return self._total


def _made(statement: Statement, x: Values, value: Values) -> Values:
    return value if statement.operator is None else combine(statement.operator, x, value)


def _whole_box(value: Values, like: Values) -> Values:
    """A single number stands for all."""
    return value if value.shape == like.shape else np.broadcast_to(value, like.shape)


def _wholes(statement: Statement) -> list[ast.expr]:
    """What is about the whole weight, the inner ones first."""
    found: list[ast.expr] = []

    def walk(node: ast.expr) -> None:
        inside = node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
        for each in inside:
            if isinstance(each, ast.expr):
                walk(each)
        if is_whole(node):
            found.append(node)

    for each in (statement.value, statement.mask):
        if each is not None:
            walk(each)
    return found
