"""Task and Latest: what the window hears of long work, and when."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.gui.task import Latest, Task, running_tasks
from h5viewer.nodes import Document, Listed, Names
from h5viewer.requests import ListChildren, OpenDocument, Progress
from h5viewer.workers.pool import Pool

REQUEST = ListChildren(document="/some.h5")
DONE = Listed(count=1)
PART = Names(names=(b"a",))


class FakeJob:
    def __init__(self, listener: Any) -> None:
        self.listener = listener
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True


class FakePool:
    """Says what a test wants, from a thread of its own."""

    def __init__(self) -> None:
        self.jobs: list[FakeJob] = []

    def submit(self, request: object, listener: object) -> FakeJob:
        self.jobs.append(FakeJob(listener))
        return self.jobs[-1]

    def say(self, *letters: tuple[str, object], job: int = -1) -> None:
        listener = self.jobs[job].listener

        def talk() -> None:
            for what, content in letters:
                getattr(listener, what)(content)

        thread = threading.Thread(target=talk)
        thread.start()
        thread.join()


class Ear:
    """Keeps the signals of a task in the order they came, and the thread."""

    def __init__(self, task: Task) -> None:
        self.heard: list[Any] = []
        self.threads: set[object] = set()
        for name in ("progressed", "part_arrived", "succeeded", "failed", "cancelled", "ended"):
            getattr(task, name).connect(self._keeper(name))

    def _keeper(self, name: str) -> Any:
        def keep(*content: object) -> None:
            self.heard.append((name, *content))
            self.threads.add(QThread.currentThread())

        return keep


@pytest.fixture
def fake(qapp: object) -> FakePool:
    return FakePool()


def test_everything_is_heard_in_order_on_the_window_thread(qtbot: QtBot, fake: FakePool) -> None:
    task = Task(fake, REQUEST)  # type: ignore[arg-type]
    ear = Ear(task)
    with qtbot.waitSignal(task.ended):
        fake.say(("progressed", Progress(1)), ("delivered", PART), ("ended", DONE))
        assert ear.heard == []
    assert ear.heard == [
        ("progressed", Progress(1)),
        ("part_arrived", PART),
        ("succeeded", DONE),
        ("ended",),
    ]
    assert ear.threads == {QThread.currentThread()}
    assert running_tasks() == []


def test_error_is_heard_as_a_failure(qtbot: QtBot, fake: FakePool) -> None:
    task = Task(fake, REQUEST)  # type: ignore[arg-type]
    ear = Ear(task)
    error = CannotRead("No.")
    with qtbot.waitSignal(task.ended):
        fake.say(("ended", error))
    assert ear.heard == [("failed", error), ("ended",)]


def test_after_cancel_nothing_but_its_end_is_heard(qtbot: QtBot, fake: FakePool) -> None:
    """Even what was on its way already, even a result."""
    task = Task(fake, REQUEST)  # type: ignore[arg-type]
    ear = Ear(task)
    fake.say(("delivered", PART))
    task.cancel()
    assert fake.jobs[0].is_cancelled
    with qtbot.waitSignal(task.ended):
        fake.say(("delivered", PART), ("ended", DONE))
    assert ear.heard == [("cancelled",), ("ended",)]


def test_task_that_nobody_refers_to_lives_until_its_end(qtbot: QtBot, fake: FakePool) -> None:
    heard: list[object] = []
    Task(fake, REQUEST).succeeded.connect(heard.append)  # type: ignore[arg-type]
    fake.say(("ended", DONE))
    qtbot.waitUntil(lambda: heard == [DONE])


def test_deleting_the_parent_cancels_and_silences(qtbot: QtBot, fake: FakePool) -> None:
    parent = QObject()
    ear = Ear(Task(fake, REQUEST, parent))  # type: ignore[arg-type]
    fake.say(("delivered", PART))
    shiboken6.delete(parent)
    assert fake.jobs[0].is_cancelled
    fake.say(("delivered", PART), ("ended", None))
    qtbot.waitUntil(lambda: running_tasks() == [])
    assert ear.heard == []


def test_slot_may_delete_the_task(qtbot: QtBot, fake: FakePool) -> None:
    task = Task(fake, REQUEST)  # type: ignore[arg-type]
    task.succeeded.connect(lambda _: shiboken6.delete(task))
    fake.say(("ended", DONE))
    qtbot.waitUntil(lambda: running_tasks() == [])
    assert not shiboken6.isValid(task)


def test_ended_task_is_its_parents_no_more(qtbot: QtBot, fake: FakePool) -> None:
    """A panel that lives for hours keeps no list of its old tasks."""
    parent = QObject()
    task = Task(fake, REQUEST, parent)  # type: ignore[arg-type]
    with qtbot.waitSignal(task.ended):
        fake.say(("ended", DONE))
    assert parent.children() == []


def test_letters_are_opened_while_a_slot_runs_an_event_loop(qtbot: QtBot, fake: FakePool) -> None:
    """A dialog opened by one task's failure does not stop the other tasks."""
    first = Task(fake, REQUEST)  # type: ignore[arg-type]
    second = Task(fake, REQUEST)  # type: ignore[arg-type]
    heard: list[object] = []
    second.succeeded.connect(heard.append)

    def wait_for_second(_: object) -> None:
        qtbot.waitUntil(lambda: heard == [DONE])

    first.failed.connect(wait_for_second)
    with qtbot.waitSignal(first.ended):
        fake.say(("ended", CannotRead("No.")), job=0)
        fake.say(("ended", DONE), job=1)


