"""Panels of one dataset show the same cut; the word to read it is kept while the file is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from array_files import make_arrays
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from whole_window import whole_window

from h5viewer.gui.array.array_panel import ArrayPanel
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.panel import Panel
from h5viewer.gui.values.values_panel import ValuesPanel
from h5viewer.workers.pool import Pool


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_arrays(tmp_path_factory.mktemp("shared-cut") / "arrays.h5")


@pytest.fixture
def window(qtbot: QtBot, pool: Pool, tmp_path: Path, arrays: Path) -> Iterator[MainWindow]:
    with whole_window(qtbot, pool, tmp_path) as window:
        window.open_files([str(arrays)])
        until(qtbot, lambda: window.navigation.here)
        yield window


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=20_000)


def go(qtbot: QtBot, window: MainWindow, arrays: Path, name: str) -> None:
    window.navigation.go(str(arrays), (name.encode(),))
    until(qtbot, lambda: window.header.accessibleName() == f"Selected: /{name}")


def show(qtbot: QtBot, window: MainWindow, title: str) -> Panel:
    window.panels.show_panel(title)
    panels = window.panels
    until(qtbot, lambda: panels._stack.currentWidget() is panels._panels.get(title, panels))
    return window.panels._panels[title]


def test_values_show_the_cut_chosen_in_the_picture_and_back(
    qtbot: QtBot, window: MainWindow, arrays: Path
) -> None:
    """A slider moved in Array has moved in Values; axes chosen in Values are drawn in Array."""
    go(qtbot, window, arrays, "kernel")
    array = show(qtbot, window, "Array")
    assert isinstance(array, ArrayPanel)
    first = array._axis_choice.cut
    array._axis_choice._controls[0]._box.setValue(2)
    values = show(qtbot, window, "Values")
    assert isinstance(values, ValuesPanel)
    assert values._axis_choice.cut.index[0] == 2 != first.index[0]
    until(qtbot, lambda: values._model.text_at(0, 0) is not None)
    assert values._model.cut == values._axis_choice.cut
    qtbot.keyClick(values._axis_choice._rows, Qt.Key.Key_End)  # no rows: one line
    assert show(qtbot, window, "Array") is array
    assert array._axis_choice.cut == values._axis_choice.cut
    until(qtbot, lambda: array._line.line_plot.overview is not None)


def test_the_cut_is_there_again_after_a_look_elsewhere(
    qtbot: QtBot, window: MainWindow, arrays: Path
) -> None:
    """Each dataset has its own; the first cut stays where nothing was chosen."""
    go(qtbot, window, arrays, "kernel")
    array = show(qtbot, window, "Array")
    assert isinstance(array, ArrayPanel)
    array._axis_choice._controls[0]._box.setValue(2)
    go(qtbot, window, arrays, "counts")
    assert array._axis_choice.cut.index == (0, 0)
    go(qtbot, window, arrays, "kernel")
    assert array._axis_choice.cut.index[0] == 2


def test_the_word_to_read_is_asked_for_once(qtbot: QtBot, window: MainWindow, arrays: Path) -> None:
    """Said in Values it counts in Array, and after a look elsewhere; a closed file forgets it."""
    go(qtbot, window, arrays, "bulky")
    array = show(qtbot, window, "Array")
    assert isinstance(array, ArrayPanel)
    assert array._subject is None
    values = show(qtbot, window, "Values")
    assert isinstance(values, ValuesPanel)
    qtbot.mouseClick(values._empty._button, Qt.MouseButton.LeftButton)
    assert values._subject is not None
    show(qtbot, window, "Array")
    assert array._subject is not None
    assert array._subject.insist
    go(qtbot, window, arrays, "counts")
    go(qtbot, window, arrays, "bulky")
    assert array._subject is not None
    window.documents.close(str(arrays))
    window.open_files([str(arrays)])
    until(qtbot, lambda: window.navigation.here)
    go(qtbot, window, arrays, "bulky")
    assert array._subject is None
