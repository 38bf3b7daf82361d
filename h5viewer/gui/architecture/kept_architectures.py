"""Decoded architectures and where the user was in each, for coming back at once."""

from __future__ import annotations

from collections import Counter, OrderedDict

import msgspec
from PySide6.QtCore import QObject

from h5viewer.gui.architecture.layer_item_model import LayerItemModel
from h5viewer.gui.architecture.layer_rows import LayerRow
from h5viewer.gui.graph.graph_state import GraphState
from h5viewer.nodes import Architecture, Document, Identity, Layer, LayerItem

MAX_KEPT = 4
"""Architectures kept, counting the one on view."""

MAX_KEPT_LAYERS = 50_000
"""Layers kept of architectures that are not on view: about 50 MB (measured)."""


class KeptArchitecture(msgspec.Struct, eq=False):
    """One architecture; `architecture` is None until all layers have come."""

    document: Document
    model: LayerItemModel
    sizes: Counter[str] = msgspec.field(default_factory=Counter)  # parameters by dtype
    architecture: Architecture | None = None
    filter: str = ""
    current: LayerRow | None = None
    scroll: int = 0
    graph: GraphState = msgspec.field(default_factory=GraphState)

    @property
    def item(self) -> LayerItem:
        """What its rows are."""
        return self.model.item

    @property
    def is_whole(self) -> bool:
        """True when there is nothing left to decode or to append."""
        return self.architecture is not None and self.model.is_settled

    def append(self, layers: tuple[Layer, ...]) -> None:
        """More layers have come."""
        for layer in layers:
            for weight in layer.weights:
                self.sizes[weight.dtype] += weight.n_parameters
        self.model.append(layers)


class KeptArchitectures(QObject):
    """A few of them by document; a file that has changed is another document."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[tuple[str, Identity], KeptArchitecture] = OrderedDict()

    def get(self, document: Document) -> KeptArchitecture:
        """The one of this document, new if there is none; older ones go when it gets tight."""
        key = (document.path, document.identity)
        if key not in self._kept:
            model = LayerItemModel(self)
            if document.format == "tf-graph":  # known before any has come
                model.set_item("operation")
            self._kept[key] = KeptArchitecture(document, model)
        self._kept.move_to_end(key)
        self.trim(spared=self._kept[key])
        return self._kept[key]

    def drop(self, kept: KeptArchitecture) -> None:
        """Forget one."""
        del self._kept[(kept.document.path, kept.document.identity)]
        kept.model.deleteLater()

    def trim(self, spared: KeptArchitecture | None = None) -> None:
        """Keep the last used ones, within bounds. `spared` is on view and stays anyway."""
        n_layers = 0
        for place, kept in enumerate(reversed(list(self._kept.values()))):
            if kept is spared:
                continue
            n_layers += kept.model.n_layers
            if place >= MAX_KEPT or n_layers > MAX_KEPT_LAYERS:
                self.drop(kept)
