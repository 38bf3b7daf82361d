"""Attributes that are to have other values in a copy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui.details.attributes_item_model import AttributesItemModel
from h5viewer.gui.editing.change_dialogs import AttributeDialog
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Latest
from h5viewer.nodes import Attribute, Text
from h5viewer.requests import AnyChange, ReadAttributeText, SetAttribute
from h5viewer.wording import count_text
from h5viewer.workers.pool import Pool

_MOST = 200_000  # characters of a value that can be changed by hand


class AttributeEditing(QObject):
    """Of one panel.

    Signals:
        made(document path: str, changes: list[AnyChange]).
        failed(H5ViewerError): the value cannot be read, or is too long.
    """

    made = Signal(str, object)
    failed = Signal(object)

    def __init__(self, pool: Pool, model: AttributesItemModel, owner: QWidget) -> None:
        super().__init__(owner)
        self._pool = pool
        self._model = model
        self._owner = owner
        self._reading = Latest(pool, self)
        self._selection: Selection | None = None
        self._changes: dict[str, Sequence[AnyChange]] = {}  # that wait, by document

    def show_selection(self, selection: Selection | None) -> None:
        """Another node."""
        self._reading.cancel()
        self._selection = selection
        self._model.show_pending(self._waiting)

    def show_changes(self, document: str, changes: Sequence[AnyChange]) -> None:
        """These wait in a document."""
        self._changes[document] = changes
        self._model.show_pending(self._waiting)

    def edit(self, attribute: Attribute) -> None:
        """Let the user give it another value; all of the old one has to be there first."""
        selection = self._selection
        if selection is not None:
            request = ReadAttributeText(
                document=selection.document.path,
                node=selection.path,
                name=attribute.name,
                limit=_MOST,
            )
            self._reading.ask(
                request, lambda text: self._open(attribute, text), on_failure=self.failed.emit
            )

    @property
    def _waiting(self) -> dict[bytes, str]:
        """New values of the attributes that are shown."""
        selection = self._selection
        if selection is None:
            return {}
        return {
            change.name: change.text
            for change in self._changes.get(selection.document.path, ())
            if isinstance(change, SetAttribute) and change.path == selection.path
        }

    def _open(self, attribute: Attribute, text: Text) -> None:
        selection = self._selection
        if selection is None:
            return
        if not text.is_complete:
            length = f"{count_text(text.total)} characters"
            self.failed.emit(H5ViewerError(f"{length} are too many to be changed by hand."))
            return
        document = selection.document.path
        dialog = AttributeDialog(
            self._pool,
            document,
            selection.path,
            attribute,
            self._waiting.get(attribute.name, text.text),
            self._changes.get(document, ()),
            self._owner,
        )
        dialog.chosen.connect(lambda change: self.made.emit(document, [change]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
