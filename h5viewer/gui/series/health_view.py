"""The health of a run: how much is wrong at each step, and since when."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice
from h5viewer.gui.controls.pages import Pages
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.gui.series import step_words as words
from h5viewer.gui.series.course_plot import Course, CoursePlot
from h5viewer.gui.series.finding_course_model import STEPS, FindingCourseModel
from h5viewer.gui.series.run_view import RunView
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import FindingCourse, Series, SeriesHealth, StepChecked
from h5viewer.requests import CheckSeries
from h5viewer.wording import count_text, plural
from h5viewer.workers.pool import Pool


class HealthView(RunView):
    """Checks every file of the run, when it is first looked at."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._series: Series | None = None
        self._checked: Series | None = None  # as it was checked
        self._steps: dict[int, StepChecked] = {}
        self._reading = Latest(pool, self)
        self._notice = Notice()
        self._busy = Busy("Checking every step…")
        self._sentence = PlainLabel(wrap=True)
        self._model = FindingCourseModel(self)
        self.table = RowTable("Findings over the run")
        self.table.setModel(self._model)
        self.table.setToolTip("Enter or a double click goes to the step where it began")
        self._words = PlainLabel(role="muted", wrap=True)
        self._sound = EmptyState("check", "Nothing is wrong", "No step of this run has findings.")
        self._pages = Pages()

    def make(self) -> Iterator[None]:
        """The plot, then the rest."""
        self._plot = CoursePlot("Findings at each step", shows_counts=True)
        yield
        self._arrange()
        self.table.row_changed.connect(self._show_words)
        self.table.activated.connect(self._go_to)
        self._plot.number_chosen.connect(self._take_number)
        self._reading.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._stop)
        self._notice.action_requested.connect(self._check)

    def show_series(self, series: Series, *, is_new: bool) -> None:
        """Check it when it is seen."""
        if is_new:
            self.clear()
        self._series = series
        if self.isVisible():
            self._begin()

    def clear(self) -> None:
        """Stop reading, forget the run."""
        self._reading.cancel()
        self._series = self._checked = None
        self._steps = {}
        self._model.show_findings(None, ())
        self._plot.show_courses(())
        self._sentence.set_text("")
        self._words.set_text("")
        self._notice.clear()

    def _begin(self) -> None:
        """Check, unless it was; of steps that came since it is told only."""
        series, checked = self._series, self._checked
        if series is None:
            return
        if checked is None:
            self._check()
            return
        known = {step.document for step in checked.steps}
        n_new = sum(step.document not in known for step in series.steps)
        if n_new:
            self._notice.show_text(
                f"{plural(n_new, 'step')} came since the run was checked.", action="Check again"
            )

    def _check(self) -> None:
        series = self._series
        if series is None:
            return
        self._checked, self._steps = series, {}
        self._notice.clear()
        self._pages.setCurrentIndex(0)
        self._model.show_findings(None, ())
        self._fit_columns()
        documents = tuple(step.document for step in series.steps)
        self._reading.ask(
            CheckSeries(document=documents[0], others=documents[1:]),
            self._show,
            on_part=self._take,
            on_failure=self._fail,
            on_progress=self._busy.show_progress,
        )

    def _take(self, part: object) -> None:
        if isinstance(part, StepChecked):
            self._steps[part.step] = part
            self._draw()

    def _show(self, health: SeriesHealth) -> None:
        self._steps = {each.step: each for each in health.steps}
        self._draw()
        self._model.show_findings(self._checked, health.findings)
        self._fit_columns()
        problems = [each for each in health.steps if each.problem]
        is_sound = not health.findings and not problems
        self._pages.setCurrentIndex(1 if is_sound else 0)
        self._sentence.set_text(self._told(health))
        if problems:
            self._notice.show_text(
                f"{plural(len(problems), 'step')} could not be checked.",
                severity="warning",
                details="\n".join(each.problem for each in problems),
            )
        if health.findings:
            self.table.selectRow(0)

    def _fit_columns(self) -> None:
        self.table.fit_columns(widest=360, first=180, last=90, whole=STEPS)

    def _told(self, health: SeriesHealth) -> str:
        """The gravest in a sentence: "NaN or infinity since epoch 12 in dense_2/kernel"."""
        if self._checked is None or not health.findings:
            return ""
        found = health.findings[0]
        where = visible("/".join(part for part in (found.layer, found.weight) if part), 200)
        when = _when(found, self._checked)
        return f"{found.title} {when}" + (f" in {where}." if where else ".")

    def _draw(self) -> None:
        series = self._checked
        if series is None:
            return
        places = [at for at in sorted(self._steps) if at < len(series.steps)]
        x = [float(n if (n := series.steps[at].number) is not None else at) for at in places]
        steps = [self._steps[at] for at in places]
        self._plot.show_courses(
            [
                Course("serious", list(zip(x, (s.n_serious for s in steps), strict=True)), "error"),
                Course(
                    "warnings", list(zip(x, (s.n_warnings for s in steps), strict=True)), "warning"
                ),
                Course("notes", list(zip(x, (s.n_notes for s in steps), strict=True)), "muted"),
            ]
        )
        self._plot.set_title("left", "Findings")
        self._plot.set_title("bottom", words.unit_heading(series))

    def _show_words(self, index: QModelIndex) -> None:
        found = self._model.finding(index.row()) if index.isValid() else None
        if found is None or self._checked is None:
            self._words.set_text("")
            return
        self._plot.mark_number(self._number(found.steps[0]))
        self._words.set_text(self._lines(found, self._checked))

    def _lines(self, found: FindingCourse, series: Series) -> str:
        ends = dict.fromkeys((found.steps[0], found.steps[-1]))
        told = zip(ends, found.messages, strict=False)
        return "\n".join(
            f"{words.step_text(series, step).capitalize()}: {visible(message, 1000)}"
            for step, message in told
        )

    def _number(self, step: int) -> float:
        number = self._checked.steps[step].number if self._checked is not None else None
        return float(step if number is None else number)

    def _go_to(self, index: QModelIndex) -> None:
        found = self._model.finding(index.row())
        if found is not None:
            self.step_chosen.emit(found.steps[0])

    def _take_number(self, number: float) -> None:
        if self._checked is not None:
            far = [abs(self._number(at) - number) for at in range(len(self._checked.steps))]
            self.step_chosen.emit(far.index(min(far)))

    def _stop(self) -> None:
        self._reading.cancel()
        self._notice.show_text(
            f"Only {count_text(len(self._steps))} steps were checked.",
            severity="warning",
            action="Check again",
        )

    def _fail(self, error: H5ViewerError) -> None:
        self._notice.show_error(error, action="Check again")

    def _arrange(self) -> None:
        legend = PlainLabel("red: serious    amber: warnings    grey: notes", role="muted")
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, theme.SPACE_S)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(self._sentence)
        column.addWidget(legend)
        column.addWidget(self._plot, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(upper)
        split.addWidget(self.table)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        report = QWidget()
        inside = QVBoxLayout(report)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.SPACE_S)
        inside.addWidget(split, 1)
        inside.addWidget(self._words)
        self._pages.addWidget(report)
        self._pages.addWidget(self._sound)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(*[theme.SPACE_M] * 4)
        whole.setSpacing(theme.SPACE_S)
        whole.addWidget(self._busy)
        whole.addWidget(self._notice)
        whole.addWidget(self._pages, 1)

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """Now it is looked at."""
        super().showEvent(event)
        self._begin()


def _when(found: FindingCourse, series: Series) -> str:
    """`since epoch 12`; of what is over, when it was."""
    first, last = (words.step_text(series, found.steps[end]) for end in (0, -1))
    if found.steps[-1] == len(series.steps) - 1:
        return f"since {first}"
    return f"at {first}" if first == last else f"from {first} to {last}"
