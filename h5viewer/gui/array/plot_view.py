"""What pictures and lines have in common: axes in element numbers, zoom, keys, theme."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.coordinates import Coordinates
from h5viewer.wording import count_text

_ZOOM_STEP = 1.4
_MOST_TICKS = 100
_PAN_STEP = 0.1  # of the visible part, an arrow key


class IndexAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis of element numbers: whole ones only, written out, none beyond the last.

    With coordinates it shows those: at round numbers, where they rise or fall all the way.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation=orientation)
        self.count = 0
        self._coordinates: Coordinates | None = None
        self._is_scale = False
        _simplify(self)

    def set_coordinates(self, coordinates: Coordinates | None) -> None:
        """Show these in the place of element numbers."""
        self._coordinates = coordinates
        self._is_scale = coordinates is not None and coordinates.is_scale
        self.picture = None  # pyqtgraph's drawing of the old ticks
        self.update()

    def tickValues(  # noqa: N802
        self, low: float, high: float, size: float
    ) -> list[tuple[float, list[float]]]:
        """Ticks at elements that exist, or at round coordinates."""
        if self._coordinates is not None and self._is_scale:
            return self._round_ticks(self._coordinates, low, high, size)
        return [
            (spacing, [value for value in values if -0.5 < value < self.count - 0.5])
            for spacing, values in super().tickValues(low, high, size)
        ]

    def tickSpacing(  # noqa: N802
        self, low: float, high: float, size: float
    ) -> list[tuple[float, float]]:
        """As pyqtgraph spaces them, at least 1 apart."""
        spacings = super().tickSpacing(low, high, size)
        return [(max(1.0, float(round(spacing))), 0.0) for spacing, _ in spacings[:1]]

    def tickStrings(  # noqa: N802
        self, values: list[float], _scale: float, spacing: float
    ) -> list[str]:
        """Element numbers, coordinates or names."""
        coordinates = self._coordinates
        if coordinates is None:
            return [count_text(round(value)) for value in values]
        if self._is_scale:
            numbers = [round(coordinates.at(value) / spacing) * spacing for value in values]
            return decimal_texts(numbers, spacing)
        return [coordinates.tick(round(value)) for value in values]

    def _round_ticks(
        self, coordinates: Coordinates, low: float, high: float, size: float
    ) -> list[tuple[float, list[float]]]:
        last = self.count - 0.5
        ends = sorted(coordinates.at(min(max(place, -0.5), last)) for place in (low, high))
        if ends[0] == ends[1]:
            return []
        spacing = float(super().tickSpacing(ends[0], ends[1], size)[0][0])
        first, stop = math.ceil(ends[0] / spacing), math.floor(ends[1] / spacing) + 1
        numbers = np.arange(first, min(stop, first + _MOST_TICKS), dtype=np.float64) * spacing
        return [(spacing, coordinates.positions(numbers).tolist())]


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis of values, wide enough for its numbers, without units."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation=orientation)
        _simplify(self)

    def tickStrings(  # noqa: N802
        self, values: list[float], _scale: float, spacing: float
    ) -> list[str]:
        """Numbers."""
        return decimal_texts(values, spacing)


class _PlotBox(pg.ViewBox):  # type: ignore[misc]
    """A ViewBox without menu; a double click asks for everything."""

    fit_requested = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)

    def mouseClickEvent(self, event: object) -> None:
        """Left double click: fit."""
        if event.double() and event.button() == Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            event.accept()  # type: ignore[attr-defined]
            self.fit_requested.emit()

    def mouseDragEvent(self, event: object, axis: int | None = None) -> None:
        """Left and middle button pan; the right one would scale, which surprises."""
        if event.button() == Qt.MouseButton.RightButton:  # type: ignore[attr-defined]
            event.ignore()  # type: ignore[attr-defined]
            return
        super().mouseDragEvent(event, axis)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys belong to the view."""
        event.ignore()


