"""Evaluate: the samples that were asked for are taken, whatever else would be guessed."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from on_screen import opened
from pytestqt.qtbot import QtBot

from h5viewer.evaluation import Samples
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.predict.sample_source import SampleSource
from h5viewer.nodes import NetworkInput
from h5viewer.workers.pool import Pool

TAKES = NetworkInput(name="in", shape=(None, 8, 8, 3), dtype="float32", kind="picture")


@pytest.fixture
def splits(tmp_path: Path) -> Path:
    path = tmp_path / "pets.h5"
    with h5py.File(path, "w") as file:
        for split in ("test", "train"):
            file[f"{split}/images"] = np.zeros((6, 8, 8, 3), "u1")
            file[f"{split}/labels"] = np.arange(6) % 2
    return path


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_data_set_that_was_asked_for_is_taken(
    qtbot: QtBot, pool: Pool, splits: Path, split: str
) -> None:
    source = SampleSource(pool)
    qtbot.addWidget(source)
    source.show_inputs((TAKES,))
    wanted = (split.encode(), b"images"), (split.encode(), b"labels")
    source.choose(Samples("", str(splits), *wanted))
    qtbot.waitUntil(lambda: source.source.is_whole)
    assert (source.source.x, source.source.y) == ((wanted[0],), wanted[1])


def test_what_stands_beside_the_boxes_is_whole_in_a_narrow_window(
    qtbot: QtBot, pool: Pool, splits: Path
) -> None:
    source = SampleSource(pool)
    source.show_inputs((TAKES,))
    qtbot.addWidget(source)
    source.resize(source.minimumSizeHint())
    with qtbot.waitExposed(source):
        source.show()
    shown = [label.text() for label in source.findChildren(PlainLabel)]
    assert sorted(shown) == ["From", "Labels", "Samples", "Take"]


def test_a_folder_needs_no_datasets(qtbot: QtBot, pool: Pool, splits: Path) -> None:
    source = SampleSource(pool)
    qtbot.addWidget(source)
    source.choose_folder(str(splits.parent))
    source.show_inputs((TAKES,))
    with qtbot.waitExposed(source):
        source.show()
    assert not any(box.isVisible() for box in (*source._xs, source._y))
    source.choose(Samples("", str(splits), (b"test", b"images"), (b"test", b"labels")))
    assert all(box.isVisible() for box in (*source._xs, source._y))


def test_labels_may_be_in_another_open_file(qtbot: QtBot, pool: Pool, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = np.zeros((6, 8, 8, 3), "u1")
    with h5py.File(tmp_path / "y.h5", "w") as file:
        file["y"] = np.arange(6) % 2
    source = SampleSource(pool)
    qtbot.addWidget(source)
    source.show_inputs((TAKES,))
    documents = [opened(qtbot, pool, tmp_path / name) for name in ("x.h5", "y.h5")]
    source.show_documents(documents, "")
    with qtbot.waitExposed(source):
        source.show()
    assert [source._y_places.itemText(at) for at in range(2)] == ["Same file", "y.h5"]
    qtbot.waitUntil(lambda: source._y.count() == 1)
    assert not source.source.is_whole
    source._y_places.setCurrentIndex(1)
    source._y_places.activated.emit(1)
    qtbot.waitUntil(lambda: source.source.is_whole)
    found = source.source
    assert (found.x, found.y, found.y_document) == (((b"x",),), (b"y",), str(tmp_path / "y.h5"))
    source.choose(Samples("", str(tmp_path / "x.h5"), (b"x",), (b"x",)))
    assert source.source.y_document == "", "they are in the same file again"


def test_labels_may_be_a_column_of_a_table(qtbot: QtBot, pool: Pool, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = np.zeros((6, 8, 8, 3), "u1")
        file["table"] = np.zeros(6, [("age", "f4"), ("label", "i8")])
    source = SampleSource(pool)
    qtbot.addWidget(source)
    source.show_inputs((TAKES,))
    wanted = Samples("", str(tmp_path / "x.h5"), (b"x",), (b"table", b"label"))
    source.choose(wanted)
    qtbot.waitUntil(lambda: source.source.is_whole)
    assert (source.source.x, source.source.y) == ((wanted.x,), wanted.y)
    assert source._y.currentText() == "/table/label"


def test_boxes_are_emptied_once_for_another_file(
    qtbot: QtBot, pool: Pool, splits: Path, tmp_path: Path
) -> None:
    with h5py.File(tmp_path / "more.h5", "w") as file:
        file["x"] = np.zeros((6, 8, 8, 3), "u1")
    source = SampleSource(pool)
    qtbot.addWidget(source)
    source.show_inputs((TAKES,))
    wanted = (b"test", b"images"), (b"test", b"labels")
    source.choose(Samples("", str(splits), *wanted))
    qtbot.waitUntil(lambda: source.source.is_whole)
    told: list[int] = []
    source.changed.connect(lambda: told.append(source._y.count()))
    source.choose(Samples("", str(tmp_path / "more.h5"), (b"x",), (b"x",)))
    assert told == [0]
    qtbot.waitUntil(lambda: source._y.count() == 1)
