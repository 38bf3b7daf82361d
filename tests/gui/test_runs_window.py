"""Runs of training in the whole window: opened, shown, offered, followed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from checkpoint_files import write_bundle
from dropping import drop
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from small_files import make_keras_h5
from whole_window import whole_window

from h5viewer.gui.compare.compare_panel import ComparePanel
from h5viewer.gui.export.export_dialog import ExportDialog
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.merge.merge_dialog import MergeDialog
from h5viewer.gui.series import run_watch
from h5viewer.gui.series.run_page import RunPage
from h5viewer.gui.series.steps_view import StepsView
from h5viewer.gui.task import running_tasks
from h5viewer.workers.pool import Pool

PATIENCE = 20_000


@pytest.fixture
def window(
    qtbot: QtBot, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr(run_watch, "INTERVAL", 0.1)
    with whole_window(qtbot, pool, tmp_path, is_active=True) as window:
        yield window


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder with three epochs; the second is the best."""
    folder = tmp_path / "run"
    folder.mkdir()
    first = make_keras_h5(folder / "net-01-0.50.h5")
    for name in ("net-02-0.90.h5", "net-10-0.80.h5"):
        shutil.copy(first, folder / name)
    return folder


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def entries(window: MainWindow) -> list[str]:
    return [window.sidebar.runs.item(row).text() for row in range(window.sidebar.runs.count())]


def steps(qtbot: QtBot, window: MainWindow) -> StepsView:
    """Of the run on view."""
    until(qtbot, lambda: window.runs.is_on_view)
    page = window.findChild(RunPage)
    assert page is not None
    assert page.isVisible()
    return page.steps


