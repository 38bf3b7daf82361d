"""The panel of data sets of pictures with real workers: what is seen, chosen and gone to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest
from on_screen import on_screen, opened
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QCheckBox, QToolButton
from pytestqt.qtbot import QtBot

from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.gallery.class_list import ClassRows
from h5viewer.gui.gallery.gallery_view import GalleryView
from h5viewer.gui.gallery.means_view import MeansView
from h5viewer.gui.gallery.picture_classes import ALL, WITHOUT
from h5viewer.gui.gallery.pictures_panel import PicturesPanel
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.gui.gallery.thumbnail_store import ThumbnailStore
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Task
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset, Nodes, PictureSet
from h5viewer.requests import DescribeNodes, FindPictureSets, SavePictures
from h5viewer.workers.pool import Pool

N = 300
SIDE = 12
NAMES = ("cat", "<b>dog</b>", "mouse & co")


def painted(index: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A picture that says by its colour which it is, smooth enough to be one."""
    rows, columns = np.indices((SIDE, SIDE))
    colours = [index % 200, (index * 7) % 200, rows[..., None] * 4]
    return np.concatenate(
        [np.broadcast_to(each, (SIDE, SIDE, 1)) + columns[..., None] for each in colours], axis=2
    ).astype(np.uint8)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training and a test set; a picture of the training set has no label."""
    path = tmp_path_factory.mktemp("sets") / "pets.h5"
    pictures = np.stack([painted(index) for index in range(N)])
    labels = np.arange(N) % 3
    labels[5] = -1
    with h5py.File(path, "w") as file:
        for split, count in (("train", N), ("test", 30)):
            file[f"{split}_set_x"] = pictures[:count]
            file[f"{split}_set_y"] = labels[:count] if split == "train" else np.arange(count) % 3
        file["list_classes"] = [name.encode() for name in NAMES]
        file["notes"] = np.arange(4)
    return path


def found(qtbot: QtBot, pool: Pool, path: Path) -> tuple[PictureSet, ...]:
    task = Task(pool, FindPictureSets(document=str(path)))
    with qtbot.waitSignal(task.succeeded) as answer:
        pass
    sets: tuple[PictureSet, ...] = answer.args[0].sets
    return sets


def selection(qtbot: QtBot, pool: Pool, path: Path, node: NodePath = ()) -> Selection:
    document = opened(qtbot, pool, path)
    sets = found(qtbot, pool, path)
    if not node:
        return Selection(document, document.root, pictures=sets)
    nodes: list[Dataset] = []
    task = Task(pool, DescribeNodes(document=str(path), nodes=(node,)))
    task.part_arrived.connect(
        lambda part: nodes.extend(part.nodes) if isinstance(part, Nodes) else None
    )
    with qtbot.waitSignal(task.succeeded):
        pass
    return Selection(document, nodes[0], pictures=sets)


@pytest.fixture
def panel(qtbot: QtBot, pool: Pool, file: Path) -> Iterator[PicturesPanel]:
    """Showing the file, with its first pictures and all labels."""
    made = PicturesPanel(pool)
    for _ in made.prepare():
        pass
    with on_screen(qtbot, made):
        made.show_selection(selection(qtbot, pool, file))
        view = gallery(made)
        qtbot.waitUntil(lambda: view.knows_classes and is_filled(view))
        yield made


def gallery(panel: PicturesPanel) -> GalleryView:
    (view,) = panel.findChildren(GalleryView)
    return view


def is_filled(view: GalleryView) -> bool:
    positions = view.grid.visible_positions()
    return bool(positions) and all(view.thumbnail(at) is not None for at in positions)


def colour_at(view: GalleryView, position: int) -> tuple[int, int]:
    """Red and green of the first pixel of a picture as it is drawn in the grid."""
    image = view.thumbnail(position)
    assert image is not None
    colour = image.pixelColor(0, 0)
    return colour.red(), colour.green()


def blue_at(view: GalleryView, position: int) -> int:
    image = view.thumbnail(position)
    return -1 if image is None else image.pixelColor(0, 0).blue()


def red_of(image: QImage | None) -> int:
    return -1 if image is None or image.isNull() else image.pixelColor(0, 0).red()


def shown_set(panel: PicturesPanel) -> PictureSet:
    assert panel.shown is not None
    return panel.shown.pictures


def test_the_training_set_is_shown_first_with_what_is_in_sight(panel: PicturesPanel) -> None:
    view = gallery(panel)
    assert view.grid.count == N
    for position in (0, 1, 5):
        assert colour_at(view, position) == (position % 200, position * 7 % 200)
    assert view.thumbnail(N - 1) is None, "nobody looks at the last one"
    assert view.caption(1) == "<b>dog</b>"
    assert view.caption(5) == "No label"


def test_a_class_is_shown_alone_and_all_again(qtbot: QtBot, panel: PicturesPanel) -> None:
    view = gallery(panel)
    rows = view.side.classes.model()
    shown = [rows.index(row, 0).data() for row in range(rows.rowCount())]
    assert shown == ["All pictures", *NAMES, "No label"]
    view.side.classes.setCurrentIndex(rows.index(3, 0))
    assert view.grid.count == 99
    qtbot.waitUntil(lambda: is_filled(view))
    assert colour_at(view, 0) == (2, 14)
    assert {view.caption(at) for at in range(view.grid.count)} == {NAMES[2]}
    view.show_class(WITHOUT)
    assert [view.grid.count, view.caption(0)] == [1, "No label"]
    view.show_class(ALL)
    assert view.grid.count == N


def test_a_picture_of_several_classes_is_found_by_each_of_them(
    qtbot: QtBot, pool: Pool, panel: PicturesPanel, tmp_path: Path
) -> None:
    path = tmp_path / "marks.h5"
    marks = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 0], [0, 0, 1]] * 5, np.uint8)
    with h5py.File(path, "w") as file:
        file["images"] = np.stack([painted(index) for index in range(len(marks))])
        file["labels"] = marks
        file["label_names"] = [name.encode() for name in NAMES]
    panel.show_selection(selection(qtbot, pool, path))
    view = gallery(panel)
    qtbot.waitUntil(lambda: view.grid.count == len(marks) and view.knows_classes)
    assert [view.caption(at) for at in range(3)] == [
        "cat, mouse & co", "No label", "cat, <b>dog</b>",
    ]  # fmt: skip
    assert [view.side.classes.model().index(row, 0).data(ClassRows.COUNT) for row in range(5)] == [
        20, 10, 5, 10, 5,
    ]  # fmt: skip
    for wanted, first, count in ((0, 0, 10), (1, 2, 5), (2, 0, 10), (WITHOUT, 1, 5)):
        view.show_class(wanted)
        view.grid.go_to(0)
        assert view.grid.count == count
        assert view.caption(0) == ["cat, mouse & co", "No label", "cat, <b>dog</b>"][first]
    view.show_class(1)
    with qtbot.waitSignal(panel.save_wanted) as asked:
        view.bar.save_wanted.emit()
    assert asked.args[0].indices == (2, 6, 10, 14, 18)


def test_going_to_an_index_leaves_the_class(qtbot: QtBot, panel: PicturesPanel) -> None:
    view = gallery(panel)
    view.show_class(0)
    view.show_index(250)
    assert view.grid.count == N
    assert view.grid.current == 250
    assert 250 in view.grid.visible_positions()
    assert view.side.classes.chosen == ALL
    qtbot.waitUntil(lambda: is_filled(view))
    assert colour_at(view, 250) == (50, 250 * 7 % 200)


def test_keys_go_from_picture_to_picture_and_choose(qtbot: QtBot, panel: PicturesPanel) -> None:
    view, grid = gallery(panel), gallery(panel).grid
    heard: list[tuple[int, ...]] = []
    view.chosen_changed.connect(heard.append)
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert (grid.current, heard[-1]) == (1, (1,))
    qtbot.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert heard[-1] == (1, 2)
    qtbot.keyClick(grid, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert (grid.current, heard[-1]) == (N - 1, (1, 2)), "Ctrl only moves"
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    assert heard[-1] == (1, 2, N - 1)
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(heard[-1]) == N
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert heard[-1] == ()


def test_one_picture_is_seen_with_its_numbers_and_large(qtbot: QtBot, panel: PicturesPanel) -> None:
    view, grid = gallery(panel), gallery(panel).grid
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.cell(4).center())
    qtbot.waitUntil(lambda: "Stored as 0 to 55" in view.side.facts)
    assert "12 × 12, RGB" in view.side.facts
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert view.large.isVisible()
    qtbot.keyClick(view.large, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: red_of(view.large.image) == 5)
    qtbot.keyClick(view.large, Qt.Key.Key_Escape)
    assert grid.isVisible()
    assert grid.current == 5


def test_a_picture_is_copied_as_it_is(qtbot: QtBot, panel: PicturesPanel) -> None:
    view = gallery(panel)
    view.show_index(7)
    with qtbot.waitSignal(view.status_changed, check_params_cb=lambda text: "copied" in text):
        qtbot.waitUntil(lambda: "Stored" in view.side.facts)
        qtbot.keyClick(view.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (SIDE, SIDE)
    assert image.pixelColor(3, 2).getRgb()[:3] == tuple(painted(7)[2, 3])


def test_facts_of_the_set_are_whole_in_a_narrow_window(qtbot: QtBot, panel: PicturesPanel) -> None:
    """900 pixels less the sidebar."""
    panel.resize(560, 700)
    (facts,) = (each for each in panel.findChildren(PlainLabel) if each.whole_text == panel.facts)
    qtbot.waitUntil(lambda: facts.text() == panel.facts and panel.rect().contains(facts.geometry()))


def test_another_layout_draws_anew(qtbot: QtBot, panel: PicturesPanel) -> None:
    view = gallery(panel)
    view.show_index(40)
    panel.choice.findChild(QCheckBox).click()  # blue first
    qtbot.waitUntil(lambda: is_filled(view) and blue_at(view, 41) == 41)
    assert view.grid.current == 40, "the user stays where they were"
    assert panel.facts.startswith("12 × 12, BGR")


def test_a_layout_that_does_not_fit_is_refused_in_place(qtbot: QtBot, panel: PicturesPanel) -> None:
    labels = msgspec.structs.replace(shown_set(panel), labels=(b"notes",))
    panel.choice.wanted.emit(labels)
    qtbot.waitUntil(lambda: bool(panel.choice.refusal))
    assert "notes" in panel.choice.refusal
    assert gallery(panel).grid.count == N


def test_the_other_set_and_back(qtbot: QtBot, pool: Pool, panel: PicturesPanel, file: Path) -> None:
    sets = found(qtbot, pool, file)
    other = next(at for at, each in enumerate(sets) if each.node == (b"test_set_x",))
    panel.choose_set(other)
    view = gallery(panel)
    assert view.grid.count == 30
    panel.clear()
    panel.show_selection(selection(qtbot, pool, file))
    assert view.grid.count == 30, "the set that was looked at"
    panel.clear()
    panel.show_selection(selection(qtbot, pool, file, (b"train_set_x",)))
    assert view.grid.count == N
    heard: list[object] = []
    panel.node_requested.connect(lambda *given: heard.append(given[1]))
    panel.choose_set(other)
    assert heard == [(b"test_set_x",)], "the tree goes along"


def test_of_another_file_the_first_index_is_offered_and_labels_that_are_not_shown_are_told(
    qtbot: QtBot, pool: Pool, panel: PicturesPanel, tmp_path: Path
) -> None:
    view = gallery(panel)
    view.show_index(7)
    assert view.bar._go_to.value() == 7
    with h5py.File(tmp_path / "others.h5", "w") as file:
        file["images"] = np.stack([painted(index) for index in range(20)])
        file["labels"] = np.arange(20) % 2
    panel.show_selection(selection(qtbot, pool, tmp_path / "others.h5"))
    assert view.bar._go_to.value() == 0
    (words,) = view.side.labels_missing.findChildren(PlainLabel)
    panel.choice.wanted.emit(msgspec.structs.replace(shown_set(panel), labels=None))
    qtbot.waitUntil(lambda: words.isVisible())
    assert words.whole_text.startswith("No labels are shown.")


def test_pictures_named_elsewhere_are_shown_alone(qtbot: QtBot, panel: PicturesPanel) -> None:
    panel.show_pictures((b"train_set_x",), (200, 10, 10), "Duplicates")
    view = gallery(panel)
    assert view.grid.count == 2
    qtbot.waitUntil(lambda: is_filled(view))
    assert colour_at(view, 0) == (10, 70)
    panel.show_pictures((b"test_set_x",), (), "")
    assert view.grid.count == 30


def test_means_are_those_of_the_pictures(qtbot: QtBot, panel: PicturesPanel) -> None:
    panel.show_view("Means")
    (view,) = panel.findChildren(MeansView)
    qtbot.waitUntil(lambda: view.words.whole_text == f"Means of {N} pictures")
    assert view.grid.count == 1 + len(NAMES)
    mean = np.mean([painted(index) for index in range(N)], axis=0)
    assert np.abs(np.array(view.image(0).pixelColor(3, 2).getRgb()[:3]) - mean[2, 3]).max() <= 1
    dogs = np.mean([painted(index) for index in range(N) if index % 3 == 1 and index != 5], axis=0)
    assert np.abs(np.array(view.image(2).pixelColor(3, 2).getRgb()[:3]) - dogs[2, 3]).max() <= 1
    view.grid.chosen.emit(2)
    assert gallery(panel).grid.count == 100


def test_thumbnails_are_asked_for_once_and_kept_within_bounds(
    qtbot: QtBot, pool: Pool, file: Path
) -> None:
    store = ThumbnailStore(pool)
    pictures = next(each for each in found(qtbot, pool, file) if each.n_pictures == N)
    store.show_set(ShownSet(str(file), pictures))
    with qtbot.waitSignal(store.arrived):
        store.want(range(10), range(10, 20))
    qtbot.waitUntil(lambda: store.image(19) is not None)
    assert store.image(20) is None
    first = store.image(0)
    store.want(range(5), ())
    qtbot.wait(50)
    assert store.image(0) is first, "it was there"
    store.clear()
    assert store.image(0) is None


def test_a_picture_is_dragged_only_by_who_holds_on(qtbot: QtBot, panel: PicturesPanel) -> None:
    """The files are made after the drag began; nobody holds the button here any more."""
    grid = gallery(panel).grid
    place = grid.cell(2).center()
    qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(grid.drag_wanted):
        qtbot.mouseMove(grid.viewport(), place + QPoint(30, 0))
    qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_what_is_chosen_is_saved_or_else_what_is_shown(qtbot: QtBot, panel: PicturesPanel) -> None:
    view = gallery(panel)
    wanted: list[SavePictures] = []
    panel.save_wanted.connect(wanted.append)
    view.show_class(2)
    (save,) = [
        button
        for button in view.bar.findChildren(QToolButton)
        if button.accessibleName() == "Save as PNG files"
    ]
    save.click()
    assert wanted[-1].indices == tuple(index for index in range(N) if index % 3 == 2 and index != 5)
    view.grid.setFocus()
    qtbot.keyClick(view.grid, Qt.Key.Key_Home)
    qtbot.keyClick(view.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    save.click()
    assert wanted[-1].indices == (2, 8)
    assert wanted[-1].pictures == shown_set(panel)
    assert (wanted[-1].document, wanted[-1].target) == (panel.shown.document, "")  # type: ignore[union-attr]


def test_a_network_that_is_open_is_given_the_pictures_as_they_are(
    qtbot: QtBot, pool: Pool, panel: PicturesPanel, keras_h5: Path
) -> None:
    view = gallery(panel)
    assert not view.side.predict.isVisible()
    panel.show_documents([opened(qtbot, pool, keras_h5)], {})
    assert view.side.predict.isVisible()
    view.show_index(1)
    (action,) = view.side.predict.menu().actions()
    with qtbot.waitSignal(panel.predict_wanted) as given:
        action.trigger()
    document, paths = given.args
    assert document == str(keras_h5)
    (path,) = map(Path, paths)
    assert path.name == "pets train_set_x 1 _b_dog__b_.png"
    image = QImage(str(path))
    assert image.pixelColor(3, 2).getRgb()[:3] == tuple(painted(1)[2, 3])
