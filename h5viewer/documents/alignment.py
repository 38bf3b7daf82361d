"""Two matched networks as rows side by side."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import msgspec

from h5viewer.documents.arguments import changed_arguments
from h5viewer.documents.compared import Compared
from h5viewer.documents.matching import Matching
from h5viewer.nodes import ChangedArgument, ComparedLayer, Layer, LayerPair
from h5viewer.nodes.comparison import LayerState


class Row(msgspec.Struct, frozen=True):
    """A pair of layers, or one that is alone."""

    a: Layer | None
    b: Layer | None
    depth: int = 0
    is_moved: bool = False


def aligned(a: Sequence[Layer], b: Sequence[Layer], matching: Matching) -> Iterator[Row]:
    """Rows in A's order; B's own layers stand behind what they follow in B.

    A pair has moved when it cannot stand in line: it is left out of the longest run of
    pairs that are in the same order in both.
    """
    waiting: list[Row] = _level(a, b, matching, 0)[::-1]
    while waiting:
        row = waiting.pop()
        yield row
        below = _level(
            row.a.layers if row.a else (), row.b.layers if row.b else (), matching, row.depth + 1
        )
        waiting += below[::-1]


def compared_rows(
    rows: Sequence[Row], a: Compared, b: Compared, matching: Matching
) -> Iterator[LayerPair]:
    """The rows as they are shown; arguments where both files state them."""
    declared_a, declared_b = a.declared(), b.declared()
    names = {row.b.name: row.a.name for row in rows if row.a and row.b}
    for row in rows:
        arguments: tuple[ChangedArgument, ...] = ()
        of_a = declared_a.get(row.a.key) if row.a else None
        of_b = declared_b.get(row.b.key) if row.b else None
        if of_a is not None and of_b is not None:
            arguments = changed_arguments(of_a, of_b, names)
        yield LayerPair(
            a=_side(row.a),
            b=_side(row.b),
            state=_state(row, bool(arguments)),
            depth=row.depth,
            is_moved=row.is_moved,
            basis=matching.basis.get(row.a.key, "") if row.a and row.b else "",
            arguments=arguments,
        )


def _state(row: Row, has_changed: bool) -> LayerState:
    if row.b is None:
        return "removed"
    if row.a is None:
        return "added"
    return "changed" if has_changed else "same"


def _side(layer: Layer | None) -> ComparedLayer | None:
    if layer is None:
        return None
    return ComparedLayer(
        name=layer.name,
        class_name=layer.class_name,
        key=layer.key,
        n_parameters=layer.n_parameters,
    )


def _level(a: Sequence[Layer], b: Sequence[Layer], matching: Matching, depth: int) -> list[Row]:
    """The layers inside one pair, without what is inside them."""
    position = {layer.key: number for number, layer in enumerate(b)}
    partners = [matching.b_of.get(layer.key) for layer in a]
    numbers = [position.get(partner.key, -1) if partner is not None else -1 for partner in partners]
    in_line = _longest_rising(numbers)
    rows: list[Row] = []
    shown_to = 0  # of B
    for number, (layer, partner) in enumerate(zip(a, partners, strict=True)):
        if number in in_line:
            rows += _added(b[shown_to : numbers[number]], matching, depth)
            shown_to = numbers[number] + 1
        rows.append(Row(layer, partner, depth, partner is not None and number not in in_line))
    return rows + _added(b[shown_to:], matching, depth)


def _added(layers: Sequence[Layer], matching: Matching, depth: int) -> list[Row]:
    return [Row(None, layer, depth) for layer in layers if layer.key not in matching.a_of]


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """Where the longest rising subsequence of the numbers from 0 on stands."""
    ends: list[int] = []  # the lowest last number of each length
    places: list[int] = []
    before: dict[int, int] = {}
    for place, number in enumerate(numbers):
        if number < 0:
            continue
        length = bisect_left(ends, number)
        if length:
            before[place] = places[length - 1]
        ends[length : length + 1] = [number]
        places[length : length + 1] = [place]
    found: set[int] = set()
    place_or_none = places[-1] if places else None
    while place_or_none is not None:
        found.add(place_or_none)
        place_or_none = before.get(place_or_none)
    return found
