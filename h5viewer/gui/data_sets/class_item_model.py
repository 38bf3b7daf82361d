"""Rows of what was found in a folder: its classes, and the files that are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt

from h5viewer.gui.controls.headed_item_model import RIGHT, HeadedItemModel
from h5viewer.gui.controls.row_table import TONE, Index
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.names import visible
from h5viewer.nodes import FolderClass, SkippedPicture
from h5viewer.wording import count_text

TRAINING, VALIDATION, TEST, ALL = range(1, 5)


class ClassItemModel(HeadedItemModel):
    """A class, and how many of its pictures go where; one without any stands out."""

    headings = ("Class", "Training", "Validation", "Test", "All")
    tips = (
        "In the order of their numbers, from 0",
        "Pictures for training",
        "Pictures for validation",
        "Pictures for the test",
        "Pictures of this class",
    )
    right_aligned = frozenset((TRAINING, VALIDATION, TEST, ALL))

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._classes: Sequence[FolderClass] = ()

    def show_classes(self, classes: Sequence[FolderClass]) -> None:
        """Show these in the place of those before."""
        self.beginResetModel()
        self._classes = classes
        self.endResetModel()

    @property
    def n_rows(self) -> int:
        """One a class."""
        return len(self._classes)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name and numbers."""
        if not index.isValid():
            return None
        each, column = self._classes[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column else None
        count = (0, each.n_training, each.n_validation, each.n_test, each.n_pictures)[column]
        if role == Qt.ItemDataRole.DisplayRole:
            return count_text(count) if column else visible(each.name, 200)
        if role == Qt.ItemDataRole.ToolTipRole and not column:
            return plain_tooltip(f"{index.row()}: {visible(each.name, 400)}")
        if role == TONE and column:
            return "muted" if count or column == ALL else "warning"
        return None


class SkippedItemModel(HeadedItemModel):
    """A file, and why it is not in the data set."""

    headings = ("File", "Why it is left out")
    tips = ("Its path inside the folder", "What is wrong with it")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files: Sequence[SkippedPicture] = ()

    def show_files(self, files: Sequence[SkippedPicture]) -> None:
        """Show these in the place of those before."""
        self.beginResetModel()
        self._files = files
        self.endResetModel()

    @property
    def n_rows(self) -> int:
        """One a file."""
        return len(self._files)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Path and sentence."""
        if not index.isValid():
            return None
        each = self._files[index.row()]
        text = each.reason if index.column() else each.name
        if role == Qt.ItemDataRole.DisplayRole:
            return visible(text, 300)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(visible(text, 600))
        if role == TONE and index.column():
            return "muted"
        return None
