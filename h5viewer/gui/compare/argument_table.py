"""The arguments of one layer that differ, with both values."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QObject, Qt

from h5viewer.gui.compare.value_text import NOT_STATED, value_text
from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.controls.row_table import TONE, Index
from h5viewer.names import visible
from h5viewer.nodes import ChangedArgument

HEADINGS = ("Argument", "In A", "In B")


class ArgumentsItemModel(HeadedItemModel):
    """A handful of rows."""

    headings = HEADINGS

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, str, str]] = []

    def set_arguments(self, arguments: tuple[ChangedArgument, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self._rows = [
            (visible(each.name, 100), value_text(each.a), value_text(each.b)) for each in arguments
        ]
        self.endResetModel()

    @property
    def n_rows(self) -> int:
        """One an argument."""
        return len(self._rows)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        text = self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return html.escape(text)
        if role == TONE:
            return "faint" if text == NOT_STATED else None
        return None
