"""Which files are compared: chosen in the tree, in the menu, or opened for it."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from h5viewer.checkpoint_files import document_path
from h5viewer.gui.navigation import Navigation
from h5viewer.gui.open_documents import OpenDocuments
from h5viewer.gui.panel_area import PanelArea
from h5viewer.gui.selection import Selection
from h5viewer.gui.settings import Settings

FILES = (
    "Model and HDF5 files (*.h5 *.hdf5 *.hdf *.he5 *.keras *.index *.meta *.ckpt checkpoint"
    " *.weights.json *.h5ad *.nxs *.mat *.nc)"
    ";;All files (*)"
)
"""What can be opened, for file dialogs."""


class Comparing(QObject):
    """Goes to the panel that compares, with two files."""

    def __init__(
        self,
        documents: OpenDocuments,
        navigation: Navigation,
        panels: PanelArea,
        settings: Settings,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._documents = documents
        self._navigation = navigation
        self._panels = panels
        self._settings = settings
        self._window = window
        self._opening: set[str] = set()  # files being opened beside the one that is shown
        self._awaited = ""  # a file whose comparison is shown as soon as it is
        navigation.arrived.connect(self._show_awaited)

    def takes(self, path: str) -> bool:
        """True for a file that was opened to be compared: the user stays where they are."""
        is_awaited = path in self._opening
        self._opening.discard(path)
        return is_awaited

    def compare_shown(self) -> None:
        """Compare the file that is shown."""
        if self._navigation.here is not None:
            self.compare(self._navigation.here.document)

    def compare(self, path: str) -> None:
        """Compare a file: of the tree with the one that is shown, else with one to be chosen."""
        here = self._navigation.here
        if here is not None and here.document != path:
            self._panels.compare_with(path, here.document)
        self._navigation.go(path, ())
        self._panels.show_panel("Compare")

    def compare_files(self, path: str, other: str) -> None:
        """Compare two files, which need not be open."""
        self._panels.compare_with(path, other)
        if self._documents.get(other) is None:
            self._opening.add(other)
            self._documents.open(other)
        here = self._navigation.here
        self._awaited = path
        self._documents.open(path)  # one that is open is gone to as well
        if here is not None and (here.document, here.path) == (path, ()):
            self._show_panel()

    def _show_awaited(self, selection: Selection) -> None:
        if selection.document.path == self._awaited:
            QTimer.singleShot(0, self, self._show_panel)  # once the selection is shown

    def _show_panel(self) -> None:
        self._awaited = ""
        self._panels.show_panel("Compare")

    def ask(self) -> None:
        """Let the user choose a file to compare the shown one with, and open it."""
        here = self._navigation.here
        folder = self._settings.folder
        path, _ = QFileDialog.getOpenFileName(self._window, "Compare with", folder, FILES)
        if not path or here is None:
            return
        path = document_path(os.path.abspath(path))  # noqa: PTH100  # as OpenDocuments does
        self._panels.compare_with(here.document, path)
        if self._documents.get(path) is None:
            self._opening.add(path)
            self._documents.open(path)
        else:
            self._panels.show_documents(self._documents.documents)
