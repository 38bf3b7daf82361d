"""One weight as a picture, at any step of a run: all are read once, then shown at once.

Of a weight with one axis, all steps are one picture: steps downwards.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QTimer, Signal
from PySide6.QtWidgets import QGraphicsRectItem, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.array.colour_maps import DIVERGING, SEQUENTIAL, colour_table
from h5viewer.gui.array.coordinates import Coordinates
from h5viewer.gui.array.cuts import axis_name
from h5viewer.gui.array.heat_map import HeatMap, Picture
from h5viewer.gui.array.levels import Levels, automatic_levels, has_negative
from h5viewer.gui.controls.notices import Busy, Notice
from h5viewer.gui.series.measures import axes_of
from h5viewer.gui.series.step_words import number_text, step_text, unit_heading, value_text
from h5viewer.gui.task import Latest
from h5viewer.nodes import Array, Plane, Series, SeriesWeight, StepPlane
from h5viewer.requests import Cut, ReadSeriesPlane
from h5viewer.wording import count_text
from h5viewer.workers.pool import Pool

_MOST_PIXELS = 12 << 20  # of all steps: 48 MB of 32-bit numbers
_LARGEST, _SMALLEST = 512, 48  # pixels of a side
_LONGEST = 2048  # elements of a line
_REDRAW = 80  # milliseconds between two drawings while steps come


class StepPicture(QWidget):
    """Colours mean the same at all steps: they follow the extremes of those that came.

    Signals:
        pointed_at(str): what is under the cursor.
    """

    pointed_at = Signal(str)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heat_map = HeatMap()
        self._heat_map.setAccessibleName("Picture of the weight")
        self._notice = Notice()
        self._busy = Busy("Reading the weight…")
        self._reading = Latest(pool, self)
        self._planes: dict[int, StepPlane] = {}
        self._levels: Levels | None = None
        self._is_signed = False
        self._step = 0
        self._cut = Cut()
        self._lines_of: Series | None = None  # where all steps are one picture
        self._mark = QGraphicsRectItem()
        self._mark.setZValue(3)
        self._heat_map.box.addItem(self._mark, ignoreBounds=True)
        self._redraw = QTimer(self, singleShot=True, interval=_REDRAW)
        self._redraw.timeout.connect(self._draw)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(self._notice)
        column.addWidget(self._heat_map, 1)
        column.addWidget(self._busy)
        theme.changed.connect(self._dress)
        self._dress()
        self._reading.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._reading.cancel)
        self._heat_map.pointed.connect(self._tell)
        self._heat_map.unpointed.connect(lambda: self.pointed_at.emit(""))

    def show_weight(self, series: Series, weight: SeriesWeight, cut: Cut, step: int) -> None:
        """Read a cut of a weight at all steps, that which is looked at first."""
        self._forget()
        self._step, self._cut = step, cut
        self._lines_of = series if cut.rows is None else None
        axes, n_steps = axes_of(weight), len(series.steps)
        n_columns = 1 if cut.columns is None else weight.shape[cut.columns]
        across = "" if cut.columns is None else axis_name(axes, cut.columns)
        if cut.rows is None:
            across = across if axes else "element"
            self._show_extent((n_steps, n_columns), unit_heading(series), across, series)
            max_rows, max_columns = 1, min(_LONGEST, max(_SMALLEST, _MOST_PIXELS // n_steps))
        else:
            down = axis_name(axes, cut.rows)
            self._show_extent((weight.shape[cut.rows], n_columns), down, across, None)
            max_rows = max_columns = _side(n_steps)
        self._reading.ask(
            ReadSeriesPlane(
                document=series.steps[0].document,
                others=tuple(each.document for each in series.steps[1:]),
                nodes=tuple(path or () for path in weight.paths),
                steps=_nearest_first(step, [at for at, path in enumerate(weight.paths) if path]),
                cut=cut,
                max_rows=max_rows,
                max_columns=max_columns,
            ),
            self._take,
            on_part=self._take,
            on_failure=self._fail,
        )

    def _show_extent(
        self, extent: tuple[int, int], down: str, across: str, lines_of: Series | None
    ) -> None:
        """Of what is coming; `lines_of`: rows are the steps of this run."""
        self._heat_map.set_extent(*extent)
        self._heat_map.set_title("left", down)
        self._heat_map.set_title("bottom", across)
        coordinates = None
        if lines_of is not None:
            names = [number_text(lines_of, at) for at in range(extent[0])]
            coordinates = Coordinates("", "", len(names), None, names)
            self._heat_map.set_square(False)
        self._heat_map.getAxis("left").set_coordinates(coordinates)
        self._mark.setVisible(lines_of is not None)

    def show_step(self, step: int) -> None:
        """Another step of the same weight."""
        self._step = step
        self._draw()

    def clear(self) -> None:
        """Stop reading, draw nothing, free the data."""
        self._reading.cancel()
        self._redraw.stop()
        self._mark.hide()
        self._forget()
        self._heat_map.clear_pictures()

    def _forget(self) -> None:
        self._planes = {}
        self._levels = None
        self._is_signed = False
        self._notice.clear()

    def _take(self, part: object) -> None:
        if not isinstance(part, StepPlane):
            return
        self._planes[part.step] = part
        has_new_colours = part.plane is not None and self._widen(part.plane)
        if self._lines_of is not None:
            if not self._redraw.isActive():
                self._redraw.start()
        elif part.step == self._step or has_new_colours:
            self._draw()

    def _widen(self, plane: Plane) -> bool:
        """Whether its numbers go beyond those seen."""
        values = plane.values.values
        self._is_signed = self._is_signed or has_negative(values)
        found = automatic_levels(values, "full", symmetric=self._is_signed)
        known = self._levels or found
        widest = Levels(min(known.low, found.low), max(known.high, found.high))
        if widest == self._levels:
            return False
        self._levels = widest
        return True

    def _draw(self) -> None:
        found = self._planes.get(self._step)
        if self._lines_of is not None:
            self._draw_lines()
        if found is None:
            return  # it comes
        if found.plane is None:
            if self._lines_of is None:
                self._heat_map.clear_pictures()
            self._notice.show_text(found.reason, severity="warning")
            return
        self._notice.clear()
        if self._lines_of is None:
            self._draw_plane(found.plane)

    def _draw_plane(self, plane: Plane) -> None:
        if (self._heat_map.n_rows, self._heat_map.n_columns) == (0, 0):
            self._heat_map.set_extent(plane.n_rows, plane.n_columns)
        table = colour_table(DIVERGING if self._is_signed else SEQUENTIAL)
        levels = self._levels or Levels(0.0, 1.0)
        self._heat_map.show_overview(Picture((plane,)), table, levels)

    def _draw_lines(self) -> None:
        """All steps that came, one below the other; that which is looked at is framed."""
        n_rows, n_columns = self._heat_map.n_rows, self._heat_map.n_columns
        self._mark.setRect(QRectF(-0.5, self._step - 0.5, n_columns, 1))
        lines = [(at, each.plane) for at, each in self._planes.items() if each.plane is not None]
        if not lines:
            return
        first = lines[0][1].values.values
        values = np.full((n_rows, first.shape[1]), np.nan, np.float64)
        for at, plane in lines:
            values[at] = plane.values.values[0].real
        step = lines[0][1].column_step
        whole = Plane(
            values=Array.of(values), row_start=0, column_start=0, row_step=1, column_step=step,
            n_rows=n_rows, n_columns=n_columns, is_sharp=True,
        )  # fmt: skip
        self._draw_plane(whole)

    def _dress(self) -> None:
        self._mark.setPen(pg.mkPen(theme.colours().error, width=2))

    def _fail(self, error: H5ViewerError) -> None:
        self._notice.show_error(error)

    def _tell(self, place: QPointF) -> None:
        element = self._heat_map.element_at(place.x(), place.y())
        if element is None:
            return
        step = element[0] if self._lines_of is not None else self._step
        found = self._planes.get(step)
        if found is None or found.plane is None:
            return
        plane = found.plane
        values = plane.values.values
        row = min(element[0] // plane.row_step, values.shape[0] - 1)
        column = min(element[1] // plane.column_step, values.shape[1] - 1)
        value = float(
            np.abs(values[row, column]) if values.dtype.kind == "c" else values[row, column]
        )
        where = ", ".join(count_text(each) for each in element)
        if self._lines_of is not None:
            where = f"{step_text(self._lines_of, step)}, element {count_text(element[1])}"
        told = where if self._lines_of is not None else f"({where})"
        self.pointed_at.emit(f"{told}: {value_text(value)}")


def _side(n_steps: int) -> int:
    """Pixels of a side, so that all steps fit into memory."""
    return max(_SMALLEST, min(_LARGEST, int((_MOST_PIXELS / max(1, n_steps)) ** 0.5)))


def _nearest_first(step: int, steps: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted(steps, key=lambda each: (abs(each - step), each)))
