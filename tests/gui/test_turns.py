"""Work in steps: one a turn of the event loop, and only the newest."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from h5viewer.gui.turns import BREATH, Turns


def test_the_window_answers_between_two_steps(qtbot: QtBot) -> None:
    owner = QObject()
    told: list[str] = []

    def steps() -> Iterator[None]:
        for name in ("first", "second"):
            told.append(name)
            QTimer.singleShot(0, owner, lambda: told.append("answer"))
            yield

    turns = Turns(owner)
    with qtbot.waitSignal(turns.done):
        turns.begin(steps())
        assert told == []
    assert told == ["first", "answer", "second", "answer"]


def test_a_step_that_leads_elsewhere_is_the_last(qtbot: QtBot) -> None:
    owner = QObject()
    turns = Turns(owner)
    told: list[str] = []

    def others() -> Iterator[None]:
        told.append("others")
        yield

    def steps() -> Iterator[None]:
        told.append("stopped")
        turns.stop()
        turns.begin(others(), rest=20)
        yield
        told.append("too far")

    with qtbot.waitSignal(turns.done):
        turns.begin(steps())
    assert told == ["stopped", "others"]


def test_steps_that_are_stopped_go_no_further(qtbot: QtBot) -> None:
    owner = QObject()
    turns = Turns(owner)
    told: list[str] = []

    def steps() -> Iterator[None]:
        told.append("first")
        turns.stop()
        yield
        told.append("too far")

    turns.begin(steps())
    with qtbot.assertNotEmitted(turns.done, wait=60):
        qtbot.waitUntil(lambda: told == ["first"])
    assert told == ["first"]


def test_a_step_that_is_late_lets_all_that_is_due_go_first(qtbot: QtBot) -> None:
    owner = QObject()
    turns = Turns(owner)
    told: list[str] = []

    def steps() -> Iterator[None]:
        told.append("step")
        yield

    with qtbot.waitSignal(turns.done):
        turns.begin(steps())
        QTimer.singleShot(2 * BREATH, owner, lambda: told.append("other"))
        time.sleep(0.05)  # painting
    assert told == ["other", "step"]
