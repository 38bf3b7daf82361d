"""The ways between the gallery and other panels: to see pictures, to have networks judge them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from h5viewer.gui.navigation import Navigation
from h5viewer.gui.panel_area import PanelArea
from h5viewer.gui.picture_drops import PictureDrops
from h5viewer.names import NodePath


class Ways(QObject):
    """Goes where a panel wants pictures to be."""

    def __init__(self, navigation: Navigation, panels: PanelArea, drops: PictureDrops) -> None:
        super().__init__(navigation)
        self._navigation = navigation
        self._panels = panels
        panels.pictures_requested.connect(self.show_pictures)
        panels.predict_wanted.connect(drops.give_to_open)
        panels.evaluation_wanted.connect(self.evaluate)

    def show_pictures(
        self, document: str, node: NodePath, indices: Sequence[int], words: str
    ) -> None:
        """Show pictures of a data set of an open file in the gallery."""
        self._navigation.go(document, ())
        self._panels.show_pictures(node, indices, words)

    def evaluate(self, network: str, document: str, x: NodePath, y: NodePath) -> None:
        """Have an open network judged by pictures of an open file."""
        self._navigation.go(network, ())
        self._panels.evaluate_on(document, x, y)
