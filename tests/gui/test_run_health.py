"""The health of a run, and the tables of runs as item models."""

from __future__ import annotations

from typing import cast

import pytest
from answering_pool import AnsweringPool
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from h5viewer.gui import theme
from h5viewer.gui.series.course_plot import CoursePlot
from h5viewer.gui.series.finding_course_model import FindingCourseModel
from h5viewer.gui.series.health_view import HealthView
from h5viewer.gui.series.step_item_model import StepItemModel
from h5viewer.gui.series.steps_view import StepsView
from h5viewer.nodes import (
    FindingCourse,
    Metric,
    MetricCurve,
    Series,
    SeriesHealth,
    SeriesStep,
    StepChecked,
)
from h5viewer.requests import CheckSeries
from h5viewer.workers.pool import Pool

NAN = FindingCourse(
    gravity="serious", kind="nan", title="Not a number", layer="dense_2", weight="kernel",
    steps=(1, 2), messages=("1 value is NaN.", "6 values are NaN."),
)  # fmt: skip
ZERO = FindingCourse(
    gravity="note", kind="zero", title="All zero", layer="dense_1", weight="bias",
    steps=(0,), messages=("All 3 values are 0.", "All 3 values are 0."),
)  # fmt: skip


def series(n_steps: int = 3) -> Series:
    steps = tuple(
        SeriesStep(
            document=f"/run/w-{number}.h5",
            files=(f"/run/w-{number}.h5",),
            number=10 * number,
            metrics=(Metric(name="val_acc", value=1 / number),),
            n_bytes=number,
        )
        for number in range(1, n_steps + 1)
    )
    return Series(name="w", folder="/run", steps=steps, latest=n_steps - 1)


def report(request: CheckSeries, *findings: FindingCourse) -> object:
    steps = tuple(
        StepChecked(step=at, n_serious=int(at > 0), n_warnings=0, n_notes=0)
        for at in range(len(request.documents))
    )
    return steps, SeriesHealth(steps=steps, findings=findings)


def shown(qtbot: QtBot, *findings: FindingCourse) -> tuple[HealthView, AnsweringPool]:
    pool = AnsweringPool(CheckSeries=lambda request: report(request, *findings))
    view = HealthView(cast("Pool", pool))
    for _ in view.make():
        pass
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show_series(series(), is_new=True)
    with qtbot.waitExposed(view):
        view.show()
    return view, pool


def test_health_says_since_when(qtbot: QtBot) -> None:
    """The gravest in a sentence, all of them in the table, with the words of both ends."""
    view, _ = shown(qtbot, NAN, ZERO)
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 2)
    assert view._sentence.whole_text == "Not a number since epoch 20 in dense_2/kernel."
    table = view.table.model()
    cells = [[table.index(row, column).data() for column in range(5)] for row in range(2)]
    assert cells == [
        ["Not a number", "dense_2/kernel", "epoch 20", "the end", "2 steps"],
        ["All zero", "dense_1/bias", "epoch 10", "epoch 10", "1 step"],
    ]
    assert view._words.whole_text == "Epoch 20: 1 value is NaN.\nEpoch 30: 6 values are NaN."


@pytest.mark.parametrize(
    ("steps", "when"),
    [((1, 2), "since epoch 20"), ((0,), "at epoch 10"), ((0, 1), "from epoch 10 to epoch 20")],
)
def test_health_says_what_is_over(qtbot: QtBot, steps: tuple[int, ...], when: str) -> None:
    view, _ = shown(qtbot, replace(NAN, steps=steps))
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 1)
    assert view._sentence.whole_text == f"Not a number {when} in dense_2/kernel."


def test_steps_of_findings_are_whole_in_a_narrow_window(qtbot: QtBot) -> None:
    view, _ = shown(qtbot, replace(NAN, layer="encoder/block_12/layer_normalization"), ZERO)
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 2)
    view.resize(420, 500)
    for column in (2, 3):
        needed = view.table.sizeHintForColumn(column)
        qtbot.waitUntil(lambda: view.table.columnWidth(column) >= needed)  # noqa: B023


