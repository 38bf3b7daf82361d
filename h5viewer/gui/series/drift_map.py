"""Layers downwards, steps to the right, a number as a colour in each cell."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.colour_maps import SEQUENTIAL, colour_table
from h5viewer.gui.array.coordinates import Coordinates
from h5viewer.gui.array.heat_map import HeatMap, Picture
from h5viewer.gui.array.levels import Levels, automatic_levels
from h5viewer.gui.array.plot_view import IndexAxis
from h5viewer.nodes import Array, Plane

_LINE = 18  # pixels


class NamesAxis(IndexAxis):
    """An axis of names, as many as there is room for."""

    def tickSpacing(  # noqa: N802
        self, low: float, high: float, size: float
    ) -> list[tuple[float, float]]:
        """A line of text for each."""
        return [(max(1.0, float(math.ceil(abs(high - low) * _LINE / max(1.0, size)))), 0.0)]

    def tickStrings(  # noqa: N802
        self, values: list[float], _scale: float, _spacing: float
    ) -> list[str]:
        """As they were given, which is short enough."""
        names = () if self._coordinates is None else self._coordinates.labels
        places = (round(value) for value in values)
        return [names[at] if 0 <= at < len(names) else "" for at in places]


class DriftMap(HeatMap):
    """One cell is chosen, by mouse or arrow keys.

    Signals:
        cell_chosen(row: int, step: int)
    """

    cell_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._chosen = QGraphicsRectItem()
        self._pressed_at = QPointF()
        self._cell = (0, 0)
        super().__init__(parent)
        self.setAxisItems({"left": NamesAxis("left")})
        self.setAccessibleName("Map of layers and steps")
        self.setToolTip("A click chooses a layer and a step; arrow keys go on from there")
        self._chosen.setZValue(3)
        self.box.addItem(self._chosen, ignoreBounds=True)
        self.set_square(False)
        self._dress()  # the new axis, too

    def show_values(
        self,
        values: NDArray[np.float64],
        rows: Sequence[str],
        steps: Sequence[str],
        *,
        starts_at_zero: bool,
    ) -> None:
        """Draw (rows, steps), with the names of both."""
        self.set_extent(*values.shape)
        if self.is_square:
            self.set_square(False)
        for side, names in (("left", rows), ("bottom", steps)):
            self.getAxis(side).set_coordinates(Coordinates("", "", len(names), None, names))
        levels = automatic_levels(values, "robust", symmetric=False)
        if starts_at_zero:
            levels = Levels(0.0, max(levels.high, 1e-30))
        plane = Plane(
            values=Array.of(values), row_start=0, column_start=0, row_step=1, column_step=1,
            n_rows=values.shape[0], n_columns=values.shape[1], is_sharp=True,
        )  # fmt: skip
        self.show_overview(Picture((plane,)), colour_table(SEQUENTIAL), levels)

    @property
    def colour_ends(self) -> tuple[float, float]:
        """Numbers of the first and the last colour."""
        return self.levels.low, self.levels.high

    def choose(self, row: int, step: int) -> None:
        """Frame a cell, without telling."""
        self._cell = (row, step)
        self._chosen.setRect(QRectF(step - 0.5, row - 0.5, 1, 1))
        self._chosen.setVisible(row < self.n_rows and step < self.n_columns)

    def _choose(self, row: int, step: int) -> None:
        if 0 <= row < self.n_rows and 0 <= step < self.n_columns:
            self.choose(row, step)
            self.cell_chosen.emit(row, step)

    def _dress(self) -> None:
        super()._dress()
        self._chosen.setPen(pg.mkPen(theme.colours().error, width=2))

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go from cell to cell; others as in any plot."""
        row, step = self._cell
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self._choose(row + move[0], step + move[1])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where."""
        self._pressed_at = event.position()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click without a drag chooses."""
        super().mouseReleaseEvent(event)
        moved = event.position() - self._pressed_at
        if event.button() == Qt.MouseButton.LeftButton and moved.manhattanLength() < 4:
            at = self.mapToScene(event.position().toPoint())
            if self.box.sceneBoundingRect().contains(at):
                place = self.box.mapSceneToView(at)
                self._choose(int(np.floor(place.y() + 0.5)), int(np.floor(place.x() + 0.5)))
