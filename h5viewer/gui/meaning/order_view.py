"""A dense kernel as one picture, with similar rows and columns side by side where wanted."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from h5viewer.gui.array.colour_maps import DIVERGING, SEQUENTIAL, colour_table
from h5viewer.gui.array.heat_map import HeatMap, Picture
from h5viewer.gui.array.levels import automatic_levels, has_negative
from h5viewer.gui.controls.tool_button import switch_button
from h5viewer.gui.meaning.weight_view import WeightView
from h5viewer.nodes import Ordered, Plane, WeightMeaning
from h5viewer.requests import ReadOrdered
from h5viewer.workers.pool import Pool


class OrderView(WeightView):
    """Heat map of a matrix; the cursor tells which row and column stand there."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._plot = HeatMap()
        self._sort = switch_button(
            "Similar ones together", "Sort rows and columns so that similar ones stand together"
        )
        self._bar.addWidget(self._sort)
        self._fill(self._plot)
        self._found: Ordered | None = None
        self._sort.setChecked(True)
        self._sort.toggled.connect(self._again)
        self._plot.pointed.connect(lambda place: self._tell(place.x(), place.y()))
        self._plot.unpointed.connect(lambda: self.pointed.emit(""))

    def _begin(self, meaning: WeightMeaning) -> None:
        request = ReadOrdered(
            document=self.document, node=meaning.path, sort=self._sort.isChecked()
        )
        self._ask(request, self._take)

    def _take(self, found: Ordered) -> None:
        meaning = self.meaning
        if meaning is None:
            return
        self._found = found
        names = [*meaning.axes, "rows", "columns"][: max(2, len(meaning.axes))]
        for side, name in (("left", names[0]), ("bottom", names[1])):
            self._plot.set_title(side, f"{name}, sorted" if self._sort.isChecked() else name)
        self._plot.set_extent(*meaning.shape)
        values = found.values.values
        is_signed = has_negative(values)
        levels = automatic_levels(values, "robust", symmetric=is_signed)
        table = colour_table(DIVERGING if is_signed else SEQUENTIAL)
        plane = Plane(
            values=found.values,
            row_start=0,
            column_start=0,
            row_step=found.row_step,
            column_step=found.column_step,
            n_rows=meaning.shape[0],
            n_columns=meaning.shape[1],
            is_sharp=True,
        )
        self._plot.show_overview(Picture((plane,)), table, levels)
        self._say(found.text if self._sort.isChecked() else "")

    def _tell(self, x: float, y: float) -> None:
        found, at = self._found, self._plot.element_at(x, y)
        if found is None or at is None or self.meaning is None:
            self.pointed.emit("")
            return
        rows, columns = found.row_order.values, found.column_order.values
        value = found.values.values[at[0] // found.row_step, at[1] // found.column_step]
        text = f"row {int(rows[at[0]])}, column {int(columns[at[1]])}: {float(value):.5g}"
        self.pointed.emit(text.replace("-", "−"))

    def _forget(self) -> None:
        self._found = None
        self._plot.clear_pictures()
