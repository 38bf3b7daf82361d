"""From the gallery to Evaluate and back: the network of the example, and what it got wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from on_screen import opened
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from whole_window import whole_window

from h5viewer.gui.gallery.evaluate_button import EvaluateButton
from h5viewer.gui.gallery.gallery_view import GalleryView
from h5viewer.gui.gallery.labels_missing import LabelsMissing
from h5viewer.gui.gallery.pictures_panel import PicturesPanel
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.panels import PICTURES, PREDICT
from h5viewer.gui.predict.confusion_view import ConfusionView
from h5viewer.gui.predict.evaluate_view import EvaluateView
from h5viewer.gui.predict.gallery_button import GalleryButton
from h5viewer.gui.predict.predict_panel import PredictPanel
from h5viewer.nodes import PictureLayout, PictureSet
from h5viewer.shipped import resource
from h5viewer.workers.pool import Pool

PATIENCE = 60_000  # TensorFlow starts


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


@pytest.fixture
def window(qtbot: QtBot, pool: Pool, tmp_path: Path) -> Iterator[MainWindow]:
    with whole_window(qtbot, pool, tmp_path) as window:
        yield window


def pixels_of(path: Path) -> Any:
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), "u1").reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    """The pictures of the example three times; two of them are called what they are not."""
    example = resource("example/labels.txt").parent
    names = (example / "labels.txt").read_text().split()
    found = sorted((example / "pictures").glob("*-1.png")) * 3
    labels = [names.index(path.stem.removesuffix("-1")) for path in found]
    labels[2] = (labels[2] + 1) % len(names)
    labels[8] = (labels[8] + 2) % len(names)  # the same shape, called otherwise
    path = tmp_path / "shapes to judge.h5"
    with h5py.File(path, "w") as file:
        file["pictures"] = np.stack([pixels_of(each) for each in found])
        file["labels"] = labels
        file["other_numbers"] = np.arange(5)
    return path


def panel_of(window: MainWindow, title: str) -> Any:
    return window.panels._panels.get(title)


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
def test_an_open_network_is_judged_by_a_data_set_and_its_mistakes_are_seen_in_the_gallery(
    qtbot: QtBot, window: MainWindow, shapes: Path
) -> None:
    example = str(resource("example/shapes.h5"))
    window.open_files([example, str(shapes)])
    until(qtbot, lambda: len(window.documents) == 2)
    qtbot.wait(100)  # the one that came last is gone to in a turn of its own
    window.navigation.go(str(shapes), ())
    until(qtbot, lambda: panel_of(window, PICTURES) is not None)
    pictures: PicturesPanel = panel_of(window, PICTURES)
    (button,) = pictures.findChildren(EvaluateButton)
    until(qtbot, button.isVisible)
    (action,) = button.menu().actions()
    assert action.text() == "shapes.h5"
    action.trigger()

    until(qtbot, lambda: panel_of(window, PREDICT) is not None)
    panel: PredictPanel = panel_of(window, PREDICT)
    until(qtbot, lambda: panel.findChildren(EvaluateView))
    (view,) = panel.findChildren(EvaluateView)
    until(qtbot, view.isVisible)
    (back,) = view.findChildren(GalleryButton)
    until(qtbot, back.isVisible)
    source = view.source.source
    assert (source.document, source.x, source.y) == (str(shapes), ((b"pictures",),), (b"labels",))
    assert back.text() == "Show all 2 in the gallery"
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)

    (gallery,) = pictures.findChildren(GalleryView)
    until(qtbot, lambda: gallery.isVisible() and gallery.grid.count == 2)
    assert [gallery._index(at) for at in range(2)] == [2, 8]

    # one cell of the matrix
    window.navigation.back()
    until(qtbot, lambda: view.isVisible())
    (matrix,) = view.findChildren(ConfusionView)
    with h5py.File(shapes) as file:
        true = int(file["labels"][8])
    row = matrix._classes.index(true)
    column = matrix._classes.index(true - 2)
    place: QPoint = matrix._rect(row, column).center()
    qtbot.mouseDClick(matrix.viewport(), Qt.MouseButton.LeftButton, pos=place)
    until(qtbot, lambda: gallery.isVisible() and gallery.grid.count == 1)
    assert gallery._index(0) == 8


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
def test_a_network_is_judged_by_labels_in_another_file(
    qtbot: QtBot, window: MainWindow, shapes: Path, tmp_path: Path
) -> None:
    names = [b"round", b"crossed", b"kind", b"even", b"bright", b"sharp"]
    with h5py.File(shapes, "a") as file, h5py.File(tmp_path / "labels.h5", "w") as other:
        other["labels"] = file["labels"][()]
        other["label_names"] = names
        del file["labels"]
    example = str(resource("example/shapes.h5"))
    window.open_files([example, str(tmp_path / "labels.h5"), str(shapes)])
    until(qtbot, lambda: len(window.documents) == 3)
    qtbot.wait(100)  # the one that came last is gone to in a turn of its own
    window.navigation.go(str(shapes), ())
    until(qtbot, lambda: panel_of(window, PICTURES) is not None)
    pictures: PicturesPanel = panel_of(window, PICTURES)
    until(qtbot, lambda: pictures._shown is not None and pictures.isVisible())
    (button,) = pictures.findChildren(EvaluateButton)
    assert not button.isVisible()
    (missing,) = pictures.findChildren(LabelsMissing)
    until(qtbot, lambda: missing.buttons[0].isVisible())
    qtbot.mouseClick(missing.buttons[0], Qt.MouseButton.LeftButton)
    until(qtbot, button.isVisible)
    button.menu().actions()[0].trigger()

    until(qtbot, lambda: panel_of(window, PREDICT) is not None)
    until(qtbot, lambda: panel_of(window, PREDICT).findChildren(EvaluateView))
    (view,) = panel_of(window, PREDICT).findChildren(EvaluateView)
    until(qtbot, lambda: view._found is not None and view._found.is_complete)
    assert view.source.source.y_document == str(tmp_path / "labels.h5")
    (back,) = view.findChildren(GalleryButton)
    until(qtbot, back.isVisible)
    assert back.text() == "Show all 2 in the gallery"
    until(qtbot, lambda: view._names == tuple(each.decode() for each in names))


def test_without_a_network_or_without_labels_nothing_is_offered(
    qtbot: QtBot, window: MainWindow, shapes: Path, keras_h5: Path
) -> None:
    with h5py.File(shapes, "a") as file:
        del file["labels"]
    window.open_files([str(shapes)])
    until(qtbot, lambda: window.navigation.here)
    until(qtbot, lambda: panel_of(window, PICTURES) is not None)
    pictures: PicturesPanel = panel_of(window, PICTURES)
    until(qtbot, lambda: pictures._shown is not None)
    (button,) = pictures.findChildren(EvaluateButton)
    assert not button.isVisible()
    window.open_files([str(keras_h5)])
    until(qtbot, lambda: len(window.documents) == 2)
    qtbot.wait(100)  # the one that came last is gone to in a turn of its own
    window.navigation.go(str(shapes), ())
    until(qtbot, lambda: pictures._shown is not None and pictures.isVisible())
    assert not button.isVisible()


@pytest.mark.parametrize(("axes", "is_seen"), [("nhwc", True), ("nchw", True), ("hwcn", False)])
def test_pictures_that_are_no_rows_are_not_offered(
    axes: str, is_seen: bool, qtbot: QtBot, pool: Pool, keras_h5: Path
) -> None:
    button = EvaluateButton()
    qtbot.addWidget(button)
    layout = PictureLayout(axes=axes, height=8, width=8, channels=3)
    pictures = PictureSet(
        node=(b"x",), shape=(8,), dtype="uint8", layout=layout, n_pictures=9, labels=(b"y",)
    )
    button.show_set(ShownSet("/data.h5", pictures))
    assert not button.isVisible()
    button.show_documents([opened(qtbot, pool, keras_h5)])
    assert button.isVisible() == is_seen
