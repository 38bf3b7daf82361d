"""The picture of one weight of a layer through a run: which weight, which cut of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.axis_choice import AxisChoice
from h5viewer.gui.array.cuts import first_cut
from h5viewer.gui.series.measures import axes_of, weight_name
from h5viewer.gui.series.step_picture import StepPicture
from h5viewer.names import visible
from h5viewer.nodes import Series, SeriesWeight
from h5viewer.wording import shape_text
from h5viewer.workers.pool import Pool


class WeightPicture(QWidget):
    """Begins with the largest weight of the layer.

    Signals:
        pointed_at(str): what is under the cursor.
    """

    pointed_at = Signal(str)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series: Series | None = None
        self._step = 0
        self._weights: tuple[SeriesWeight, ...] = ()
        self._choice = QComboBox()
        self._choice.setAccessibleName("Weight in the picture")
        self._choice.setToolTip("Which weight of the layer is drawn as a picture")
        self._choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._picture = StepPicture(pool)
        self._axes = AxisChoice(is_narrow=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_S, theme.SPACE_XS, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self._choice)
        column.addWidget(self._picture, 1)
        column.addWidget(self._axes)
        self._choice.currentIndexChanged.connect(self._show_weight)
        self._axes.cut_changed.connect(self._show_cut)
        self._picture.pointed_at.connect(self.pointed_at)

    def show_weights(self, series: Series, weights: Sequence[SeriesWeight], step: int) -> None:
        """Offer the weights of a layer; those that are offered stay as they are chosen."""
        is_read = series is self._series
        are_known = [_kind(each) for each in weights] == [_kind(each) for each in self._weights]
        self._series, self._weights, self._step = series, tuple(weights), step
        if not are_known:
            self._offer()
            self._show_weight()
        elif not is_read:
            self._show_cut()

    def show_step(self, step: int) -> None:
        """Another step of the same weight."""
        self._step = step
        self._picture.show_step(step)

    def clear(self) -> None:
        """Stop reading, forget the run."""
        self._series = None
        self._weights = ()
        with QSignalBlocker(self._choice):
            self._choice.clear()
        self._picture.clear()

    def _offer(self) -> None:
        with QSignalBlocker(self._choice):
            self._choice.clear()
            for weight in self._weights:
                name = visible(weight_name(weight), 60)
                self._choice.addItem(f"{name}  {shape_text(weight.shape)}")
            sizes = [math.prod(weight.shape) for weight in self._weights]
            self._choice.setCurrentIndex(sizes.index(max(sizes)) if sizes else -1)

    @property
    def _chosen(self) -> SeriesWeight | None:
        at = self._choice.currentIndex()
        return self._weights[at] if 0 <= at < len(self._weights) else None

    def _show_weight(self) -> None:
        weight = self._chosen
        if weight is None:
            self._picture.clear()
            return
        axes = axes_of(weight)
        self._axes.show_axes(weight.shape, axes, first_cut(weight.shape, axes))
        self._show_cut()

    def _show_cut(self) -> None:
        weight = self._chosen
        if weight is not None and self._series is not None:
            self._picture.show_weight(self._series, weight, self._axes.cut, self._step)


def _kind(weight: SeriesWeight) -> tuple[object, ...]:
    return weight.layer, weight.name, weight.shape
