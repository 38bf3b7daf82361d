"""Cut: the network up to one layer."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from h5viewer import wording
from h5viewer.gui.altering.layers_dialog import LayersDialog, as_file_name, suggestion
from h5viewer.gui.altering.listed_item_model import ListedItemModel
from h5viewer.gui.altering.wishes import Wish
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.names import visible
from h5viewer.nodes import Document
from h5viewer.requests import CutNetwork, Export
from h5viewer.workers.pool import Pool

_EXPLANATION = (
    "The new network ends with the output of the layer you choose; what only later layers need "
    "is left out."
)
_CHOOSE = "Choose the layer whose output the new network puts out."


class CutDialog(LayersDialog):
    """One layer is chosen."""

    def __init__(
        self, pool: Pool, document: Document, wish: Wish, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            pool, document, wish, ListedItemModel(),
            title="Cut", explanation=_EXPLANATION, ending="cut", parent=parent,
        )  # fmt: skip
        self.model.setParent(self)
        self.table.setSelectionMode(self.table.SelectionMode.SingleSelection)
        self.tools.addStretch(1)
        self._end = PlainLabel(wrap=True)
        self.body.addWidget(self._end)
        self.table.row_changed.connect(lambda _: self._show_end())
        self.begin()

    def show_wish(self, places: list[int]) -> None:
        """The last of several is where a group of layers ends."""
        if places:
            index = self.model.index_of(places[-1])
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index)
        self._show_end()

    def words_against(self) -> str:
        """A layer has to be chosen."""
        if not self.is_read:
            return super().words_against()
        return "" if self._place is not None else _CHOOSE

    def export_to(self, target: str) -> Export | None:
        """Up to the chosen layer."""
        place = self._place
        if place is None:
            return None
        return CutNetwork(document=self.document.path, target=target, layer=self.layers[place].path)

    @property
    def _place(self) -> int | None:
        return self.model.place_at(self.table.currentIndex()) if self.is_read else None

    def _show_end(self) -> None:
        place = self._place
        if place is None:
            self._end.set_text(_CHOOSE)
        else:
            layer = self.layers[place].layer
            shape = wording.output_shape_text(layer.output_shape)
            puts_out = f", {shape}" if layer.output_shape is not None else ""
            self._end.set_text(f"Ends with the output of {visible(layer.name, 80)}{puts_out}")
            ending = f"up to {as_file_name(layer.name)}"
            self.target.suggest(suggestion(self.document.path, ending), (self.document.path,))
        self.plan_anew()