def rows(view: StepsView) -> list[list[str]]:
    model = view.table.model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_folder_of_a_run_is_one_entry(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    """Its epochs in their order, the best marked, and no file opened."""
    window.open_files([str(run)])
    view = steps(qtbot, window)
    assert entries(window) == ["net  ·  3"]
    assert [row[:2] for row in rows(view)] == [["1", "0.5"], ["2", "0.9"], ["10", "0.8"]]
    assert view.best == 1
    assert view.findChild(QPushButton).text() == "Best: epoch 2, 0.9"
    assert not window.documents
    assert "net" in window.windowTitle()


def test_folder_of_a_run_that_has_just_begun_opens_what_is_there(
    qtbot: QtBot, window: MainWindow, run: Path
) -> None:
    """One epoch is no run yet, but no reason to refuse the folder."""
    for name in ("net-02-0.90.h5", "net-10-0.80.h5"):
        (run / name).rename(run.parent / name)
    window.open_files([str(run)])
    until(qtbot, lambda: window.documents.get(str(run / "net-01-0.50.h5")))
    assert len(window.documents) == 1


def test_steps_in_folders_of_their_own_are_told_apart(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    """By their folders; of learning rates neither is best, until the user says so."""
    for step, rate in ((1, "0.1"), (2, "0.01"), (3, "0.001")):
        (tmp_path / f"epoch_{step}").mkdir()
        make_keras_h5(tmp_path / f"epoch_{step}" / f"net_acc0.{step}_lr{rate}.h5")
    window.open_files([str(tmp_path)])
    view = steps(qtbot, window)
    assert rows(view)[0][-1] == str(Path("epoch_1") / "net_acc0.1_lr0.1.h5")
    assert (view.chosen_metric, view.best) == ("acc", 2)
    metric, direction = view.findChildren(QComboBox)
    metric.setCurrentText("lr")
    metric.activated.emit(metric.currentIndex())
    assert view.best is None
    assert direction.currentText() == ""
    direction.setCurrentIndex(1)
    direction.activated.emit(1)
    assert view.best == 2


def test_runs_that_are_called_alike_are_listed_with_their_folders(
    qtbot: QtBot, window: MainWindow, run: Path, tmp_path: Path
) -> None:
    """With those in which they differ, as long as both are open."""
    folders = [tmp_path / name / "saved" for name in ("first", "second")]
    for folder in folders:
        shutil.copytree(run, folder)
    window.open_files([*map(str, folders)])
    until(qtbot, lambda: entries(window) == ["first/net  ·  3", "second/net  ·  3"])
    window.runs.open_runs.close(window.runs.open_runs.keys[0])
    until(qtbot, lambda: entries(window) == ["net  ·  3"])


def test_files_of_a_run_opened_together_are_one_entry(
    qtbot: QtBot, window: MainWindow, run: Path, datasets_h5: Path
) -> None:
    """What is none of them opens as a file."""
    window.open_files([*map(str, sorted(run.iterdir())), str(datasets_h5)])
    until(qtbot, lambda: entries(window) == ["net  ·  3"])
    until(qtbot, lambda: window.documents.get(str(datasets_h5)))
    assert len(window.documents) == 1


def test_pictures_that_training_drew_beside_its_files_do_not_hide_the_run(
    qtbot: QtBot, window: MainWindow, run: Path
) -> None:
    Image.new("RGB", (8, 8)).save(run / "loss.png")
    drop(window, run)
    until(qtbot, lambda: window.runs.is_on_view)
    assert not window.findChildren(QDialog)


def test_siblings_of_an_opened_file_are_offered(
    qtbot: QtBot, window: MainWindow, run: Path
) -> None:
    """One button leads from the file to its run, a click in the tree back to the file."""
    path = run / "net-02-0.90.h5"
    window.open_files([str(path)])
    said = "net-02-0.90.h5 is one of 3 files of a run of training."
    until(qtbot, lambda: window.notices.messages == [said])
    button = next(b for b in window.notices.findChildren(QPushButton) if b.text() == "Show the run")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    steps(qtbot, window)
    assert window.notices.messages == []
    tree = window.sidebar.tree
    cell = tree.visualRect(window.sidebar.model.find(str(path), ()))
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
    until(qtbot, lambda: not window.runs.is_on_view)
    assert "net-02-0.90.h5" in window.windowTitle()
    assert window.panels.isVisible()


def test_step_is_opened_as_a_file(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    """By Enter in its row."""
    window.open_files([str(run)])
    view = steps(qtbot, window)
    view.go_to(1)
    qtbot.keyClick(view.table, Qt.Key.Key_Return)
    until(qtbot, lambda: window.documents.get(str(run / "net-02-0.90.h5")))
    until(qtbot, lambda: not window.runs.is_on_view)
    until(qtbot, lambda: "net-02-0.90.h5" in window.windowTitle())  # it has been gone to
    assert window.notices.messages == []  # its run is open
    window.actions_["back"].trigger()
    until(qtbot, lambda: window.runs.is_on_view)
    assert view.chosen == [1]


def test_folder_of_a_run_is_one_of_the_recent_files(
    qtbot: QtBot, window: MainWindow, run: Path
) -> None:
    """Chosen there, the run is open again."""
    window.open_files([str(run)])
    steps(qtbot, window)
    window.actions_["close"].trigger()
    until(qtbot, lambda: entries(window) == [])
    window.welcome.file_wanted.emit(window._settings.recent[0])
    until(qtbot, lambda: entries(window) == ["net  ·  3"])


def test_closed_run_leaves_nothing(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    """The welcome page is back, and the files are where they were."""
    window.open_files([str(run)])
    steps(qtbot, window)
    window.actions_["close"].trigger()
    until(qtbot, lambda: window.welcome.isVisible())
    assert entries(window) == []
    assert len(list(run.iterdir())) == 3


def test_file_actions_rest_while_a_run_is_on_view(
    qtbot: QtBot, window: MainWindow, run: Path, keras_h5: Path
) -> None:
    """None of them acts on a file that is not to be seen."""
    window.open_files([str(keras_h5)])
    until(qtbot, lambda: window.actions_["export"].isEnabled())
    until(qtbot, lambda: keras_h5.name in window.windowTitle())
    window.open_files([str(run)])
    steps(qtbot, window)
    assert not window.actions_["export"].isEnabled()
    assert window.actions_["close"].isEnabled()
    window.actions_["close"].trigger()
    until(qtbot, lambda: window.actions_["export"].isEnabled())
    assert window.documents.get(str(keras_h5)) is not None


def test_a_file_read_anew_leaves_the_run_on_view(
    qtbot: QtBot, window: MainWindow, run: Path, keras_h5: Path
) -> None:
    window.open_files([str(keras_h5)])
    until(qtbot, lambda: keras_h5.name in window.windowTitle())
    with qtbot.waitSignal(window.navigation.arrived, timeout=PATIENCE):
        window.navigation.go(str(keras_h5), (b"model_weights",))
    window.open_files([str(run)])
    steps(qtbot, window)
    with qtbot.waitSignal(window.documents.reloaded, timeout=PATIENCE):
        window.documents.reload(str(keras_h5))
    qtbot.wait(20)
    qtbot.waitUntil(lambda: not running_tasks(), timeout=PATIENCE)
    qtbot.wait(20)
    assert window.runs.is_on_view


def test_new_epoch_appears_by_itself(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    """The chosen row stays chosen."""
    window.open_files([str(run)])
    view = steps(qtbot, window)
    view.go_to(0)
    shutil.copy(run / "net-01-0.50.h5", run / "net-11-0.95.h5")
    until(qtbot, lambda: len(rows(view)) == 4)
    assert rows(view)[3][:2] == ["11", "0.95"]
    assert view.chosen == [0]
    assert view.best == 3
    assert entries(window) == ["net  ·  4"]


def test_newest_epoch_is_followed(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    """Who looks at the newest one goes on to the next."""
    window.open_files([str(run)])
    view = steps(qtbot, window)
    assert view.chosen == [2]
    shutil.copy(run / "net-01-0.50.h5", run / "net-11-0.95.h5")
    until(qtbot, lambda: view.chosen == [3])


def test_training_that_begins_again_is_another_entry(
    qtbot: QtBot, window: MainWindow, run: Path
) -> None:
    """In the same folder, with names of the same pattern."""
    for second, path in enumerate(sorted(run.iterdir())):
        os.utime(path, (1e9 + second, 1e9 + second))
    window.open_files([str(run)])
    view = steps(qtbot, window)
    shutil.copy(run / "net-01-0.50.h5", run / "net-01-0.60.h5")
    until(qtbot, lambda: len(rows(view)) == 4)
    shutil.copy(run / "net-01-0.50.h5", run / "net-02-0.70.h5")
    until(qtbot, lambda: entries(window) == ["net  ·  3", "net 2  ·  2"])
    until(qtbot, lambda: [row[1] for row in rows(view)] == ["0.6", "0.7"])


def test_half_written_file_is_left_alone(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    """Said so; once it is whole, it is a step like the others."""
    window.open_files([str(run)])
    view = steps(qtbot, window)
    whole = (run / "net-01-0.50.h5").read_bytes()
    late = run / "net-11-0.95.h5"
    late.write_bytes(whole[: len(whole) // 2])
    said = "net-11-0.95.h5 is left alone until it is whole."
    facts = window.runs._page._facts
    until(qtbot, lambda: facts.whole_text.endswith(said))
    assert len(rows(view)) == 3
    late.write_bytes(whole)
    until(qtbot, lambda: len(rows(view)) == 4)
    assert said not in facts.whole_text


def test_two_steps_are_compared(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    """Side by side in the panel that compares, opened for it."""
    window.open_files([str(run)])
    view = steps(qtbot, window)
    first, second = run / "net-01-0.50.h5", run / "net-10-0.80.h5"
    view.compare_wanted.emit(str(first), str(second))
    until(
        qtbot, lambda: {*map(str, (first, second))} <= {d.path for d in window.documents.documents}
    )
    until(qtbot, lambda: (panel := window.findChild(ComparePanel)) and panel.isVisible())
    assert "net-01-0.50.h5" in window.windowTitle()


def test_average_begins_with_the_last_steps(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    """In the dialog that merges, none of them open."""
    shutil.copy(run / "net-01-0.50.h5", run / "net-11-0.70.h5")
    window.open_files([str(run)])
    steps(qtbot, window)
    page = window.findChild(RunPage)
    assert page is not None
    menu = page._average.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["The last 3", "All steps"]
    menu.actions()[0].trigger()
    until(qtbot, lambda: window.findChild(MergeDialog))
    dialog = window.findChild(MergeDialog)
    assert dialog is not None
    names = [Path(path).name for path in dialog._files.paths]
    assert names == ["net-02-0.90.h5", "net-10-0.80.h5", "net-11-0.70.h5"]
    until(qtbot, lambda: not dialog.words_against())
    dialog.reject()


def test_best_is_exported(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    """By the metric that is chosen, without being opened."""
    window.open_files([str(run)])
    steps(qtbot, window)
    page = window.findChild(RunPage)
    assert page is not None
    page._export.click()
    until(qtbot, lambda: window.findChild(ExportDialog))
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    assert dialog.accessibleName() == "Export"
    assert any("net-02-0.90.h5" in label.text() for label in dialog.findChildren(QLabel))
    assert not window.documents
    dialog.reject()


def test_run_is_closed_by_keyboard(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    """Delete in the list takes the entry away, and no file."""
    window.open_files([str(run)])
    steps(qtbot, window)
    qtbot.keyClick(window.sidebar.runs, Qt.Key.Key_Delete)
    until(qtbot, lambda: entries(window) == [])
    assert len(list(run.iterdir())) == 3


def test_a_folder_of_folders_is_opened_as_their_runs(
    qtbot: QtBot, window: MainWindow, run: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "tried"
    for name in ("run10", "run9"):
        shutil.copytree(run, whole / name)
    (whole / "notes").mkdir()
    window.open_files([str(whole)])
    until(qtbot, lambda: len(window.runs) == 2)
    folders = [window.runs.open_runs.get(key).folder for key in window.runs.open_runs.keys]
    assert [Path(folder).name for folder in folders] == ["run9", "run10"]


def test_two_files_of_a_run_are_one_offer(qtbot: QtBot, window: MainWindow, run: Path) -> None:
    for name in ("net-01-0.50.h5", "net-02-0.90.h5"):
        window.open_files([str(run / name)])
    until(qtbot, lambda: len(window.documents) == 2)
    until(qtbot, lambda: window.notices.messages)
    qtbot.wait(300)  # in which the other would come
    assert len(window.notices.messages) == 1


def test_back_and_forward_lead_through_runs(
    qtbot: QtBot, window: MainWindow, run: Path, datasets_h5: Path
) -> None:
    window.open_files([str(datasets_h5)])
    until(qtbot, lambda: "datasets" in window.windowTitle())
    window.open_files([str(run)])
    until(qtbot, lambda: window.runs.is_on_view)
    window.actions_["back"].trigger()
    until(qtbot, lambda: not window.runs.is_on_view)
    assert "datasets" in window.windowTitle()
    window.actions_["forward"].trigger()
    until(qtbot, lambda: window.runs.is_on_view)
    window.runs.close_shown()
    until(qtbot, lambda: not window.runs.is_on_view)
    assert not window.actions_["forward"].isEnabled()
    assert not window.actions_["back"].isEnabled()


def test_checkpoints_that_were_moved_are_named_anew_in_a_copy(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(tmp_path / "m-1", {"w": np.ones(3, "f4")})
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "/gone/away/m-1"\n')
    window.open_files([str(tmp_path / "m-1.index")])
    until(qtbot, lambda: window.notices.messages)
    said = f"The file checkpoint in {tmp_path.name} names 1 checkpoint where it was before."
    assert window.notices.messages == [said]
    copy = tmp_path / "right"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(copy), ""))
    button = next(b for b in window.notices.findChildren(QPushButton) if "corrected" in b.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    until(qtbot, lambda: not window.notices.messages)
    assert copy.read_text() == 'model_checkpoint_path: "m-1"\n'
    told = "right was saved; TensorFlow reads it once it is called checkpoint"
    until(qtbot, lambda: window._status.whole_text == told)
