"""What of a graph is unfolded and where the user looks, for coming back."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QPointF

from h5viewer.nodes import GraphBox, GraphLayout, LayerItem

Key = tuple[int, ...]


class Folding(msgspec.Struct, frozen=True):
    """What is unfolded."""

    unfolded: frozenset[Key] = frozenset()  # nested models
    opened: frozenset[Key] = frozenset()  # repeats, by their first layer
    folds_repeats: bool = True

    def toggled(self, box: GraphBox) -> Folding:
        """Folded where it was unfolded, and the other way round."""
        if box.kind in ("repeats", "unfolded repeats"):
            return Folding(self.unfolded, self.opened ^ {box.key}, self.folds_repeats)
        return Folding(self.unfolded ^ {box.key}, self.opened, self.folds_repeats)

    def with_unfolded(self, keys: frozenset[Key]) -> Folding:
        """These nested models unfolded as well."""
        return Folding(self.unfolded | keys, self.opened, self.folds_repeats)


class GraphState(msgspec.Struct):
    """One document's graph; `layout` is None until it has come."""

    folding: Folding = msgspec.field(default_factory=Folding)
    layout: GraphLayout | None = None
    drawn: Folding = msgspec.field(default_factory=Folding)  # what `layout` shows
    centre: QPointF | None = None  # None: not looked at yet
    scale: float = 1.0
    item: LayerItem = "layer"  # what its boxes are
