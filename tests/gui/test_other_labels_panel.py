"""Labels of another file in the real panel: offered, taken when the user says so, used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from on_screen import on_screen, opened
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from test_gallery_panel import gallery, is_filled, painted, selection

from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.gallery.augment_view import AugmentView
from h5viewer.gui.gallery.check_view import CheckView
from h5viewer.gui.gallery.means_view import MeansView
from h5viewer.gui.gallery.pictures_panel import PicturesPanel
from h5viewer.requests import SavePictures
from h5viewer.workers.pool import Pool

N = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures, their labels, and those of other pictures."""
    with h5py.File(tmp_path / "valid_x.h5", "w") as file:
        file["x"] = np.stack([painted(index) for index in range(N)])
    for name, count in (("valid_y.h5", N), ("train_y.h5", N + 1)):
        with h5py.File(tmp_path / name, "w") as file:
            file["y"] = (np.arange(count) % 2).reshape(-1, 1, 1, 1)
            file["class_names"] = [b"<b>healthy</b>", b"tumour"]
    return tmp_path


@pytest.fixture
def panel(qtbot: QtBot, pool: Pool, folder: Path) -> Iterator[PicturesPanel]:
    """Showing the pictures, while all files are open."""
    made = PicturesPanel(pool)
    for _ in made.prepare():
        pass
    with on_screen(qtbot, made):
        files = [opened(qtbot, pool, each) for each in sorted(folder.iterdir())]
        made.show_documents(files, {})
        made.show_selection(selection(qtbot, pool, folder / "valid_x.h5"))
        missing = gallery(made).side.labels_missing
        qtbot.waitUntil(lambda: is_filled(gallery(made)) and missing.buttons[0].isVisible())
        yield made


def taken(qtbot: QtBot, panel: PicturesPanel) -> None:
    gallery(panel).side.labels_missing.buttons[0].click()
    qtbot.waitUntil(lambda: gallery(panel).knows_classes)


def test_only_those_that_fit_are_offered_and_none_is_taken(panel: PicturesPanel) -> None:
    missing = gallery(panel).side.labels_missing
    assert [each.isVisible() for each in missing.buttons] == [True, False, False]
    assert missing.buttons[0].accessibleName() == "Labels from /y of valid_y.h5"
    assert panel.facts.endswith("no labels")
    assert gallery(panel).caption(0) == ""


def test_they_are_offered_in_a_gallery_that_is_looked_at_after_they_were_found(
    qtbot: QtBot, pool: Pool, panel: PicturesPanel, folder: Path
) -> None:
    panel.show_view("Check")
    panel.show_selection(selection(qtbot, pool, folder / "valid_x.h5"))
    missing = gallery(panel).side.labels_missing
    qtbot.waitUntil(lambda: not missing.buttons[0].isHidden())
    panel.show_view("Gallery")
    assert missing.buttons[0].isVisible()


def test_why_what_is_called_labels_is_none_is_said(
    qtbot: QtBot, pool: Pool, panel: PicturesPanel, tmp_path: Path
) -> None:
    with h5py.File(tmp_path / "faces.h5", "w") as file:
        file["images"] = np.stack([painted(index) for index in range(N)])
        file["labels"] = np.full((N, 4), 2)
    panel.show_selection(selection(qtbot, pool, tmp_path / "faces.h5"))
    (words,) = gallery(panel).side.labels_missing.findChildren(PlainLabel)
    assert words.whole_text.startswith("No labels of these pictures were found in this file.")
    assert "/labels is not used as labels. Their rows neither add up to one" in words.whole_text
    panel.show_selection(selection(qtbot, pool, tmp_path / "valid_x.h5"))
    qtbot.waitUntil(lambda: words.whole_text.endswith("Take those of another one:"))
    panel.choice.wanted.emit(panel.shown.pictures if panel.shown is not None else None)
    qtbot.waitUntil(lambda: is_filled(gallery(panel)))
    assert gallery(panel).side.labels_missing.buttons[0].isVisible(), "read anew, still offered"


