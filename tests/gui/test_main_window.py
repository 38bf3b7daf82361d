"""Whole-window stories with real workers: open, look, search, reload, close."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest
from checkpoint_files import write_bundle
from dropping import drop
from on_screen import opened
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from h5viewer.gui import app, open_documents, theme
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.navigation import Stop
from h5viewer.gui.panels import PANELS
from h5viewer.gui.settings import Settings
from h5viewer.gui.tree.document_item_model import NAME
from h5viewer.gui.tree.tree_delegate import name_left
from h5viewer.gui.welcome import RowButton
from h5viewer.nodes import Dataset, Document
from h5viewer.workers.pool import Pool

MARKUP = "<b>bold<img src=x>"
PATIENCE = 20_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def window(qtbot: QtBot, pool: Pool, settings: Settings) -> Iterator[MainWindow]:
    theme.apply("light")
    window = MainWindow(pool, settings)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):  # shortcuts are for the active window
        window.show()
        window.activateWindow()
    yield window
    window.close()


@pytest.fixture
def odd_h5(tmp_path: Path) -> Path:
    """Names like markup, links of all kinds, a group in a group."""
    path = tmp_path / "odd & <i>.h5"
    with h5py.File(path, "w") as file:
        file[f"{MARKUP}/inner/kernel"] = np.arange(6.0).reshape(2, 3)
        file["soft"] = h5py.SoftLink("/nowhere")
        file["outside"] = h5py.ExternalLink("other.h5", "/x")
    return path


def names(window: MainWindow) -> list[str]:
    """The tree, top to bottom."""
    model = window.sidebar.model
    return [str(model.index(row, NAME).data()) for row in range(model.rowCount())]


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def selected(window: MainWindow) -> str:
    return window.header.accessibleName()


def open_file(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    """Open a file and wait until its top level is listed and described."""
    window.open_files([str(path)])
    model = window.sidebar.model
    until(qtbot, lambda: model.find(str(path), ()).isValid())
    branch = model.rows.branch(str(path), ())
    assert branch is not None
    until(qtbot, lambda: branch.is_complete and len(branch.facts) == len(branch.names))


def unfold(qtbot: QtBot, window: MainWindow, path: Path, *node: str) -> None:
    """Click the arrow of a group and wait until its children are described."""
    address = tuple(name.encode() for name in node)
    model, tree = window.sidebar.model, window.sidebar.tree
    index = model.find(str(path), address)
    place = model.place(index)
    assert place is not None
    cell = tree.visualRect(index)
    arrow = QPoint(name_left(cell, place) + 6, cell.center().y())
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=arrow)
    branch = model.rows.branch(str(path), address)
    assert branch is not None
    until(qtbot, lambda: branch.is_complete and len(branch.facts) == len(branch.names))


def click(qtbot: QtBot, window: MainWindow, path: Path, *node: str) -> None:
    tree = window.sidebar.tree
    index = window.sidebar.model.find(str(path), tuple(name.encode() for name in node))
    cell = tree.visualRect(index)
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())


def tabs(window: MainWindow) -> list[str]:
    bar = window.panels.findChild(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert isinstance(bar, QTabBar)
    return [bar.tabText(number) for number in range(bar.count())]


def test_the_first_window_is_no_larger_than_the_screen(
    qtbot: QtBot, pool: Pool, settings: Settings
) -> None:
    window = MainWindow(pool, settings)
    qtbot.addWidget(window)
    room = window.screen().availableSize()
    window.resize(room.width() + 50, room.height() + 50)
    app.fit_on_screen(window)
    assert window.width() == room.width()
    assert room.height() - 100 < window.height() < room.height()


def test_dropped_files_are_opened_side_by_side(
    qtbot: QtBot, window: MainWindow, keras_h5: Path, datasets_h5: Path
) -> None:
    """Two files dropped at once: both in the tree, each with its panels."""
    drop(window, keras_h5, datasets_h5)
    until(qtbot, lambda: {"model.h5", "datasets.h5"} <= set(names(window)))
    window.navigation.go(str(keras_h5), ())
    until(qtbot, lambda: "model.h5" in selected(window))
    assert tabs(window)[0] == "Architecture"
    window.navigation.go(str(datasets_h5), ())
    until(qtbot, lambda: "datasets.h5" in selected(window))
    assert "Architecture" not in tabs(window)


@pytest.mark.skipif(sys.platform != "linux", reason="paths are UTF-8 elsewhere")
def test_a_path_that_is_no_utf_8_is_told_truly_and_others_open(
    qtbot: QtBot, window: MainWindow, odd_h5: Path
) -> None:
    odd = os.fsdecode(os.fsencode(odd_h5.parent) + b"/\xffpets.h5")
    Path(odd).write_bytes(odd_h5.read_bytes())
    window.open_files([odd, str(odd_h5)])
    qtbot.waitUntil(lambda: len(window.documents) == 1, timeout=PATIENCE)
    window.notices.clear(str(odd_h5))  # as happens once that file is there
    said = window.notices.messages
    assert said == [r"\xffpets.h5 cannot be opened in the window: the path is no UTF-8."]


def test_unfolding_lists_and_selecting_shows(
    qtbot: QtBot, window: MainWindow, odd_h5: Path
) -> None:
    """Arrow clicks list children in place; a click on a dataset opens its panels."""
    open_file(qtbot, window, odd_h5)
    assert names(window) == ["odd & <i>.h5", MARKUP, "outside", "soft"]
    unfold(qtbot, window, odd_h5, MARKUP)
    unfold(qtbot, window, odd_h5, MARKUP, "inner")
    assert names(window) == ["odd & <i>.h5", MARKUP, "inner", "kernel", "outside", "soft"]
    click(qtbot, window, odd_h5, MARKUP, "inner", "kernel")
    until(qtbot, lambda: selected(window) == f"Selected: /{MARKUP}/inner/kernel")
    assert tabs(window) == ["Array", "Values", "Details"]


def test_a_lone_number_is_read_and_not_drawn(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    """MATLAB keeps every number as a table of one."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["lone"], file["two"] = np.ones((1, 1)), np.ones((1, 2))
    open_file(qtbot, window, path)
    for name, expected in (("lone", "Values"), ("two", "Array")):
        click(qtbot, window, path, name)
        until(qtbot, lambda name=name: selected(window) == f"Selected: /{name}")
        assert tabs(window)[0] == expected


