"""The array panel with real workers: what is drawn, read and said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from array_files import KERNEL_AXES, Heard, Select, make_arrays, select
from on_screen import on_screen
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from h5viewer.gui.array.array_panel import ArrayPanel
from h5viewer.gui.array.colour_maps import DIVERGING, SEQUENTIAL, colour_table
from h5viewer.gui.array.heat_map import HeatMap
from h5viewer.workers.pool import Pool


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_arrays(tmp_path_factory.mktemp("arrays") / "arrays.h5")


@pytest.fixture
def chosen(qtbot: QtBot, pool: Pool, arrays: Path) -> Select:
    return lambda name, axes=(): select(qtbot, pool, arrays, name, axes)


@pytest.fixture
def panel(qtbot: QtBot, pool: Pool) -> Iterator[ArrayPanel]:
    with on_screen(qtbot, ArrayPanel(pool), 780, 560) as panel:
        yield panel


@pytest.fixture
def heat_map(panel: ArrayPanel) -> HeatMap:
    return panel._picture.heat_map


def _until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=20_000)


def _shown(heat_map: HeatMap) -> np.ndarray | None:
    """What is drawn of the whole cut, once it is sharp."""
    overview = heat_map.overview
    if overview is None or not overview.planes[0].is_sharp:
        return None
    return overview.planes[0].values.values


def _pixel(heat_map: HeatMap, row: int, column: int) -> list[int]:
    """The colour that pyqtgraph holds for a pixel of the overview."""
    return heat_map._items[0].image[row, column].tolist()


def _point_at(heat_map: HeatMap, row: int, column: int) -> None:
    heat_map.pointed.emit(QPointF(column, row))


# ------------------------------------------------------------------------ cuts


def test_a_kernel_opens_at_its_centre(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("kernel", KERNEL_AXES))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    kernel = np.arange(180, dtype=np.float32).reshape(3, 3, 4, 5) - 90
    assert np.array_equal(_shown(heat_map), kernel[1, 1])
    assert panel._axis_choice._rows.currentText() == "in (4)"


def test_another_axis_shows_another_cut(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("kernel", KERNEL_AXES))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    rows = panel._axis_choice._rows
    rows.setFocus()
    qtbot.keyClick(rows, Qt.Key.Key_Up)  # in -> kernel width
    kernel = np.arange(180, dtype=np.float32).reshape(3, 3, 4, 5) - 90
    _until(qtbot, lambda: np.array_equal(_shown(heat_map), kernel[1, :, 0, :]))


def test_a_slider_shows_another_position(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("kernel", KERNEL_AXES))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    control = panel._axis_choice._controls[0]
    qtbot.keyClick(control._slider, Qt.Key.Key_Right)
    kernel = np.arange(180, dtype=np.float32).reshape(3, 3, 4, 5) - 90
    _until(qtbot, lambda: np.array_equal(_shown(heat_map), kernel[2, 1]))
    assert control._box.value() == 2


def test_swapping_axes_turns_the_picture(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("counts"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    qtbot.mouseClick(panel._axis_choice._swap, Qt.MouseButton.LeftButton)
    _until(qtbot, lambda: np.array_equal(_shown(heat_map), np.arange(12).reshape(3, 4).T))


def test_choosing_the_axis_of_the_other_list_swaps_both(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("counts"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    qtbot.keyClick(panel._axis_choice._rows, Qt.Key.Key_Down)
    cut = panel._axis_choice.cut
    assert (cut.rows, cut.columns) == (1, 0)
    _until(qtbot, lambda: np.shape(_shown(heat_map)) == (4, 3))


def test_no_rows_draw_a_line(qtbot, panel, chosen) -> None:
    panel.show_selection(chosen("counts"))
    qtbot.keyClick(panel._axis_choice._rows, Qt.Key.Key_End)
    plot = panel._line.line_plot
    _until(qtbot, lambda: plot.overview is not None)
    assert plot.overview.low.values.tolist() == [0, 1, 2, 3]
    assert plot.isVisible()
    assert not panel._colours.isVisible()


def test_sixteen_axes_have_fourteen_sliders(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("many_axes"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    assert len(panel._axis_choice._controls) == 14
    panel._axis_choice._controls[13]._box.setValue(1)
    _until(qtbot, lambda: np.array_equal(_shown(heat_map), [[4, 5], [6, 7]]))


# ---------------------------------------------------------------------- colours


def test_signed_data_is_drawn_around_zero(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("kernel", KERNEL_AXES))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    assert panel._colours.colour_map is DIVERGING
    assert heat_map.levels.low == -heat_map.levels.high


def test_data_without_negatives_is_drawn_from_low_to_high(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("counts"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    assert panel._colours.colour_map is SEQUENTIAL
    assert (heat_map.levels.low, heat_map.levels.high) == (0, 11)


def test_another_colour_map_repaints_the_picture(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("counts"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    assert _pixel(heat_map, 0, 0) == colour_table(SEQUENTIAL)[0].tolist()
    choice = panel._colours._map
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)  # the row below
    other = panel._colours.colour_map
    assert other is not SEQUENTIAL
    assert _pixel(heat_map, 0, 0) == colour_table(other)[0].tolist()
    qtbot.mouseClick(panel._colours._reverse, Qt.MouseButton.LeftButton)
    assert _pixel(heat_map, 0, 0) == colour_table(other)[255].tolist()


def test_dragging_a_handle_of_the_colour_bar_sets_the_levels(
    qtbot, panel, heat_map, chosen
) -> None:
    panel.show_selection(chosen("counts"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    panel._statistics.level_bar._handles[1].setValue(5.0)
    assert heat_map.levels.high == pytest.approx(5.0)
    assert (
        _pixel(heat_map, 2, 3) == _pixel(heat_map, 1, 2) == colour_table(SEQUENTIAL)[255].tolist()
    )
    assert panel._colours.mode == "manual"


def test_typed_levels_are_taken(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("counts"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    field = panel._colours._high
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "2.5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert heat_map.levels.high == 2.5


def test_nan_is_marked_and_counted(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("special"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    table = colour_table(panel._colours.colour_map)
    assert _pixel(heat_map, 1, 2) == table[256].tolist()
    assert _pixel(heat_map, 2, 3) == table[255].tolist()
    assert _pixel(heat_map, 3, 4) == table[0].tolist()
    statistics = panel._statistics
    _until(qtbot, lambda: statistics.statistics is not None)
    assert statistics.text_of("NaN") == "1 (4.2 %)"
    assert statistics.text_of("+∞") == "1 (4.2 %)"
    assert statistics.text_of("−∞") == "1 (4.2 %)"
    assert statistics._table._legend.isVisible()


def test_whole_numbers_are_not_counted_as_nan_or_infinite(qtbot, panel, chosen) -> None:
    """They cannot be; the lines come back with the next dataset that they are about."""
    for name, are_shown in (("counts", False), ("special", True)):
        panel.show_selection(chosen(name))
        _until(qtbot, lambda: panel._statistics.statistics is not None)
        table = panel._statistics._table
        for line in ("NaN", "+∞", "−∞", "Denormal"):
            assert table._names[line].isVisible() == table._values[line].isVisible() == are_shown
        assert table._values["Zeros"].isVisible()


def test_stored_colours_are_drawn_as_they_are(qtbot, panel, heat_map, chosen) -> None:
    selection = chosen("pictures")
    panel.show_selection(selection)
    _until(qtbot, lambda: _shown(heat_map) is not None)
    pixels = np.random.default_rng(0)
    pixels.standard_normal((3000, 2000))
    pictures = pixels.integers(0, 256, (6, 16, 16, 3), np.uint8)
    assert _pixel(heat_map, 3, 4) == [*pictures[0, 3, 4].tolist(), 255]
    assert list(panel._axis_choice._controls) == [0]
    qtbot.keyClick(panel._colours._map, Qt.Key.Key_Down)
    _until(qtbot, lambda: heat_map.overview and not heat_map.overview.is_colour)
    assert list(panel._axis_choice._controls) == [0, 3]


# ------------------------------------------------------------------ zoom, cursor


def test_an_extreme_is_seen_in_the_overview_and_found_by_zooming(
    qtbot, panel, heat_map, chosen
) -> None:
    panel.show_selection(chosen("large"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    plane = heat_map.overview.planes[0]
    assert plane.row_step > 1
    assert 99.5 in plane.values.values
    heat_map.box.setRange(xRange=(760, 800), yRange=(1220, 1250), padding=0)
    _until(qtbot, lambda: heat_map.detail is not None and heat_map.detail.planes[0].is_sharp)
    detail = heat_map.detail.planes[0]
    assert (detail.row_step, detail.column_step) == (1, 1)
    heard = Heard()
    panel.status_changed.connect(heard.take)
    _point_at(heat_map, 1234, 777)
    assert heard.texts[-1] == "[1234, 777]   99.5"
    _point_at(heat_map, 10, 10)
    assert "the most extreme of" in heard.texts[-1]


def test_the_old_picture_stays_until_the_finer_one_comes(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("large"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    overview = heat_map.overview
    heat_map.box.setRange(xRange=(760, 800), yRange=(1220, 1250), padding=0)
    assert heat_map.overview is overview
    _until(qtbot, lambda: heat_map.detail is not None)
    heat_map.fit()
    assert heat_map.overview is overview


def test_a_small_picture_is_not_read_again_for_zooming(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("counts"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    heat_map.zoom(0.3)
    assert heat_map.wanted_region() is None


def test_the_cursor_tells_exact_numbers(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("tenths"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    heard = Heard()
    panel.status_changed.connect(heard.take)
    for row, column in ((0, 0), (0, 1), (1, 1)):
        _point_at(heat_map, row, column)
    heat_map.unpointed.emit()
    assert heard.texts == ["[0, 0]   0.1", "[0, 1]   -2.5e-08", "[1, 1]   1e+30", ""]


def test_mouse_keys_and_buttons_zoom_and_fit(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("large"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    whole = heat_map.visible_region()
    centre = QPointF(heat_map.viewport().rect().center())
    wheel = QWheelEvent(
        centre,
        heat_map.viewport().mapToGlobal(centre),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(heat_map.viewport(), wheel)
    assert heat_map.visible_region() != whole
    qtbot.keyClick(heat_map, Qt.Key.Key_0)
    assert heat_map.visible_region() == whole
    qtbot.keyClick(heat_map, Qt.Key.Key_Plus)
    zoomed = heat_map.visible_region()
    assert zoomed[1] - zoomed[0] < whole[1] - whole[0]
    qtbot.keyClick(heat_map, Qt.Key.Key_Right)
    assert heat_map.visible_region()[2] > zoomed[2]
    panel.clear()


def test_the_picture_can_be_copied(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("counts"))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(heat_map, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert not QGuiApplication.clipboard().image().isNull()


# ------------------------------------------------------------------------- lines


def test_a_long_line_is_a_band_that_sharpens(qtbot, panel, chosen) -> None:
    panel.show_selection(chosen("wave"))
    plot = panel._line.line_plot
    _until(qtbot, lambda: plot.overview is not None and plot.overview.is_sharp)
    assert plot.overview.step > 1
    plot.box.setXRange(1000, 1100, padding=0)
    _until(qtbot, lambda: plot.detail is not None and plot.detail.step == 1)
    heard = Heard()
    panel.status_changed.connect(heard.take)
    plot.pointed.emit(QPointF(1050.2, 0))
    assert heard.texts[-1] == f"[1050]   {np.sin(1050 / 50)}"


# -------------------------------------------------------------------- statistics


def test_statistics_follow_cut_and_scope(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("kernel", KERNEL_AXES))
    pane = panel._statistics
    _until(qtbot, lambda: pane.statistics is not None)
    kernel = np.arange(180.0).reshape(3, 3, 4, 5) - 90
    assert pane.statistics.minimum == kernel[1, 1].min()
    assert pane.text_of("Elements") == "20"
    qtbot.mouseClick(pane._whole, Qt.MouseButton.LeftButton)
    _until(qtbot, lambda: pane.statistics is not None and pane.statistics.count == 180)
    assert pane.text_of("Minimum") == "−90"
    assert pane.text_of("Std. deviation") == f"{kernel.std():.6g}"


def test_a_cut_that_is_all_there_is_leaves_no_choice(qtbot, pool, panel, tmp_path) -> None:
    """A column of one: axes of one element hide nothing."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["column"], file["several"] = np.zeros((3, 1)), np.zeros((2, 3, 4))
    for name, is_offered in (("column", False), ("several", True)):
        panel.show_selection(select(qtbot, pool, tmp_path / "a.h5", name))
        _until(qtbot, lambda: panel._statistics.statistics is not None)
        assert panel._statistics._whole.isVisible() == is_offered


