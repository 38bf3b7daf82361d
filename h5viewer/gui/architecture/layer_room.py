"""Layers and beside them the details of one; below them where it is narrow."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from h5viewer.gui.architecture.layer_views import LayerViews

_NARROW, _NARROW_WITH_GRAPH = 820, 1180
"""Pixels; below, a layer's details stand under the table instead of beside it."""
_BESIDE, _BELOW, _BELOW_GRAPH = (
    (620, 380),
    (400, 600),
    (600, 400),
)  # parts of the table and of the details


class LayerRoom(QSplitter):
    """Shares the room of a panel."""

    def __init__(self, views: LayerViews, side: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._views = views
        self.addWidget(views)
        self.addWidget(side)
        self.setChildrenCollapsible(False)
        self.setStretchFactor(0, 5)
        self.setStretchFactor(1, 3)
        self.setSizes(_BESIDE)

    def turn(self, width: int) -> None:
        """Beside each other in a panel of this width, or one below the other."""
        narrow = width < (_NARROW_WITH_GRAPH if self._views.is_both else _NARROW)
        self._views.set_narrow(width)
        wanted = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if self.orientation() != wanted:
            self.setOrientation(wanted)
            below = _BELOW_GRAPH if self._views.has_graph else _BELOW
            self.setSizes(below if narrow else _BESIDE)
