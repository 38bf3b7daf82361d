"""The arguments of one layer that differ, with both values."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from h5viewer.gui.compare.value_text import NOT_STATED, value_text
from h5viewer.gui.controls.row_table import TONE, Index
from h5viewer.names import visible
from h5viewer.nodes import ChangedArgument

HEADINGS = ("Argument", "In A", "In B")


class ArgumentsItemModel(QAbstractTableModel):
    """A handful of rows."""

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

    # Qt overrides

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """One an argument."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Name and both values."""
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

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