def test_links_are_shown_and_not_followed(qtbot: QtBot, window: MainWindow, odd_h5: Path) -> None:
    """A broken link says so; neither can be unfolded."""
    open_file(qtbot, window, odd_h5)
    model = window.sidebar.model
    for name in (b"soft", b"outside"):
        place = model.place(model.find(str(odd_h5), (name,)))
        assert place is not None
        assert not place.can_open
    click(qtbot, window, odd_h5, "soft")
    until(qtbot, lambda: selected(window) == "Selected: /soft")


def test_filter_finds_in_the_whole_file_and_escape_returns(
    qtbot: QtBot, window: MainWindow, odd_h5: Path
) -> None:
    """A name three levels down is found though nothing was unfolded, and can be gone to."""
    open_file(qtbot, window, odd_h5)
    sidebar = window.sidebar
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(sidebar.filter, "KERN")
    until(qtbot, lambda: sidebar.results.model().rowCount() == 1)
    assert sidebar.results.isVisible()
    found = sidebar.results.model()
    document, path = found.finding(found.index(0, 0))
    until(qtbot, lambda: isinstance(found.node(document, path), Dataset))  # its icon says so
    qtbot.keyClick(sidebar.filter, Qt.Key.Key_Down)
    sidebar.results.selectRow(0)
    until(qtbot, lambda: selected(window) == f"Selected: /{MARKUP}/inner/kernel")
    qtbot.keyClick(sidebar.results, Qt.Key.Key_Escape)
    assert sidebar.tree.isVisible()
    assert sidebar.filter.text() == ""
    kernel = (MARKUP.encode(), b"inner", b"kernel")
    until(qtbot, lambda: sidebar.model.find(str(odd_h5), kernel).isValid())
    place = sidebar.tree.current_place()
    assert place is not None
    assert place.path == kernel


