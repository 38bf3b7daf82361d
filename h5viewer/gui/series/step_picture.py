"""One weight as a picture, at any step of a run: all are read once, then shown at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.array.colour_maps import DIVERGING, SEQUENTIAL, colour_table
from h5viewer.gui.array.cuts import axis_name
from h5viewer.gui.array.heat_map import HeatMap, Picture
from h5viewer.gui.array.levels import Levels, automatic_levels, has_negative
from h5viewer.gui.controls.notices import Busy, Notice
from h5viewer.gui.series.measures import axes_of
from h5viewer.gui.series.step_words import value_text
from h5viewer.gui.task import Latest
from h5viewer.nodes import Plane, Series, SeriesWeight, StepPlane
from h5viewer.requests import Cut, ReadSeriesPlane
from h5viewer.wording import count_text
from h5viewer.workers.pool import Pool

_MOST_PIXELS = 12 << 20  # of all steps: 48 MB of 32-bit numbers
_LARGEST, _SMALLEST = 512, 48  # pixels of a side


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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(self._notice)
        column.addWidget(self._heat_map, 1)
        column.addWidget(self._busy)
        self._reading.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._reading.cancel)
        self._heat_map.pointed.connect(self._tell)
        self._heat_map.unpointed.connect(lambda: self.pointed_at.emit(""))

    def show_weight(self, series: Series, weight: SeriesWeight, cut: Cut, step: int) -> None:
        """Read a cut of a weight at all steps, that which is looked at first."""
        self._forget()
        self._step, self._cut = step, cut
        shape = weight.shape
        n_rows = 1 if cut.rows is None else shape[cut.rows]
        n_columns = 1 if cut.columns is None else shape[cut.columns]
        self._heat_map.set_extent(n_rows, n_columns)
        for side, axis in (("left", cut.rows), ("bottom", cut.columns)):
            self._heat_map.set_title(side, "" if axis is None else axis_name(axes_of(weight), axis))
        pixels = _side(len(series.steps))
        self._reading.ask(
            ReadSeriesPlane(
                document=series.steps[0].document,
                others=tuple(each.document for each in series.steps[1:]),
                nodes=tuple(path or () for path in weight.paths),
                steps=_nearest_first(step, [at for at, path in enumerate(weight.paths) if path]),
                cut=cut,
                max_rows=pixels,
                max_columns=pixels,
            ),
            self._take,
            on_part=self._take,
            on_failure=self._fail,
        )

    def show_step(self, step: int) -> None:
        """Another step of the same weight."""
        self._step = step
        self._draw()

    def clear(self) -> None:
        """Stop reading, draw nothing, free the data."""
        self._reading.cancel()
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
        if part.step == self._step or has_new_colours:
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
        if found is None:
            return  # it comes
        if found.plane is None:
            self._heat_map.clear_pictures()
            self._notice.show_text(found.reason, severity="warning")
            return
        self._notice.clear()
        table = colour_table(DIVERGING if self._is_signed else SEQUENTIAL)
        plane = found.plane
        if (self._heat_map.n_rows, self._heat_map.n_columns) == (0, 0):
            self._heat_map.set_extent(plane.n_rows, plane.n_columns)
        levels = self._levels or Levels(0.0, 1.0)
        self._heat_map.show_overview(Picture((plane,)), table, levels)

    def _fail(self, error: H5ViewerError) -> None:
        self._notice.show_error(error)

    def _tell(self, place: QPointF) -> None:
        found = self._planes.get(self._step)
        element = self._heat_map.element_at(place.x(), place.y())
        if found is None or found.plane is None or element is None:
            return
        plane = found.plane
        values = plane.values.values
        row = min(element[0] // plane.row_step, values.shape[0] - 1)
        column = min(element[1] // plane.column_step, values.shape[1] - 1)
        value = float(
            np.abs(values[row, column]) if values.dtype.kind == "c" else values[row, column]
        )
        where = ", ".join(count_text(each) for each in element)
        self.pointed_at.emit(f"({where}): {value_text(value)}")


def _side(n_steps: int) -> int:
    """Pixels of a side, so that all steps fit into memory."""
    return max(_SMALLEST, min(_LARGEST, int((_MOST_PIXELS / max(1, n_steps)) ** 0.5)))


def _nearest_first(step: int, steps: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted(steps, key=lambda each: (abs(each - step), each)))
