"""A 1-D cut as a line; where a pixel stands for many elements, as a band from lowest to highest."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.colour_maps import magnitudes
from h5viewer.gui.array.plot_view import IndexAxis, PlotView, ValueAxis
from h5viewer.nodes import Line

_DOTS_UP_TO = 120
"""Visible elements up to which each has a dot."""

_LARGEST = 1e300


class LinePlot(PlotView):
    """Draws lines of one cut: the whole of it, then sharper ones of the visible part."""

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"left": ValueAxis("left"), "bottom": IndexAxis("bottom")}
        super().__init__(axes, "Line of the values", parent)
        self.n_elements = 0
        self.overview: Line | None = None
        self.detail: Line | None = None
        self._zero = pg.InfiniteLine(0.0, angle=0)
        self._band = QGraphicsPathItem()
        self._curve = pg.PlotCurveItem(connect="finite", antialias=True)
        self._dots = pg.ScatterPlotItem(size=5, pxMode=True, antialias=True)
        for item in (self._zero, self._band, self._curve, self._dots):
            self.box.addItem(item, ignoreBounds=True)
        self.box.setMouseEnabled(x=True, y=False)
        self.view_changed.connect(self._show_dots)
        self._dress()

    def set_extent(self, n_elements: int) -> None:
        """Begin another cut of this many elements."""
        if n_elements != self.n_elements:
            self.n_elements = self.getAxis("bottom").count = n_elements
            self.overview = self.detail = None
            self._draw()
            self.box.setLimits(
                xMin=-n_elements - 0.5, xMax=2 * n_elements - 0.5, minXRange=min(2, n_elements)
            )
            self.box.setXRange(-0.5, max(1, n_elements) - 0.5, padding=0.02)
        self.detail = None

    def show_line(self, line: Line) -> None:
        """Draw the whole cut, or a part of it in more detail."""
        if line.start == 0 and line.n_elements >= self.n_elements:
            self.overview, self.detail = line, None
        else:
            self.detail = line
        self._draw()
        self._fit_values()

    def clear_lines(self) -> None:
        """Draw nothing, free the data."""
        self.overview = self.detail = None
        self.n_elements = 0
        self._draw()

    def element_at(self, x: float) -> int | None:
        """The element nearest to a place in data coordinates."""
        element = math.floor(x + 0.5)
        return element if 0 <= element < self.n_elements else None

    def line_at(self, element: int) -> Line | None:
        """The sharpest line that has this element."""
        for line in (self.detail, self.overview):
            if line is not None and line.start <= element < line.start + line.n_elements:
                return line
        return None

    def visible_region(self) -> tuple[int, int]:
        """Elements that are visible."""
        visible = self.visible_rect()
        start = min(max(0, math.floor(visible.left() + 0.5)), self.n_elements)
        return start, max(start, min(self.n_elements, math.ceil(visible.right() + 0.5)))

    def wanted_region(self) -> tuple[int, int] | None:
        """The part that should be read anew to be sharp; None: what is drawn will do."""
        start, stop = self.visible_region()
        if self.overview is None or start >= stop or (start, stop) == (0, self.n_elements):
            return None
        wanted = max(1, int(self.visible_rect().width() / self.pixel_width()))
        for line in (self.detail, self.overview):
            if (
                line is not None
                and line.start <= start
                and line.start + line.n_elements >= stop
                and line.step <= wanted
                and line.is_sharp
            ):
                return None
        margin = (stop - start) // 4
        return max(0, start - margin), min(self.n_elements, stop + margin)

    def pixel_width(self) -> int:
        """Device pixels of the plot, at least 64."""
        rect: QRectF = self.box.sceneBoundingRect()
        ratio: float = self.devicePixelRatioF()
        return max(64, math.ceil(rect.width() * ratio))

    def fit(self) -> None:
        """Show the whole cut."""
        self.box.setXRange(-0.5, max(1, self.n_elements) - 0.5, padding=0.02)
        self._fit_values()

    def zoom(self, factor: float) -> None:
        """Along the elements; the values follow."""
        self.box.scaleBy(x=factor)

    def _draw(self) -> None:
        low_path, x, y = QPainterPath(), np.empty(0), np.empty(0)
        pieces = self._pieces()
        if pieces:
            x = np.concatenate([_centres(line)[keep] for line, keep in pieces])
            low = np.concatenate([_numbers(line.low.values)[keep] for line, keep in pieces])
            high = np.concatenate([_numbers(line.high.values)[keep] for line, keep in pieces])
            low_path = _band_path(x, low, high)
            y = np.where(low == high, low, np.nan)  # a band has no line of its own
        self._band.setPath(low_path)
        self._curve.setData(x, y)
        self._dots.setData(x[np.isfinite(y)], y[np.isfinite(y)])
        self._show_dots()

    def _pieces(self) -> list[tuple[Line, NDArray[np.bool_]]]:
        """The overview left and right of the detail, and the detail."""
        if self.overview is None:
            return []
        centres = _centres(self.overview)
        detail = self.detail
        if detail is None:
            return [(self.overview, np.ones(centres.shape, np.bool_))]
        return [
            (self.overview, centres < detail.start),
            (detail, np.ones(_centres(detail).shape, np.bool_)),
            (self.overview, centres >= detail.start + detail.n_elements),
        ]

    def _show_dots(self) -> None:
        start, stop = self.visible_region()
        self._dots.setVisible(0 < stop - start <= _DOTS_UP_TO)

    def _fit_values(self) -> None:
        """The lowest to the highest visible value."""
        start, stop = self.visible_region()
        numbers = [
            _numbers(values)[keep & (_centres(line) >= start - 1) & (_centres(line) <= stop)]
            for line, keep in self._pieces()
            for values in (line.low.values, line.high.values)
        ]
        finite = np.concatenate(numbers) if numbers else np.empty(0)
        finite = finite[np.isfinite(finite)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        margin = (high - low) * 0.06 or abs(low) / 10 or 1.0
        self.box.setYRange(low - margin, high + margin, padding=0)

    def _dress(self) -> None:
        super()._dress()
        if not hasattr(self, "_dots"):  # the base class dresses before there is anything
            return
        shade = theme.colours()
        band = QColor(shade.accent)
        band.setAlpha(90)
        self._band.setBrush(band)
        self._band.setPen(pg.mkPen(band))
        self._curve.setPen(pg.mkPen(shade.accent, width=1.5))
        self._dots.setBrush(pg.mkBrush(shade.accent))
        self._dots.setPen(pg.mkPen(None))
        self._zero.setPen(pg.mkPen(shade.border))


def _centres(line: Line) -> NDArray[np.float64]:
    """Element number of the middle of each bin."""
    n_bins = line.low.shape[0]
    starts = line.start + line.step * np.arange(n_bins, dtype=np.float64)
    ends = np.minimum(starts + line.step, line.start + line.n_elements)
    return (starts + ends - 1) / 2


def _numbers(values: NDArray[np.generic]) -> NDArray[np.float64]:
    numbers = magnitudes(values).astype(np.float64)
    return np.where(np.isfinite(numbers), np.clip(numbers, -_LARGEST, _LARGEST), np.nan)


def _band_path(
    x: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> QPainterPath:
    """The area between low and high, where they differ, one polygon for each run of finite bins."""
    path = QPainterPath()
    if not (low < high).any():
        return path
    for run in _runs(np.isfinite(low) & np.isfinite(high)):
        around_x = np.concatenate([x[run], x[run][::-1]])
        around_y = np.concatenate([low[run], high[run][::-1]])
        path.addPath(pg.arrayToQPath(around_x, around_y, connect="all"))
        path.closeSubpath()
    return path


def _runs(flags: NDArray[np.bool_]) -> list[slice]:
    """Stretches where `flags` is True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return [slice(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