def test_the_contents_of_a_file_opened_below_a_long_one_come_into_sight(
    qtbot: QtBot, window: MainWindow, odd_h5: Path, tmp_path: Path
) -> None:
    """Its row would be the last one seen, with everything in it below."""
    long = tmp_path / "long.h5"
    with h5py.File(long, "w") as file:
        for number in range(60):
            file[f"n{number}"] = number
    tree, model = window.sidebar.tree, window.sidebar.model
    window.open_files([str(long)])
    until(qtbot, lambda: model.rowCount() == 61)
    open_file(qtbot, window, odd_h5)
    seen = tree.viewport().rect()
    last = model.index(model.rowCount() - 1, NAME)
    until(qtbot, lambda: seen.contains(tree.visualRect(last).center()))
    assert seen.contains(tree.visualRect(model.find(str(odd_h5), ())).center())


def test_filter_that_finds_nothing_says_so(
    qtbot: QtBot, window: MainWindow, datasets_h5: Path
) -> None:
    """No empty list without a word."""
    open_file(qtbot, window, datasets_h5)
    with qtbot.waitSignal(
        window.sidebar.results.state_changed,
        check_params_cb=lambda text, running: text == "No name contains this" and not running,
    ):
        window.sidebar.filter.setText("no such name")


def test_search_of_a_changed_file_does_not_say_that_nothing_is_there(
    qtbot: QtBot, window: MainWindow, odd_h5: Path
) -> None:
    """The worker refuses bytes that are not those it opened; the summary says so."""
    open_file(qtbot, window, odd_h5)
    with h5py.File(odd_h5, "r+") as file:
        file["more"] = 1
    with qtbot.waitSignal(
        window.sidebar.results.state_changed,
        timeout=PATIENCE,
        check_params_cb=lambda text, _: text.startswith("Not every file could be searched"),
    ):
        window.sidebar.filter.setText("kernel")
    until(qtbot, lambda: window.notices.messages == ["odd & <i>.h5 changed on disk."])


