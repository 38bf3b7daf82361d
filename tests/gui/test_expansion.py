"""Everything below a row unfolds, within bounds, and folds again; findings have a menu too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from h5viewer.gui.task import Task
from h5viewer.gui.tree import expansion
from h5viewer.gui.tree.document_item_model import NAME
from h5viewer.gui.tree.node_menu import FindingMenu, PlaceMenu
from h5viewer.gui.tree.sidebar import Sidebar
from h5viewer.nodes import Document
from h5viewer.requests import OpenDocument
from h5viewer.workers.pool import Pool

SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    """Three levels of groups, one of which leads back to the top."""
    path = tmp_path / "nested.h5"
    with h5py.File(path, "w") as file:
        file["a/b/c/values"] = np.arange(3)
        file["a/d/values"] = 1
        file["e/values"] = 1
        file["a/b/top"] = file["/"]
        file.create_group("empty")
    return path


@pytest.fixture
def sidebar(qtbot: QtBot, pool: Pool) -> Iterator[Sidebar]:
    sidebar = Sidebar(pool)
    qtbot.addWidget(sidebar)
    sidebar.resize(360, 700)
    with qtbot.waitExposed(sidebar):
        sidebar.show()
    yield sidebar
    for document in list(sidebar.model.rows.documents):
        sidebar.remove_document(document.path)
    sidebar.results.cancel()


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=20_000)


def open_file(qtbot: QtBot, pool: Pool, sidebar: Sidebar, path: Path) -> Document:
    """Add a file, wait for its top level, make its row the current one."""
    task = Task(pool, OpenDocument(document=str(path)))
    with qtbot.waitSignal(task.succeeded, timeout=20_000) as opened:
        pass
    document: Document = opened.args[0]
    sidebar.add_document(document)
    branch = sidebar.model.rows.branch(str(path), ())
    assert branch is not None
    until(qtbot, lambda: branch.is_complete and len(branch.facts) == len(branch.names))
    sidebar.tree.show_index(sidebar.model.index(0, NAME))
    return document


def names(sidebar: Sidebar) -> list[str]:
    model = sidebar.model
    return [str(model.index(row, NAME).data()) for row in range(model.rowCount())]


ALL = ["nested.h5", "a", "b", "c", "values", "top", "d", "values", "e", "values", "empty"]


@pytest.mark.parametrize(
    ("key", "modifier"), [(Qt.Key.Key_Asterisk, NONE), (Qt.Key.Key_Right, SHIFT)]
)
def test_a_key_unfolds_everything_below(
    qtbot: QtBot, pool: Pool, sidebar: Sidebar, nested: Path, key: Qt.Key, modifier: object
) -> None:
    """All levels; a group that leads back to one above stays folded, an empty one is none."""
    open_file(qtbot, pool, sidebar, nested)
    with qtbot.waitSignal(sidebar._expansion.running_changed, check_params_cb=lambda on: not on):
        qtbot.keyClick(sidebar.tree, key, modifier)
    assert names(sidebar) == ALL


def test_everything_folds_again_and_unfolds_level_by_level(
    qtbot: QtBot, pool: Pool, sidebar: Sidebar, nested: Path
) -> None:
    """After Shift+Left an unfolded row shows its own children alone."""
    open_file(qtbot, pool, sidebar, nested)
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Asterisk)
    until(qtbot, lambda: names(sidebar) == ALL)
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Left, SHIFT)
    assert names(sidebar) == ["nested.h5"]
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Right)
    assert names(sidebar) == ["nested.h5", "a", "e", "empty"]
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Asterisk)  # all is known by now
    until(qtbot, lambda: names(sidebar) == ALL)


def test_home_and_end_go_to_the_first_and_the_last_row(
    qtbot: QtBot, pool: Pool, sidebar: Sidebar, nested: Path
) -> None:
    open_file(qtbot, pool, sidebar, nested)
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_End)
    assert sidebar.tree.currentIndex().data() == "empty"
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Home)
    assert sidebar.tree.currentIndex().data() == "nested.h5"


def test_more_than_a_sensible_number_of_rows_is_not_unfolded_and_said(
    qtbot: QtBot,
    pool: Pool,
    sidebar: Sidebar,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Groups that do not fit stay folded; the status line says so."""
    monkeypatch.setattr(expansion, "MOST_ROWS", 50)
    path = tmp_path / "many.h5"
    with h5py.File(path, "w") as file:
        for group in range(10):
            for number in range(9):
                file[f"g{group}/{number}"] = number
    open_file(qtbot, pool, sidebar, path)
    with qtbot.waitSignal(sidebar.status_changed, timeout=20_000) as said:
        qtbot.keyClick(sidebar.tree, Qt.Key.Key_Asterisk)
    assert said.args[0].startswith("Expanded 46 rows; ")
    assert sidebar.model.rowCount() == 1 + 46


