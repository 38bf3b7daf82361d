"""The names of all classes of an output, to be read and changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.names import visible
from h5viewer.wording import plural

Index = QModelIndex | QPersistentModelIndex

NUMBER, NAME = range(2)

_LONGEST = 300  # letters of a name


class ClassNamesItemModel(HeadedItemModel):
    """One row a class."""

    headings = ("Class", "Name")

    def __init__(self, names: Sequence[str], count: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names = [*names[:count], *[""] * (count - len(names))]

    @property
    def n_rows(self) -> int:
        """Classes."""
        return len(self.names)

    # Qt overrides

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be changed."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return None
        if index.column() == NUMBER:
            return f"{index.row():,}"
        return visible(self.names[index.row()], _LONGEST)

    def setData(  # noqa: N802
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """The user gives a class a name."""
        if role != Qt.ItemDataRole.EditRole or index.column() != NAME:
            return False
        self.names[index.row()] = str(value).strip()[:_LONGEST]
        self.dataChanged.emit(index, index)
        return True


class ClassNamesDialog(QDialog):
    """A table of names.

    Signals:
        names_chosen(names: tuple[str, ...]): the user wants these.
        file_wanted: the user wants those of a file instead.
    """

    names_chosen = Signal(tuple)
    file_wanted = Signal()

    def __init__(
        self, names: Sequence[str], count: int, source: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Class names")
        self.setAccessibleName("Class names")
        self.model = ClassNamesItemModel(names, count, self)
        self._table = RowTable("Class names")
        self._table.setModel(self.model)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        words = f"{plural(count, 'class', 'classes')}. {source}".strip()
        hint = "Double-click a name to change it. Names are remembered for this network."
        file = QPushButton("From a file…")
        file.setAccessibleName("From a file")
        file.setToolTip("A text, JSON or CSV file with one name for each class")
        file.clicked.connect(self._ask_for_file)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        use = buttons.addButton("Use these names", QDialogButtonBox.ButtonRole.AcceptRole)
        use.setProperty("role", "primary")
        buttons.addButton(file, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(PlainLabel(words, wrap=True))
        column.addWidget(PlainLabel(hint, wrap=True, role="muted"))
        column.addWidget(self._table, 1)
        column.addWidget(buttons)
        self.resize(480, 520)
        self._table.fit_columns(widest=80)
        self._table.setCurrentIndex(self.model.index(0, NAME))

    def _take(self) -> None:
        self.names_chosen.emit(tuple(self.model.names))
        self.accept()

    def _ask_for_file(self) -> None:
        self.reject()
        self.file_wanted.emit()
