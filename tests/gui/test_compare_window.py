"""Comparing, from the window: the menu, the tree, opening the other file, closing it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from small_files import make_keras_h5

from h5viewer.gui.compare.compare_panel import ComparePanel
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.settings import Settings


@pytest.fixture
def window(qtbot, pool, tmp_path: Path) -> MainWindow:
    store = tmp_path / "settings.json"
    window = MainWindow(pool, Settings(store))
    qtbot.addWidget(window)
    window.show()
    yield window
    for document in window.documents.documents:
        window.documents.close(document.path)
    window.close()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    first = make_keras_h5(tmp_path / "first.h5")
    return first, Path(shutil.copy(first, tmp_path / "second.h5"))


def open_all(qtbot, window: MainWindow, *paths: Path) -> None:
    for path in paths:
        with qtbot.waitSignal(window.documents.opened):
            window.open_files([str(path)])
        qtbot.waitUntil(lambda path=path: _shown(window) == str(path))


def _shown(window: MainWindow) -> str:
    return "" if window.navigation.here is None else window.navigation.here.document


def panel(qtbot, window: MainWindow) -> ComparePanel:
    qtbot.waitUntil(lambda: isinstance(window.panels._stack.currentWidget(), ComparePanel))
    shown = window.panels._stack.currentWidget()
    assert isinstance(shown, ComparePanel)
    qtbot.waitUntil(lambda: not shown._asking.is_waiting)
    return shown


def test_the_menu_compares_the_file_that_is_shown(
    qtbot, window: MainWindow, files: tuple[Path, Path]
) -> None:
    assert not window.actions_["compare"].isEnabled()
    open_all(qtbot, window, *files)
    window.navigation.go(str(files[0]), (b"model_weights",))
    window.actions_["compare"].trigger()
    shown = panel(qtbot, window)
    assert shown._files.paths == (str(files[0]), str(files[1]))
    assert shown._summary.whole_text.startswith("All 4 weights are identical.")


def test_a_file_of_the_tree_is_compared_with_the_one_that_is_shown(
    qtbot, window: MainWindow, files: tuple[Path, Path], tmp_path: Path
) -> None:
    third = make_keras_h5(tmp_path / "third.h5")
    open_all(qtbot, window, *files, third)
    window.sidebar.compare_wanted.emit(str(files[0]))
    assert panel(qtbot, window)._files.paths == (str(files[0]), str(third))


def test_a_file_opened_to_compare_with_leaves_the_user_where_he_is(
    qtbot, window: MainWindow, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_all(qtbot, window, files[0])
    window.actions_["compare"].trigger()
    shown = panel(qtbot, window)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(files[1]), ""))
    with qtbot.waitSignal(window.documents.opened):
        shown.open_wanted.emit()
    qtbot.waitUntil(lambda: shown._summary.whole_text != "")
    assert window.navigation.here.document == str(files[0])
    assert shown._files.paths == (str(files[0]), str(files[1]))
    window.documents.close(str(files[1]))
    assert "second.h5 was closed." in shown._empty.accessibleName()


def test_a_file_that_changed_is_compared_anew_when_it_is_reloaded(
    qtbot, window: MainWindow, files: tuple[Path, Path]
) -> None:
    import h5py

    open_all(qtbot, window, *files)
    window.actions_["compare"].trigger()
    shown = panel(qtbot, window)
    with h5py.File(files[0], "r+") as file:
        file["model_weights/dense/dense/bias:0"][...] += 1
    with qtbot.waitSignal(window.documents.reloaded):
        window.documents.reload(str(files[0]))
    qtbot.waitUntil(lambda: shown._summary.whole_text.startswith("3 of 4 weights are identical"))
