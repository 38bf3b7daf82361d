"""Cleaning up after a run: what stays, what goes to the trash, and that nothing is deleted."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PySide6.QtCore import QFile, Qt
from PySide6.QtWidgets import QListWidget, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from h5viewer.gui.series import clean_up
from h5viewer.gui.series.clean_up import Keeping, kept_steps, move_to_trash
from h5viewer.gui.series.clean_up_dialog import CleanUpDialog
from h5viewer.nodes import Series
from h5viewer.series import runs_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six epochs; 2 and 5 are the best."""
    for epoch, accuracy in enumerate((0.1, 0.8, 0.5, 0.6, 0.9, 0.7), start=1):
        (tmp_path / f"net-{epoch:02d}-val_acc={accuracy}.h5").write_bytes(bytes(100 * epoch))
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Series:
    (run,) = runs_in(str(folder))
    return run


@pytest.fixture
def trash(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In the place of the user's."""
    trash = tmp_path_factory.mktemp("trash")

    class Trashed(QFile):
        def moveToTrash(self) -> bool:  # type: ignore[override]
            return self.rename(str(trash / Path(self.fileName()).name))

    monkeypatch.setattr(clean_up, "QFile", Trashed)
    return trash


def epochs(run: Series, kept: set[int]) -> list[int | None]:
    return [run.steps[at].number for at in sorted(kept)]


VALUES = (0.1, 0.8, 0.5, 0.6, 0.9, 0.7)


def test_best_every_nth_and_last_are_kept(run: Series) -> None:
    """Each for itself, and together."""
    assert epochs(run, kept_steps(run, VALUES, "max", Keeping(2, 0, 0))) == [2, 5, 6]
    assert epochs(run, kept_steps(run, VALUES, "min", Keeping(2, 0, 0))) == [1, 3, 6]
    assert epochs(run, kept_steps(run, VALUES, "max", Keeping(0, 3, 0))) == [3, 6]
    assert epochs(run, kept_steps(run, VALUES, "max", Keeping(0, 0, 2))) == [5, 6]
    assert epochs(run, kept_steps(run, VALUES, "max", Keeping(1, 4, 1))) == [4, 5, 6]


def test_latest_is_kept_in_any_case(run: Series) -> None:
    """Also where there are no metrics, and the user keeps nothing."""
    assert epochs(run, kept_steps(run, (math.nan,) * 6, "max", Keeping(3, 0, 0))) == [6]


def test_what_was_shown_goes_and_nothing_else(
    qtbot: QtBot, folder: Path, run: Series, trash: Path
) -> None:
    """The three best and the last stay."""
    dialog = CleanUpDialog(run, "val_acc", "max")
    qtbot.addWidget(dialog)
    dialog.show()
    shown = dialog.findChild(QListWidget)
    assert shown is not None
    listed = {shown.item(row).text().split("   ")[0] for row in range(shown.count())}
    assert listed == {f"net-0{n}-val_acc={VALUES[n - 1]}.h5" for n in (1, 3, 4)}
    button = next(b for b in dialog.findChildren(QPushButton) if b.text().startswith("Move"))
    assert button.text() == "Move 3 files to the trash"
    with qtbot.waitSignal(dialog.accepted):
        button.click()
    assert {path.name for path in trash.iterdir()} == listed
    assert len(list(folder.iterdir())) == 3


def test_nothing_moves_before_the_button(qtbot: QtBot, folder: Path, run: Series) -> None:
    """Opening and leaving the dialog changes nothing."""
    dialog = CleanUpDialog(run, "val_acc", "max")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.reject()
    assert len(list(folder.iterdir())) == 6


def test_enter_after_a_number_moves_nothing(
    qtbot: QtBot, folder: Path, run: Series, trash: Path
) -> None:
    """It ends the typing; the button is for moving."""
    dialog = CleanUpDialog(run, "val_acc", "max")
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    box = dialog.findChildren(QSpinBox)[0]
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "1")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 1
    assert dialog.isVisible()
    qtbot.wait(50)  # in which files would go
    assert len(list(folder.iterdir())) == 6


def test_what_cannot_be_moved_stays(
    run: Series, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk without a trash: no file is deleted in its stead, and each is told."""

    class Refused(QFile):
        def moveToTrash(self) -> bool:  # type: ignore[override]
            return False

    monkeypatch.setattr(clean_up, "QFile", Refused)
    moved = move_to_trash(run.steps[:2])
    assert moved.n_files == moved.n_bytes == 0
    assert moved.problems == (
        "net-01-val_acc=0.1.h5 stays: the system did not move it to its trash.",
        "net-02-val_acc=0.8.h5 stays: the system did not move it to its trash.",
    )
    assert len(list(folder.iterdir())) == 6
