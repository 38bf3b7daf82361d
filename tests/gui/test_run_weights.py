"""The weights of a run: the numbers of the map, and the picture that goes through the steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest
from answering_pool import WAIT, AnsweringPool
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.series.course_plot import CoursePlot
from h5viewer.gui.series.drift_map import DriftMap
from h5viewer.gui.series.measures import MEASURES, Courses
from h5viewer.gui.series.step_picture import StepPicture
from h5viewer.gui.series.weights_view import WeightsView
from h5viewer.nodes import (
    Array,
    Plane,
    Series,
    SeriesStep,
    SeriesSurvey,
    SeriesWeight,
    SeriesWeights,
    StepPlane,
    WeightCourse,
    WeightCourses,
)
from h5viewer.requests import ReadSeriesPlane, SurveySeries
from h5viewer.workers.pool import Pool


def weight(
    layer: str, name: str = "kernel", shape: tuple[int, ...] = (2, 3), n_steps: int = 3
) -> SeriesWeight:
    return SeriesWeight(
        layer=layer, name=name, shape=shape, dtype="float32",
        paths=tuple((layer.encode(), name.encode()) for _ in range(n_steps)),
    )  # fmt: skip


NAMES = ("minima", "maxima", "means", "stds", "norms", "from_first", "from_previous", "from_last")


def course(row: int, **lists: Sequence[float]) -> WeightCourse:
    n_steps = len(next(iter(lists.values())))
    known: dict[str, Any] = dict.fromkeys(NAMES, (0.0,) * n_steps)
    known["n_not_finite"] = (0,) * n_steps
    return WeightCourse(row=row, **(known | {name: tuple(v) for name, v in lists.items()}))


def series(n_steps: int = 3, n_bytes: int = 10) -> Series:
    steps = tuple(
        SeriesStep(document=f"/run/w-{n}.h5", files=(f"/run/w-{n}.h5",), number=n, n_bytes=n_bytes)
        for n in range(1, n_steps + 1)
    )
    return Series(name="w", folder="/run", steps=steps, latest=n_steps - 1)


def plane(step: int, n_rows: int = 2) -> StepPlane:
    values = Array.of(np.full((n_rows, 3), float(step), np.float32))
    return StepPlane(
        step=step,
        plane=Plane(
            values=values, row_start=0, column_start=0, row_step=1, column_step=1, n_rows=n_rows,
            n_columns=3, is_sharp=True,
        ),
    )  # fmt: skip


def survey(request: SurveySeries | None = None) -> Any:
    more = (0,) * (len(request.documents) - 3 if request is not None else 0)
    n = 3 + len(more)
    kernel, bias = weight("a", n_steps=n), weight("a", "bias", (3,), n)
    weights = (kernel, bias, weight("b", n_steps=n))
    courses = (
        course(0, norms=(3, 4, 4, *more), from_previous=(0, 3, 0, *more)),
        course(1, norms=(0, 3, 3, *more), from_previous=(0, 4, 0, *more)),
        course(2, norms=(1, 1, 2, *more), from_previous=(0, 0, 1, *more)),
    )
    parts = (SeriesWeights(weights=weights), WeightCourses(courses=courses))
    return parts, SeriesSurvey(n_weights=3, n_bytes=100)


def pictures(request: ReadSeriesPlane) -> object:
    n_rows = 1 if request.cut.rows is None else 2
    *parts, last = (plane(step, n_rows) for step in request.steps)
    return tuple(parts), last


@pytest.fixture
def pool() -> AnsweringPool:
    return AnsweringPool(SurveySeries=survey, ReadSeriesPlane=pictures)


@pytest.fixture
def view(qtbot: QtBot, pool: AnsweringPool) -> WeightsView:
    view = made(pool)
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show_series(series(), is_new=True)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: drift(view).overview is not None and picture_value(view) == 2.0)
    return view


def made(pool: AnsweringPool) -> WeightsView:
    view = WeightsView(cast("Pool", pool))
    for _ in view.make():
        pass
    return view


def drift(view: WeightsView) -> DriftMap:
    found = view.findChild(DriftMap)
    assert found is not None
    return found


def picture_value(view: WeightsView) -> float:
    """The number that every element of the picture has."""
    picture = view.findChild(StepPicture)
    assert picture is not None
    heat_map = picture._heat_map
    overview = heat_map.overview
    return math.nan if overview is None else float(overview.planes[0].values.values[0, 0])


def test_layer_changes_as_its_weights_together() -> None:
    """Distances and norms of kernel and bias add up as squares."""
    courses = Courses(3)
    parts, _ = survey()
    courses.add_weights(parts[0].weights)
    courses.add_courses(parts[1].courses)
    rows = courses.rows(by_layer=True)
    assert [row.label for row in rows] == ["a", "b"]
    assert courses.values(rows[0], "previous").tolist() == pytest.approx([0, 1, 0])  # 5 of 5
    assert courses.values(rows[0], "norm").tolist() == pytest.approx([3, 5, 5])
    scaled = courses.map_values(rows, next(m for m in MEASURES if m.key == "norm"))
    assert scaled[1].tolist() == pytest.approx([0.5, 0.5, 1])


def test_weights_in_no_layer_are_lines_with_names_of_their_own() -> None:
    courses = Courses(1)
    courses.add_weights([weight("", "step"), weight("a"), weight("", "a"), weight("a", "bias")])
    rows = courses.rows(by_layer=True)
    assert [(row.label, row.weights) for row in rows] == [
        ("step", (0,)),
        ("a", (1, 3)),
        ("a", (2,)),
    ]


def test_spread_of_a_layer_is_that_of_all_its_values() -> None:
    """Two weights of one value each, far apart, spread although neither does."""
    courses = Courses(1)
    courses.add_weights([weight("a", "k", (3,)), weight("a", "b", (1,))])
    values = np.array([2.0, 2.0, 2.0, 10.0])
    courses.add_courses([course(0, means=(2,), stds=(0,)), course(1, means=(10,), stds=(0,))])
    (row,) = courses.rows(by_layer=True)
    assert courses.values(row, "spread").tolist() == pytest.approx([values.std()])


def test_weight_that_a_step_lacks_has_no_number_there() -> None:
    """Neither 0, nor the number of its neighbours."""
    courses = Courses(3)
    courses.add_weights([weight("a")])
    courses.add_courses([course(0, norms=(1, math.nan, 2), from_first=(0, math.nan, 1))])
    (row,) = courses.rows(by_layer=False)
    for key in ("norm", "first"):
        assert np.isnan(courses.values(row, cast("Any", key))).tolist() == [False, True, False]


def test_scrubbing_asks_for_nothing(view: WeightsView, pool: AnsweringPool) -> None:
    """All steps of a weight are read once; the slider shows them."""
    slider = view.findChild(QSlider)
    assert slider is not None
    n_asked = len(pool.asked)
    for step in (0, 1, 2, 1):
        slider.setValue(step)
        assert picture_value(view) == step
    assert len(pool.asked) == n_asked


def test_all_steps_of_a_weight_with_one_axis_are_one_picture(
    qtbot: QtBot, view: WeightsView
) -> None:
    """Steps downwards, that which is looked at framed."""
    choice = next(box for box in view.findChildren(QComboBox) if "picture" in box.accessibleName())
    choice.setCurrentIndex(1)
    picture = view.findChild(StepPicture)
    assert picture is not None

    def values() -> list[list[float]]:
        overview = picture._heat_map.overview
        return [] if overview is None else overview.planes[0].values.values.tolist()

    qtbot.waitUntil(lambda: values() == [[0.0] * 3, [1.0] * 3, [2.0] * 3])
    assert picture._mark.rect().top() == 1.5
    view.go_to(0)
    assert picture._mark.rect().top() == -0.5
    told: list[str] = []
    view.status_changed.connect(told.append)
    picture._tell(QPointF(2, 1))
    assert told == ["epoch 2, element 2: 1"]
    choice.setCurrentIndex(0)
    qtbot.waitUntil(lambda: values() == [[0.0] * 3] * 2)
    assert not picture._mark.isVisible()


def test_step_that_is_looked_at_is_read_first(view: WeightsView, pool: AnsweringPool) -> None:
    """The others by how near they are."""
    (asked,) = pool.of(ReadSeriesPlane)
    assert asked.steps == (2, 1, 0)
    assert asked.nodes == ((b"a", b"kernel"),) * 3


def test_cell_of_the_map_chooses_layer_and_step(
    qtbot: QtBot, view: WeightsView, pool: AnsweringPool
) -> None:
    """By keyboard from cell to cell; others hear of the step."""
    heat_map = drift(view)
    heat_map.setFocus()
    with qtbot.waitSignal(view.step_chosen) as told:
        qtbot.keyClick(heat_map, Qt.Key.Key_Left)
    assert told.args == [1]
    qtbot.keyClick(heat_map, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: pool.of(ReadSeriesPlane)[-1].nodes[0] == (b"b", b"kernel"))
    assert picture_value(view) == 1.0
    qtbot.keyClick(heat_map, Qt.Key.Key_Down)  # there is no third layer
    assert len(pool.of(ReadSeriesPlane)) == 2


def test_lines_are_headed_by_their_layer_and_what_they_show(
    qtbot: QtBot, view: WeightsView
) -> None:
    """The axis below counts epochs and says no more than that."""
    qtbot.keyClick(drift(view), Qt.Key.Key_Down)
    heading = f"b  ·  {MEASURES[0].title}"
    qtbot.waitUntil(lambda: heading in [label.text() for label in view.findChildren(PlainLabel)])
    plot = view.findChild(CoursePlot)
    assert plot is not None
    assert plot.getAxis("bottom").labelText == "Epoch"


def test_rows_are_weights_where_wanted(view: WeightsView) -> None:
    """The chosen layer's weight stays chosen."""
    grouping = next(
        box for box in view.findChildren(QComboBox) if box.accessibleName() == "Rows of the map"
    )
    assert drift(view).n_rows == 2
    grouping.setCurrentIndex(1)
    grouping.activated.emit(1)
    assert drift(view).n_rows == 3


