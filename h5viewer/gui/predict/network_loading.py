"""From a document to a loaded network: the diagnosis, the user's word, the worker."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from h5viewer.errors import CannotOpen, H5ViewerError
from h5viewer.gui.predict.architecture_search import ArchitectureSearch, needs_architecture
from h5viewer.gui.predict.remembered import Remembered
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Diagnosis, Document
from h5viewer.requests import CodeFile, Consent, DiagnoseNetwork, LoadNetwork
from h5viewer.workers.pool import Pool

MANY_LAYERS = 4000
"""Keras takes 30 ms and 300 kB for each: two minutes and more than a gigabyte."""

_MOST_TOLD = 40  # findings in the details of an error


class NetworkLoading(QObject):
    """Diagnoses, then loads; waits between when the file needs the user's word.

    Signals:
        needs_found(Document, Diagnosis): something needs the user's word, given before or not.
        loaded(LoadedNetwork) or failed(H5ViewerError) or consent_wanted(Diagnosis).
        architecture_wanted: it holds weights alone, and nothing beside it states the layers.
        patience_wanted(n_layers: int): it has so many layers that loading takes very long.
        progressed(Progress): TensorFlow starts, the network loads.
    """

    loaded = Signal(object)
    failed = Signal(object)
    consent_wanted = Signal(object)
    needs_found = Signal(object, object)
    architecture_wanted = Signal()
    patience_wanted = Signal(int)
    progressed = Signal(object)

    def __init__(self, pool: Pool, remembered: Remembered, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.consent = Consent()
        self._pool = pool
        self._remembered = remembered
        self._document: Document | None = None
        self._architecture: CodeFile | None = None
        self._is_patient = False  # the user insists on loading very many layers
        self._asking = Latest(pool, self)
        self._search = ArchitectureSearch(pool, self)
        self._search.found.connect(self._take_architecture)
        self._search.failed.connect(self.failed)

    @property
    def is_waiting(self) -> bool:
        """Something is under way."""
        return self._asking.is_waiting or self._search.is_waiting

    def begin(self, document: Document) -> None:
        """Load the network of this document, as far as it goes without the user."""
        self.cancel()
        self.consent = Consent()
        self._document, self._architecture, self._is_patient = document, None, False
        if needs_architecture(document):
            self._search.begin(document.path, self._remembered.architecture(document.path))
        else:
            self._diagnose()

    def insist(self) -> None:
        """Load it, however many layers it has."""
        self._is_patient = True
        self._diagnose()

    def use_architecture(self, path: str) -> None:
        """The layers of the weights are stated in this file."""
        if self._document is not None:
            self._asking.cancel()
            self._remembered.keep_architecture(self._document.path, path)
            self._search.read(path)

    def _take_architecture(self, file: CodeFile | None) -> None:
        self._architecture = file
        if file is None:
            self.architecture_wanted.emit()
        else:
            self._diagnose()

    def _diagnose(self) -> None:
        if self._document is None:
            return
        path = self._document.path
        self._pool.warm_network(path)  # it starts while another worker diagnoses
        self._asking.ask(
            DiagnoseNetwork(document=path, architecture=self._architecture),
            self._judge,
            on_failure=self.failed.emit,
            on_progress=self.progressed.emit,
        )

    def load(self, consent: Consent) -> None:
        """Load it with what the user allows."""
        if self._document is None:
            return
        consent = self.consent = replace(consent, architecture=self._architecture)
        self._asking.ask(
            LoadNetwork(document=self._document.path, consent=consent),
            self.loaded.emit,
            on_failure=self.failed.emit,
            on_progress=self.progressed.emit,
        )

    def cancel(self) -> None:
        """Give it up."""
        self._search.cancel()
        self._asking.cancel()

    def _judge(self, diagnosis: Diagnosis) -> None:
        needs = [finding for finding in diagnosis.findings if finding.needs]
        if not needs and not diagnosis.loads:
            self.failed.emit(self._refusal(diagnosis))
            return
        if diagnosis.n_layers > MANY_LAYERS and not self._is_patient:
            self.patience_wanted.emit(diagnosis.n_layers)
            return
        if needs:
            self.needs_found.emit(self._document, diagnosis)
        known = self._remembered.consent(diagnosis.content_hash) if needs else Consent()
        if known is not None and covers(known, diagnosis):
            self.load(known)
        else:
            self.consent_wanted.emit(diagnosis)

    def _refusal(self, diagnosis: Diagnosis) -> H5ViewerError:
        hopeless = [finding for finding in diagnosis.findings if not finding.repair]
        lines = [visible(f"{each.layer}: {each.message}", 500) for each in hopeless]
        name = visible(Path(self._document.path).name) if self._document else ""
        first = visible(hopeless[0].message, 300) if hopeless else "It cannot be built."
        return CannotOpen(
            f"The network of {name} cannot be built. {first}",
            details="\n".join(lines[:_MOST_TOLD]),
        )


def covers(consent: Consent, diagnosis: Diagnosis) -> bool:
    """Whether it says something to everything that needs the user's word."""
    for finding in diagnosis.findings:
        is_told = finding.subject in consent.pass_through or bool(consent.code_files)
        may_run = finding.needs == "code" and consent.run_code
        if finding.needs and not is_told and not may_run:
            return False
    return True
