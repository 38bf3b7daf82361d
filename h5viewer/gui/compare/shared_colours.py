"""Colours for two pictures that are looked at side by side: the same number, the same colour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from h5viewer.gui.array.colour_maps import DIVERGING, SEQUENTIAL, colour_table
from h5viewer.gui.array.levels import Levels, automatic_levels


class SharedColours(QObject):
    """Levels that cover every picture shown since `begin`, each without its outer 1 %.

    Signals:
        changed: pictures that are drawn already need other colours.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None, *, is_diverging: bool = False) -> None:
        """`is_diverging`: around zero whatever the numbers are, for differences."""
        super().__init__(parent)
        self._is_diverging = is_diverging
        self._is_signed = is_diverging
        self._seen: Levels | None = None

    is_as_stored = False

    def begin(self) -> None:
        """Other pictures come."""
        self._is_signed = self._is_diverging
        self._seen = None

    @property
    def table(self) -> NDArray[np.uint8]:
        """Diverging as soon as one of them has negative numbers."""
        return colour_table(DIVERGING if self._is_signed else SEQUENTIAL)

    @property
    def levels(self) -> Levels:
        """Of all seen so far."""
        seen = self._seen or Levels(0.0, 1.0)
        if not self._is_signed:
            return seen
        reach = max(abs(seen.low), abs(seen.high))
        return Levels(-reach, reach)

    def levels_for(self, values: NDArray[np.generic]) -> Levels:
        """Levels for one more picture."""
        own = automatic_levels(values, "robust", symmetric=self._is_signed)
        old = self._seen
        if old is None:
            self._seen = own
        elif own.low < old.low or own.high > old.high:
            self._seen = Levels(min(own.low, old.low), max(own.high, old.high))
            self.changed.emit()
        return self.levels

    def set_signed(self, is_signed: bool) -> None:
        """A picture has negative numbers."""
        if is_signed and not self._is_signed:
            self._is_signed = True
            self.changed.emit()
