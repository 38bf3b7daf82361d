"""Save repaired copy: the bytes of the worker, whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
from answering_pool import WAIT, AnsweringPool
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead
from h5viewer.gui.predict.repaired_copy import RepairedCopy, suggestion
from h5viewer.nodes import FileBytes, Finding, Repaired
from h5viewer.requests import Consent

PARTS = [FileBytes(data=b"PK"), FileBytes(data=b"rest")]
DONE = Repaired(
    findings=(Finding(layer="l", message="M.", repair="R."),), n_bytes=6, largest_difference=0.0
)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "old.h5"
    path.write_bytes(b"old")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_copy_has_all_bytes_and_a_sentence(qtbot: QtBot, window: QWidget, source: Path) -> None:
    copy = RepairedCopy(AnsweringPool(RepairNetwork=lambda _: (PARTS, DONE)), window)  # type: ignore[arg-type]
    with qtbot.waitSignal(copy.saved) as saved:
        copy.begin(str(source), Consent(), source.with_name("new.keras"))
    assert saved.args == [
        "new.keras is saved: 6 bytes, 1 repair. Plain Keras 3 loads it and answers alike."
    ]
    assert source.with_name("new.keras").read_bytes() == b"PKrest"
    assert not copy.is_running


def has_scratch_file(folder: Path) -> bool:
    """Which on Linux has no name."""
    opened = []
    for each in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):  # closed meanwhile
            opened.append(os.readlink(each))
    return len(names(folder)) > 1 or any(each.startswith(str(folder)) for each in opened)


@pytest.mark.parametrize("parts", [[], PARTS])
def test_error_of_the_worker_leaves_the_folder_as_it_was(
    qtbot: QtBot, window: QWidget, source: Path, parts: list[FileBytes]
) -> None:
    error = CannotRead("It holds code.")
    copy = RepairedCopy(AnsweringPool(RepairNetwork=lambda _: (parts, error)), window)  # type: ignore[arg-type]
    with qtbot.waitSignal(copy.failed) as failed:
        copy.begin(str(source), Consent(), source.with_name("new.keras"))
    assert str(failed.args[0]) == "It holds code."
    qtbot.waitUntil(lambda: names(source.parent) == ["old.h5"])


def test_cancelled_copy_leaves_the_folder_as_it_was(
    qtbot: QtBot, window: QWidget, source: Path
) -> None:
    copy = RepairedCopy(AnsweringPool(RepairNetwork=lambda _: (PARTS, WAIT)), window)  # type: ignore[arg-type]
    copy.begin(str(source), Consent(), source.with_name("new.keras"))
    qtbot.waitUntil(lambda: has_scratch_file(source.parent))
    copy.cancel()
    qtbot.waitUntil(lambda: not has_scratch_file(source.parent))
    assert names(source.parent) == ["old.h5"]


def test_source_is_never_replaced(qtbot: QtBot, window: QWidget, source: Path) -> None:
    copy = RepairedCopy(AnsweringPool(RepairNetwork=lambda _: (PARTS, DONE)), window)  # type: ignore[arg-type]
    with qtbot.waitSignal(copy.failed) as failed:
        copy.begin(str(source), Consent(), source)
    assert "was not replaced" in str(failed.args[0])
    assert source.read_bytes() == b"old"


def test_suggested_name_is_another_one() -> None:
    assert Path(suggestion("/m/old.h5")) == Path("/m/old.keras")
    assert Path(suggestion("/m/new.keras")) == Path("/m/new repaired.keras")
