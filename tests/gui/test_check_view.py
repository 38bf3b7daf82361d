"""Check: findings of data sets of pictures, with the pictures they are about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import pytest
from faulty_pictures import PLANTED, Content
from on_screen import on_screen, opened
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from h5viewer.gui.gallery import check_view
from h5viewer.gui.gallery.check_view import CheckView
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.gui.task import Task
from h5viewer.nodes import PictureSets
from h5viewer.requests import FindPictureSets
from h5viewer.workers.pool import Pool


def plant(content: Content, *names: str) -> Content:
    for planted in PLANTED:
        if planted.name in names:
            planted.plant(content)
    return content


def sets_of(qtbot: QtBot, pool: Pool, path: Path) -> ShownSet:
    task = Task(pool, FindPictureSets(document=str(path)))
    with qtbot.waitSignal(task.succeeded) as answer:
        pass
    found: PictureSets = answer.args[0]
    return ShownSet(str(path), found.sets[-1], found.sets[:-1])


@pytest.fixture
def view(qtbot: QtBot, pool: Pool) -> Iterator[CheckView]:
    made = CheckView(pool)
    for _ in made.make():
        pass
    with on_screen(qtbot, made):
        yield made


def shown(qtbot: QtBot, pool: Pool, view: CheckView, path: Path) -> ShownSet:
    """The view with the report of a file."""
    view.show_documents([opened(qtbot, pool, path)])
    pictures = sets_of(qtbot, pool, path)
    view.show_set(pictures)
    qtbot.waitUntil(lambda: view.report is not None)
    return pictures


def button(view: CheckView, text: str) -> QPushButton:
    (found,) = [
        each for each in view.findChildren(QPushButton) if each.text() == text and each.isVisible()
    ]
    return found


def kinds(view: CheckView) -> list[str]:
    assert view.report is not None
    return [finding.kind for finding in view.report.findings]


def test_findings_stand_with_the_pictures_they_are_about(
    qtbot: QtBot, pool: Pool, view: CheckView, tmp_path: Path
) -> None:
    path = plant(Content(), "leak", "blank").write(tmp_path / "set.h5")
    shown(qtbot, pool, view, path)
    texts = [view.findings.item(row).text() for row in range(view.findings.count())]
    assert [text.split("  ·  ")[0] for text in texts] == ["Blank pictures", "Leakage"]
    assert view.pictures.grid.count == 4
    view.findings.setCurrentRow(1)
    assert view.pictures.grid.count == 2
    assert view.pictures._caption(0)[0].startswith("3: ")
    assert view.pictures._caption(0)[1].startswith("like 70: ")
    assert view.pictures._caption(0)[1].endswith(" of /train_set_x")
    qtbot.waitUntil(lambda: view.pictures._image(1) is not None)
    image = view.pictures._image(1)
    assert image is not None
    assert image.pixel(3, 3) == image.pixel(image.width() - 32 + 3, 3)  # the same picture twice


def test_pictures_of_a_finding_are_shown_in_the_gallery(
    qtbot: QtBot, pool: Pool, view: CheckView, tmp_path: Path
) -> None:
    path = plant(Content(), "repeated").write(tmp_path / "set.h5")
    shown(qtbot, pool, view, path)
    with qtbot.waitSignal(view.pictures_wanted) as wanted:
        button(view, "Show in gallery").click()
    assert wanted.args == [str(path), (b"train_set_x",), (40, 7), "Exact duplicates"]
    with qtbot.waitSignal(view.pictures_wanted):
        view.pictures.grid.current = 0
        qtbot.keyClick(view.pictures.grid, Qt.Key.Key_Return)


def test_nothing_found_says_so(qtbot: QtBot, pool: Pool, view: CheckView, tmp_path: Path) -> None:
    shown(qtbot, pool, view, Content().write(tmp_path / "set.h5"))
    assert kinds(view) == []
    assert view.empty.isVisible()
    assert view.empty.accessibleName().startswith("Nothing found")
    button(view, "Copy").click()
    assert QGuiApplication.clipboard().text().startswith("104 pictures in 2 data sets looked at")


def test_other_open_files_are_looked_at_together(
    qtbot: QtBot, pool: Pool, view: CheckView, tmp_path: Path
) -> None:
    content = Content()
    x_test = content.x_test
    content.x_test = content.y_test = None
    train = content.write(tmp_path / "train&all.h5")
    x_test[5] = content.x[17]
    with h5py.File(tmp_path / "test.h5", "w") as file:
        file["x_test"] = x_test
    test = tmp_path / "test.h5"
    pictures = shown(qtbot, pool, view, test)
    assert kinds(view) == []
    view.show_documents([opened(qtbot, pool, test), opened(qtbot, pool, train)])
    (action,) = view._menu.actions()
    assert action.text() == "train&&all.h5"
    action.setChecked(True)
    qtbot.waitUntil(lambda: view.report is not None)
    assert kinds(view) == ["leakage"]
    view.show_set(pictures)  # again: another tab was looked at
    assert kinds(view) == ["leakage"]
    with qtbot.waitSignal(view.pictures_wanted) as wanted:
        button(view, "Show in gallery").click()
    assert wanted.args[:3] == [str(test), (b"x_test",), (5,)]
    view.show_documents([opened(qtbot, pool, test)])  # the other one is closed
    assert not view.together.isEnabled()


def test_report_is_kept_until_the_file_changes(
    qtbot: QtBot, pool: Pool, view: CheckView, tmp_path: Path
) -> None:
    path = Content().write(tmp_path / "set.h5")
    pictures = shown(qtbot, pool, view, path)
    view.clear()
    view.show_set(pictures)
    assert view.report is not None  # at once
    plant(Content(), "blank").write(path)
    pool.forget(str(path))
    view.clear()
    shown(qtbot, pool, view, path)
    assert kinds(view) == ["blank"]


def test_very_large_sets_are_read_when_the_user_says_so(
    qtbot: QtBot, pool: Pool, view: CheckView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_view, "_UNASKED", 1000)
    path = Content().write(tmp_path / "set.h5")
    view.show_set(sets_of(qtbot, pool, path))
    assert view.report is None
    button(view, "Check 319 kB").click()
    qtbot.waitUntil(lambda: view.report is not None)


def test_file_that_cannot_be_checked_says_why(
    qtbot: QtBot, pool: Pool, view: CheckView, tmp_path: Path
) -> None:
    path = Content().write(tmp_path / "set.h5")
    pictures = sets_of(qtbot, pool, path)
    with h5py.File(path, "w") as file:
        file["nothing"] = 1
    pool.forget(str(path))
    view.show_set(pictures)
    qtbot.waitUntil(view.notice.isVisible)
    assert "set.h5 holds no data set of pictures" in view.notice.message


def test_findings_without_pictures_say_that_they_are_about_all(
    qtbot: QtBot, pool: Pool, view: CheckView, tmp_path: Path
) -> None:
    path = plant(Content(), "sorted").write(tmp_path / "set.h5")
    shown(qtbot, pool, view, path)
    assert view.pictures._nothing.isVisible()
    assert not view.pictures._all.isVisible()


def test_cancelled_check_says_so_and_can_be_made_again(
    qtbot: QtBot, pool: Pool, view: CheckView, tmp_path: Path
) -> None:
    path = Content().write(tmp_path / "set.h5")
    view.show_set(sets_of(qtbot, pool, path))
    view._busy.cancelled.emit()
    assert view.empty.accessibleName().startswith("Stopped before the end")
    button(view, "Check again").click()
    qtbot.waitUntil(lambda: view.report is not None)
    assert kinds(view) == []
