"""Numbers by position as bars without gaps, on a plain or a logarithmic scale."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.plot_view import IndexAxis, PlotView, ValueAxis

_LARGEST = 1e300  # Qt's transformations overflow beyond
_MOST_BARS = 1200
"""More are drawn as the largest of each run: painting 4,000 takes 80 ms, 1,200 take 7."""


class PowerAxis(ValueAxis):
    """An axis of values, or of their logarithms with the values written beside them."""

    is_logarithmic = False

    def tickStrings(  # noqa: N802
        self, values: list[float], scale: float, spacing: float
    ) -> list[str]:
        """The numbers that the logarithms stand for."""
        if not self.is_logarithmic:
            return super().tickStrings(values, scale, spacing)
        return [f"{10**value:.2g}".replace("-", "−") for value in values]


class BarPlot(PlotView):
    """Zero is the ground of the bars; of logarithms the smallest number shown."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self._axis = PowerAxis("left")
        super().__init__({"left": self._axis, "bottom": IndexAxis("bottom")}, name, parent)
        self.values = np.empty(0)
        self._is_logarithmic = False
        self._bars = QGraphicsPathItem()
        self._marks = pg.ScatterPlotItem(size=7, pxMode=True, symbol="x")
        self._marked = np.empty(0, np.int64)
        for item in (self._bars, self._marks):
            self.box.addItem(item, ignoreBounds=True)
        self.box.setMouseEnabled(x=True, y=False)
        self._dress()

    def show_values(self, values: NDArray[np.float64], marked: NDArray[np.int64]) -> None:
        """Draw these; `marked` positions get a cross on the ground."""
        self.values = np.clip(np.nan_to_num(values), 0.0, _LARGEST)
        self._marked = marked
        self.getAxis("bottom").count = values.size
        self.box.setLimits(xMin=-1, xMax=max(1, values.size), minXRange=min(4, values.size + 1))
        self._draw()
        self.fit()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """By logarithms, or plain."""
        self._is_logarithmic = self._axis.is_logarithmic = logarithmic
        self._draw()
        self.fit()

    def position_at(self, x: float) -> int | None:
        """The position drawn at a place in data coordinates."""
        at = math.floor(x + 0.5)
        return at if 0 <= at < self.values.size else None

    def fit(self) -> None:
        """Show everything."""
        low, high = self._range()
        margin = (high - low) * 0.05 or 1.0
        self.box.setRange(
            xRange=(-0.5, max(1, self.values.size) - 0.5),
            yRange=(low - (margin if self._is_logarithmic else margin / 3), high + margin),
            padding=0.01,
            disableAutoRange=True,
        )

    def _heights(self) -> NDArray[np.float64]:
        if not self._is_logarithmic:
            return self.values
        positive = self.values[self.values > 0]
        floor = float(positive.min()) if positive.size else 1.0
        return np.log10(np.maximum(self.values, floor))

    def _range(self) -> tuple[float, float]:
        heights = self._heights()
        if not heights.size:
            return 0.0, 1.0
        low = float(heights.min()) if self._is_logarithmic else 0.0
        return low, max(float(heights.max()), low + 1e-12)

    def _draw(self) -> None:
        heights = self._heights()
        path = QPainterPath()
        if heights.size:
            starts = np.arange(0, heights.size, max(1, -(-heights.size // _MOST_BARS)))
            tops = np.maximum.reduceat(heights, starts)
            edges = np.append(starts, heights.size) - 0.5
            x = np.repeat(edges, 2)
            y = np.concatenate([[self._range()[0]], np.repeat(tops, 2), [self._range()[0]]])
            path = pg.arrayToQPath(x, y, connect="all")
        self._bars.setPath(path)
        ground = np.full(self._marked.size, self._range()[0])
        self._marks.setData(self._marked.astype(float), ground)

    def _dress(self) -> None:
        super()._dress()
        if not hasattr(self, "_marked"):  # the base class dresses before there is anything
            return
        shade = theme.colours()
        fill = QColor(shade.accent)
        fill.setAlpha(110)
        self._bars.setBrush(fill)
        self._bars.setPen(pg.mkPen(shade.accent, width=1))
        self._marks.setPen(pg.mkPen(shade.error, width=2))
        self._marks.setBrush(pg.mkBrush(None))