def test_unfolding_can_be_stopped(qtbot: QtBot, pool: Pool, sidebar: Sidebar, nested: Path) -> None:
    """Escape in the tree: what is unfolded stays, nothing more comes."""
    open_file(qtbot, pool, sidebar, nested)
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Asterisk)
    with qtbot.waitSignal(sidebar._expansion.running_changed) as told:
        qtbot.keyClick(sidebar.tree, Qt.Key.Key_Escape)
    assert told.args == [False]
    assert len(names(sidebar)) < len(ALL)


def test_closing_the_file_ends_the_unfolding(
    qtbot: QtBot, pool: Pool, sidebar: Sidebar, nested: Path
) -> None:
    open_file(qtbot, pool, sidebar, nested)
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Asterisk)
    with qtbot.waitSignal(sidebar._expansion.running_changed):
        sidebar.remove_document(str(nested))
    assert names(sidebar) == []


def test_menus_offer_what_fits_the_row(
    qtbot: QtBot, pool: Pool, sidebar: Sidebar, nested: Path
) -> None:
    open_file(qtbot, pool, sidebar, nested)
    model = sidebar.model
    texts = {}
    for node in (b"a", b"empty"):
        place = model.place(model.find(str(nested), (node,)))
        assert place is not None
        texts[node] = _texts(PlaceMenu(place, sidebar))
    copies = ["Copy path", "Copy as Python"]
    assert texts == {b"a": [*copies, "Expand", "Expand all below"], b"empty": copies}
    place = model.place(model.index(0, NAME))
    assert place is not None
    assert _texts(PlaceMenu(place, sidebar))[2:5] == [
        "Collapse",
        "Expand all below",
        "Collapse all",
    ]


def test_a_finding_can_be_copied_and_shown_in_the_tree(
    qtbot: QtBot, pool: Pool, sidebar: Sidebar, nested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The menu of the tree's rows is there for findings, without choosing the row."""
    monkeypatch.setattr(FindingMenu, "popup", lambda *_: None)  # Qt has no menus off screen
    open_file(qtbot, pool, sidebar, nested)
    sidebar.filter.setText("c")
    results = sidebar.results
    until(qtbot, lambda: results.model().rowCount() == 1)
    chosen: list[object] = []
    sidebar.node_chosen.connect(lambda *node: chosen.append(node))
    spot = results.visualRect(results.model().index(0, 0)).center()
    qtbot.mouseClick(results.viewport(), Qt.MouseButton.RightButton, pos=spot)
    menu = _open_menu(sidebar, results.viewport(), spot)
    assert chosen == []
    assert _texts(menu) == ["Copy path", "Copy as Python", "Show in tree"]
    _trigger(menu, "Copy path")
    assert QGuiApplication.clipboard().text() == "/a/b/c"
    _trigger(menu, "Copy as Python")
    assert QGuiApplication.clipboard().text() == f"h5py.File({str(nested)!r})['/a/b/c']"
    _trigger(menu, "Show in tree")
    menu.deleteLater()
    node = (str(nested), (b"a", b"b", b"c"))
    assert chosen == [node]
    assert sidebar.filter.text() == ""
    until(
        qtbot, lambda: sidebar.tree.current_place() and sidebar.tree.current_place().path == node[1]
    )


def _texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


def _trigger(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


def _open_menu(sidebar: Sidebar, viewport: object, spot: QPoint) -> FindingMenu:
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(viewport, QContextMenuEvent(reason, spot, viewport.mapToGlobal(spot)))
    return sidebar.findChildren(FindingMenu)[-1]