def test_a_click_gives_captions_classes_and_means(qtbot: QtBot, panel: PicturesPanel) -> None:
    taken(qtbot, panel)
    view = gallery(panel)
    assert [view.caption(at) for at in range(2)] == ["<b>healthy</b>", "tumour"]
    assert "labels from /y of valid_y.h5  ·  2 classes" in panel.facts
    assert not view.side.labels_missing.isVisible()
    view.show_class(1)
    assert view.grid.count == N // 2
    with qtbot.waitSignal(panel.save_wanted) as signal:
        view.bar.save_wanted.emit()
    request = signal.args[0]
    assert isinstance(request, SavePictures)
    assert request.indices[:3] == (1, 3, 5)
    assert set(request.classes) == {1}
    assert request.class_names == ("<b>healthy</b>", "tumour")
    panel.show_view("Means")
    (means,) = panel.findChildren(MeansView)
    qtbot.waitUntil(lambda: means.grid.count == 3)


def test_a_picture_that_is_looked_at_already_is_called_by_them(
    qtbot: QtBot, panel: PicturesPanel
) -> None:
    view = gallery(panel)
    view.grid.go_to(1)
    qtbot.waitUntil(lambda: bool(view.side.facts))
    assert not view.side._label.isVisible()
    taken(qtbot, panel)
    qtbot.waitUntil(lambda: view.side._label.whole_text == "tumour")


def test_check_and_copied_python_know_them(
    qtbot: QtBot, panel: PicturesPanel, folder: Path
) -> None:
    taken(qtbot, panel)
    panel.show_view("Check")
    (check,) = panel.findChildren(CheckView)
    qtbot.waitUntil(lambda: check.report is not None)
    assert check.report is not None
    assert [each.counts for each in check.report.counts] == [(N // 2, N // 2)]
    panel.show_view("Augment")
    (augment,) = panel.findChildren(AugmentView)
    text = augment.python("dataset")
    compile(text, "copied.py", "exec")
    assert f'LABELS = "{folder / "valid_y.h5"}"' in text
    assert not augment._write.isEnabled()


def test_none_and_another_file_can_be_chosen(
    qtbot: QtBot, panel: PicturesPanel, folder: Path
) -> None:
    taken(qtbot, panel)
    (labels,) = (
        each for each in panel.choice.findChildren(QComboBox) if each.accessibleName() == "Labels"
    )
    assert labels.currentText() == "/y of valid_y.h5"
    labels.setCurrentIndex(0)
    labels.activated.emit(0)
    assert panel.facts.endswith("no labels")
    panel.take_labels_of(str(folder / "train_y.h5"))
    qtbot.waitUntil(gallery(panel).notice.isVisible)
    assert gallery(panel).notice.message.startswith("train_y.h5 holds no labels for 60 pictures.")
    panel.take_labels_of(str(folder / "valid_y.h5"))
    qtbot.waitUntil(lambda: gallery(panel).knows_classes)


def test_labels_of_another_file_take_the_place_of_the_own(
    qtbot: QtBot, pool: Pool, panel: PicturesPanel, folder: Path
) -> None:
    with h5py.File(folder / "both.h5", "w") as file:
        file["x"] = np.stack([painted(index) for index in range(N)])
        file["y"] = np.arange(N) % 3
        file["class_names"] = [b"own a", b"own b", b"own c"]
    with h5py.File(folder / "several_y.h5", "w") as file:
        file["y"] = np.stack([np.arange(N) % 2, np.arange(N) % 3 > 0], axis=1).astype("u1")
        file["class_names"] = [b"bright", b"wide"]
    panel.show_selection(selection(qtbot, pool, folder / "both.h5"))
    view = gallery(panel)
    qtbot.waitUntil(lambda: is_filled(view) and view.knows_classes)
    assert view.caption(2) == "own c"
    panel.take_labels_of(str(folder / "several_y.h5"))
    qtbot.waitUntil(lambda: view.knows_classes and view.caption(1) == "bright, wide")
    view.grid.go_to(0)
    qtbot.waitUntil(lambda: bool(view.side.facts))
    assert view.side._label.whole_text == "No label", "of neither class; its own is not asked"
    with qtbot.waitSignal(panel.save_wanted) as signal:
        view.bar.save_wanted.emit()
    assert signal.args[0].pictures.label_form == "", "no folders of classes that are not shown"
    (labels,) = (
        each for each in panel.choice.findChildren(QComboBox) if each.accessibleName() == "Labels"
    )
    labels.setCurrentIndex(labels.findText("/y"))
    labels.activated.emit(labels.currentIndex())
    qtbot.waitUntil(lambda: view.knows_classes and view.caption(2) == "own c")
