"""From the gallery to Evaluate: how good an open network is on this data set."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from h5viewer.evaluation import Samples
from h5viewer.gui.gallery.picture_menu import fill_networks
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.nodes import Document


class EvaluateButton(QToolButton):
    """Seen when the pictures are rows with labels, and a network is open.

    Signals:
        wanted(Samples): judge that network by the pictures and labels there.
    """

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._networks: tuple[Document, ...] = ()
        self._shown: ShownSet | None = None
        self._menu = QMenu(self)
        self.setText("Evaluate")
        self.setAccessibleName("Evaluate")
        self.setToolTip("How good an open network is on these pictures")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(self._menu)
        self.hide()

    def show_documents(self, documents: Sequence[Document]) -> None:
        """These files are open; networks among them can be judged."""
        self._networks = tuple(each for each in documents if each.has_architecture)
        fill_networks(self._menu, self._networks, self._want)
        self._allow()

    def show_set(self, shown: ShownSet | None) -> None:
        """Another set is looked at."""
        self._shown = shown
        self._allow()

    def _allow(self) -> None:
        shown = self._shown
        has_labels = shown is not None and shown.labelled.labels is not None
        pictures = shown.pictures if shown is not None else None
        # MATLAB's stand one behind the other along the last axis: no rows to be fed
        are_rows = pictures is not None and pictures.layout.axes.startswith("n")
        are_numbers = pictures is not None and not pictures.is_loose
        self.setVisible(has_labels and are_rows and are_numbers and bool(self._networks))

    def _want(self, network: Document) -> None:
        shown = self._shown
        if shown is None or shown.labelled.labels is None:
            return
        self.wanted.emit(
            Samples(
                network.path,
                shown.document,
                shown.pictures.node,
                shown.labelled.labels,
                "" if shown.other_labels is None else shown.labels_document,
            )
        )
