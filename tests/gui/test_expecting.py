"""A picture that is dragged over the window: its answer is there when it is dropped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from answering_pool import RAW, UNIT, WAIT, AnsweringPool, prediction, softmax
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead
from h5viewer.gui.predict.answering import Answering, Question
from h5viewer.gui.predict.given import files
from h5viewer.gui.task import PLACEHOLDER_MS, running_tasks
from h5viewer.nodes import Prediction, Recipe
from h5viewer.requests import Consent

Ask = Callable[..., Question]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(b"a photo")
    return path


@pytest.fixture
def question(photo: Path) -> Ask:
    def of(recipe: Recipe = UNIT) -> Question:
        return Question("/models/a.h5", Consent(), tuple(files([str(photo)])), recipe)

    return of


class Heard:
    """What an `Answering` says."""

    def __init__(self, answering: Answering) -> None:
        self.answers: list[Prediction] = []
        self.errors: list[str] = []
        self.busy: list[bool] = []
        answering.answered.connect(lambda _, __, answer: self.answers.append(answer))
        answering.failed.connect(lambda _, error: self.errors.append(error.message))
        answering.busy_changed.connect(self.busy.append)


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()))


def expect(qtbot: QtBot, answering: Answering, question: Question, pool: AnsweringPool) -> None:
    """As soon as it has been asked."""
    n_before = len(pool.predictions)
    answering.expect(question)
    qtbot.waitUntil(lambda: len(pool.predictions) > n_before)


def test_dropped_picture_is_answered_with_what_was_asked_while_it_was_dragged(
    qtbot: QtBot, question: Ask
) -> None:
    pool = AnsweringPool()
    answering = Answering(pool)  # type: ignore[arg-type]
    heard = Heard(answering)
    expect(qtbot, answering, question(), pool)
    qtbot.waitUntil(lambda: not running_tasks())
    assert heard.answers == []
    assert not answering.is_waiting
    answering.ask(question())
    until(qtbot, lambda: heard.answers)
    assert heard.answers == [prediction()]
    assert len(pool.predictions) == 1


def test_picture_that_is_dropped_at_once_is_asked_once(qtbot: QtBot, question: Ask) -> None:
    pool = AnsweringPool(Predict=lambda _: WAIT)
    answering = Answering(pool)  # type: ignore[arg-type]
    heard = Heard(answering)
    expect(qtbot, answering, question(), pool)
    answering.ask(question())
    qtbot.wait(2 * PLACEHOLDER_MS)
    assert heard.busy == [True]
    assert answering.is_waiting
    pool.release(prediction())
    until(qtbot, lambda: heard.answers)
    assert heard.busy == [True, False]
    assert not answering.is_waiting
    assert len(pool.predictions) == 1


def test_picture_that_changed_meanwhile_is_asked_anew(
    qtbot: QtBot, question: Ask, photo: Path
) -> None:
    pool = AnsweringPool(Predict=lambda _: prediction(softmax(0.9, 0.1)))
    answering = Answering(pool)  # type: ignore[arg-type]
    heard = Heard(answering)
    expect(qtbot, answering, question(), pool)
    photo.write_bytes(b"another")
    answering.ask(question())
    until(qtbot, lambda: heard.answers)
    assert [each.feeds[0].picture for each in pool.predictions] == [b"a photo", b"another"]


def test_another_recipe_is_asked_anew(qtbot: QtBot, question: Ask) -> None:
    pool = AnsweringPool()
    answering = Answering(pool)  # type: ignore[arg-type]
    heard = Heard(answering)
    expect(qtbot, answering, question(), pool)
    answering.ask(question(RAW))
    until(qtbot, lambda: heard.answers)
    assert [each.recipe for each in pool.predictions] == [UNIT, RAW]


@pytest.mark.parametrize("is_dropped_before", [True, False])
def test_nothing_is_said_of_a_failure_before_the_drop_and_the_drop_asks_again(
    qtbot: QtBot, question: Ask, is_dropped_before: bool
) -> None:
    outcomes: list[object] = [WAIT, CannotRead("No picture.")]
    pool = AnsweringPool(Predict=lambda _: outcomes.pop(0))
    answering = Answering(pool)  # type: ignore[arg-type]
    heard = Heard(answering)
    expect(qtbot, answering, question(), pool)
    if is_dropped_before:
        answering.ask(question())
        qtbot.wait(20)
    pool.release(CannotRead("It was half there."))
    qtbot.waitUntil(lambda: not running_tasks() or bool(heard.errors))
    if not is_dropped_before:
        assert heard.errors == []
        answering.ask(question())
    until(qtbot, lambda: heard.errors)
    assert heard.errors == ["No picture."]
    assert len(pool.predictions) == 2


def test_what_is_cancelled_after_the_drop_is_not_answered(qtbot: QtBot, question: Ask) -> None:
    pool = AnsweringPool(Predict=lambda _: WAIT)
    answering = Answering(pool)  # type: ignore[arg-type]
    heard = Heard(answering)
    expect(qtbot, answering, question(), pool)
    answering.ask(question())
    qtbot.waitUntil(lambda: answering._expecting.is_claimed)
    answering.cancel()
    pool.release(prediction())
    qtbot.waitUntil(lambda: not running_tasks())
    qtbot.wait(20)
    assert heard.answers == []
    assert not answering.is_waiting


def test_file_that_is_gone_says_so_at_the_drop_only(
    qtbot: QtBot, question: Ask, photo: Path
) -> None:
    photo.unlink()
    pool = AnsweringPool()
    answering = Answering(pool)  # type: ignore[arg-type]
    heard = Heard(answering)
    answering.expect(question())
    qtbot.wait(50)
    assert heard.errors == []
    answering.ask(question())
    until(qtbot, lambda: heard.errors)
    assert pool.predictions == []
