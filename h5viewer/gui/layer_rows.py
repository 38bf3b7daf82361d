"""Layers as rows: what is nested where, what is folded, what a filter finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from h5viewer.gui import wording
from h5viewer.nodes import Layer

_TRAINABLE_TEXT = {True: "yes", False: "no", None: wording.UNKNOWN}


class LayerRow:
    """One layer with its place in the table.

    `is_hit`: the filter found it or something nested in it; `is_shown`: not filtered out.
    """

    __slots__ = (
        "children",
        "depth",
        "is_expanded",
        "is_hit",
        "is_shown",
        "layer",
        "parent",
        "search",
    )

    def __init__(self, layer: Layer, parent: LayerRow | None) -> None:
        self.layer = layer
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent else 0
        self.children: list[LayerRow] = []
        self.is_expanded = False
        self.is_hit = False
        self.is_shown = True
        words = [layer.name, layer.class_name or "", *(weight.name for weight in layer.weights)]
        self.search = "\n".join(words).lower()

    @property
    def trainable_text(self) -> str:
        """Yes, no, partly (some weights or nested layers only), or unknown."""
        flags = {weight.trainable for weight in self.layer.weights}
        if self.children:
            flags = {row.layer.trainable for row in self.children if row.layer.n_parameters}
        if self.layer.trainable is not False and {True, False} <= flags:
            return "partly"
        return _TRAINABLE_TEXT[self.layer.trainable]


def grow(layer: Layer) -> LayerRow:
    """A row with all rows nested in it."""
    root = LayerRow(layer, None)
    stack = [root]
    while stack:
        row = stack.pop()
        row.children = [LayerRow(child, row) for child in row.layer.layers]
        stack += row.children
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
        rows = list(walk((root,)))
        for row in rows:
            row.is_hit = wanted in row.search
            row.is_shown = row.is_hit or (row.parent is not None and row.parent.is_shown)
            row.is_expanded = False
        for row in reversed(rows):
            if row.is_hit and row.parent:
                row.parent.is_hit = row.parent.is_shown = row.parent.is_expanded = True


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
