"""Numbers that a network answered, as an item model: one row a step, one column a feature."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from h5viewer.gui.predict.answer_words import number_text

Index = QModelIndex | QPersistentModelIndex

MOST_ROWS = 10_000
MOST_COLUMNS = 1_000
"""What is shown of an answer; the window asks Qt for no more."""


class NumbersItemModel(QAbstractTableModel):
    """A matrix of numbers with their positions as headings."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._values: NDArray[np.generic] = np.zeros((0, 0))

    def show_values(self, values: NDArray[np.generic]) -> None:
        """Show these: (rows,) or (rows, columns); more axes are laid side by side."""
        self.beginResetModel()
        matrix = values.reshape(values.shape[0] if values.ndim else 1, -1)
        self._values = matrix[:MOST_ROWS, :MOST_COLUMNS]
        self.endResetModel()

    # Qt overrides

    def rowCount(self, parent: Index | None = None) -> int:
        """Along the first axis."""
        return 0 if parent is not None and parent.isValid() else self._values.shape[0]

    def columnCount(self, parent: Index | None = None) -> int:
        """Along all others."""
        return 0 if parent is not None and parent.isValid() else self._values.shape[1]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Positions."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal and self._values.shape[1] == 1:
            return "Value"
        return f"{section:,}"

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Numbers."""
        if role == Qt.ItemDataRole.DisplayRole:
            return number_text(float(self._values[index.row(), index.column()]))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None
