"""Arrays are drawn over the axes, and pictures in the colours, that their file states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from array_files import Heard, select
from on_screen import on_screen
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from h5viewer.gui.array.array_panel import ArrayPanel
from h5viewer.gui.array.colour_maps import palette_table
from h5viewer.gui.array.coordinates import Coordinates
from h5viewer.gui.array.plot_view import IndexAxis
from h5viewer.gui.selection import Selection
from h5viewer.workers.pool import Pool

COLOURS = np.stack([np.arange(256), np.arange(256)[::-1], np.full(256, 7)], axis=1).astype("u1")
RGB = np.arange(3 * 4 * 5, dtype="u1").reshape(3, 4, 5)


@pytest.fixture(scope="module")
def axes_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("axes") / "axes.h5"
    with h5py.File(path, "w") as file:
        for name, values, unit in (
            ("t", np.linspace(0.0, 2.0, 5), "s"),
            ("edges", np.array([0.0, 10.0, 20.0, 40.0]), "deg"),
            ("z", np.array([100.0, 200.0]), "m"),
        ):
            file[name] = values
            file[name].make_scale(name)
            file[name].attrs["units"] = unit
        cube = file.create_dataset("cube", data=np.arange(30.0).reshape(2, 5, 3))
        cube.attrs["units"] = "mV"
        for axis, name in enumerate(("z", "t", "edges")):
            cube.dims[axis].attach_scale(file[name])
        line = file.create_dataset("line", data=np.arange(5.0))
        line.dims[0].attach_scale(file["t"])
        line.attrs.update({"long_name": "Voltage", "units": "mV"})
        for name, latitudes in (("map", [-10.0, 0.0, 10.0]), ("falling map", [10.0, 0.0, -10.0])):
            file[f"lat of {name}"] = np.array(latitudes)
            file[f"lat of {name}"].attrs["units"] = "degrees_north"
            file[f"lat of {name}"].make_scale("lat")
            file[name] = np.arange(12.0).reshape(3, 4)
            file[name].dims[0].attach_scale(file[f"lat of {name}"])
        file["plain"] = np.arange(6.0).reshape(2, 3)
        file["palette"] = COLOURS
        picture(file, "indexed", np.arange(12, dtype="u1").reshape(3, 4), "IMAGE_INDEXED")
        file["indexed"].attrs["PALETTE"] = file["palette"].ref
        picture(file, "planes", RGB, "IMAGE_TRUECOLOR").attrs["INTERLACE_MODE"] = "INTERLACE_PLANE"
        grey = picture(file, "grey", np.arange(12.0).reshape(3, 4), "IMAGE_GRAYSCALE")
        grey.attrs["IMAGE_MINMAXRANGE"] = [2.0, 8.0]
        grey.attrs["DISPLAY_ORIGIN"] = "LL"
    return path


def picture(file: h5py.File, name: str, values: np.ndarray, subclass: str) -> h5py.Dataset:
    data = file.create_dataset(name, data=values)
    data.attrs.update({"CLASS": "IMAGE", "IMAGE_SUBCLASS": subclass})
    return data


@pytest.fixture
def panel(qtbot: QtBot, pool: Pool) -> Iterator[ArrayPanel]:
    with on_screen(qtbot, ArrayPanel(pool), 780, 560) as panel:
        yield panel


@pytest.fixture
def show(
    qtbot: QtBot, pool: Pool, panel: ArrayPanel, axes_file: Path
) -> Callable[[str], Selection]:
    def shown(name: str) -> Selection:
        selection = select(qtbot, pool, axes_file, name)
        panel.show_selection(selection)
        qtbot.waitUntil(lambda: not panel._appearances.is_waiting, timeout=20_000)
        qtbot.waitUntil(lambda: not panel._pane.is_waiting, timeout=20_000)
        return selection

    return shown


def ticks(axis: IndexAxis, low: float, high: float, size: float = 500) -> list[tuple[float, str]]:
    ((spacing, places),) = axis.tickValues(low, high, size)
    texts = axis.tickStrings(places, 1.0, spacing)
    return list(zip([round(place, 6) for place in places], texts, strict=True))


def test_axes_are_named_and_the_cursor_reads_coordinates(show, panel) -> None:
    heard = Heard()
    panel.status_changed.connect(heard.take)
    show("cube")
    assert panel._axis_choice._rows.currentText() == "t (5)"
    assert panel._axis_choice._columns.currentText() == "edges (3)"
    plot = panel._picture.heat_map
    assert plot.getAxis("left").labelText == "t (s)"
    plot.pointed.emit(QPointF(2, 1))
    assert heard.texts[-1] == "[0, 1, 2]   z 100 m, t 0.5 s, edges 20 to 40 deg   5.0 mV"


def test_names_of_axes_are_not_those_of_the_dataset_before(show, panel) -> None:
    show("cube")
    show("plain")
    assert panel._axis_choice._rows.currentText() == "axis 0 (2)"
    assert panel._picture.heat_map.getAxis("left").labelText == "axis 0"


def test_ticks_stand_at_round_coordinates(show, panel) -> None:
    show("cube")
    left = panel._picture.heat_map.getAxis("left")
    found = dict(ticks(left, -0.5, 4.5))
    assert found[0.0] in ("0.0", "0.00")
    assert found[4.0] in ("2.0", "2.00")
    assert found[2.0] in ("1.0", "1.00")
    bottom = dict(ticks(panel._picture.heat_map.getAxis("bottom"), -0.5, 2.5))
    assert bottom[-0.5] == "0"  # an edge, not a centre
    assert bottom[1.5] == "20"
    assert bottom[2.0] == "30"  # half-way in the last, wider one


def test_a_line_has_coordinates_and_a_unit(show, panel) -> None:
    heard = Heard()
    panel.status_changed.connect(heard.take)
    show("line")
    plot = panel._line.line_plot
    assert plot.getAxis("bottom").labelText == "t (s)"
    assert plot.getAxis("left").labelText == "Voltage (mV)"
    plot.pointed.emit(QPointF(3, 0))
    assert heard.texts[-1] == "[3]   t 1.5 s   3.0 mV"


def test_the_next_array_forgets_the_axes_of_the_last(show, panel) -> None:
    show("cube")
    show("plain")
    plot = panel._picture.heat_map
    assert plot.getAxis("left").labelText == "axis 0"
    assert dict(ticks(plot.getAxis("left"), -0.5, 1.5))[1.0] == "1"


def test_an_indexed_picture_is_drawn_with_its_palette(qtbot, show, panel) -> None:
    show("indexed")
    qtbot.waitUntil(lambda: panel._picture.heat_map.overview is not None, timeout=20_000)
    image = panel._picture.heat_map._items[0].image
    assert np.array_equal(image[2, 3], [11, 244, 7, 255])
    assert np.array_equal(image[0, 0], [0, 255, 7, 255])


def test_planes_of_red_green_and_blue_are_one_picture(show, panel) -> None:
    show("planes")
    cut = panel._axis_choice.cut
    assert (cut.rows, cut.columns) == (1, 2)
    assert not panel._axis_choice._controls  # colours are no position to choose
    image = panel._picture.heat_map._items[0].image
    assert image[3, 4].tolist() == [19, 39, 59, 255]


def test_a_grey_picture_keeps_its_range_and_stands_on_its_feet(show, panel) -> None:
    show("grey")
    heat_map = panel._picture.heat_map
    assert (heat_map.levels.low, heat_map.levels.high) == (2.0, 8.0)
    assert panel._colours.colour_map.key == "grey"
    assert not heat_map.box.yInverted()
    show("plain")
    assert heat_map.box.yInverted()
    assert panel._colours.colour_map.key != "grey"
    assert panel._colours.mode == "robust"


def test_maps_have_north_at_the_top(show, panel) -> None:
    show("map")
    heat_map = panel._picture.heat_map
    assert not heat_map.box.yInverted()
    panel._axis_choice._swap.click()
    assert heat_map.box.yInverted()
    show("falling map")
    assert heat_map.box.yInverted()


def test_short_palettes_end_with_their_last_colour() -> None:
    table = palette_table(np.array([[1, 2, 3], [4, 5, 6]]))
    assert table[[0, 1, 2, 255]].tolist() == [[1, 2, 3, 255]] + [[4, 5, 6, 255]] * 3


def test_falling_and_uneven_coordinates_have_their_places() -> None:
    falling = Coordinates("x", "", 3, np.array([30.0, 20.0, 0.0]))
    assert falling.is_scale
    assert falling.positions(np.array([0.0, 10.0, 25.0])).tolist() == [2.0, 1.5, 0.5]
    assert falling.at(1.5) == 10.0
    assert not Coordinates("x", "", 3, np.array([1.0, 1.0, 2.0])).is_scale
    assert not Coordinates("x", "", 3, np.array([1.0, np.nan, 2.0])).is_scale


def test_coordinates_that_are_no_scale_stand_at_their_elements() -> None:
    axis = IndexAxis("bottom")
    axis.count = 3
    axis.set_coordinates(Coordinates("x", "", 3, np.array([5.0, 1.0, 3.5])))
    assert ticks(axis, -0.5, 2.5) == [(0, "5"), (1, "1"), (2, "3.5")]
    axis.set_coordinates(Coordinates("x", "", 3, labels=("a", "b", "c")))
    assert ticks(axis, -0.5, 2.5) == [(0, "a"), (1, "b"), (2, "c")]
