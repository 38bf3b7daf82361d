"""The steps of a run: curves of its metrics above, a table of its files below."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSplitter, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import EmptyState
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.gui.series import step_words as words
from h5viewer.gui.series.course_plot import Course, CoursePlot
from h5viewer.gui.series.metric_choice import MetricChoice
from h5viewer.gui.series.step_item_model import StepItemModel
from h5viewer.names import visible
from h5viewer.nodes import Direction, MetricCurve, Series
from h5viewer.series import is_rounded, values_at_steps

_COLOURS: tuple[theme.Role, ...] = ("accent", "warning", "success", "error")
_NO_METRICS = (
    "The names of these files state none, and no history lies beside them. Save with names like "
    "weights-{epoch:02d}-{val_loss:.3f}.keras, or with a CSVLogger that writes into this folder."
)


class StepsView(QWidget):
    """Both show the same step; a click in either goes to one.

    Signals:
        step_chosen(int): the user went to a step, by its place in the run.
        open_wanted(path: str): the user wants to see the file of a step.
        best_changed: another step is the best.
        compare_wanted(path: str, other: str): the user wants to see two steps side by side.
        average_wanted(paths: list[str]), export_wanted(path: str): of chosen steps.
    """

    step_chosen = Signal(int)
    open_wanted = Signal(str)
    best_changed = Signal()
    compare_wanted = Signal(str, str)
    average_wanted = Signal(list)
    export_wanted = Signal(str)

    def __init__(self, plot: CoursePlot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series: Series | None = None
        self._left: set[str] = set()  # files of the steps that were chosen
        self._choice = MetricChoice()
        self._best = QPushButton()
        self._best.setProperty("role", "link")
        self._best.setAccessibleName("Go to the best step")
        self._legend = [PlainLabel(role=role) for role in _COLOURS]
        self._plot = plot
        self._none = EmptyState("chart", "No metrics to draw", _NO_METRICS)
        self._model = StepItemModel(self)
        self.table = RowTable("Steps of the run")
        self.table.setModel(self._model)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ in their ends
        self.table.setToolTip(
            "Enter or a double click opens a step; the menu compares or averages several"
        )
        self.table.sort_by_headings(self._model.sort_rows)
        self._arrange()
        self._choice.changed.connect(self._draw)
        self._best.clicked.connect(self._go_to_best)
        self._plot.number_chosen.connect(self._go_to_number)
        self.table.row_changed.connect(self._tell_step)
        self.table.activated.connect(self._open)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)

    @property
    def best(self) -> int | None:
        """The best step by the chosen metric."""
        return self._choice.best

    @property
    def chosen_metric(self) -> str:
        """The one that is chosen; "": none."""
        return self._choice.chosen

    @property
    def direction(self) -> Direction:
        """Which value of it is the best."""
        return self._choice.direction

    @property
    def step(self) -> int:
        """The step with the keyboard."""
        return self._model.place(self.table.currentIndex().row()) or 0

    @property
    def chosen(self) -> list[int]:
        """Steps whose rows are chosen, oldest first."""
        rows = self.table.selectionModel().selectedRows()
        places = (self._model.place(row.row()) for row in rows)
        return sorted(place for place in places if place is not None)

    def show_series(self, series: Series, *, is_new: bool) -> None:
        """Show a run, or what has become of the one that is shown."""
        self._remember()
        self._series = series
        self._choice.show_series(series, is_new=is_new)
        self._model.show_series(series)
        self._draw()
        places = [at for at, step in enumerate(series.steps) if step.document in self._left]
        self._select(places or [series.latest])

    def go_to(self, place: int) -> None:
        """Choose a step."""
        if self.chosen != [place]:
            self._select([place])

    def clear(self) -> None:
        """Forget the run, but for the steps that are chosen when it is seen again."""
        self._remember()
        self._series = None
        self._model.show_series(None)
        self._plot.show_courses(())

    # -------------------------------------------------------------- private

    def _draw(self) -> None:
        series = self._series
        if series is None:
            return
        curves = _drawn_together(series, self._choice.chosen)
        courses = [
            Course(curve.name, curve.points, _COLOURS[at % len(_COLOURS)])
            for at, curve in enumerate(curves)
        ]
        self._plot.show_courses(courses)
        self._plot.set_title("bottom", words.unit_heading(series))
        self._plot.set_title("left", visible(self._choice.chosen, 40))
        self._say_what(curves)
        self._plot.setVisible(bool(curves))
        self._none.setVisible(not curves)
        self._mark_best(series)

    def _say_what(self, curves: list[MetricCurve]) -> None:
        """Which line is which, where there are several or they come from a file."""
        says = len(curves) > 1 or any(curve.source for curve in curves)
        for at, label in enumerate(self._legend):
            is_needed = says and at < len(curves)
            label.setVisible(is_needed)
            if is_needed:
                label.set_text(f"● {visible(curves[at].name, 40)}{_from(curves[at])}")

    def _mark_best(self, series: Series) -> None:
        best = self._choice.best
        self._model.mark_best(best)
        self.table.fit_columns(widest=260, first=64, last=160)  # the best is written wider
        self._best.setVisible(best is not None)
        if best is not None:
            curve = next(each for each in series.curves if each.name == self._choice.chosen)
            value, number = values_at_steps(series, curve)[best], series.steps[best].number
            text = f"Best: {words.step_text(series, best)}, {words.value_text(value)}"
            self._best.setText(text.replace("&", "&&"))
            where = words.file_text(series, series.steps[best])
            self._best.setToolTip(plain_tooltip(f"Go to it: {where}"))
            self._plot.mark_best(None if number is None else (number, value))
        self.best_changed.emit()

    def _select(self, places: list[int]) -> None:
        rows = [row for row in map(self._model.row, places) if row >= 0]
        if rows:
            self.table.selectRow(rows[0])
            selection = self.table.selectionModel()
            flags = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
            for row in rows[1:]:
                selection.select(self._model.index(row, 0), flags)
            self.table.scrollTo(self._model.index(rows[0], 0))

    def _go_to_best(self) -> None:
        if self._choice.best is not None:
            self._select([self._choice.best])
            self.table.setFocus()

    def _go_to_number(self, number: float) -> None:
        """The step that was saved nearest to a number."""
        steps = enumerate(self._series.steps) if self._series is not None else ()
        near = [(abs(step.number - number), at) for at, step in steps if step.number is not None]
        if near:
            self._select([min(near)[1]])

    def _tell_step(self, index: QModelIndex) -> None:
        place = self._model.place(index.row()) if index.isValid() else None
        if place is not None and self._series is not None:
            number = self._series.steps[place].number
            self._plot.mark_number(None if number is None else float(number))
            self.step_chosen.emit(place)

    def _open(self, index: QModelIndex) -> None:
        place = self._model.place(index.row())
        if place is not None and self._series is not None:
            self.open_wanted.emit(self._series.steps[place].document)

    def _open_menu(self, position: QPoint) -> None:
        """What can be done with the chosen steps."""
        series = self._series
        paths = [series.steps[place].document for place in self.chosen] if series else []
        if not paths:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        only = paths[0]
        for text, icon, is_possible, call in (
            ("Open", "open", len(paths) == 1, partial(self.open_wanted.emit, only)),
            ("Export…", "save", len(paths) == 1, partial(self.export_wanted.emit, only)),
            (
                "Compare the two",
                "compare",
                len(paths) == 2,
                partial(self.compare_wanted.emit, only, paths[-1]),
            ),
            ("Average…", "merge", len(paths) > 1, partial(self.average_wanted.emit, paths)),
        ):
            action = menu.addAction(theme.icon(icon, "muted"), text)
            action.setEnabled(is_possible)
            action.triggered.connect(lambda _=False, call=call: call())
        menu.popup(self.table.viewport().mapToGlobal(position))

    def _remember(self) -> None:
        """Which files are chosen; the newest alone is followed by what comes after it."""
        series, chosen = self._series, self.chosen
        if series is not None:
            follows = chosen == [series.latest]
            self._left = set() if follows else {series.steps[at].document for at in chosen}

    def _arrange(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE_M)
        bar.addWidget(self._choice)
        bar.addWidget(self._best)
        bar.addStretch(1)
        legend = QHBoxLayout()
        legend.setSpacing(theme.SPACE_M)
        for label in self._legend:
            legend.addWidget(label)
        legend.addStretch(1)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(bar)
        column.addLayout(legend)
        column.addWidget(self._none)
        column.addWidget(self._plot, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(upper)
        split.addWidget(self.table)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(split)


def _drawn_together(series: Series, metric: str) -> list[MetricCurve]:
    """The curves of a metric and those of its twin: `acc` with `val_acc`.

    What names say is left out where a log says the same with more digits.
    """
    stem = metric.removeprefix("val_")
    chosen = [curve for curve in series.curves if curve.name == metric]
    chosen = [each for each in chosen if not any(is_rounded(each, other) for other in chosen)]
    twins = [
        curve
        for curve in series.curves
        if curve.name != metric and curve.name.removeprefix("val_") == stem
    ]
    return [*chosen, *twins]


def _from(curve: MetricCurve) -> str:
    return f", from {visible(Path(curve.source).name, 40)}" if curve.source else ""