def test_short_run_is_read_again_when_a_step_comes(
    qtbot: QtBot, view: WeightsView, pool: AnsweringPool
) -> None:
    """What is looked at stays, unless it is the newest."""
    slider = view.findChild(QSlider)
    assert slider is not None
    slider.setValue(1)
    view.show_series(series(4), is_new=False)
    qtbot.waitUntil(lambda: len(pool.of(SurveySeries)) == 2)
    assert len(pool.of(SurveySeries)[1].documents) == 4
    qtbot.waitUntil(lambda: drift(view).n_columns == 4)
    assert picture_value(view) == 1.0
    slider.setValue(3)
    view.show_series(series(5), is_new=False)
    qtbot.waitUntil(lambda: picture_value(view) == 4.0)


def test_long_run_is_read_again_only_on_demand(qtbot: QtBot, pool: AnsweringPool) -> None:
    """A gigabyte is not read at every epoch."""
    view = made(pool)
    qtbot.addWidget(view)
    view.show_series(series(3, 1 << 30), is_new=True)
    with qtbot.waitExposed(view):
        view.show()
    view.show_series(series(4, 1 << 30), is_new=False)
    assert len(pool.of(SurveySeries)) == 1
    assert view._notice.message == "1 step came since the weights were read."
    button = next(b for b in view.findChildren(QPushButton) if b.text() == "Read again")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(pool.of(SurveySeries)) == 2
    qtbot.waitUntil(lambda: drift(view).overview is not None)


