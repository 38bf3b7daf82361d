"""Editing with a net: changes are listed, taken back, and written into a copy by Save as."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui.editing.changes_strip import ChangesStrip
from h5viewer.gui.editing.class_names_editor import ClassNamesEditor
from h5viewer.gui.editing.pending import PendingChanges
from h5viewer.gui.export.jobs import ExportJob, Jobs
from h5viewer.gui.node_text import document_name
from h5viewer.gui.open_documents import OpenDocuments
from h5viewer.gui.panels import DIALOGS, find
from h5viewer.nodes import Exported
from h5viewer.requests import AnyChange, EditFile
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool

if TYPE_CHECKING:
    from h5viewer.gui.editing.save_dialog import SaveDialog


class Editing(QObject):
    """Of all documents; the strip shows that of the one on view.

    Signals:
        changed(document path: str, changes: tuple[AnyChange, ...]): what waits there now.
    """

    changed = Signal(str, object)

    def __init__(self, pool: Pool, documents: OpenDocuments, jobs: Jobs, window: QWidget) -> None:
        super().__init__(window)
        self._pool = pool
        self._documents = documents
        self._jobs = jobs
        self._window = window
        self._shown = ""
        self.pending = PendingChanges(pool, self)
        self.strip = ChangesStrip()
        self.pending.changed.connect(self._tell)
        self.pending.refused.connect(self._refuse)
        self.pending.failed.connect(self._fail)
        self.strip.undo_wanted.connect(lambda number: self.pending.undo(self._shown, number))
        self.strip.discard_wanted.connect(lambda: self.pending.forget(self._shown))
        self.strip.save_wanted.connect(lambda: self.save(self._shown))
        jobs.succeeded.connect(self._forget_written)
        documents.closed.connect(self.pending.forget)
        documents.reloaded.connect(lambda document: self.pending.try_again(document.path))

    def show_document(self, path: str) -> None:
        """Another document is on view."""
        if path != self._shown:
            self._shown = path
            self.strip.clear_refusal()
            self.strip.show_changes(self.pending.of(path))

    def make(self, document: str, changes: Sequence[AnyChange]) -> None:
        """The user changed something."""
        if document == self._shown:
            self.strip.clear_refusal()
        self.pending.add(document, changes)

    def save(self, path: str) -> None:
        """Let the user choose where the copy goes."""
        document, changes = self._documents.get(path), self._changes(path)
        if document is not None and changes:
            made = find(DIALOGS["save"])(self._pool, document, changes, self._window)
            dialog = cast("SaveDialog", made)
            dialog.wanted.connect(self._jobs.add)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def edit_class_names(self, path: str) -> None:
        """Let the user change the class names that a file keeps."""
        document = self._documents.get(path)
        if document is not None:
            dialog = ClassNamesEditor(self._pool, document, self._window)
            dialog.chosen.connect(lambda change: self.make(path, [change]))
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def may_close(self, paths: Sequence[str]) -> bool:
        """False: changes wait in one of these files and the user wants to keep them."""
        concerned = [path for path in paths if self.pending.of(path)]
        if not concerned:
            return True
        n_changes = sum(len(self.pending.of(path)) for path in concerned)
        document = self._documents.get(concerned[0])
        where = document_name(document) if document and len(concerned) == 1 else "open files"
        question = QMessageBox(self._window)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle("Close")
        question.setTextFormat(Qt.TextFormat.PlainText)
        verb = "is" if n_changes == 1 else "are"
        question.setText(f"{plural(n_changes, 'change')} in {where} {verb} not saved.")
        what = "it" if n_changes == 1 else "them"
        question.setInformativeText(f"Save as… writes a copy with {what}; closing forgets {what}.")
        save = question.addButton("Save as…", QMessageBox.ButtonRole.AcceptRole)
        forget = question.addButton(f"Forget {what}", QMessageBox.ButtonRole.DestructiveRole)
        stay = question.addButton("Keep open", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(stay)
        question.setEscapeButton(stay)
        question.exec()
        if question.clickedButton() is save:
            self.save(concerned[0])
        return question.clickedButton() is forget

    # -------------------------------------------------------------- private

    def _changes(self, path: str) -> tuple[AnyChange, ...]:
        return tuple(pending.change for pending in self.pending.of(path))

    def _tell(self, path: str) -> None:
        if path == self._shown:
            self.strip.show_changes(self.pending.of(path))
        self.changed.emit(path, self._changes(path))

    def _refuse(self, path: str, message: str, hint: str) -> None:
        if path == self._shown:
            self.strip.show_refusal(message, hint)

    def _fail(self, path: str, error: H5ViewerError) -> None:
        self._refuse(path, error.message, error.hint)

    def _forget_written(self, job: ExportJob, _done: Exported) -> None:
        """They are in the copy now, unless others were made meanwhile."""
        request = job.request
        if isinstance(request, EditFile) and request.changes == self._changes(request.document):
            self.pending.forget(request.document)