def test_path_is_copied_exactly(qtbot: QtBot, window: MainWindow, odd_h5: Path) -> None:
    """Ctrl+C in the tree gives the path h5py takes."""
    open_file(qtbot, window, odd_h5)
    unfold(qtbot, window, odd_h5, MARKUP)
    click(qtbot, window, odd_h5, MARKUP, "inner")
    qtbot.keyClick(window.sidebar.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == f"/{MARKUP}/inner"


def test_keyboard_alone_reaches_a_dataset(qtbot: QtBot, window: MainWindow, odd_h5: Path) -> None:
    """Down, Right, Right: unfold and enter; Left: back up and fold."""
    open_file(qtbot, window, odd_h5)
    tree, model = window.sidebar.tree, window.sidebar.model
    group = (MARKUP.encode(),)
    qtbot.keyClick(tree, Qt.Key.Key_Down)
    qtbot.keyClick(tree, Qt.Key.Key_Right)
    until(qtbot, lambda: model.find(str(odd_h5), (*group, b"inner")).isValid())
    qtbot.keyClick(tree, Qt.Key.Key_Right)
    until(qtbot, lambda: selected(window) == f"Selected: /{MARKUP}/inner")
    qtbot.keyClick(tree, Qt.Key.Key_Left)
    until(qtbot, lambda: selected(window) == f"Selected: /{MARKUP}")
    qtbot.keyClick(tree, Qt.Key.Key_Left)
    assert not model.find(str(odd_h5), (*group, b"inner")).isValid()


def test_refused_file_is_one_sentence_and_disturbs_nothing(
    qtbot: QtBot, window: MainWindow, datasets_h5: Path, tmp_path: Path
) -> None:
    """The open file stays as it is; the notice names the refused one."""
    page = tmp_path / "page.h5"
    page.write_text("<!DOCTYPE html><html><body>404</body></html>", "utf-8")
    open_file(qtbot, window, datasets_h5)
    before = (names(window), selected(window))
    drop(window, page)
    until(qtbot, lambda: window.notices.messages)
    assert len(window.notices.messages) == 1
    assert window.notices.messages[0].startswith("page.h5 ")
    assert (names(window), selected(window)) == before
    assert str(page) not in Settings(window._settings.file).recent


def test_changed_file_is_offered_and_reloaded_where_it_was(
    qtbot: QtBot, window: MainWindow, odd_h5: Path
) -> None:
    """What was unfolded and selected is so again; what is new is there."""
    open_file(qtbot, window, odd_h5)
    unfold(qtbot, window, odd_h5, MARKUP)
    unfold(qtbot, window, odd_h5, MARKUP, "inner")
    click(qtbot, window, odd_h5, MARKUP, "inner", "kernel")
    until(qtbot, lambda: selected(window).endswith("/kernel"))
    with h5py.File(odd_h5, "r+") as file:
        file[f"{MARKUP}/inner/bias"] = np.zeros(3)
    until(qtbot, lambda: window.notices.messages == ["odd & <i>.h5 changed on disk."])
    qtbot.keyClick(window, Qt.Key.Key_F5)
    expected = ["odd & <i>.h5", MARKUP, "inner", "bias", "kernel", "outside", "soft"]
    until(qtbot, lambda: names(window) == expected)
    assert window.notices.messages == []
    assert selected(window).endswith("/kernel")
    until(qtbot, lambda: window.sidebar.tree.current_place() is not None)


def test_deleted_file_is_told_and_stays_open(
    qtbot: QtBot, window: MainWindow, datasets_h5: Path
) -> None:
    """The tree keeps what it shows."""
    open_file(qtbot, window, datasets_h5)
    datasets_h5.unlink()
    until(qtbot, lambda: window.notices.messages == ["datasets.h5 was moved or deleted."])
    assert "datasets.h5" in names(window)


def test_back_and_forward_follow_the_way(qtbot: QtBot, window: MainWindow, odd_h5: Path) -> None:
    """Alt+Left and Alt+Right walk through what was shown; the tree follows."""
    open_file(qtbot, window, odd_h5)
    click(qtbot, window, odd_h5, "soft")
    until(qtbot, lambda: selected(window) == "Selected: /soft")
    click(qtbot, window, odd_h5, "outside")
    until(qtbot, lambda: selected(window) == "Selected: /outside")
    window.navigation.back()
    until(qtbot, lambda: selected(window) == "Selected: /soft")
    place = window.sidebar.tree.current_place()
    assert place is not None
    assert place.path == (b"soft",)
    window.navigation.forward()
    until(qtbot, lambda: selected(window) == "Selected: /outside")


def test_who_goes_elsewhere_while_a_file_opens_stays_there(
    qtbot: QtBot, window: MainWindow, odd_h5: Path, keras_h5: Path
) -> None:
    open_file(qtbot, window, odd_h5)
    elsewhere = Stop(str(odd_h5), (b"soft",))
    window.documents.opened.connect(
        lambda _: window.navigation.go(elsewhere.document, elsewhere.path)
    )
    open_file(qtbot, window, keras_h5)
    until(qtbot, lambda: selected(window) == "Selected: /soft")
    qtbot.wait(100)  # the new file is gone to a turn later
    assert window.navigation.stop == elsewhere
    assert selected(window) == "Selected: /soft"


def test_closed_file_leaves_the_others_and_comes_back_from_recent(
    qtbot: QtBot, window: MainWindow, keras_h5: Path, datasets_h5: Path
) -> None:
    """Ctrl+W closes what is shown; the last one closed leads to the welcome page."""
    open_file(qtbot, window, keras_h5)
    open_file(qtbot, window, datasets_h5)
    until(qtbot, lambda: "datasets.h5" in selected(window))
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    until(qtbot, lambda: "model.h5" in selected(window))
    assert "datasets.h5" not in names(window)
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert window.welcome.isVisible()
    assert names(window) == []

    def recent() -> list[RowButton]:
        return [
            button
            for button in window.welcome.findChildren(RowButton)
            if button.accessibleName().startswith("datasets.h5") and button.isVisible()
        ]

    until(qtbot, lambda: bool(recent()))
    qtbot.mouseClick(recent()[0], Qt.MouseButton.LeftButton)
    until(qtbot, lambda: "datasets.h5" in names(window))


def test_closing_in_the_middle_keeps_rows_and_files_together(
    qtbot: QtBot, window: MainWindow, keras_h5: Path, datasets_h5: Path, odd_h5: Path
) -> None:
    """The third file is still itself after the second went."""
    for path in (keras_h5, datasets_h5, odd_h5):
        open_file(qtbot, window, path)
    window.documents.close(str(datasets_h5))
    click(qtbot, window, odd_h5, "soft")
    until(qtbot, lambda: selected(window) == "Selected: /soft")
    unfold(qtbot, window, odd_h5, MARKUP)
    assert names(window)[-4:] == [MARKUP, "inner", "outside", "soft"]


def test_file_opened_twice_is_open_once(
    qtbot: QtBot, window: MainWindow, datasets_h5: Path, odd_h5: Path
) -> None:
    """The second time it is only shown again."""
    open_file(qtbot, window, datasets_h5)
    open_file(qtbot, window, odd_h5)
    window.open_files([str(datasets_h5)])
    until(qtbot, lambda: "datasets.h5" in selected(window))
    assert names(window).count("datasets.h5") == 1


def test_files_stand_in_the_order_in_which_they_were_asked_for(
    qtbot: QtBot,
    window: MainWindow,
    pool: Pool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whichever opens first, unfolded as they are; the last of them is shown."""
    held: dict[str, _Held] = {}
    found: dict[str, Document] = {}
    for name in ("one", "two", "three"):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file[f"in {name}"] = np.zeros(3)
        found[str(tmp_path / f"{name}.h5")] = opened(qtbot, pool, tmp_path / f"{name}.h5")
    monkeypatch.setattr(
        open_documents,
        "Task",
        lambda _, request, parent: held.setdefault(request.document, _Held(parent)),
    )
    window.open_files(list(found))
    until(qtbot, lambda: len(held) == 3)
    for path in reversed(found):
        held[path].succeeded.emit(found[path])
        held[path].ended.emit()
        qtbot.wait(20)  # the window goes there in a turn of its own
    assert [each.path for each in window.documents.documents] == list(found)
    until(qtbot, lambda: len(names(window)) == 6)
    assert names(window) == ["one.h5", "in one", "two.h5", "in two", "three.h5", "in three"]
    assert "three.h5" in selected(window)


class _Held(QObject):
    """A request that is answered when the test says so."""

    succeeded, failed, ended = Signal(object), Signal(object), Signal()

    def cancel(self) -> None:
        """Nothing is under way."""


def test_a_picture_on_the_command_line_is_for_the_network(
    qtbot: QtBot, window: MainWindow, keras_h5: Path, tmp_path: Path
) -> None:
    """Not refused as a file that is no model."""
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(b"\xff\xd8\xff")
    with qtbot.waitSignal(window.drops.pictures_given, timeout=PATIENCE) as given:
        app._open(window, (str(keras_h5), str(picture)))
    assert given.args == [(str(picture),)]
    assert len(window.documents) == 1


def test_files_of_a_checkpoint_open_it_once(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    """Whichever is named first; the others only lead to it."""
    index = write_bundle(tmp_path / "m-1", {"x": np.zeros(3, "<f4")})
    state = tmp_path / "checkpoint"
    state.write_text('model_checkpoint_path: "m-1"', encoding="utf-8")
    window.open_files([str(tmp_path / "m-1.data-00000-of-00001")])
    until(qtbot, lambda: window.documents.get(str(index)))
    again: list[str] = []
    window.documents.chosen_again.connect(lambda document: again.append(document.path))
    for path in (state, index, tmp_path / "m-1"):
        window.open_files([str(path)])
    until(qtbot, lambda: len(again) == 3)
    assert [document.path for document in window.documents.documents] == [str(index)]


def test_checkpoint_whose_values_are_cut_short_says_so_when_it_opens(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    """Its names and shapes are all there: nobody would see it before a value is asked for."""
    index = write_bundle(tmp_path / "m-1", {"x": np.zeros(9, "<f4"), "y": np.zeros(9, "<f4")})
    data = tmp_path / "m-1.data-00000-of-00001"
    whole = data.read_bytes()
    data.write_bytes(whole[:40])
    window.open_files([str(index)])
    until(qtbot, lambda: window.documents.get(str(index)))
    until(qtbot, lambda: window.notices.messages)
    (message,) = window.notices.messages
    assert message == f"{data.name} is cut short: the values of 1 variable are not in it."
    data.write_bytes(whole)
    window.documents.reload(str(index))
    until(qtbot, lambda: not window.notices.messages)


def test_theme_is_switched_and_remembered(
    qtbot: QtBot, window: MainWindow, settings: Settings, datasets_h5: Path
) -> None:
    """From the menu, at once, for the next start too."""
    open_file(qtbot, window, datasets_h5)
    dark = next(a for a in window.actions_.themes.actions() if a.data() == "dark")
    dark.trigger()
    assert theme.is_dark()
    assert settings.theme == "dark"
    assert window.grab().toImage().pixelColor(5, 300).lightnessF() < 0.3


def test_a_panel_leads_to_a_node_with_the_meaning_of_its_axes(
    qtbot: QtBot, window: MainWindow, keras_h5: Path
) -> None:
    """What the architecture knows of a kernel's axes arrives with the selection."""
    open_file(qtbot, window, keras_h5)
    kernel = (b"model_weights", b"conv", b"conv", b"kernel:0")
    axes = ("kernel height", "kernel width", "in", "out")
    with qtbot.waitSignal(window.navigation.arrived) as arrived:
        window.panels.node_requested.emit(str(keras_h5), kernel, axes)
    selection = arrived.args[0]
    assert selection.axes == axes
    assert isinstance(selection.node, Dataset)
    until(qtbot, lambda: window.sidebar.model.find(str(keras_h5), kernel).isValid())


def test_axes_keep_their_meaning_when_the_tree_leads_there(
    qtbot: QtBot, window: MainWindow, keras_h5: Path
) -> None:
    """Once the architecture is decoded, a kernel reached through the tree has its axes named."""
    with qtbot.waitSignal(window.panels.axes_learnt, timeout=PATIENCE):
        open_file(qtbot, window, keras_h5)
    with qtbot.waitSignal(window.navigation.arrived, timeout=PATIENCE) as arrived:
        window.navigation.go(str(keras_h5), (b"model_weights", b"dense", b"dense", b"kernel:0"))
    assert arrived.args[0].axes == ("in", "out")


def test_every_control_says_what_it_does(qtbot: QtBot, window: MainWindow, keras_h5: Path) -> None:
    """Name for screen readers and tooltip for all that is ours to name."""
    open_file(qtbot, window, keras_h5)
    of_qt = ("QTableCornerButton", "QLineEditIconButton")
    found = 0
    for part in (window.header, window.sidebar, window.welcome):
        for control in (*part.findChildren(QAbstractButton), *part.findChildren(QLineEdit)):
            if control.metaObject().className() in of_qt or not control.isVisibleTo(part):
                continue
            assert control.accessibleName(), control
            assert control.toolTip(), control
            found += 1
    assert found > 6


def test_no_other_window_flashes_up(
    qtbot: QtBot, window: MainWindow, keras_h5: Path, datasets_h5: Path
) -> None:
    """A part shown before it has its place would be a window for a moment, and take the keys."""
    shown: list[str] = []

    class Watcher(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            is_shown = event.type() == QEvent.Type.Show
            if is_shown and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(watched.metaObject().className())
            return False

    watcher = Watcher()
    QApplication.instance().installEventFilter(watcher)
    for kind in PANELS:
        kind.create(window.panels._pool).deleteLater()
    open_file(qtbot, window, keras_h5)
    window.navigation.go(str(keras_h5), (b"model_weights", b"dense"))
    open_file(qtbot, window, datasets_h5)
    window.notices.show_changed(str(datasets_h5))
    QApplication.instance().removeEventFilter(watcher)
    assert shown == []


def test_worker_that_dies_is_one_sentence_and_the_file_stays_usable(
    qtbot: QtBot, window: MainWindow, pool: Pool, odd_h5: Path
) -> None:
    """Killed from outside while nothing runs: the next click is served by a new worker."""
    open_file(qtbot, window, odd_h5)
    for info in pool.workers:
        if info.document == str(odd_h5) and info.pid is not None:
            psutil.Process(info.pid).kill()
    unfold(qtbot, window, odd_h5, MARKUP)
    assert "inner" in names(window)
