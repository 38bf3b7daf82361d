"""Below the views: the changes of the shown file that wait to be saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.controls.notices import Notice, PlainLabel
from h5viewer.gui.controls.row_table import TONE, Index, RowTable
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.editing.pending import Pending
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.names import visible
from h5viewer.wording import plural

WHAT, OLD, NEW, NOTE = range(4)
HEADINGS = ("Change", "In the file", "In the copy", "")
_MOST_ROWS = 6  # seen at once
_HINT = "The file is never written to. Views show it as it is, but for values you typed."


class ChangesItemModel(HeadedItemModel):
    """One row a change."""

    headings = HEADINGS

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pending: Sequence[Pending] = ()

    def show_changes(self, pending: Sequence[Pending]) -> None:
        """Another list."""
        self.beginResetModel()
        self._pending = pending
        self.endResetModel()

    @property
    def n_rows(self) -> int:
        """Changes."""
        return len(self._pending)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        if not index.isValid():
            return None
        preview = self._pending[index.row()].preview
        texts = (preview.what, preview.old, preview.new, " ".join(preview.notes))
        if role == Qt.ItemDataRole.DisplayRole:
            return visible(texts[index.column()], 200)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(visible(texts[index.column()], 2000))
        if role == TONE:
            return {NEW: "accent", WHAT: None}.get(index.column(), "muted")
        return None


class ChangesStrip(QFrame):
    """Hidden while nothing waits.

    Signals:
        undo_wanted(int): take this one back.
        save_wanted(), discard_wanted(): all of them.
    """

    undo_wanted = Signal(int)
    save_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ChangesItemModel(self)
        self._count = PlainLabel()
        self._hint = PlainLabel(_HINT, role="muted")
        self._notice = Notice(closable=True)
        self._table = _Changes()
        self._table.setModel(self._model)
        self._table.undo_wanted.connect(self._undo)
        self._undo_one = push_button("Undo", "Take the chosen change back (Del)", role="quiet")
        self._fold = push_button("Hide list", "Show or hide what will change", role="quiet")
        self._arrange()
        self._table.row_changed.connect(lambda _: self._allow())

    def show_changes(self, pending: Sequence[Pending]) -> None:
        """What waits in the file that is shown."""
        grows = len(pending) > self._model.rowCount()
        row = self._table.currentIndex().row()
        self._model.show_changes(pending)
        self._count.set_text(f"{plural(len(pending), 'change')} not saved yet.")
        self._table.fit_columns(widest=360, first=240, last=180)
        n_rows = min(_MOST_ROWS, max(1, len(pending)))
        heading = self._table.horizontalHeader().sizeHint().height()
        self._table.setFixedHeight(heading + n_rows * self._table.row_height + 4)
        if pending:
            self._table.selectRow(len(pending) - 1 if grows else min(row, len(pending) - 1))
        for part in (self._count, self._hint, self._undo_one, self._fold, self._save, self._all):
            part.setVisible(bool(pending))
        self._table.setVisible(bool(pending) and not self._is_folded)
        self._allow()
        self._show()

    def show_refusal(self, message: str, hint: str) -> None:
        """A change cannot be made."""
        self._notice.show_text(message, hint=hint, severity="error")
        self._show()

    def clear_refusal(self) -> None:
        """Another file, or another try."""
        self._notice.clear()
        self._show()

    @property
    def message(self) -> str:
        """Why the last change was refused; "" when it was not."""
        return self._notice.message

    # -------------------------------------------------------------- private

    @property
    def _is_folded(self) -> bool:
        return self._fold.text() == "Show list"

    def _show(self) -> None:
        self.setVisible(self._model.rowCount() > 0 or bool(self._notice.message))

    def _undo(self) -> None:
        row = self._table.currentIndex().row()
        if row >= 0:
            self.undo_wanted.emit(row)

    def _toggle(self) -> None:
        self._fold.setText("Hide list" if self._is_folded else "Show list")
        self._table.setVisible(not self._is_folded)
        self._allow()

    def _allow(self) -> None:
        is_chosen = self._table.currentIndex().isValid() and not self._is_folded
        self._undo_one.setEnabled(is_chosen)

    def _arrange(self) -> None:
        self.setObjectName("ChangesStrip")
        self.setAccessibleName("Changes that are not saved")
        self._save = QPushButton("Save as…")
        self._save.setProperty("role", "primary")
        self._save.setToolTip("Write a copy of the file with these changes")
        self._save.setAccessibleName("Save changes as")
        self._save.clicked.connect(self.save_wanted)
        self._all = push_button("Discard all", "Forget all of these changes", role="quiet")
        self._all.clicked.connect(self.discard_wanted)
        self._undo_one.clicked.connect(self._undo)
        self._fold.clicked.connect(self._toggle)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._count)
        row.addWidget(self._hint, 1)
        for button in (self._undo_one, self._all, self._fold, self._save):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self._notice)
        column.addLayout(row)
        column.addWidget(self._table)
        self._notice.dismissed.connect(self._show)
        self.hide()


class _Changes(RowTable):
    """Del takes a change back."""

    undo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("Changes that are not saved")
        self.setSelectionMode(self.SelectionMode.SingleSelection)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Before the table takes the key."""
        if event.key() == Qt.Key.Key_Delete:
            self.undo_wanted.emit()
        else:
            super().keyPressEvent(event)
