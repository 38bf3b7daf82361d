"""The classes of an answer as an item model: name, bar, number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.node_text import plain_tooltip

Index = QModelIndex | QPersistentModelIndex

NAME, SCORE = range(2)

BAR = Qt.ItemDataRole.UserRole + 20
"""(start, end) of the bar, each 0 ... 1 of its room, and where the mark stands or None."""


class ScoreRow(msgspec.Struct, frozen=True):
    """One class: what it is called, what is said of it, and its bar."""

    index: int
    name: str
    text: str
    start: float
    end: float
    is_best: bool = False


class ScoreItemModel(HeadedItemModel):
    """One row a class, best first.

    Signals:
        named(index of the class: int, name: str): the user calls it so.
    """

    headings = ("Class", "Score")

    named = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[ScoreRow] = ()
        self._mark: float | None = None
        self._has_names = False

    @property
    def rows(self) -> Sequence[ScoreRow]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[ScoreRow], mark: float | None, *, has_names: bool) -> None:
        """Show these; `mark` is where a line crosses all bars, 0 ... 1."""
        self.beginResetModel()
        self._rows, self._mark, self._has_names = tuple(rows), mark, has_names
        self.endResetModel()

    @property
    def n_rows(self) -> int:
        """Classes."""
        return len(self._rows)

    # Qt overrides

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be changed."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts and bars."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        is_name = index.column() == NAME
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.name if is_name else row.text
            case Qt.ItemDataRole.EditRole if is_name:
                return row.name if self._has_names else ""
            case Qt.ItemDataRole.ToolTipRole:
                number = f"Class {row.index:,}" if self._has_names else "Double-click to name it"
                return plain_tooltip(f"{row.name}\n{number}" if self._has_names else number)
            case Qt.ItemDataRole.AccessibleTextRole if is_name:
                return f"{row.name}, {row.text}"
            case _ if role == BAR and not is_name:
                return (row.start, row.end, self._mark, row.is_best)
        return None

    def setData(  # noqa: N802
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """The user has given a class a name."""
        if role != Qt.ItemDataRole.EditRole or index.column() != NAME:
            return False
        row = self._rows[index.row()]
        name = str(value).strip()
        if name == (row.name if self._has_names else ""):
            return False
        self.named.emit(row.index, name)
        return True
