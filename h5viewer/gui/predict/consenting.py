"""Asks the user about a file that holds code or unknown classes: what it names, then the dialog."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from h5viewer.gui.node_text import document_name
from h5viewer.gui.predict.consent_dialog import ConsentDialog
from h5viewer.gui.task import Latest
from h5viewer.nodes import Architecture, Code, Diagnosis, Document
from h5viewer.requests import DecodeArchitecture
from h5viewer.workers.pool import Pool


class Consenting(QObject):
    """Opens the dialog when the user wants it, never by itself.

    Signals:
        consent_given(Consent); failed(H5ViewerError): the code could not be looked at.
    """

    consent_given = Signal(object)
    failed = Signal(object)

    def __init__(self, pool: Pool, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._reading = Latest(pool, self)
        self._document: Document | None = None
        self._diagnosis: Diagnosis | None = None
        self._dialog: ConsentDialog | None = None

    @property
    def is_needed(self) -> bool:
        """There is something to decide about."""
        return self._diagnosis is not None

    def begin(self, document: Document, diagnosis: Diagnosis) -> None:
        """Remember what needs the user's word."""
        self._document, self._diagnosis = document, diagnosis

    def open_dialog(self) -> None:
        """Read what the code names, then show it."""
        if self._diagnosis is not None and self._diagnosis.code:
            self._show(self._diagnosis.code)  # of an architecture from beside the file
        elif self._document is not None:
            request = DecodeArchitecture(document=self._document.path)
            self._reading.ask(request, self._take, on_failure=self.failed.emit)

    def cancel(self) -> None:
        """Another document is shown."""
        self._reading.cancel()
        self._document = self._diagnosis = None
        if self._dialog is not None:
            self._dialog.reject()

    def _take(self, architecture: Architecture) -> None:
        self._show(architecture.code)

    def _show(self, code: Sequence[Code]) -> None:
        if self._document is None or self._diagnosis is None:
            return
        name = document_name(self._document)
        dialog = ConsentDialog(name, self._diagnosis, code, self._window)
        dialog.consent_given.connect(self.consent_given)
        dialog.finished.connect(self._forget)
        self._dialog = dialog
        dialog.open()

    def _forget(self) -> None:
        self._dialog = None
