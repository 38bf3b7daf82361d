"""The ways between the gallery and other panels: to see pictures, to have networks judge them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from h5viewer.evaluation import Samples
from h5viewer.gui.gallery.plain_layouts import as_pictures
from h5viewer.gui.navigation import Navigation
from h5viewer.gui.panel_area import PanelArea
from h5viewer.gui.picture_drops import PictureDrops
from h5viewer.gui.task import Latest
from h5viewer.gui.tree.sidebar import Sidebar
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset, PictureSets
from h5viewer.requests import FitPictureSet
from h5viewer.workers.pool import Pool


class Ways(QObject):
    """Goes where a panel wants pictures to be."""

    def __init__(
        self,
        pool: Pool,
        navigation: Navigation,
        sidebar: Sidebar,
        panels: PanelArea,
        drops: PictureDrops,
    ) -> None:
        super().__init__(navigation)
        self._fitting = Latest(pool, self)
        self._navigation = navigation
        self._panels = panels
        sidebar.pictures_wanted.connect(self.show_as_pictures)
        panels.pictures_requested.connect(self.show_pictures)
        panels.predict_wanted.connect(drops.give_to_open)
        panels.evaluation_wanted.connect(self.evaluate)

    def show_pictures(
        self, document: str, node: NodePath, indices: Sequence[int], words: str
    ) -> None:
        """Show pictures of a data set of an open file in the gallery."""
        self._navigation.go(document, ())
        self._panels.show_pictures(node, indices, words)

    def show_as_pictures(self, document: str, dataset: Dataset) -> None:
        """Show a dataset in the gallery, whatever it looks like."""
        self._fitting.ask(
            FitPictureSet(document=document, wanted=as_pictures(dataset)),
            lambda found: self._add(document, found),
            on_failure=lambda error: self._navigation.failed.emit(document, error),
        )

    def _add(self, document: str, found: PictureSets) -> None:
        for pictures in found.sets:
            self._navigation.add_pictures(document, pictures)
            self.show_pictures(document, pictures.node, (), "")

    def evaluate(self, samples: Samples) -> None:
        """Have an open network judged by pictures of an open file."""
        self._navigation.go(samples.network, ())
        self._panels.evaluate_on(samples)
