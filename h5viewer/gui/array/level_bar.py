"""Colour bar and histogram in one: which number has which colour, and how often it occurs."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.colour_maps import SEQUENTIAL, colour_table, coloured
from h5viewer.gui.array.expected_density import density, merged
from h5viewer.gui.array.levels import Levels
from h5viewer.gui.array.plot_view import PlotView, ValueAxis
from h5viewer.nodes import Expected, Statistics

_STRIP = 0.22  # of the width; the histogram has the rest
_STRIP_PIXELS = 512
_TOOLTIP = (
    "Drag the lines to choose which numbers get the first and the last colour.\n"
    "The wheel zooms, a double click shows everything."
)
_CURVE_TOOLTIP = "\nThe curve is what the layer's initializer would have drawn."
_LARGEST = 1e300
"""Qt's transformations overflow beyond."""


class LevelBar(PlotView):
    """Values upwards: a strip of colours, beside it the histogram, over both two handles.

    Signals:
        levels_dragged(low: float, high: float): the user moved a handle.
    """

    levels_dragged = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__({"left": ValueAxis("left")}, "Colour bar and histogram", parent)
        self.setToolTip(_TOOLTIP)
        self.hideAxis("bottom")
        self.plotItem.layout.setContentsMargins(0, theme.SPACE_S, 1, theme.SPACE_S)
        self.box.setMouseEnabled(x=False, y=True)
        self.levels = Levels(0.0, 1.0)
        self._has_colours = True
        self._table = colour_table(SEQUENTIAL)
        self._data_range = (0.0, 1.0)
        self._statistics: Statistics | None = None
        self._is_logarithmic = False
        self._strip = pg.ImageItem(axisOrder="row-major")
        self._histogram = QGraphicsPathItem()
        self._expected: Expected | None = None
        self._curve = QGraphicsPathItem()  # what the layer's initializer would have drawn
        self._handles = (_handle(0.0), _handle(1.0))
        self._is_dragging = False
        for item in (self._strip, self._histogram, self._curve, *self._handles):
            self.box.addItem(item, ignoreBounds=True)
        for handle in self._handles:
            handle.sigPositionChanged.connect(self._drag)
            handle.sigPositionChangeFinished.connect(self._end_drag)
        self.view_changed.connect(self._draw_strip)
        self.setMinimumHeight(96)
        self._dress()
        self.fit()

    def set_colours(self, table: NDArray[np.uint8], levels: Levels) -> None:
        """Show these colours from `levels.low` to `levels.high`."""
        self._table, self.levels = table, levels
        for handle, level in zip(self._handles, (levels.low, levels.high), strict=True):
            with QSignalBlocker(handle):
                handle.setValue(_bounded(level))
        self._draw_strip()
        if not self._is_dragging:
            self._show_handles()

    def set_colours_shown(self, shown: bool) -> None:
        """With the strip and the handles, or as a histogram alone."""
        if shown == self._has_colours:
            return
        self._has_colours = shown
        self.fit()
        self._strip.setVisible(shown)
        for handle in self._handles:
            handle.setVisible(shown)
        self._draw_histogram()

    def set_statistics(self, statistics: Statistics | None) -> None:
        """Draw this histogram; None: none."""
        self._statistics = statistics
        self._draw_histogram()

    def set_expected(self, expected: Expected | None) -> None:
        """Draw over the histogram what an initializer would have drawn; None: nothing."""
        self._expected = expected
        has_curve = expected is not None and expected.std > 0
        self.setToolTip(_TOOLTIP + _CURVE_TOOLTIP if has_curve else _TOOLTIP)
        self._draw_histogram()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Draw counts by their logarithm, so that rare values are seen too."""
        self._is_logarithmic = logarithmic
        self._draw_histogram()

    def set_data_range(self, low: float, high: float) -> None:
        """What `fit` shows: from the lowest to the highest number."""
        if (low, high) != self._data_range and math.isfinite(low) and math.isfinite(high):
            self._data_range = low, high
            self.fit()

    def fit(self) -> None:
        """Show all of the data and both levels."""
        low, high = self._data_range
        if self._has_colours:
            low, high = min(low, self.levels.low), max(high, self.levels.high)
        low, high = _bounded(low), _bounded(high)
        margin = (high - low) * 0.04 or abs(low) / 10 or 1.0
        self.box.setRange(
            xRange=(0, 1), yRange=(low - margin, high + margin), padding=0, disableAutoRange=True
        )

    def _drag(self) -> None:
        self._is_dragging = True
        low, high = sorted(handle.value() for handle in self._handles)
        self.levels_dragged.emit(low, high)

    def _end_drag(self) -> None:
        self._is_dragging = False
        self._show_handles()

    def _show_handles(self) -> None:
        """Show more where a handle is out of sight."""
        bottom, top = self.box.viewRange()[1]
        if self._has_colours and not bottom <= self.levels.low < self.levels.high <= top:
            self.fit()

    def _draw_strip(self) -> None:
        if not self._has_colours:
            return
        bottom, top = self.box.viewRange()[1]
        numbers = np.linspace(bottom, top, _STRIP_PIXELS).reshape(-1, 1)
        pixels = coloured(numbers, self.levels.low, self.levels.high, self._table)
        self._strip.setImage(pixels, autoLevels=False, levels=None)
        self._strip.setRect(QRectF(0, bottom, _STRIP, top - bottom))

    def _draw_histogram(self) -> None:
        self._histogram.setPath(self._histogram_path())
        self._curve.setPath(self._curve_path())

    def _histogram_path(self) -> QPainterPath:
        path = QPainterPath()
        statistics = self._statistics
        if statistics is None or not any(statistics.bin_counts):
            return path
        edges, counts = merged(statistics)
        edges = np.clip(edges, -_LARGEST, _LARGEST)
        left, ends = self._ground(), self._ends(counts)
        path.moveTo(left, edges[0])
        for start, stop, end in zip(edges[:-1], edges[1:], ends, strict=True):
            path.lineTo(end, start)
            path.lineTo(end, stop)
        path.lineTo(left, edges[-1])
        path.closeSubpath()
        return path

    def _ground(self) -> float:
        """Where the bars begin: right of the strip of colours."""
        return _STRIP + 0.04 if self._has_colours else 0.0

    def _ends(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where bars of so many elements end; the fullest bin reaches to the edge."""
        statistics = self._statistics
        most = merged(statistics)[1].max() if statistics is not None else 1.0
        if self._is_logarithmic:
            counts, most = np.log1p(counts), np.log1p(most)
        left = self._ground()
        return left + counts / most * (0.98 - left)

    def _curve_path(self) -> QPainterPath:
        values, counts = density(self._expected, self._statistics)
        if not values.size:
            return QPainterPath()
        ends = np.minimum(self._ends(counts), 1.0)  # a narrow one is cut at the edge
        path: QPainterPath = pg.arrayToQPath(ends, np.clip(values, -_LARGEST, _LARGEST))
        return path

    def _dress(self) -> None:
        super()._dress()
        shade = theme.colours()
        if not hasattr(self, "_is_dragging"):  # the base class dresses before there is anything
            return
        fill = QColor(shade.accent)
        fill.setAlpha(110)
        self._histogram.setBrush(fill)
        self._histogram.setPen(QColor(0, 0, 0, 0))
        self._curve.setPen(pg.mkPen(shade.warning, width=2))
        for handle in self._handles:
            handle.setPen(pg.mkPen(shade.text, width=2))
            handle.setHoverPen(pg.mkPen(shade.accent, width=4))


def _handle(level: float) -> pg.InfiniteLine:
    line = pg.InfiniteLine(level, angle=0, movable=True)
    line.setZValue(10)
    line.setCursor(Qt.CursorShape.SizeVerCursor)
    return line


def _bounded(number: float) -> float:
    return min(max(number, -_LARGEST), _LARGEST)
