"""The card that says how to train on."""

from __future__ import annotations

from typing import cast

import pytest
from answering_pool import AnsweringPool
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead
from h5viewer.gui.series.resume_view import ResumeView
from h5viewer.nodes import Metric, SavedTraining, Series, SeriesStep
from h5viewer.requests import ReadTraining
from h5viewer.series import epochs_done
from h5viewer.workers.pool import Pool

WHOLE = SavedTraining(
    format="keras-archive", has_architecture=True, optimizer="Adam", is_compiled=True, n_state=4,
    iterations=80.0, learning_rate=0.01,
)  # fmt: skip
WEIGHTS = SavedTraining(format="keras-h5", has_architecture=False)


def series(first: int = 1, *, with_metric: bool = True) -> Series:
    metrics = (Metric(name="val_acc", value=0.5),) if with_metric else ()
    paths = [f"/run/w-{number}.h5" for number in range(first, first + 3)]
    steps = tuple(
        SeriesStep(document=path, files=(path,), number=number, metrics=metrics)
        for number, path in enumerate(paths, start=first)
    )
    return Series(name="w", folder="/run", steps=steps, latest=2)


def shown(qtbot: QtBot, pool: AnsweringPool) -> ResumeView:
    view = ResumeView(cast("Pool", pool))
    qtbot.addWidget(view)
    view.show_series(series(), is_new=True)
    view.go_to(1)
    with qtbot.waitExposed(view):
        view.show()
    return view


def test_card_says_how_to_go_on_from_the_chosen_step(qtbot: QtBot) -> None:
    """With the epoch in the line, which is copied."""
    pool = AnsweringPool(ReadTraining=lambda _: WHOLE)
    view = shown(qtbot, pool)
    qtbot.waitUntil(lambda: view._card.isVisible())
    assert view._title.whole_text == "Train on from epoch 2"
    assert view._verdict.whole_text == "Training goes on as if it had not stopped."
    button = next(b for b in view.findChildren(QPushButton) if b.text() == "Copy the lines")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "/run/w-2.h5" in copied
    assert "initial_epoch=2" in copied
    view.go_to(2)
    qtbot.waitUntil(lambda: "initial_epoch=3" in view._lines.toPlainText())
    assert [asked.document for asked in pool.of(ReadTraining)] == ["/run/w-2.h5", "/run/w-3.h5"]


@pytest.mark.parametrize("width", [260, 700])
def test_all_lines_are_seen_also_those_that_wrap(qtbot: QtBot, width: int) -> None:
    view = shown(qtbot, AnsweringPool(ReadTraining=lambda _: WHOLE))
    qtbot.waitUntil(lambda: view._card.isVisible())
    view.resize(width, 700)
    bar = view._lines.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    lines = view._lines.document().blockCount() * view._lines.fontMetrics().lineSpacing()
    assert view._lines.height() >= lines


def test_weights_alone_cannot_go_on_as_if_nothing_happened(qtbot: QtBot) -> None:
    """Said in a sentence, beside the lines."""
    view = shown(qtbot, AnsweringPool(ReadTraining=lambda _: WEIGHTS))
    qtbot.waitUntil(lambda: view._card.isVisible())
    assert "not as if it had not stopped" in view._verdict.whole_text
    assert "load_weights" in view._lines.toPlainText()


def test_file_that_cannot_be_read_says_why(qtbot: QtBot) -> None:
    """In the place of the card."""
    pool = AnsweringPool(ReadTraining=lambda _: CannotRead("w-2.h5 ends too early."))
    view = shown(qtbot, pool)
    qtbot.waitUntil(lambda: view._notice.message == "w-2.h5 ends too early.")
    assert not view._card.isVisible()


@pytest.mark.parametrize(
    ("run", "number", "done"),
    [
        (series(), 2, 2),
        (series(0), 2, 3),  # Keras 2.0 and before
        (series(0, with_metric=False), 2, 2),  # 0: saved before training
        (series(), None, None),
    ],
)
def test_epochs_behind_a_file(run: Series, number: int | None, done: int | None) -> None:
    """Keras counts them from 1, or once did from 0."""
    assert epochs_done(run, number) == done
