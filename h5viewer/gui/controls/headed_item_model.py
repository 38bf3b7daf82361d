"""Item models of rows below headings that stay the same."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt

from h5viewer.gui.controls.row_table import Index

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
"""Where numbers stand in their cells."""


class HeadedItemModel(QAbstractTableModel):
    """Heirs say their columns, how many rows there are, and what a cell shows."""

    headings: tuple[str, ...] = ()
    tips: tuple[str, ...] = ()  # what the headings mean
    right_aligned: frozenset[int] = frozenset()  # columns whose headings stand as their numbers do

    @property
    def n_rows(self) -> int:
        """Rows that are shown."""
        raise NotImplementedError

    def heading(self, column: int) -> str:
        """Text above a column."""
        return self.headings[column]

    # Qt overrides

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Rows lie flat: there is nothing below one."""
        return 0 if parent.isValid() else self.n_rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """As many as headings."""
        return 0 if parent.isValid() else len(self.headings)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heading(section)
        if role == Qt.ItemDataRole.ToolTipRole and self.tips:
            return self.tips[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in self.right_aligned:
            return RIGHT
        return None
