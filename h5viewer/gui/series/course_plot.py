"""Numbers over the steps of a run as lines with dots."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.plot_view import PlotView, ValueAxis
from h5viewer.wording import count_text

_LARGEST = 1e300  # Qt's transformations overflow beyond
_DOTS_UP_TO = 400  # points of a line; more would cover it
_ROOM = 0.06  # of the values, above and below


class Course(msgspec.Struct, frozen=True):
    """One line: numbers by epoch or step."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: theme.Role = "accent"


class WholeAxis(ValueAxis):
    """An axis of epochs, steps or counts: whole numbers only."""

    def tickSpacing(  # noqa: N802
        self, low: float, high: float, size: float
    ) -> list[tuple[float, float]]:
        """As pyqtgraph spaces them, at least 1 apart."""
        spacings = super().tickSpacing(low, high, size)
        return [(max(1.0, float(round(spacing))), 0.0) for spacing, _ in spacings[:1]]

    def tickStrings(  # noqa: N802
        self, values: list[float], _scale: float, _spacing: float
    ) -> list[str]:
        """Whole numbers, written out."""
        return [count_text(round(value)) for value in values]


class CoursePlot(PlotView):
    """Lines over epochs; a click tells the epoch next to it.

    Signals:
        number_chosen(float): the user clicked at this epoch or step.
    """

    number_chosen = Signal(float)

    def __init__(
        self, name: str, parent: QWidget | None = None, *, shows_counts: bool = False
    ) -> None:
        left = WholeAxis("left") if shows_counts else ValueAxis("left")
        axes = {"left": left, "bottom": WholeAxis("bottom")}
        super().__init__(axes, name, parent)
        self.courses: tuple[Course, ...] = ()
        self._items: list[pg.PlotDataItem] = []
        self._cursor = pg.InfiniteLine(angle=90)
        self._pressed_at = QPointF()
        self._best = pg.ScatterPlotItem(size=13, pxMode=True, antialias=True, symbol="star")
        for item in (self._cursor, self._best):
            self.box.addItem(item, ignoreBounds=True)
        self._best.setZValue(2)
        self._cursor.hide()
        self._dress()

    def show_courses(self, courses: Sequence[Course]) -> None:
        """Draw these in the place of those before; the best is no longer marked."""
        self.courses = tuple(courses)
        for item in self._items:
            self.box.removeItem(item)
        self._items = []
        for course in self.courses:
            x, y = _coordinates(course.points)
            has_dots = np.isfinite(y).any() and x.size <= _DOTS_UP_TO
            item = pg.PlotDataItem(
                x,
                y,
                connect="finite",
                antialias=True,
                symbol="o" if has_dots else None,
            )
            item.setSymbolSize(5)
            self.box.addItem(item, ignoreBounds=True)
            self._items.append(item)
        self._best.setData([], [])
        self._dress()
        self.fit()

    def mark_best(self, point: tuple[float, float] | None) -> None:
        """A star at the best; None: none."""
        x, y = _coordinates([] if point is None else [point])
        self._best.setData(x, y)

    def mark_number(self, number: float | None) -> None:
        """A line at the epoch that is looked at; None: none."""
        self._cursor.setVisible(number is not None)
        if number is not None:
            self._cursor.setValue(number)

    def fit(self) -> None:
        """Show all points."""
        numbers = np.array([at for course in self.courses for at, _ in course.points])
        every = [_coordinates(course.points)[1] for course in self.courses]
        values = np.concatenate(every) if every else np.empty(0)
        left, right = _ends(numbers[np.isfinite(numbers)])
        low, high = _ends(values[np.isfinite(values)])
        high = high if low or high else 1.0  # zeros lie at the bottom
        x_room = max(0.5, (right - left) * 0.02)
        y_room = (high - low) * _ROOM or abs(low) * 0.1 or 1.0
        self.box.setRange(
            xRange=(left - x_room, right + x_room),
            yRange=(low - y_room, high + y_room),
            padding=0,
            disableAutoRange=True,
        )

    def _dress(self) -> None:
        super()._dress()
        if not hasattr(self, "_best"):  # the base class dresses before there is anything
            return
        shade = theme.colours()
        for item, course in zip(self._items, self.courses, strict=True):
            colour = getattr(shade, course.colour)
            item.setPen(pg.mkPen(colour, width=2))
            item.setSymbolBrush(pg.mkBrush(colour))
            item.setSymbolPen(pg.mkPen(None))
        self._best.setBrush(pg.mkBrush(shade.success))
        self._best.setPen(pg.mkPen(shade.surface))
        self._cursor.setPen(pg.mkPen(shade.faint, style=Qt.PenStyle.DashLine))

    # Qt overrides

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click without a drag chooses an epoch."""
        super().mouseReleaseEvent(event)
        moved = event.position() - self._pressed_at
        if event.button() == Qt.MouseButton.LeftButton and moved.manhattanLength() < 4:
            at = self.mapToScene(event.position().toPoint())
            if self.box.sceneBoundingRect().contains(at):
                self.number_chosen.emit(float(self.box.mapSceneToView(at).x()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where."""
        self._pressed_at = event.position()
        super().mousePressEvent(event)


def _coordinates(
    points: Sequence[tuple[float, float]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = np.array([at for at, _ in points], np.float64)
    y = np.array([value if math.isfinite(value) else math.nan for _, value in points], np.float64)
    return x, np.clip(y, -_LARGEST, _LARGEST)


def _ends(numbers: NDArray[np.float64]) -> tuple[float, float]:
    return (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 1.0)
