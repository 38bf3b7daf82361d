"""Views beside each other; one below the other where it is narrow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter


class TurningSplitter(QSplitter):
    """A splitter that turns when it gets narrow, or wide again."""

    def __init__(self, narrow: int, beside: Sequence[int], below: Sequence[int]) -> None:
        """It is empty.

        Args:
            narrow: pixels; with less they stand one below the other.
            beside: their parts of the room beside each other.
            below: their parts one below the other.
        """
        super().__init__(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self._narrow = narrow
        self._parts = {Qt.Orientation.Horizontal: beside, Qt.Orientation.Vertical: below}

    def share(self) -> None:
        """Give each its part, once all are in it."""
        self.setSizes(self._parts[self.orientation()])

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn where the other way fits better."""
        super().resizeEvent(event)
        is_narrow = self.width() < self._narrow
        wanted = Qt.Orientation.Vertical if is_narrow else Qt.Orientation.Horizontal
        if self.orientation() != wanted:
            self.setOrientation(wanted)
            self.share()
