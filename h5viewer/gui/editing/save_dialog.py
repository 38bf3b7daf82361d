"""Save as: a copy of a file with the changes that wait."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.export.exports import beside, suffix_of
from h5viewer.gui.export.writing_dialog import WritingDialog
from h5viewer.gui.node_text import document_name
from h5viewer.nodes import Document
from h5viewer.requests import AnyChange, EditFile, Export
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool


class SaveDialog(WritingDialog):
    """Only the place can be chosen."""

    def __init__(
        self,
        pool: Pool,
        document: Document,
        changes: Sequence[AnyChange],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(pool, "Save as", document_name(document), "Save", parent)
        self._document = document.path
        self._changes = tuple(changes)
        told = f"A copy with {plural(len(changes), 'change')}; the opened file stays as it is."
        self.body.addWidget(PlainLabel(told, wrap=True, role="muted"))
        path = Path(document.path)
        suffix = suffix_of(path)
        endings = ((suffix, f"As it is ({suffix})"),) if suffix else ()
        self.suggest_target(beside(path, "edited"), (document.path,), endings)
        self.plan_anew()

    def export_to(self, target: str) -> Export | None:
        """All changes, in their order."""
        return EditFile(document=self._document, target=target, changes=self._changes)
