"""Rename: other names for layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QPushButton, QWidget

from h5viewer.gui.altering.layers_dialog import LayersDialog
from h5viewer.gui.altering.listed_item_model import ListedItemModel
from h5viewer.gui.altering.wishes import Wish
from h5viewer.gui.controls.row_table import Index
from h5viewer.names import visible
from h5viewer.nodes import Document
from h5viewer.requests import Export, RenameLayer, RenameLayers
from h5viewer.workers.pool import Pool

NEW = 2
_EXPLANATION = (
    "Double click in the last column to give a layer another name. It changes wherever the file "
    "mentions the layer; the weights stay as they are."
)


class RenameItemModel(ListedItemModel):
    """New names beside the old ones.

    Signals:
        changed: a name.
    """

    changed = Signal()

    headings = ("Layer", "Class", "New name")
    tips = ("The layer's name in the file", "Its class", "Its name in the copy")

    def __init__(self) -> None:
        super().__init__()
        self._names: dict[int, str] = {}

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Old paths and new names of those that change."""
        return tuple(
            ("/".join(self.layers[place].path), name) for place, name in sorted(self._names.items())
        )

    def rename(self, place: int, name: str) -> None:
        """Give a layer a name; its old one takes that back."""
        self._keep(place, name)
        self.tell_all()
        self.changed.emit()

    def replace(self, places: Sequence[int], old: str, new: str) -> None:
        """Another text within names, as they are to be by now."""
        for place in places:
            name = self._names.get(place, self.layers[place].layer.name)
            if old in name:
                self._keep(place, name.replace(old, new))
        self.tell_all()
        self.changed.emit()

    def _keep(self, place: int, name: str) -> None:
        if name and name != self.layers[place].layer.name:
            self._names[place] = name
        else:
            self._names.pop(place, None)

    def text(self, place: int, column: int) -> str:
        """A new name where there is one."""
        if column == NEW:
            return visible(self._names.get(place, ""), 200)
        return super().text(place, column)

    def tone(self, place: int, column: int) -> str | None:
        """New names stand out."""
        return "accent" if column == NEW else super().tone(place, column)

    # Qt overrides

    def flags(self, index: Index) -> Qt.ItemFlag:
        """New names can be typed."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NEW else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """To be edited: the name it has by now."""
        place = self.place_at(index)
        if role == Qt.ItemDataRole.EditRole and place is not None:
            return self._names.get(place, self.layers[place].layer.name)
        return super().data(index, role)

    def setData(  # noqa: N802
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """Typed."""
        place = self.place_at(index)
        if role != Qt.ItemDataRole.EditRole or place is None or index.column() != NEW:
            return False
        self.rename(place, str(value).strip())
        return True


class RenameDialog(LayersDialog):
    """Names are typed, one by one, or a text in them is replaced."""

    def __init__(
        self, pool: Pool, document: Document, wish: Wish, parent: QWidget | None = None
    ) -> None:
        self._rows = RenameItemModel()
        super().__init__(
            pool, document, wish, self._rows,
            title="Rename", explanation=_EXPLANATION, ending="renamed", parent=parent,
        )  # fmt: skip
        self._rows.setParent(self)
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self._old = _Field("Replace", "A text in the names of all layers that are listed")
        self._new = _Field("by", "What stands in its place; empty: nothing")
        for field in (self._old, self._new):
            field.entered.connect(self._replace)
        replace = QPushButton("Replace in names")
        replace.setToolTip("Replace this text in the names of all layers that are listed")
        replace.setAccessibleName("Replace in all names")
        replace.setAutoDefault(False)
        replace.clicked.connect(self._replace)
        for part in (self._old, self._new, replace):
            self.tools.addWidget(part)
        self._keep = QPushButton("Add to the changes")
        self._keep.setToolTip("Let the names wait with other changes until you save a copy")
        self._keep.setAccessibleName("Add to the changes")
        self._keep.setAutoDefault(False)
        self._keep.clicked.connect(self._keep_names)
        self.add_button(self._keep)
        self._rows.changed.connect(self.plan_anew)
        self._rows.changed.connect(lambda: self._keep.setEnabled(bool(self._rows.names)))
        self._keep.setEnabled(False)
        self.begin()

    def show_wish(self, places: list[int]) -> None:
        """The name of the one layer that the user began with can be typed at once."""
        for place in places[:1]:
            self.table.setFocus()
            self.table.edit(self._rows.index_of(place).siblingAtColumn(NEW))

    def words_against(self) -> str:
        """A name has to differ."""
        if not self.is_read:
            return super().words_against()
        return "" if self._rows.names else "Give at least one layer another name."

    def export_to(self, target: str) -> Export | None:
        """What differs from the file."""
        if self.words_against():
            return None
        return RenameLayers(document=self.document.path, target=target, names=self._rows.names)

    def _keep_names(self) -> None:
        changes = [RenameLayer(old=old, new=new) for old, new in self._rows.names]
        self.changes_made.emit(self.document.path, changes)
        self.accept()

    def _replace(self) -> None:
        if self._old.text():
            self._rows.replace(self._rows.shown, self._old.text(), self._new.text())


class _Field(QLineEdit):
    """Enter is the field's; it would press the dialog's button otherwise.

    Signals:
        entered: Enter was pressed.
    """

    entered = Signal()

    def __init__(self, placeholder: str, tooltip: str) -> None:
        super().__init__(placeholderText=placeholder)
        self.setToolTip(tooltip)
        self.setAccessibleName(placeholder)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes no further."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)
