"""The histogram of a weight, with what its initializer would have drawn on top."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.expected_density import density, merged
from h5viewer.gui.array.plot_view import PlotView, ValueAxis
from h5viewer.gui.controls.tool_button import switch_button
from h5viewer.gui.meaning.weight_view import WeightView
from h5viewer.nodes import Expected, Statistics, WeightMeaning
from h5viewer.requests import ReadStatistics
from h5viewer.workers.pool import Pool


class DistributionPlot(PlotView):
    """Values across, how many upwards; a line for what the initializer expects."""

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"left": ValueAxis("left"), "bottom": ValueAxis("bottom")}
        super().__init__(axes, "Histogram of the weight", parent)
        self.set_title("bottom", "value")
        self.set_title("left", "how many")
        self._histogram = QGraphicsPathItem()
        self._curve = pg.PlotCurveItem(antialias=True)
        self._range = (0.0, 1.0, 1.0)
        self._is_dressed = True
        for item in (self._histogram, self._curve):
            self.box.addItem(item, ignoreBounds=True)
        self._dress()

    def show_histogram(
        self, statistics: Statistics | None, curve: tuple[NDArray[np.float64], NDArray[np.float64]]
    ) -> None:
        """Draw counts and, on the same scale, the curve."""
        path = QPainterPath()
        low, high, top = 0.0, 1.0, 1.0
        if statistics is not None and any(statistics.bin_counts):
            edges, counts = merged(statistics)
            low, high, top = float(edges[0]), float(edges[-1]), float(counts.max(initial=1.0))
            path = pg.arrayToQPath(
                np.repeat(edges, 2),
                np.concatenate([[0.0], np.repeat(counts, 2), [0.0]]),
                connect="all",
            )
        self._histogram.setPath(path)
        self._curve.setData(*curve)
        if curve[0].size:
            low, high = min(low, float(curve[0][0])), max(high, float(curve[0][-1]))
            top = max(top, float(curve[1].max()))
        self._range = (low, high, top)
        self.fit()

    def fit(self) -> None:
        """Show everything."""
        low, high, top = self._range
        margin = (high - low) * 0.03 or 1.0
        self.box.setRange(
            xRange=(low - margin, high + margin), yRange=(0, top * 1.06), padding=0,
            disableAutoRange=True,
        )  # fmt: skip

    def _dress(self) -> None:
        super()._dress()
        if not hasattr(self, "_is_dressed"):  # the base class dresses before there is anything
            return
        shade = theme.colours()
        fill = QColor(shade.accent)
        fill.setAlpha(110)
        self._histogram.setBrush(fill)
        self._histogram.setPen(pg.mkPen(shade.accent, width=1))
        self._curve.setPen(pg.mkPen(shade.warning, width=2))


class DistributionView(WeightView):
    """Fits every weight of numbers."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._plot = DistributionPlot()
        self._expected = switch_button(
            "Initializer", "Draw what the layer's initializer would have drawn"
        )
        self._expected.setChecked(True)
        self._bar.addWidget(self._expected)
        self._fill(self._plot)
        self._statistics: Statistics | None = None
        self._expected.toggled.connect(self._show)

    def _begin(self, meaning: WeightMeaning) -> None:
        has_curve = meaning.expected is not None and meaning.expected.std > 0
        self._expected.setVisible(has_curve)
        self._ask(ReadStatistics(document=self.document, node=meaning.path), self._take)

    def _take(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._show()

    def _show(self) -> None:
        statistics, meaning = self._statistics, self.meaning
        if statistics is None or meaning is None:
            return
        curve = np.empty(0), np.empty(0)
        if self._expected.isChecked():
            curve = density(meaning.expected, statistics)
        self._plot.show_histogram(statistics, curve)
        self._say(sentence(statistics, meaning.expected))

    def _forget(self) -> None:
        self._statistics = None
        self._plot.show_histogram(None, (np.empty(0), np.empty(0)))


def sentence(statistics: Statistics, expected: Expected | None) -> str:
    """The stored numbers, and those of the initializer beside them."""
    told = f"Mean {_number(statistics.mean)}, standard deviation {_number(statistics.std)}."
    strange = statistics.n_nan + statistics.n_positive_infinity + statistics.n_negative_infinity
    if strange:
        told += f" {strange:,} values are not finite."
    if expected is None:
        return f"{told} The file does not say how this weight was initialized."
    told += f" Initialized by {expected.name}: {expected.text}."
    if expected.std > 0 and statistics.std > 0:
        told += f" The spread is now {statistics.std / expected.std:.2f} times as wide."
    return told


def _number(number: float) -> str:
    return "—" if math.isnan(number) else f"{number:.4g}".replace("-", "−")
