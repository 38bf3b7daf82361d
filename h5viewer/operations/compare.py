"""Two files: their layers side by side, then weight by weight how far they are apart."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace
from numpy.typing import NDArray

from h5viewer.documents.alignment import Row, aligned, compared_rows
from h5viewer.documents.collecting import without_collecting
from h5viewer.documents.compared import read_both
from h5viewer.documents.matching import match_layers, match_weights, weights_below
from h5viewer.documents.verdict import verdict
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.boxes import Box, count_elements, tiles, whole
from h5viewer.formats.container import Container, StoredArray
from h5viewer.formats.paired import paired_boxes, process_both
from h5viewer.names import NodePath
from h5viewer.nodes import Comparison, Layer, LayerPairs, Problem, Weight, WeightPair, WeightPairs
from h5viewer.nodes.comparison import Basis
from h5viewer.operations import Operation
from h5viewer.operations.cuts import READ_BUDGET, named
from h5viewer.operations.differences import Difference, compare_values, most_apart, squares
from h5viewer.requests import CompareFiles, Progress
from h5viewer.wording import bytes_text

T = TypeVar("T")

_BOX = 1 << 20  # bytes of each: threads are new for every weight, and so are their buffers
_PIECE = 500  # rows in a part
_PART_SECONDS = 0.2
_YIELD = 0.04
_ELEMENTS = 2000  # of texts, lists and records, whose size nobody knows
_MOST_TOLD = 1 << 60  # elements, of progress
_MOST_INFLATED = 1000  # decoded to stored: gzip's best; beyond, and above the budget, a bomb


class _Todo(msgspec.Struct, frozen=True):
    """Two weights to compare."""

    row: int
    layer_a: str
    layer_b: str
    a: Weight | None
    b: Weight | None
    basis: Basis


def compare_files(request: CompareFiles, a: Container, b: Container) -> Operation[Comparison]:
    """The rows of the layers in parts, then those of the weights, then the sentence.

    A weight that cannot be read is told as such, and the others are compared.
    """
    side_a, side_b = yield from read_both(a, b)
    by_path = side_a.is_by_path
    with without_collecting():
        matching = match_layers(side_a.layers, side_b.layers, request.pairs, only_by_name=by_path)
        rows = yield from _all(aligned(side_a.layers, side_b.layers, matching))
        pairs = iter(()) if by_path else compared_rows(rows, side_a, side_b, matching)
        layers = yield from _all(pairs)
        todo = yield from _all(_todo(rows, by_path=by_path))
    for start in range(0, len(layers), _PIECE):
        yield LayerPairs(pairs=tuple(layers[start : start + _PIECE]))
    weights = yield from _compared_weights(todo, a, b)
    has_layers = side_a.is_declared and side_b.is_declared
    return Comparison(
        summary=verdict(layers, weights, side_a.declared(), has_layers=has_layers),
        has_layers=has_layers,
        problems=tuple(
            Problem(where=f"{pair.layer_a}/{pair.a.name}" if pair.a else "", message=pair.problem)
            for pair in weights
            if pair.state == "unreadable"
        ),
    )


def _all(items: Iterator[T]) -> Generator[Progress, None, list[T]]:
    """As a list; 100,000 layers take half a second."""
    found: list[T] = []
    while more := list(islice(items, _PIECE)):
        found += more
        yield Progress(done=0, unit="layers")
    return found


def _todo(rows: Sequence[Row], *, by_path: bool) -> Iterator[_Todo]:
    """The weights of every row, named after the models around their layer.

    Where only one of a pair lists layers inside it the weights of all of them are compared,
    and its rows below are done with it.
    """
    above_a: list[str] = []
    above_b: list[str] = []
    done_below: int | None = None
    for number, row in enumerate(rows):
        if done_below is not None and row.depth > done_below:
            continue
        done_below = None
        name_a = _named(above_a, row.a, row.depth)
        name_b = _named(above_b, row.b, row.depth)
        of_a = row.a.weights if row.a else ()
        of_b = row.b.weights if row.b else ()
        if row.a and row.b and bool(row.a.layers) != bool(row.b.layers):
            of_a, of_b = tuple(weights_below(row.a)), tuple(weights_below(row.b))
            done_below = row.depth
        for weight_a, weight_b, basis in match_weights(of_a, of_b, only_by_name=by_path):
            yield _Todo(-1 if by_path else number, name_a, name_b, weight_a, weight_b, basis)


def _named(above: list[str], layer: Layer | None, depth: int) -> str:
    del above[depth:]
    above += [""] * (depth - len(above))
    name = layer.name if layer else ""
    above.append(name)
    return "/".join(filter(None, above)) if layer else ""


def _compared_weights(
    todo: Sequence[_Todo], a: Container, b: Container
) -> Generator[Progress | WeightPairs, None, list[WeightPair]]:
    """Every pair, in order; the same dataset of layers that share it is read once."""
    found: list[WeightPair] = []
    n_told = 0
    total = min(sum(each.a.n_parameters for each in todo if each.a and each.b), _MOST_TOLD)
    known: dict[tuple[NodePath | None, NodePath | None], Difference] = {}
    work = _Comparing(a, b, total)
    part_due = time.monotonic() + _PART_SECONDS
    for each in todo:
        found.append((yield from _compared(each, work, known)))
        if time.monotonic() > part_due or len(found) - n_told >= _PIECE:
            yield WeightPairs(pairs=tuple(found[n_told:]))
            n_told, part_due = len(found), time.monotonic() + _PART_SECONDS
    yield WeightPairs(pairs=tuple(found[n_told:]))
    return found


def _compared(
    todo: _Todo,
    work: _Comparing,
    known: dict[tuple[NodePath | None, NodePath | None], Difference],
) -> Generator[Progress, None, WeightPair]:
    pair = WeightPair(
        row=todo.row,
        layer_a=todo.layer_a,
        layer_b=todo.layer_b,
        a=todo.a,
        b=todo.b,
        state="only_a" if todo.b is None else "only_b",
        basis=todo.basis,
    )
    if todo.a is None or todo.b is None:
        return pair
    if todo.a.shape != todo.b.shape:
        return replace(pair, state="shape")
    if todo.a.shape is None:
        return replace(pair, state="identical")  # neither has a value
    where = (todo.a.path, todo.b.path)
    try:
        if where not in known:
            known[where] = yield from work.difference(todo.a, todo.b)
    except CannotRead as error:
        work.check_unchanged()
        return replace(pair, state="unreadable", problem=error.message)
    return _told(pair, known[where], math.prod(todo.a.shape))


def _told(pair: WeightPair, difference: Difference, n_elements: int) -> WeightPair:
    """The pair with its numbers; n_elements of what can be read fit into 64 bits."""
    pair = replace(pair, n_elements=n_elements, n_different=difference.n_different)
    if not difference.n_different:
        pair = replace(pair, state="identical")
        if difference.has_numbers:
            pair = replace(pair, max_difference=0.0, relative=0.0, cosine=1.0)
        return pair
    pair = replace(pair, state="changed")
    if difference.n_finite:
        pair = replace(
            pair,
            max_difference=difference.largest,
            relative=difference.relative,
            cosine=difference.cosine,
            largest_at=difference.largest_at,
        )
    return pair


class _Comparing:
    """Reads pairs of datasets, and knows how far it is with all of them."""

    def __init__(self, a: Container, b: Container, total: int) -> None:
        self._a = a
        self._b = b
        self._total = total
        self._done = 0
        self._yield_due = time.monotonic() + _YIELD

    def check_unchanged(self) -> None:
        """That a file is being written explains a weight that cannot be read."""
        self._a.source.check_unchanged()
        self._b.source.check_unchanged()

    def difference(self, a: Weight, b: Weight) -> Generator[Progress, None, Difference]:
        """Of two weights of one shape.

        Raises:
            CannotRead, TooLarge: an obstacle, damage, a bomb.
        """
        array_a, array_b = self._a.array(a.path or ()), self._b.array(b.path or ())
        region = whole(array_a.facts.shape or ())
        for array in (array_a, array_b):
            _refuse_bomb(array, region)
        total = Difference()
        widest: tuple[float, Box] = (-1.0, ())  # difference, and the box it is in
        equal: list[Box] = []
        boxes = _boxes(array_a, array_b, region)
        with closing(process_both(array_a, array_b, boxes, _compare)) as parts:
            for box, part in parts:
                if part.is_equal:
                    equal.append(box)
                elif part.max_difference > widest[0]:
                    widest = part.max_difference, box
                total = total.merged(part)
                self._done += count_elements(box)
                yield from self._progress()
        if total.n_different and equal:  # the norms are those of all elements
            with closing(array_a.process(iter(equal), _squares)) as more:
                for _, part in more:
                    total = total.merged(part)
                    yield from self._progress()
        if len(region) > 2 and widest[1] and total.has_numbers:  # a picture shows two axes
            total = replace(total, largest_at=_most_apart(array_a, array_b, widest[1]))
        return total

    def _progress(self) -> Iterator[Progress]:
        if time.monotonic() > self._yield_due:
            yield Progress(done=min(self._done, self._total), total=self._total, unit="values")
            self._yield_due = time.monotonic() + _YIELD


def _compare(_: Box, a: NDArray[Any], b: NDArray[Any]) -> Difference:
    return compare_values(a, b)


def _most_apart(a: StoredArray, b: StoredArray, box: Box) -> tuple[int, ...]:
    inside = most_apart(a.read(box), b.read(box))
    return tuple(n + part.start for n, part in zip(inside, box, strict=False))


def _squares(_: Box, values: NDArray[Any]) -> Difference:
    return squares(values)


def _boxes(a: StoredArray, b: StoredArray, region: Box) -> Iterator[Box]:
    if a.facts.dtype.is_numeric and b.facts.dtype.is_numeric:
        return paired_boxes(a, b, region, _BOX)
    return tiles(region, (1,) * len(region), _ELEMENTS)


def _refuse_bomb(array: StoredArray, region: Box) -> None:
    cost = array.cost(region)
    if cost > max(READ_BUDGET, _MOST_INFLATED * array.facts.stored_bytes):
        raise TooLarge(
            f"{named(array.facts)} would have to be read from {bytes_text(cost)}: too much."
        )
