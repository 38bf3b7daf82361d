"""The rows most similar to a row, for a table."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from h5viewer.gui.controls.row_table import Index
from h5viewer.nodes import Neighbours

_HEADINGS = ("Row", "Similarity")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class NeighboursItemModel(QAbstractTableModel):
    """Name or number of the row, and the cosine."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found: Neighbours | None = None

    def set_neighbours(self, found: Neighbours | None) -> None:
        """Show others."""
        self.beginResetModel()
        self._found = found
        self.endResetModel()

    def row_at(self, index: Index) -> int | None:
        """The row of the embedding that a line stands for."""
        return self._found.rows[index.row()] if self._found and index.isValid() else None

    # Qt overrides

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """All of them."""
        return 0 if parent.isValid() or self._found is None else len(self._found.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Always two."""
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 1:
            return _RIGHT
        return _HEADINGS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        if self._found is None or not index.isValid():
            return None
        at = index.row()
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 1:
            return _RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.column() == 1:
            return f"{self._found.cosines[at]:.3f}".replace("-", "−")
        label = self._found.labels[at] if at < len(self._found.labels) else ""
        row = self._found.rows[at]
        return f"{label} ({row:,})" if label else f"{row:,}"