def test_run_that_cannot_be_read_says_so(qtbot: QtBot) -> None:
    """In the reader's sentence; nothing is left running."""
    pool = AnsweringPool(SurveySeries=lambda _: CannotRead("No file can be read."))
    view = made(pool)
    qtbot.addWidget(view)
    view.show_series(series(), is_new=True)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: view._notice.message == "No file can be read.")


def test_closed_run_is_not_read_on(qtbot: QtBot) -> None:
    """What was asked for is cancelled."""
    pool = AnsweringPool(SurveySeries=lambda _: WAIT)
    view = made(pool)
    qtbot.addWidget(view)
    view.show_series(series(), is_new=True)
    with qtbot.waitExposed(view):
        view.show()
    view.clear()
    assert not view._reading.is_waiting


def test_usual_names_of_layers_stand_whole_beside_the_map(qtbot: QtBot) -> None:
    long = "encoder_block_12_layer_normalization_2"
    layers = ("separable_conv2d_10", "layer_with_weights-0", long)
    weights = SeriesWeights(weights=tuple(weight(layer) for layer in layers))
    known = WeightCourses(courses=tuple(course(row, norms=(1, 2, 3)) for row in range(3)))
    ended = SeriesSurvey(n_weights=3, n_bytes=100)
    view = made(
        AnsweringPool(SurveySeries=lambda _: ((weights, known), ended), ReadSeriesPlane=pictures)
    )
    qtbot.addWidget(view)
    view.show_series(series(), is_new=True)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: drift(view).overview is not None)
    axis = drift(view).getAxis("left")
    assert axis.tickStrings([0.0, 1.0, 2.0], 1.0, 1.0) == [
        *layers[:2], "encoder_bl…malization_2",
    ]  # fmt: skip


def test_the_legend_gives_way_in_a_narrow_window(qtbot: QtBot, view: WeightsView) -> None:
    narrow = view.minimumSizeHint().width()
    view.resize(narrow, 500)
    qtbot.waitUntil(lambda: view.width() == narrow)
    labels = [each for each in view.findChildren(PlainLabel) if each.whole_text == "Show"]
    assert [each.text() for each in labels] == ["Show"]
