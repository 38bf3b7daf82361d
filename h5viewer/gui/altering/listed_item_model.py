"""Layers as rows of a dialog's table: names indented, then what the dialog asks about them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt

from h5viewer import wording
from h5viewer.gui.altering.layer_listing import Listed
from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.controls.row_table import TONE, Index
from h5viewer.names import visible

NAME = 0
_INDENT = "    "
_DEEPEST = 12


class ListedItemModel(HeadedItemModel):
    """Rows that a filter leaves; columns behind the name are a subclass's."""

    headings: tuple[str, ...] = ("Layer", "Class", "Output shape")
    tips: tuple[str, ...] = ("The layer's name", "Its class", "What it puts out; None is the batch")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.layers: Sequence[Listed] = ()
        self._shown: list[int] = []  # places in `layers`
        self._filter = ""

    def show_layers(self, layers: Sequence[Listed]) -> None:
        """Other layers."""
        self.layers = layers
        self._rebuild()

    def set_filter(self, text: str) -> None:
        """Only those whose name or class holds `text`."""
        self._filter = text.strip().lower()
        self._rebuild()

    @property
    def shown(self) -> Sequence[int]:
        """Places in `layers` of all rows."""
        return self._shown

    def place_at(self, index: Index) -> int | None:
        """Place in `layers` of a row."""
        return self._shown[index.row()] if index.isValid() else None

    def index_of(self, place: int) -> QModelIndex:
        """Where a layer stands; invalid when it is filtered out."""
        try:
            return self.index(self._shown.index(place), NAME)
        except ValueError:
            return QModelIndex()

    def text(self, place: int, column: int) -> str:
        """A cell behind the name."""
        layer = self.layers[place].layer
        if column == 1:
            return visible(layer.class_name, 60) if layer.class_name else wording.UNKNOWN
        return wording.output_shape_text(layer.output_shape)

    def tone(self, _place: int, column: int) -> str | None:
        """How a cell is drawn."""
        return None if column == NAME else "muted"

    def tell_all(self) -> None:
        """Every row may look otherwise."""
        if self._shown:
            last = self.index(len(self._shown) - 1, len(self.headings) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def _rebuild(self) -> None:
        self.beginResetModel()
        wanted = self._filter
        self._shown = [place for place, each in enumerate(self.layers) if wanted in each.words]
        self.endResetModel()

    @property
    def n_rows(self) -> int:
        """One a layer."""
        return len(self._shown)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        place = self.place_at(index)
        if place is None:
            return None
        listed, column = self.layers[place], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column == NAME:
                return _INDENT * min(listed.depth, _DEEPEST) + visible(listed.layer.name, 200)
            return self.text(place, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            whole = visible("/".join(listed.path), 400)
            return html.escape(whole if column == NAME else self.text(place, column))
        if role == TONE:
            return self.tone(place, column)
        return None
