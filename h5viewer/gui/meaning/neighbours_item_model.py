"""The rows most similar to a row, for a table."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt

from h5viewer.gui.controls.headed_item_model import RIGHT, HeadedItemModel
from h5viewer.gui.controls.row_table import Index
from h5viewer.nodes import Neighbours

_SIMILARITY = 1


class NeighboursItemModel(HeadedItemModel):
    """Name or number of the row, and the cosine."""

    headings = ("Row", "Similarity")
    right_aligned = frozenset({_SIMILARITY})

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

    @property
    def n_rows(self) -> int:
        """All of them."""
        return 0 if self._found is None else len(self._found.rows)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        if self._found is None or not index.isValid():
            return None
        at = index.row()
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == _SIMILARITY:
            return RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.column() == _SIMILARITY:
            return f"{self._found.cosines[at]:.3f}".replace("-", "−")
        label = self._found.labels[at] if at < len(self._found.labels) else ""
        row = self._found.rows[at]
        return f"{label} ({row:,})" if label else f"{row:,}"
