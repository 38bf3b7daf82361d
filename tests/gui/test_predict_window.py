"""Pictures dropped on the window: where they go, and one story with the real network."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from dropping import drag_over, drop, event_place, mime_of
from PySide6.QtCore import QMimeData, QObject, QPoint, Qt
from PySide6.QtGui import QDragMoveEvent
from pytestqt.qtbot import QtBot
from whole_window import whole_window

from h5viewer.gui.drop_overlay import DropOverlay
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.panels import PREDICT
from h5viewer.gui.predict.predict_panel import PredictPanel
from h5viewer.shipped import resource
from h5viewer.workers.kinds import Kind
from h5viewer.workers.pool import Pool

PATIENCE = 60_000  # TensorFlow starts


@pytest.fixture
def window(qtbot: QtBot, pool: Pool, tmp_path: Path) -> Iterator[MainWindow]:
    with whole_window(qtbot, pool, tmp_path) as window:
        yield window


@pytest.fixture
def given(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Which document is shown whenever pictures reach the panels, and their names."""
    heard: list[tuple[str, list[str]]] = []
    window.drops.pictures_given.disconnect()

    def hear(paths: tuple[str, ...]) -> None:
        here = window.navigation.here
        assert here is not None
        assert here.path == ()
        heard.append((Path(here.document).name, [Path(path).name for path in paths]))

    window.drops.pictures_given.connect(hear)
    return heard


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG")
    return path


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def test_picture_without_a_network_is_answered_with_what_to_do(
    qtbot: QtBot, window: MainWindow, picture: Path
) -> None:
    drop(window, picture)
    until(qtbot, lambda: window.notices.messages)
    assert window.notices.messages == ["A picture needs a network to answer to it."]


def test_picture_dropped_on_data_says_that_it_declares_no_network(
    qtbot: QtBot, window: MainWindow, picture: Path, datasets_h5: Path
) -> None:
    window.open_files([str(datasets_h5)])
    until(qtbot, lambda: window.navigation.here)
    drop(window, picture)
    until(qtbot, lambda: window.notices.messages)
    assert window.notices.messages[0].startswith("datasets.h5 declares no network")


def test_picture_goes_to_the_network_that_is_shown_wherever_the_user_is_in_it(
    qtbot: QtBot, window: MainWindow, given: list, picture: Path, keras_h5: Path
) -> None:
    window.open_files([str(keras_h5)])
    until(qtbot, lambda: window.navigation.here)
    window.navigation.go(str(keras_h5), (b"model_weights",))
    drop(window, picture)
    until(qtbot, lambda: given)
    assert given == [("model.h5", ["photo.png"])]


def test_model_and_picture_dropped_together_open_one_and_ask_it_about_the_other(
    qtbot: QtBot, window: MainWindow, given: list, picture: Path, keras_h5: Path,
    keras_archive: Path,
) -> None:  # fmt: skip
    window.open_files([str(keras_archive)])
    until(qtbot, lambda: window.navigation.here)
    drop(window, picture, keras_h5)
    until(qtbot, lambda: given)
    assert given == [("model.h5", ["photo.png"])]
    drop(window, picture, keras_archive)  # which is open
    until(qtbot, lambda: len(given) == 2)
    assert given[1] == ("model.keras", ["photo.png"])


def test_model_files_alone_are_opened_as_before(
    qtbot: QtBot, window: MainWindow, given: list, keras_h5: Path, datasets_h5: Path
) -> None:
    drop(window, keras_h5, datasets_h5)
    until(qtbot, lambda: len(window.documents) == 2)
    assert given == []
    until(qtbot, lambda: window.navigation.here)


def test_sentence_above_the_window_says_what_a_drop_would_do(
    qtbot: QtBot, window: MainWindow, keras_h5: Path
) -> None:
    words = window.drops.words
    assert words(["a.h5"]) == "Drop to open"
    assert words(["a.png"]) == "Open a network first"
    window.open_files([str(keras_h5)])
    until(qtbot, lambda: window.navigation.here)
    assert words(["a.png"]) == "Drop to see what the network answers"
    assert words(["a.png", "b.h5"]) == "Drop to open, and to ask the network"


