"""From an evaluation to the gallery: the pictures that the network got wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from h5viewer.gui import theme
from h5viewer.gui.predict.sample_source import Source
from h5viewer.gui.task import Latest
from h5viewer.names import NodePath
from h5viewer.nodes import Evaluation, PictureSet, PictureSets
from h5viewer.requests import FindOtherLabels, FindPictureSets
from h5viewer.wording import count_text
from h5viewer.workers.pool import Pool


class GalleryButton(QPushButton):
    """Seen when the samples are pictures of an open file and some were answered wrong.

    Signals:
        pictures_requested(document path: str, NodePath, indices: tuple[int, ...], words: str)
        names_known(tuple[str, ...]): what the classes of the labels are called in their file.
    """

    pictures_requested = Signal(str, object, object, str)
    names_known = Signal(object)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asking = Latest(pool, self)
        self._document = ""
        self._node: NodePath | None = None
        self._wrong: NDArray[np.int32] = np.zeros((0, 3), np.int32)
        self.setProperty("role", "link")
        self.setIcon(theme.icon("image", "accent"))
        self.setToolTip("Show the pictures that the network got wrong in the gallery")
        self.clicked.connect(lambda: self.show_pictures())
        self.hide()

    def show_found(self, found: Evaluation | None, source: Source) -> None:
        """Offer what was found on these samples."""
        self._asking.cancel()
        self._node = None
        self.hide()
        if found is None or found.wrong is None or not source.document or source.folder:
            return
        self._document = source.document
        self._wrong = np.asarray(found.wrong.values, np.int32)
        n_wrong = len(self._wrong)
        text = f"Show {'all ' if n_wrong > 1 else ''}{count_text(n_wrong)} in the gallery"
        self.setText(text)
        self.setAccessibleName(text)
        request = FindPictureSets(document=source.document)
        self._asking.ask(request, lambda sets: self._offer(sets, source))

    def show_pictures(self, true: int = -1, predicted: int = -1, words: str = "") -> None:
        """Show all of them, or those of a class that were taken for another."""
        if self._node is None:
            return
        chosen = self._wrong
        if words:
            chosen = chosen[(chosen[:, 1] == true) & (chosen[:, 2] == predicted)]
        rows = tuple(chosen[:, 0].tolist())
        if rows:
            self.pictures_requested.emit(
                self._document, self._node, rows, words or "Answered wrong"
            )

    def _offer(self, found: PictureSets, source: Source) -> None:
        sets = {each.node: each for each in found.sets}
        shown = next((sets[node] for node in source.x if node in sets), None)
        self._node = None if shown is None else shown.node
        self.setVisible(shown is not None and bool(len(self._wrong)))
        if shown is not None and source.y_document:
            request = FindOtherLabels(document=source.y_document, pictures=shown, is_chosen=True)
            self._asking.ask(request, lambda sets: self._name(sets.sets, source))
        elif shown is not None:
            self._name((shown,), source)

    def _name(self, labelled: Sequence[PictureSet], source: Source) -> None:
        for each in labelled:
            if each.labels == source.y:
                self.names_known.emit(each.label_names)
