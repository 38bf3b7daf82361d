"""Values that the user types, pastes or computes: changes that wait until a copy is saved."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from h5viewer.gui.editing.change_dialogs import ExpressionDialog
from h5viewer.gui.values.cells_item_model import CellsItemModel, Element
from h5viewer.gui.values.cells_view import CellsView
from h5viewer.requests import AnyChange, PasteValues, SetElement
from h5viewer.workers.pool import Pool

_NOTHING = ("There is no text in the clipboard.", "Copy cells of a spreadsheet first.")
MOST_PASTED = 5_000_000
"""Characters; as many as can be copied at once."""

_TOO_MUCH = "What is in the clipboard is too long to be pasted at once."
_FEWER = "Copy fewer cells, or change the values by an expression."


class CellsEditing(QObject):
    """Of one table.

    Signals:
        made(changes: list[AnyChange]): for the document of what is shown.
        refused(message: str, hint: str): it cannot be done here.
    """

    made = Signal(object)
    refused = Signal(str, str)

    def __init__(self, pool: Pool, model: CellsItemModel, table: CellsView, owner: QWidget) -> None:
        super().__init__(owner)
        self._pool = pool
        self._model = model
        self._table = table
        self._owner = owner
        self._changes: Sequence[AnyChange] = ()
        model.typed.connect(self._set)
        table.paste_requested.connect(self._paste)

    def show_changes(self, changes: Sequence[AnyChange]) -> None:
        """What waits in the document that is shown; single elements stand in the table."""
        self._changes = changes
        subject = self._model.subject
        path = subject.dataset.path if subject is not None else None
        values = {
            change.index: change.text
            for change in changes
            if isinstance(change, SetElement) and change.path == path
        }
        self._model.show_pending(values)

    def compute(self) -> None:
        """Let the user give an expression for all values."""
        subject = self._model.subject
        if subject is not None:
            dialog = ExpressionDialog(
                self._pool, subject.document, subject.dataset.path, self._changes, self._owner
            )
            dialog.chosen.connect(lambda change: self.made.emit([change]))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def _set(self, element: Element, text: str) -> None:
        subject = self._model.subject
        if subject is not None:
            self.made.emit([SetElement(path=subject.dataset.path, index=element, text=text)])

    def _paste(self) -> None:
        text = QGuiApplication.clipboard().text().rstrip("\r\n")
        rows, columns = self._table.selected_part()
        subject, cut = self._model.subject, self._model.cut
        if subject is None or not rows:
            return
        at = self._model.element_at(rows.start, columns.start)
        if not text:
            self.refused.emit(*_NOTHING)
        elif len(text) > MOST_PASTED:
            self.refused.emit(_TOO_MUCH, _FEWER)
        elif "\t" not in text and "\n" not in text:
            self._set(at, text)
        else:
            axes = tuple(axis for axis in (cut.rows, cut.columns) if axis is not None)
            change = PasteValues(path=subject.dataset.path, text=text, at=at, axes=axes)
            self.made.emit([change])
