"""A run of training on view: what it is, what can be done with it, its views behind tabs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.pages import Pages
from h5viewer.gui.node_text import from_home, plain_tooltip
from h5viewer.gui.series import step_words as words
from h5viewer.gui.series.course_plot import CoursePlot
from h5viewer.gui.series.health_view import HealthView
from h5viewer.gui.series.resume_view import ResumeView
from h5viewer.gui.series.run_view import RunView
from h5viewer.gui.series.steps_view import StepsView
from h5viewer.gui.series.weights_view import WeightsView
from h5viewer.gui.turns import Turns, polish
from h5viewer.names import visible
from h5viewer.nodes import Series
from h5viewer.workers.pool import Pool

_ICON = 22
_LAST = (3, 5, 10)  # steps that are offered to be averaged


class ViewKind(msgspec.Struct, frozen=True):
    """One row of the table."""

    title: str
    icon: str
    tooltip: str
    create: Callable[[Pool], RunView]


VIEWS = (
    ViewKind("Weights", "weights", "How far each layer went, and how it looked", WeightsView),
    ViewKind("Health", "check", "What is wrong, and since when", HealthView),
    ViewKind("Resume", "play", "How to train on from the chosen step", ResumeView),
)
"""What stands behind the tabs after that of the steps."""


class RunPage(QWidget):
    """Shows one run at a time.

    Signals:
        open_wanted(path: str): the file of a step.
        status_changed(str): for the status line.
        average_wanted(paths: list[str]): one file is to be made of these.
        export_wanted(path: str): of the best step.
        compare_wanted(path: str, other: str): two steps are to be seen side by side.
        clean_up_wanted: files that are not needed are to go.
    """

    open_wanted = Signal(str)
    status_changed = Signal(str)
    average_wanted = Signal(list)
    export_wanted = Signal(str)
    compare_wanted = Signal(str, str)
    clean_up_wanted = Signal()

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._series: Series | None = None
        self._icon = QLabel()
        self._icon.setFixedSize(_ICON, _ICON)
        self._name = PlainLabel()
        self._name.setFont(theme.scaled_font(1.3, QFont.Weight.DemiBold))
        self._where = PlainLabel(role="muted", elide=Qt.TextElideMode.ElideMiddle)
        self._facts = PlainLabel(role="muted")
        self._views: list[RunView] = []  # that are made so far
        self._making = self._make_views()
        self._turns = Turns(self)
        self._average = QPushButton("Average")
        self._average.setToolTip("Make one network of several steps, in a new file")
        self._average.setMenu(QMenu(self._average))
        self._export = QPushButton("Export the best…")
        self._clean_up = QPushButton("Clean up…")
        self._clean_up.setToolTip("Choose which files to keep, and move the others to the trash")
        self._tabs = QTabBar()
        self._pages = Pages()
        self._add_tab("Steps", "table", "Metrics, sizes and dates")
        for kind in VIEWS:
            self._add_tab(kind.title, kind.icon, kind.tooltip)
        self._arrange()
        self._tabs.currentChanged.connect(self._show_tab)
        self._average.menu().aboutToShow.connect(self._fill_averages)
        self._export.clicked.connect(self._tell_export)
        self._clean_up.clicked.connect(self.clean_up_wanted)
        theme.changed.connect(self._draw_icon)
        self._draw_icon()

    def make(self) -> Iterator[None]:
        """What is seen first, a step a turn; before that nothing else is called."""
        plot = CoursePlot("Metrics over the run")
        yield
        self.steps = StepsView(plot)
        self.steps.open_wanted.connect(self.open_wanted)
        self.steps.best_changed.connect(self._show_best)
        self.steps.compare_wanted.connect(self.compare_wanted)
        self.steps.average_wanted.connect(self.average_wanted)
        self.steps.export_wanted.connect(self.export_wanted)
        self._pages.addWidget(self.steps)
        yield
        yield from polish(self)
        yield

    def show_series(self, series: Series, *, is_new: bool) -> None:
        """Show a run, or what has become of the one that is shown."""
        self._series = series
        self._name.set_text(words.run_name(series))
        self._where.set_text(visible(from_home(series.folder), 4000))
        self._facts.set_text("  ·  ".join([*words.run_facts(series), *series.notes]))
        self.setAccessibleName(f"Run {words.run_name(series)}")
        for view in self._views:
            view.show_series(series, is_new=is_new)
        self.steps.show_series(series, is_new=is_new)
        if len(self._views) < len(VIEWS):
            self._turns.begin(self._making)

    def clear(self) -> None:
        """Forget the run, stop what is asked for."""
        self._series = None
        self.steps.clear()
        for view in self._views:
            view.clear()

    def _show_best(self) -> None:
        best, series = self.steps.best, self._series
        self._export.setEnabled(best is not None)
        where = "" if best is None or series is None else words.step_text(series, best)
        told = f"Write a new file made of {where}" if where else "The run has no metrics to go by"
        self._export.setToolTip(plain_tooltip(told))

    def _tell_export(self) -> None:
        best = self.steps.best
        if best is not None and self._series is not None:
            self.export_wanted.emit(self._series.steps[best].document)

    def _fill_averages(self) -> None:
        """The chosen steps, or the last ones."""
        menu, series, chosen = self._average.menu(), self._series, self.steps.chosen
        menu.clear()
        if series is None:
            return
        n_steps = len(series.steps)
        sets = [(f"The {len(chosen)} chosen steps", chosen)] if len(chosen) > 1 else []
        sets += [(f"The last {n}", list(range(n_steps - n, n_steps))) for n in _LAST if n < n_steps]
        for text, places in [*sets, ("All steps", list(range(n_steps)))]:
            paths = [series.steps[place].document for place in places]
            menu.addAction(text).triggered.connect(partial(self.average_wanted.emit, paths))

    def _add_tab(self, title: str, icon: str, tooltip: str) -> None:
        index = self._tabs.addTab(theme.icon(icon, "muted"), title)
        self._tabs.setTabToolTip(index, tooltip)

    def _show_tab(self, index: int) -> None:
        """Make the view now if its turn has not come."""
        while self._pages.count() <= index:
            next(self._making)
        self._pages.setCurrentIndex(index)

    def _make_views(self) -> Iterator[None]:
        """In steps that hold the window up for less than 50 ms each."""
        for kind in VIEWS:
            view = kind.create(self._pool)
            yield
            yield from view.make()
            yield from polish(view)
            yield
            self.steps.step_chosen.connect(view.go_to)
            view.step_chosen.connect(self.steps.go_to)
            view.status_changed.connect(self.status_changed)
            if self._series is not None:
                view.show_series(self._series, is_new=True)
                view.go_to(self.steps.step)
            self._pages.addWidget(view)
            self._views.append(view)
            yield

    def _arrange(self) -> None:
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # else no style sheet fills it
        self._tabs.setAccessibleName("Views of the run")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        upper = QHBoxLayout()
        upper.setSpacing(theme.SPACE_S)
        upper.addWidget(self._icon)
        upper.addWidget(self._name, 1)
        for button in (self._average, self._export, self._clean_up):
            button.setAccessibleName(button.text())
            upper.addWidget(button)
        header = QVBoxLayout()
        header.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_S)
        header.setSpacing(theme.SPACE_XS)
        header.addLayout(upper)
        header.addWidget(self._where)
        header.addWidget(self._facts)
        tabs = QVBoxLayout()
        tabs.setContentsMargins(theme.SPACE_S, 0, theme.SPACE_S, 0)
        tabs.addWidget(self._tabs)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addLayout(tabs)
        column.addWidget(line())
        column.addWidget(self._pages, 1)

    def _draw_icon(self) -> None:
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(theme.pixmap("training", _ICON, "accent", ratio))