def test_flood_of_parts_lets_the_window_breathe(qtbot: QtBot, fake: FakePool) -> None:
    """A timer of the window runs between parts, not after them all."""
    task = Task(fake, REQUEST)  # type: ignore[arg-type]
    n_seen = 0
    breaths: list[int] = []

    def see(_: object) -> None:
        nonlocal n_seen
        n_seen += 1
        threading.Event().wait(0.001)

    task.part_arrived.connect(see)
    fake.say(*[("delivered", PART)] * 200)
    timer = QObject()
    timer.timerEvent = lambda _: breaths.append(n_seen)  # type: ignore[method-assign]
    timer.startTimer(0)
    with qtbot.waitSignal(task.ended):
        fake.say(("ended", DONE))
    shiboken6.delete(timer)
    assert n_seen == 200
    assert any(0 < breath < 200 for breath in breaths)


# ----------------------------------------------------------------------- Latest


def test_only_the_newest_request_is_answered(qtbot: QtBot, fake: FakePool) -> None:
    latest = Latest(fake)  # type: ignore[arg-type]
    heard: list[object] = []
    latest.ask(REQUEST, lambda r: heard.append(("old", r)), lambda p: heard.append(("old", p)))
    fake.say(("delivered", PART))
    latest.ask(REQUEST, lambda r: heard.append(("new", r)), lambda p: heard.append(("new", p)))
    assert fake.jobs[0].is_cancelled
    fake.say(("delivered", PART), ("ended", DONE), job=0)
    fake.say(("delivered", PART), ("ended", DONE), job=1)
    qtbot.waitUntil(lambda: not latest.is_waiting)
    assert heard == [("new", PART), ("new", DONE)]
    qtbot.waitUntil(lambda: running_tasks() == [])


def test_cancelled_latest_answers_nothing(qtbot: QtBot, fake: FakePool) -> None:
    latest = Latest(fake)  # type: ignore[arg-type]
    heard: list[object] = []
    latest.ask(REQUEST, heard.append, heard.append, heard.append, heard.append)
    latest.cancel()
    assert not latest.is_waiting
    fake.say(("progressed", Progress(1)), ("delivered", PART), ("ended", CannotRead("No.")))
    qtbot.waitUntil(lambda: running_tasks() == [])
    assert heard == []


def test_callback_may_ask_the_next_thing(qtbot: QtBot, fake: FakePool) -> None:
    latest = Latest(fake)  # type: ignore[arg-type]
    heard: list[object] = []
    latest.ask(REQUEST, lambda _: latest.ask(REQUEST, heard.append))
    fake.say(("ended", DONE))
    qtbot.waitUntil(lambda: len(fake.jobs) == 2)
    assert latest.is_waiting
    fake.say(("ended", DONE))
    qtbot.waitUntil(lambda: heard == [DONE])
    assert not latest.is_waiting


def test_quick_answer_never_shows_as_busy(qtbot: QtBot, fake: FakePool) -> None:
    latest = Latest(fake)  # type: ignore[arg-type]
    busy: list[bool] = []
    latest.busy_changed.connect(busy.append)
    latest.ask(REQUEST, lambda _: None)
    fake.say(("ended", DONE))
    qtbot.waitUntil(lambda: not latest.is_waiting)
    assert busy == []


def test_waiting_shows_as_busy_until_it_is_over(qtbot: QtBot, fake: FakePool) -> None:
    """Also over a change of the request: the placeholder does not flicker."""
    latest = Latest(fake)  # type: ignore[arg-type]
    busy: list[bool] = []
    latest.busy_changed.connect(busy.append)
    latest.ask(REQUEST, lambda _: None)
    qtbot.waitUntil(lambda: busy == [True])
    latest.ask(REQUEST, lambda _: None)
    fake.say(("ended", None), job=0)
    fake.say(("ended", CannotRead("No.")), job=1)
    qtbot.waitUntil(lambda: busy == [True, False])
    qtbot.waitUntil(lambda: running_tasks() == [])


# ----------------------------------------------------------------- real workers


def test_real_worker_answers_a_task(qtbot: QtBot, pool: Pool, keras_h5: Path) -> None:
    task = Task(pool, OpenDocument(document=str(keras_h5)))
    with qtbot.waitSignal(task.succeeded, timeout=30_000) as caught:
        pass
    assert isinstance(caught.args[0], Document)
    assert caught.args[0].format == "keras-h5"


def test_real_refusal_reaches_the_window(qtbot: QtBot, pool: Pool, tmp_path: Path) -> None:
    task = Task(pool, OpenDocument(document=str(tmp_path / "gone.h5")))
    with qtbot.waitSignal(task.failed, timeout=30_000) as caught:
        pass
    assert isinstance(caught.args[0], CannotOpen)