class PlotView(pg.PlotWidget):  # type: ignore[misc]
    """A plot that zooms with the wheel, pans by dragging and fits on a double click.

    Signals:
        view_changed: another part of the data is visible.
        pointed(QPointF): the cursor is at this place, in data coordinates.
        unpointed: it left.
    """

    view_changed = Signal()
    pointed = Signal(QPointF)
    unpointed = Signal()

    def __init__(
        self, axes: dict[str, pg.AxisItem], name: str, parent: QWidget | None = None
    ) -> None:
        self.box = _PlotBox()
        super().__init__(parent, viewBox=self.box, axisItems=axes)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFrameShape(self.Shape.NoFrame)
        self.plotItem.hideButtons()
        self.plotItem.setMenuEnabled(False)
        # half a label of the last tick reaches beyond the axis; pyqtgraph puts the title of the
        # lower one 5 pixels below it, which cuts the feet of its letters
        self.plotItem.layout.setContentsMargins(0, theme.SPACE_S, theme.SPACE_XL, theme.SPACE_XS)
        self.box.fit_requested.connect(self.fit)
        self.box.sigRangeChanged.connect(lambda *_: self.view_changed.emit())
        theme.changed.connect(self._dress)
        self._dress()

    # what subclasses say

    def fit(self) -> None:
        """Show everything."""
        raise NotImplementedError

    def zoom(self, factor: float) -> None:
        """Show a part `factor` times as large around the centre."""
        self.box.scaleBy((factor, factor))

    def pan(self, columns: float, rows: float) -> None:
        """Move by parts of what is visible; rows count downwards."""
        visible = self.box.viewRect()
        self.box.translateBy(x=columns * visible.width(), y=rows * visible.height())

    def visible_rect(self) -> QRectF:
        """What is visible, in data coordinates."""
        rect: QRectF = self.box.viewRect()
        return rect

    def set_title(self, side: str, text: str) -> None:
        """Name an axis; `text` may hold names from a file."""
        self.getAxis(side).setLabel(html.escape(text))

    def copy_picture(self) -> None:
        """Put the picture as it is seen into the clipboard."""
        QGuiApplication.clipboard().setPixmap(self.grab())

    def _dress(self) -> None:
        shade = theme.colours()
        self.setBackground(QColor(shade.surface))
        for side in ("left", "bottom", "right", "top"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(shade.border))
            axis.setTextPen(pg.mkPen(shade.muted))
            axis.setTickPen(pg.mkPen(shade.faint))
            axis.setStyle(tickLength=4, tickTextOffset=4)
        self.box.setBorder(pg.mkPen(shade.border))

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """+ and - zoom, 0 fits, arrows pan, Copy copies the picture."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_picture()
            return
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom(1 / _ZOOM_STEP)
            case Qt.Key.Key_Minus:
                self.zoom(_ZOOM_STEP)
            case Qt.Key.Key_0:
                self.fit()
            case Qt.Key.Key_Left:
                self.pan(-_PAN_STEP, 0)
            case Qt.Key.Key_Right:
                self.pan(_PAN_STEP, 0)
            case Qt.Key.Key_Up:
                self.pan(0, -_PAN_STEP)
            case Qt.Key.Key_Down:
                self.pan(0, _PAN_STEP)
            case _:
                event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say where the cursor is."""
        super().mouseMoveEvent(event)
        at = self.mapToScene(event.position().toPoint())
        if self.box.sceneBoundingRect().contains(at):
            self.pointed.emit(self.box.mapSceneToView(at))
        else:
            self.unpointed.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Say that it left."""
        super().leaveEvent(event)
        self.unpointed.emit()


def decimal_texts(values: Sequence[float], spacing: float) -> list[str]:
    """Plain decimals where short, else powers of ten; as many digits as ticks differ in."""
    largest = max((abs(value) for value in values), default=0.0)
    if largest == 0 or spacing == 0 or not math.isfinite(largest):
        return ["0" if value == 0 else "" for value in values]
    digits = max(0, math.ceil(math.log10(largest / spacing) - 1e-6))
    if 1e-4 <= largest < 1e6:
        decimals = max(0, -math.floor(math.log10(spacing) + 1e-6))
        return [_minus(f"{value:.{decimals}f}") for value in values]
    return [_minus(f"{value:.{digits}e}") if value else "0" for value in values]


def _simplify(axis: pg.AxisItem) -> None:
    axis.enableAutoSIPrefix(False)
    # labels of the first and the last tick may reach beyond the axis by half their width
    axis.setStyle(maxTickLevel=0, hideOverlappingLabels=20)


def _minus(text: str) -> str:
    return text.replace("-", "−")