# ---------------------------------------------------------------- empty, obstacles


@pytest.mark.parametrize(
    ("name", "title"),
    [("nothing", "No elements"), ("scalar", "No picture"), ("texts", "No picture")],
)
def test_what_cannot_be_drawn_says_why(panel, chosen, name, title) -> None:
    panel.show_selection(chosen(name))
    assert panel._empty.isVisible()
    assert panel._empty.accessibleName().startswith(title)


def test_an_obstacle_is_told_and_nothing_is_read(qtbot, panel, heat_map, chosen) -> None:
    selection = chosen("bomb")
    assert selection.node.obstacle is not None
    panel.show_selection(selection)
    assert panel._empty.isVisible()
    assert selection.node.obstacle.reason in panel._empty.accessibleName()
    assert heat_map.overview is None
    assert not panel._picture.is_waiting


def test_the_user_can_insist_on_a_dataset_with_an_obstacle(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("bulky"))
    assert heat_map.overview is None
    qtbot.mouseClick(panel._empty._button, Qt.MouseButton.LeftButton)
    _until(qtbot, lambda: _shown(heat_map) is not None)
    assert not _shown(heat_map).any()


def test_an_error_is_told_beside_the_picture(qtbot, panel, pool, heat_map, tmp_path) -> None:
    path = make_arrays(tmp_path / "gone.h5")
    selection = select(qtbot, pool, path, "counts")
    pool.forget(str(path))
    path.unlink()
    panel.show_selection(selection)
    _until(qtbot, lambda: panel._notice.isVisible())
    assert "gone.h5" in panel._notice.message
    assert heat_map.overview is None


def test_every_control_has_a_name_and_a_tooltip(qtbot, panel, heat_map, chosen) -> None:
    panel.show_selection(chosen("kernel", KERNEL_AXES))
    _until(qtbot, lambda: _shown(heat_map) is not None)
    focusable = [
        widget
        for widget in panel._body.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.focusProxy() is None  # a viewport stands for its view
    ] + panel._body.findChildren(QToolButton)
    assert len(focusable) > 12
    assert [widget for widget in focusable if not widget.accessibleName()] == []
    without_tooltip = [widget for widget in focusable if not widget.toolTip()]
    assert without_tooltip == [heat_map]  # it would cover the picture


def test_a_low_window_scrolls_the_side_instead_of_growing(qtbot, panel, chosen) -> None:
    panel.show_selection(chosen("kernel"))
    assert list(panel.prepare())
    qtbot.waitUntil(lambda: panel._statistics.statistics is not None)
    assert panel.minimumSizeHint().height() <= 300
