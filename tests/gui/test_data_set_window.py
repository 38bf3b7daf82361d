"""Data sets of folders in the whole window: what leads to the dialog, and from it to a gallery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot
from small_files import make_keras_h5
from whole_window import whole_window

from h5viewer.gui.data_sets.data_set_dialog import DataSetDialog
from h5viewer.gui.export.job_rows import ResultRow
from h5viewer.gui.gallery.pictures_panel import PicturesPanel
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.series.finding_runs import find_runs
from h5viewer.picture_files import holds_pictures, sort_out
from h5viewer.workers.pool import Pool

PATIENCE = 20_000


@pytest.fixture
def window(qtbot: QtBot, pool: Pool, tmp_path: Path) -> Iterator[MainWindow]:
    with whole_window(qtbot, pool, tmp_path) as window:
        yield window
        for dialog in window.findChildren(DataSetDialog):
            dialog.reject()


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    folder = tmp_path / "pets"
    for name, shade in (("cat", 60), ("dog", 180)):
        (folder / name).mkdir(parents=True)
        for number in range(12):
            picture = (
                Image.linear_gradient("L")
                .resize((20, 20))
                .point(lambda x, s=shade: x // 2 + s // 3)
            )
            picture.convert("RGB").save(folder / name / f"{number}.png")
    return folder


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def dialogs(window: MainWindow) -> list[DataSetDialog]:
    return [each for each in window.findChildren(DataSetDialog) if each.isVisible()]


def opened_dialog(qtbot: QtBot, window: MainWindow) -> DataSetDialog:
    until(qtbot, lambda: dialogs(window))
    (dialog,) = dialogs(window)
    return dialog


def begin_of(dialog: DataSetDialog) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == "Build")


def test_folder_of_pictures_becomes_a_file_that_opens_as_a_gallery(
    qtbot: QtBot, window: MainWindow, pets: Path
) -> None:
    """From File ▸ New data set to the pictures, with the buttons of the window alone."""
    window.actions_["data-set"].trigger()
    dialog = opened_dialog(qtbot, window)
    dialog.take_folder(str(pets))
    begin = begin_of(dialog)
    until(qtbot, begin.isEnabled)
    begin.click()
    until(qtbot, lambda: window.exporter.strip.findChild(ResultRow))
    (said,) = window.exporter.strip.messages
    assert said.startswith("pets.h5: 24 pictures in 2 classes, ")
    row = window.exporter.strip.findChild(ResultRow)
    next(b for b in row.findChildren(QPushButton) if b.text() == "Open").click()
    path = str(pets.with_name("pets.h5"))
    until(qtbot, lambda: window.documents.get(path))
    until(qtbot, lambda: any(each.isVisible() for each in window.findChildren(PicturesPanel)))


def test_dropped_folder_of_pictures_becomes_a_data_set_where_no_network_is_open(
    qtbot: QtBot, window: MainWindow, pets: Path
) -> None:
    window.drops.take([str(pets)])
    dialog = opened_dialog(qtbot, window)
    until(qtbot, begin_of(dialog).isEnabled)
    assert window.notices.messages == []


def test_dropped_folder_of_pictures_goes_to_an_open_network(
    qtbot: QtBot, window: MainWindow, pets: Path, tmp_path: Path
) -> None:
    path = str(make_keras_h5(tmp_path / "model.h5"))
    window.open_files([path])
    until(qtbot, lambda: window.documents.get(path))
    with qtbot.waitSignal(window.drops.pictures_given, timeout=PATIENCE) as given:
        window.drops.take([str(pets)])
    assert len(given.args[0]) == 24
    assert dialogs(window) == []


def test_pictures_dropped_beside_a_folder_still_need_a_network(
    qtbot: QtBot, window: MainWindow, pets: Path
) -> None:
    window.drops.take([str(pets / "cat"), str(pets / "dog" / "1.png")])
    until(qtbot, lambda: window.notices.messages)
    assert window.notices.messages == ["A picture needs a network to answer to it."]
    assert dialogs(window) == []


def test_opened_folder_of_pictures_becomes_a_data_set(
    qtbot: QtBot, window: MainWindow, pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(pets))
    window.actions_["folder"].trigger()
    dialog = opened_dialog(qtbot, window)
    until(qtbot, begin_of(dialog).isEnabled)
    assert window.notices.messages == []


def test_opened_folder_without_pictures_is_refused_as_before(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    window.open_files([str(tmp_path / "texts")])
    until(qtbot, lambda: window.notices.messages)
    assert "is a folder" in window.notices.messages[0]
    assert dialogs(window) == []


def test_folder_is_one_of_pictures_only_where_nothing_else_fits(pets: Path) -> None:
    """A run of training among pictures is a run."""
    assert find_runs([str(pets)]).pictures == str(pets)
    assert find_runs([str(pets / "cat"), str(pets / "dog")]).pictures == ""
    for epoch in range(3):
        make_keras_h5(pets / f"net-{epoch:02}-0.5.h5")
    found = find_runs([str(pets)])
    assert found.pictures == ""
    assert len(found.runs) == 1


def test_only_a_folder_that_was_dropped_alone_is_told(pets: Path, tmp_path: Path) -> None:
    assert sort_out([str(pets)]).folder == str(pets)
    assert sort_out([str(pets / "cat"), str(pets / "dog")]).folder == ""
    assert sort_out([str(pets / "cat" / "1.png")]).folder == ""
    (tmp_path / "empty").mkdir()
    assert sort_out([str(tmp_path / "empty")]).folder == ""
    assert holds_pictures(str(pets))
    assert not holds_pictures(str(tmp_path / "empty"))
