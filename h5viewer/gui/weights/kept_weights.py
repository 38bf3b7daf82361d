"""Tables of weights that were read, for coming back at once."""

from __future__ import annotations

from collections import OrderedDict

import msgspec
from PySide6.QtCore import QObject

from h5viewer.gui.weights.weights_item_model import AllWeightsItemModel
from h5viewer.nodes import ByteMap, Document, Identity

MAX_KEPT = 4
"""Tables kept, counting the one on view."""

MAX_KEPT_ROWS = 50_000
"""Rows of tables that are not on view."""


class KeptWeights(msgspec.Struct, eq=False):
    """One table, with or without the optimizer's state."""

    document: Document
    with_state: bool
    model: AllWeightsItemModel
    is_whole: bool = False
    n_left_out: int = 0
    byte_map: ByteMap | None = None
    filter: str = ""
    current: int = -1  # which of all rows; -1: none
    scroll: int = 0


class KeptTables(QObject):
    """A few of them; a file that has changed is another document."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[tuple[str, Identity, bool], KeptWeights] = OrderedDict()

    def get(self, document: Document, *, with_state: bool) -> KeptWeights:
        """The one of this document, new if there is none."""
        key = (document.path, document.identity, with_state)
        if key not in self._kept:
            model = AllWeightsItemModel(self, is_network=document.holds_weights)
            self._kept[key] = KeptWeights(document, with_state, model)
        self._kept.move_to_end(key)
        self.trim(spared=self._kept[key])
        return self._kept[key]

    def drop(self, kept: KeptWeights) -> None:
        """Forget one."""
        self._kept.pop((kept.document.path, kept.document.identity, kept.with_state), None)
        kept.model.deleteLater()

    def trim(self, spared: KeptWeights | None = None) -> None:
        """Keep the last used ones, within bounds. `spared` is on view and stays anyway."""
        n_rows = 0
        for place, kept in enumerate(reversed(list(self._kept.values()))):
            if kept is spared:
                continue
            n_rows += len(kept.model.listing.rows)
            if place >= MAX_KEPT or n_rows > MAX_KEPT_ROWS:
                self.drop(kept)