def test_enter_goes_to_where_it_began(qtbot: QtBot) -> None:
    """By the place of the step."""
    view, _ = shown(qtbot, NAN)
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 1)
    with qtbot.waitSignal(view.step_chosen) as told:
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert told.args == [1]


def test_findings_are_counted_in_whole_numbers(qtbot: QtBot) -> None:
    """One finding is not drawn beside half a one."""
    view, _ = shown(qtbot, NAN)
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 1)
    plot = view.findChild(CoursePlot)
    assert plot is not None
    ticks = plot.getAxis("left").tickValues(-0.1, 1.1, 300)
    assert [value for _, values in ticks for value in values] == [0, 1]


def test_sound_run_is_called_so(qtbot: QtBot) -> None:
    """In the place of an empty table."""
    view, _ = shown(qtbot)
    qtbot.waitUntil(view._sound.isVisible)


def test_new_step_is_told_and_checked_on_demand(qtbot: QtBot) -> None:
    """Reading all files at every epoch is not for health."""
    view, pool = shown(qtbot, NAN)
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 1)
    view.show_series(series(4), is_new=False)
    assert view._notice.message == "1 step came since the run was checked."
    assert len(pool.of(CheckSeries)) == 1
    button = next(b for b in view.findChildren(QPushButton) if b.text() == "Check again")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(pool.of(CheckSeries)) == 2)
    assert len(pool.of(CheckSeries)[1].documents) == 4
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 1)


def test_tables_are_proper_item_models(qtbot: QtBot) -> None:
    """As Qt checks them."""
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    steps, findings = StepItemModel(), FindingCourseModel()
    testers = [QAbstractItemModelTester(model, mode) for model in (steps, findings)]
    steps.show_series(series())
    steps.mark_best(1)
    findings.show_findings(series(), (NAN, ZERO))
    assert (steps.rowCount(), findings.rowCount()) == (3, 2)
    steps.show_series(None)
    assert steps.rowCount() == 0
    assert testers


@pytest.mark.parametrize(
    ("column", "order", "expected"),
    [
        (0, Qt.SortOrder.DescendingOrder, [2, 1, 0]),
        (1, Qt.SortOrder.AscendingOrder, [2, 1, 0]),
        (2, Qt.SortOrder.AscendingOrder, [0, 1, 2]),
        (-1, Qt.SortOrder.AscendingOrder, [0, 1, 2]),
    ],
)
def test_steps_are_sorted_by_any_column(
    column: int, order: Qt.SortOrder, expected: list[int]
) -> None:
    """Number, metric, size; or as they were saved."""
    model = StepItemModel()
    model.show_series(series())
    model.sort_rows(column, order)
    assert [model.place(row) for row in range(3)] == expected
    assert [model.row(place) for place in expected] == [0, 1, 2]


def test_metric_of_the_best_step_is_not_cut(qtbot: QtBot) -> None:
    """It is written bold, and so wider than the others."""
    values = (0.83, 0.76, 0.48)
    run = Series(
        name="w",
        folder="/run",
        steps=tuple(
            SeriesStep(
                document=f"/run/{n}.h5",
                files=(f"/run/{n}.h5",),
                number=n,
                metrics=(Metric(name="m", value=value),),
            )
            for n, value in enumerate(values)
        ),
        curves=(MetricCurve(name="m", points=tuple(enumerate(values)), direction="min"),),
    )
    view = StepsView(CoursePlot("Metrics"))
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show_series(run, is_new=True)
    with qtbot.waitExposed(view):
        view.show()
    best = view.table.model().index(2, 1)
    font = best.data(Qt.ItemDataRole.FontRole)
    needed = QFontMetrics(font).horizontalAdvance(best.data()) + 2 * theme.SPACE_S
    assert font.weight() > view.table.font().weight()
    assert view.table.columnWidth(1) >= needed