def test_picture_dropped_on_data_goes_to_the_network_that_was_looked_at_last(
    qtbot: QtBot, window: MainWindow, given: list, picture: Path, keras_h5: Path,
    keras_archive: Path, datasets_h5: Path,
) -> None:  # fmt: skip
    for path in (keras_archive, keras_h5, datasets_h5):
        window.open_files([str(path)])
        until(qtbot, lambda path=path: window.documents.get(str(path)))
        until(qtbot, lambda path=path: window.windowTitle().startswith(path.name))
    assert window.drops.words(["a.png"]) == "Drop to see what model.h5 answers"
    drop(window, picture)
    until(qtbot, lambda: given)
    assert given == [("model.h5", ["photo.png"])]


def test_picture_above_the_window_is_told_to_the_network_that_is_shown(
    qtbot: QtBot, window: MainWindow, given: list, picture: Path, keras_h5: Path, datasets_h5: Path
) -> None:
    expected: list[str] = []
    window.drops.picture_expected.connect(expected.append)
    window.open_files([str(keras_h5)])
    until(qtbot, lambda: window.navigation.here)
    drop(window, picture)
    until(qtbot, lambda: given)
    assert expected == [str(picture)]
    for paths in ((picture, picture), (picture.parent,), (keras_h5,)):
        drag_over(window, *paths)
    window.open_files([str(datasets_h5)])
    until(qtbot, lambda: window.windowTitle().startswith("datasets.h5"))
    drag_over(window, picture)  # its answer would be shown with another file
    assert expected == [str(picture)]


def test_what_is_let_go_of_where_it_came_from_does_nothing(
    window: MainWindow, picture: Path
) -> None:
    """A drag of a few pixels is a slip of the hand."""
    mime = mime_of(picture)
    inside = window.centralWidget().geometry().center()
    (overlay,) = window.findChildren(DropOverlay)
    sources = {window.centralWidget(): False, window.menuBar(): True, None: True}
    moves = [Move(inside, mime, source) for source in sources]  # alive together: one address each
    for event, is_taken in zip(moves, sources.values(), strict=True):
        overlay.eventFilter(window, event)  # Qt sends moves only after it saw one enter
        assert (event.isAccepted(), overlay.isVisible()) == (is_taken, is_taken)


class Move(QDragMoveEvent):
    """One that comes from a widget of this program, or from elsewhere."""

    def __init__(self, place: QPoint, mime: QMimeData, source: QObject | None) -> None:
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        super().__init__(event_place(place), copy, mime, left, Qt.KeyboardModifier.NoModifier)
        self._from = source

    def source(self) -> QObject | None:
        return self._from


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_shapes_of_the_example_are_recognised_and_again_after_the_worker_was_killed(
    qtbot: QtBot, window: MainWindow, pool: Pool
) -> None:
    example = resource("example/shapes.h5")
    pictures = sorted(example.parent.glob("pictures/*-1.png"))
    window.open_files([str(example)])
    until(qtbot, lambda: window.navigation.here)
    drop(window, *pictures)
    until(qtbot, lambda: PREDICT in window.panels._panels)
    panel = window.panels._panels[PREDICT]
    assert isinstance(panel, PredictPanel)
    until(qtbot, lambda: hasattr(panel._page, "tabs"))  # made in steps
    until(qtbot, lambda: panel._page.table.words == f"{len(pictures)} pictures")
    model = panel._page.samples
    until(qtbot, lambda: panel._session and panel._session.names.has(len(pictures)))
    answers = [model.index(row, 1).data() for row in range(model.rowCount())]
    assert answers == [path.stem.removesuffix("-1") for path in pictures]

    (worker,) = (info for info in pool.workers if info.kind is Kind.NETWORK and info.documents)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    until(qtbot, lambda: worker.pid not in [info.pid for info in pool.workers])
    drop(window, pictures[2])
    until(qtbot, lambda: panel._session and panel._session.prediction and panel._page.isVisible())
    block = panel._page.tabs.answer.blocks[0]
    until(qtbot, lambda: block.headline.startswith("heart · "))
