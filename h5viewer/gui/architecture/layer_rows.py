"""Layers as rows: what is nested where, what is folded, what a filter finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from h5viewer import wording
from h5viewer.nodes import Layer

_TRAINABLE_TEXT = {True: "yes", False: "no", None: wording.UNKNOWN}


_flags: dict[frozenset[bool | None], frozenset[bool | None]] = {}  # the eight there are


def _shared(flags: frozenset[bool | None]) -> frozenset[bool | None]:
    """One object for all that are alike: the cyclic collector would walk each."""
    return _flags.setdefault(flags, flags)


class LayerRow(msgspec.Struct, eq=False, gc=False):
    """One layer with its place in the table.

    Rows hold what is nested in them but not what they are nested in: so there are no cycles
    and the cyclic collector can leave them alone. Walking 100,000 rows stopped the window
    for 60 ms (measured).
    """

    layer: Layer
    place: tuple[int, ...]  # (3, 1): the second layer inside the fourth
    search: str  # what a filter looks at
    flags: frozenset[bool | None]  # whether weights are trained, nested ones included
    children: Sequence[LayerRow] = ()
    is_expanded: bool = False
    is_hit: bool = False  # the filter found it, or something nested in it
    is_shown: bool = True  # not filtered out

    @classmethod
    def of(cls, layer: Layer, place: tuple[int, ...]) -> LayerRow:
        """A row without those nested in it."""
        words = [layer.name, layer.class_name or "", *(weight.name for weight in layer.weights)]
        flags = frozenset(weight.trainable for weight in layer.weights)
        return cls(layer, place, "\n".join(words).lower(), _shared(flags))

    @property
    def depth(self) -> int:
        """How many models this layer is nested in."""
        return len(self.place) - 1

    @property
    def trainable_text(self) -> str:
        """Yes, no, partly (some of its weights, or of the layers inside), or unknown."""
        if self.layer.trainable is not False and {True, False} <= self.flags:
            return "partly"
        if self.layer.trainable is None and len(self.flags) == 1:
            return _TRAINABLE_TEXT[next(iter(self.flags))]
        return _TRAINABLE_TEXT[self.layer.trainable]


def grow(layer: Layer, place: int) -> LayerRow:
    """The row of a top-level layer with all rows nested in it."""
    root = LayerRow.of(layer, (place,))
    if not layer.layers:
        return root
    rows = [root]
    for row in rows:  # grows while it is walked: no recursion, files nest as they like
        row.children = tuple(
            LayerRow.of(child, (*row.place, number))
            for number, child in enumerate(row.layer.layers)
        )
        rows += row.children
    for row in reversed(rows):
        row.flags = _shared(row.flags.union(*(child.flags for child in row.children)))
    return root


def walk(rows: Iterable[LayerRow]) -> Iterator[LayerRow]:
    """Every row, parents before children."""
    stack = list(rows)[::-1]
    while stack:
        row = stack.pop()
        yield row
        stack += row.children[::-1]


def mark_hits(roots: Iterable[LayerRow], wanted: str) -> None:
    """Show what holds the text, all that is nested in it, and unfold all it is nested in."""
    for root in roots:
        if not root.children:  # the usual layer: 100,000 of them in 10 ms
            root.is_hit = root.is_shown = wanted in root.search
            continue
        rows = {row.place: row for row in walk((root,))}  # parents before children
        for row in rows.values():
            above = rows.get(row.place[:-1])
            row.is_hit = wanted in row.search
            row.is_shown = row.is_hit or (above is not None and above.is_shown)
            row.is_expanded = False
        for row in reversed(rows.values()):
            above = rows.get(row.place[:-1])
            if row.is_hit and above is not None:
                above.is_hit = above.is_shown = above.is_expanded = True


def trainable_tip(row: LayerRow) -> str:
    """What the Trainable column means for this layer, as a sentence."""
    layer = row.layer
    if not layer.n_parameters:
        return "This layer has no parameters."
    if layer.trainable is None and row.trainable_text == wording.UNKNOWN:
        return "The file does not state it."
    if row.trainable_text == "partly" and not row.children:
        fixed = sum(weight.n_parameters for weight in layer.weights if weight.trainable is False)
        return f"{wording.plural(fixed, 'parameter')} of this layer are not trained."
    return {
        "yes": "Training changes this layer's weights.",
        "no": "Training leaves this layer's weights as they are.",
    }.get(row.trainable_text, "Training changes some of this model's layers.")
