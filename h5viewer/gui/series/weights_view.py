"""The weights of a run: a map of layers and steps, lines of one of them, its picture."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import Busy, Notice
from h5viewer.gui.series import step_words as words
from h5viewer.gui.series.course_plot import Course, CoursePlot
from h5viewer.gui.series.drift_map import DriftMap
from h5viewer.gui.series.measures import (
    MEASURES,
    Courses,
    MapRow,
    Measure,
)
from h5viewer.gui.series.run_view import RunView
from h5viewer.gui.series.step_slider import StepSlider
from h5viewer.gui.series.weight_picture import WeightPicture
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Series, SeriesSurvey, SeriesWeights, WeightCourses
from h5viewer.requests import SurveySeries
from h5viewer.wording import bytes_text, plural
from h5viewer.workers.pool import Pool

_REDRAW = 120  # milliseconds between two drawings while numbers come
_BREATH = 5  # milliseconds between the map and the lines: each takes some 25 ms with its painting
_LONGEST = 24  # characters beside the map
_READ_AGAIN = 300 << 20  # bytes; what is less is read anew when a step comes


class WeightsView(RunView):
    """Reads every file of the run once, when it is first looked at."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._series: Series | None = None  # as it is now
        self._read: Series | None = None  # as it was read
        self._courses = Courses(0)
        self._coming: tuple[Series, Courses] | None = None  # while it is read
        self._rows: list[MapRow] = []
        self._row = 0
        self._step = 0  # that was chosen, perhaps before anything was read
        self._reading = Latest(pool, self)
        self._redraw = QTimer(self, singleShot=True, interval=_REDRAW)
        self._next_turn = QTimer(self, singleShot=True, interval=_BREATH)
        self._measure = QComboBox()
        self._grouping = QComboBox()
        self._legend = PlainLabel(role="muted")
        self._caption = PlainLabel(elide=Qt.TextElideMode.ElideMiddle)
        self.slider = StepSlider()
        self._notice = Notice()
        self._busy = Busy("Reading all weights of the run…")

    def make(self) -> Iterator[None]:
        """The plots, one a turn."""
        self._map = DriftMap()
        yield
        self._plot = CoursePlot("The chosen layer over the run")
        yield
        self._picture = WeightPicture(self.pool)
        yield
        self._describe()
        self._arrange()
        self._connect()

    def show_series(self, series: Series, *, is_new: bool) -> None:
        """Read it when it is seen."""
        if is_new:
            self.clear()
            self._step = series.latest
        self._series = series
        if self.isVisible():
            self._begin()

    def go_to(self, step: int) -> None:
        """Show this step."""
        self._step = step
        if self._read is not None and step < len(self._read.steps) and step != self.slider.step:
            self.slider.go_to(step)
            self._show_step(step)

    def clear(self) -> None:
        """Stop reading, forget the run."""
        self._reading.cancel()
        self._redraw.stop()
        self._next_turn.stop()
        self.slider.stop()
        self._series = self._read = None
        self._coming = None
        self._courses, self._rows, self._row = Courses(0), [], 0
        self._map.clear_pictures()
        self._plot.show_courses(())
        self._caption.set_text("")
        self._picture.clear()
        self._notice.clear()

    # -------------------------------------------------------------- reading

    def _begin(self) -> None:
        """Read the run, unless it is read or too long to be read again unasked."""
        series, read = self._series, self._coming[0] if self._coming else self._read
        if series is None or (read is not None and _documents(read) == _documents(series)):
            return
        n_bytes = sum(step.n_bytes for step in series.steps)
        if read is not None and n_bytes > _READ_AGAIN:
            n_new = len(set(_documents(series)) - set(_documents(read)))
            self._notice.show_text(
                f"{plural(n_new, 'step')} came since the weights were read.",
                hint=f"Reading all again takes {bytes_text(n_bytes)}.",
                action="Read again",
            )
        else:
            self._survey()

    def _survey(self) -> None:
        series = self._series
        if series is None:
            return
        self._notice.clear()
        self._coming = series, Courses(len(series.steps))
        if self._read is None:
            self._take_over()
            self.slider.go_to(min(self._step, len(series.steps) - 1))
        documents = _documents(series)
        self._reading.ask(
            SurveySeries(document=documents[0], others=documents[1:]),
            self._finish,
            on_part=self._take,
            on_failure=self._fail,
            on_progress=self._busy.show_progress,
        )

    def _take(self, part: object) -> None:
        courses = self._coming[1] if self._coming is not None else self._courses
        match part:
            case SeriesWeights():
                courses.add_weights(part.weights)
            case WeightCourses():
                courses.add_courses(part.courses)
        if courses is self._courses:  # else what was read before stays on view until all is here
            if isinstance(part, SeriesWeights):
                self._arrange_rows()
            if not self._redraw.isActive():
                self._redraw.start()

    def _take_over(self) -> None:
        """From now on what is being read is on view."""
        if self._coming is not None:
            self._read, self._courses = self._coming
            self.slider.show_series(self._read)

    def _finish(self, survey: SeriesSurvey) -> None:
        if self._coming is not None and self._coming[1] is not self._courses:
            read, step = self._read, self.slider.step
            self._take_over()
            if read is not None and step == read.latest:  # who looks at the newest goes on so
                self.slider.go_to(self._coming[0].latest)
            self._arrange_rows()
        self._coming = None
        self._draw()
        if survey.problems:
            self._notice.show_text(
                f"{plural(len(survey.problems), 'file')} could not be read in full.",
                severity="warning",
                details="\n".join(survey.problems),
            )

    def _stop(self) -> None:
        self._reading.cancel()
        self._notice.show_text(
            "The weights were not read to the end.", severity="warning", action="Read again"
        )

    def _fail(self, error: H5ViewerError) -> None:
        self._notice.show_error(error, action="Read again")

    # -------------------------------------------------------------- drawing

    def _arrange_rows(self) -> None:
        """After more weights came, or they are grouped otherwise."""
        kept = self._rows[self._row].weights[:1] if self._row < len(self._rows) else ()
        self._rows = self._courses.rows(by_layer=self._grouping.currentIndex() == 0)
        at = [n for n, row in enumerate(self._rows) if set(kept) & set(row.weights)]
        self._choose_row(at[0] if at else 0)

    def _draw(self) -> None:
        self._draw_map()
        self._next_turn.start()

    def _draw_map(self) -> None:
        series = self._read
        if series is None or not self._rows:
            return
        measure = self._chosen_measure
        values = self._courses.map_values(self._rows, measure)
        steps = [words.number_text(series, at) for at in range(len(series.steps))]
        names = [_short(visible(row.label, 80)) for row in self._rows]
        self._map.show_values(values, names, steps, starts_at_zero=measure.key != "spread")
        self._map.set_title("bottom", words.unit_heading(series))
        self._map.choose(self._row, self.slider.step)
        low, high = (words.value_text(float(f"{each:.3g}")) for each in self._map.colour_ends)
        of_row = " of each row's largest" if measure.is_scaled else ""
        self._legend.set_text(f"dark: {low}    bright: {high}{of_row}")

    def _draw_lines(self) -> None:
        series = self._read
        if series is None or self._row >= len(self._rows):
            return
        row, measure = self._rows[self._row], self._chosen_measure
        values = self._courses.values(row, measure.key)
        numbers = list(_numbers(series))
        points = list(zip(numbers, values.tolist(), strict=True))
        self._plot.show_courses([Course(row.label, points)])
        of_layer = (visible(row.label, 60), measure.title)
        self._caption.set_text("  ·  ".join(filter(None, of_layer)))
        self._plot.set_title("bottom", words.unit_heading(series))
        self._plot.mark_number(numbers[self.slider.step])

    def _choose_row(self, row: int) -> None:
        """Another layer: its lines, and its weights as pictures."""
        self._row = row
        self._map.choose(row, self.slider.step)
        self._next_turn.start()
        members = self._rows[row].weights if row < len(self._rows) else ()
        if self._read is not None:
            weights = [self._courses.weights[at] for at in members]
            self._picture.show_weights(self._read, weights, self.slider.step)

    def _show_step(self, step: int) -> None:
        self._picture.show_step(step)
        self._map.choose(self._row, step)
        if self._read is not None:
            self._plot.mark_number(list(_numbers(self._read))[step])

    # -------------------------------------------------------------- choosing

    @property
    def _chosen_measure(self) -> Measure:
        return MEASURES[max(0, self._measure.currentIndex())]

    def _take_slider(self, step: int) -> None:
        self._step = step
        self._show_step(step)
        self.step_chosen.emit(step)

    def _take_cell(self, row: int, step: int) -> None:
        self.slider.go_to(step)
        self._choose_row(row)
        self._take_slider(step)

    def _take_number(self, number: float) -> None:
        """A click in the lines: the step nearest to it."""
        if self._read is not None:
            far = [abs(each - number) for each in _numbers(self._read)]
            self.slider.go_to(far.index(min(far)))
            self._take_slider(self.slider.step)

    def _take_grouping(self) -> None:
        self._arrange_rows()
        self._draw_map()

    def _tell_cell(self, place: QPointF) -> None:
        cell = self._map.element_at(place.x(), place.y())
        if cell is None or self._read is None or cell[0] >= len(self._rows):
            return
        row, measure = self._rows[cell[0]], self._chosen_measure
        value = float(self._courses.values(row, measure.key)[cell[1]])
        told = "not known" if value != value else words.value_text(value)
        where = words.step_text(self._read, cell[1])
        self.status_changed.emit(f"{visible(row.label, 80)}, {where}: {told}")

    # -------------------------------------------------------------- placing

    def _describe(self) -> None:
        self._measure.setAccessibleName("What is drawn")
        for measure in MEASURES:
            self._measure.addItem(measure.title)
        self._measure.setToolTip("What the map and the line show")
        for at, measure in enumerate(MEASURES):
            self._measure.setItemData(at, measure.words, Qt.ItemDataRole.ToolTipRole)
        self._grouping.setAccessibleName("Rows of the map")
        self._grouping.setToolTip("A row for each layer, or one for each weight")
        self._grouping.addItems(["by layer", "by weight"])

    def _connect(self) -> None:
        self._measure.activated.connect(self._draw)
        self._grouping.activated.connect(self._take_grouping)
        self._map.cell_chosen.connect(self._take_cell)
        self._map.pointed.connect(self._tell_cell)
        self._map.unpointed.connect(lambda: self.status_changed.emit(""))
        self._plot.number_chosen.connect(self._take_number)
        self._picture.pointed_at.connect(self.status_changed)
        self.slider.step_chosen.connect(self._take_slider)
        self._redraw.timeout.connect(self._draw)
        self._next_turn.timeout.connect(self._draw_lines)
        self._notice.action_requested.connect(self._survey)
        self._busy.cancelled.connect(self._stop)
        self._reading.busy_changed.connect(self._busy.set_busy)

    def _arrange(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE_S)
        show = PlainLabel("Show", role="muted")
        show.setMinimumWidth(show.sizeHint().width())  # the legend gives way
        bar.addWidget(show)
        bar.addWidget(self._measure)
        bar.addWidget(self._grouping)
        bar.addWidget(self._legend)
        bar.addStretch(1)
        bar.addWidget(self._busy)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, theme.SPACE_S, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(self._caption)
        column.addWidget(self._plot, 1)
        left = _split(Qt.Orientation.Vertical, self._map, lower, sizes=(3, 2))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_S)
        whole.setSpacing(theme.SPACE_S)
        whole.addLayout(bar)
        whole.addWidget(self._notice)
        whole.addWidget(_split(Qt.Orientation.Horizontal, left, self._picture, sizes=(3, 2)), 1)
        whole.addWidget(self.slider)

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """Now it is looked at."""
        super().showEvent(event)
        self._begin()


def _split(orientation: Qt.Orientation, *parts: QWidget, sizes: tuple[int, ...]) -> QSplitter:
    split = QSplitter(orientation)
    for at, part in enumerate(parts):
        split.addWidget(part)
        split.setStretchFactor(at, sizes[at])
    split.setSizes([200 * size for size in sizes])
    split.setHandleWidth(1)
    split.setChildrenCollapsible(False)
    return split


def _documents(series: Series) -> tuple[str, ...]:
    return tuple(step.document for step in series.steps)


def _numbers(series: Series) -> Iterator[float]:
    """Epochs or steps; where a name states none, its place in the run."""
    for place, step in enumerate(series.steps):
        yield float(place if step.number is None else step.number)


def _short(name: str) -> str:
    """What names of layers differ in stands at their end."""
    return (
        name if len(name) <= _LONGEST else f"{name[: _LONGEST // 2 - 2]}…{name[-_LONGEST // 2 :]}"
    )
