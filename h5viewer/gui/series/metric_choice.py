"""Which metric is looked at, and whether more or less of it is better."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.names import visible
from h5viewer.nodes import Direction, MetricCurve, Series
from h5viewer.series import best_step

_DIRECTIONS: tuple[tuple[Direction, str], ...] = (
    ("max", "the highest is best"),
    ("min", "the lowest is best"),
)


class MetricChoice(QWidget):
    """Remembers directions that the user changed, as long as the run is shown.

    Signals:
        changed: another metric, or another direction.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series: Series | None = None
        self._chosen: dict[str, Direction] = {}
        self._metric = QComboBox()
        self._metric.setAccessibleName("Metric")
        self._metric.setToolTip("The metric that is drawn, and by which the best step is found")
        self._metric.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._direction = QComboBox()
        self._direction.setAccessibleName("What is better")
        self._direction.setToolTip(
            "Guessed from the metric's name and course; change it if the guess is wrong"
        )
        self._direction.setPlaceholderText("neither is best")
        for key, text in _DIRECTIONS:
            self._direction.addItem(text, key)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(PlainLabel("Metric", role="muted"))
        row.addWidget(self._metric)
        row.addWidget(self._direction)
        self._metric.activated.connect(self._show_direction)
        self._metric.activated.connect(self.changed)
        self._direction.activated.connect(self._take_direction)

    @property
    def chosen(self) -> str:
        """Its name; "": the run has none."""
        return cast("str", self._metric.currentData() or "")

    @property
    def direction(self) -> Direction:
        """What is better of it."""
        return self._chosen_direction or "max"

    @property
    def _chosen_direction(self) -> Direction | None:
        """None where nobody knows: of a learning rate."""
        return cast("Direction | None", self._direction.currentData())

    @property
    def best(self) -> int | None:
        """The place of the best step."""
        if self._series is None or not self.chosen:
            return None
        return best_step(self._series, self.chosen, self._chosen_direction)

    def show_series(self, series: Series, *, is_new: bool) -> None:
        """Offer the metrics of a run; `is_new`: another one than before."""
        self._series = series
        wanted = "" if is_new else self.chosen
        if is_new:
            self._chosen = {}
        names = list(dict.fromkeys(curve.name for curve in series.curves))
        with QSignalBlocker(self._metric):
            self._metric.clear()
            for name in names:
                self._metric.addItem(visible(name, 40), name)
            self._metric.setCurrentIndex(
                names.index(wanted or _first(series, names)) if names else -1
            )
        self.setVisible(bool(names))
        self._show_direction()

    def _show_direction(self) -> None:
        found = self._chosen.get(self.chosen) or self._guessed
        with QSignalBlocker(self._direction):
            self._direction.setCurrentIndex(self._direction.findData(found) if found else -1)

    @property
    def _guessed(self) -> Direction | None:
        curve = self._curve
        return curve.direction if curve is not None else None

    @property
    def _curve(self) -> MetricCurve | None:
        curves = self._series.curves if self._series is not None else ()
        return next((curve for curve in curves if curve.name == self.chosen), None)

    def _take_direction(self) -> None:
        self._chosen[self.chosen] = self.direction
        self.changed.emit()


def _first(series: Series, names: list[str]) -> str:
    """Of the names of files before others; of these one that was validated."""
    own = [curve for curve in series.curves if not curve.source] or series.curves
    told = [curve.name for curve in own if curve.direction is not None] or names
    return next((name for name in told if name.lower().startswith("val")), told[0])
