"""Dialogs about new files: made of the document that is shown, of several, of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from h5viewer.gui.altering.wishes import Wish
from h5viewer.gui.editing.editing import Editing
from h5viewer.gui.export.exporter import Exporter
from h5viewer.gui.navigation import Navigation
from h5viewer.gui.open_documents import OpenDocuments
from h5viewer.gui.panels import DIALOGS, find
from h5viewer.gui.task import Task
from h5viewer.nodes import Document
from h5viewer.requests import OpenDocument
from h5viewer.workers.pool import Pool

if TYPE_CHECKING:  # 0.03 s of modules; a thread imports them after the start
    from h5viewer.gui.altering.layers_dialog import LayersDialog
    from h5viewer.gui.export.writing_dialog import WritingDialog


class NewFiles(QObject):
    """Opens the dialogs; what they come to goes to the jobs."""

    def __init__(
        self,
        pool: Pool,
        documents: OpenDocuments,
        navigation: Navigation,
        exporter: Exporter,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._pool = pool
        self._documents = documents
        self._navigation = navigation
        self._exporter = exporter
        self._window = window
        self.editing = Editing(pool, documents, exporter.jobs, window)

    def export_shown(self) -> None:
        """Let the user choose an export of the document that is shown."""
        if self._navigation.here is not None:
            self.export(self._navigation.here.document)

    def export(self, path: str) -> None:
        """Let the user choose an export of an open document."""
        document = self._documents.get(path)
        if document is not None:
            self._exporter.open_dialog(document)

    def merge(self, folder: str) -> None:
        """Let the user choose files, beginning with those that are open."""
        paths = [each.path for each in self._documents.documents if _has_weights(each)]
        dialog = find(DIALOGS["merge"])(self._pool, paths, folder, self._window)
        self._open(cast("WritingDialog", dialog))

    def merge_files(self, paths: Sequence[str]) -> None:
        """Let the user choose what becomes of these, which need not be open."""
        dialog = find(DIALOGS["merge"])(self._pool, paths, str(Path(paths[0]).parent), self._window)
        self._open(cast("WritingDialog", dialog))

    def make_data_set(self, folder: str, ask_in: str = "") -> None:
        """Let the user choose how pictures are stored; of this folder, or of one they choose."""
        dialog = find(DIALOGS["data-set"])(self._pool, folder, ask_in, self._window)
        self._open(cast("WritingDialog", dialog))

    def export_file(self, path: str) -> None:
        """Let the user choose an export of a file that need not be open."""
        document = self._documents.get(path)
        if document is not None:
            self._exporter.open_dialog(document)
            return
        task = Task(self._pool, OpenDocument(document=path), self)
        task.succeeded.connect(self._exporter.open_dialog)
        task.failed.connect(partial(self._documents.refused.emit, path))

    def alter(self, wish: Wish) -> None:
        """Let the user choose what becomes of layers of a document."""
        document = self._documents.get(wish.document)
        if document is None:
            return
        made = find(DIALOGS[wish.kind])(self._pool, document, wish, self._window)
        dialog = cast("LayersDialog", made)
        dialog.changes_made.connect(self.editing.make)
        self._open(dialog)

    def undo(self) -> None:
        """Take the last change of the shown document back."""
        here = self._navigation.here
        waiting = self.editing.pending.of(here.document) if here is not None else ()
        if here is not None and waiting:
            self.editing.pending.undo(here.document, len(waiting) - 1)

    def save_changes(self) -> None:
        """Let the user choose where a copy with the changes goes."""
        if self._navigation.here is not None:
            self.editing.save(self._navigation.here.document)

    def edit_class_names(self) -> None:
        """Let the user change those of the shown document."""
        if self._navigation.here is not None:
            self.editing.edit_class_names(self._navigation.here.document)

    def close(self, path: str) -> None:
        """Close a document, unless changes of it are to be kept."""
        if self.editing.may_close([path]):
            self._documents.close(path)

    def may_close(self) -> bool:
        """False: the window is to stay open, for an export or for changes."""
        paths = [document.path for document in self._documents.documents]
        return self.editing.may_close(paths) and self._exporter.may_close()

    def _open(self, dialog: WritingDialog) -> None:
        self._exporter.take_from(dialog)
        QTimer.singleShot(1, dialog, dialog.open)  # made in this turn, laid out in the next


def _has_weights(document: Document) -> bool:
    return document.has_architecture
