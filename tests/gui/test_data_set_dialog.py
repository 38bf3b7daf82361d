"""The New data set dialog with real workers: what a folder holds, what is chosen, what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from dropping import drop
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTabBar,
)
from pytestqt.qtbot import QtBot

from h5viewer.exporting import result_notes, result_sentence
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Notice
from h5viewer.gui.data_sets.class_item_model import ClassItemModel, SkippedItemModel
from h5viewer.gui.data_sets.data_set_dialog import DataSetDialog
from h5viewer.gui.data_sets.picture_choice import sizes_text
from h5viewer.gui.data_sets.preview_grid import PreviewGrid, PreviewItemModel, image_of
from h5viewer.gui.data_sets.survey_view import SurveyView, summary_text
from h5viewer.gui.export.jobs import Jobs
from h5viewer.gui.export.plan_view import PlanView
from h5viewer.gui.export.writing_dialog import WritingDialog
from h5viewer.nodes import (
    DataSetBuilt,
    DataSetRecipe,
    Exported,
    FolderClass,
    FolderSurvey,
    SkippedPicture,
)
from h5viewer.requests import BuildDataSet
from h5viewer.workers.pool import Pool

PATIENCE = 20_000
CLASSES = ("<b>cat", "dog & co", "mouse")
RED = (40, 120, 200)


def paint(path: Path, red: int, size: tuple[int, int] = (24, 12)) -> None:
    """A picture of one colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (red, 90, 30)).save(path)


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten pictures of each class in its folder, two that are none, and a text."""
    folder = tmp_path_factory.mktemp("made") / "pets"
    for name, red in zip(CLASSES, RED, strict=True):
        for number in range(10):
            paint(folder / name / f"{number}.png", red)
    (folder / CLASSES[0] / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    (folder / CLASSES[2] / "empty.jpg").write_bytes(b"")
    (folder / "readme.txt").write_text("pets")
    return folder


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures side by side, whose names say nothing; a table does."""
    folder = tmp_path_factory.mktemp("made") / "flat"
    lines = ["file,label"]
    for number in range(12):
        paint(folder / f"{'abcdefghijkl'[number]}x.png", 60)
        lines.append(f"{'abcdefghijkl'[number]}x.png,{('left', 'right')[number % 2]}")
    (folder / "truth.csv").write_text("\n".join(lines))
    return folder


class Making:
    """A dialog on the screen, and what it asks for."""

    def __init__(self, qtbot: QtBot, pool: Pool, folder: Path | None) -> None:
        theme.apply("light")
        self.dialog = DataSetDialog(pool, str(folder or ""), "")
        self.wanted: list[BuildDataSet] = []
        self.dialog.wanted.connect(lambda request, _: self.wanted.append(request))
        self._qtbot = qtbot
        qtbot.addWidget(self.dialog)
        with qtbot.waitExposed(self.dialog):
            self.dialog.show()

    def until(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)

    def settle(self) -> None:
        """The folder was looked through, and what would be written is known."""
        self.until(
            lambda: self.button("Build").isEnabled() and not self.dialog._previewing.is_waiting
        )

    def button(self, text: str) -> QPushButton:
        return next(b for b in self.dialog.findChildren(QPushButton) if b.text() == text)

    def choose(self, name: str, meaning: object) -> None:
        box = self._named(QComboBox, name)
        box.setCurrentIndex(box.findData(meaning))

    def number(self, name: str) -> QSpinBox:
        return self._named(QSpinBox, name)

    def field(self, name: str) -> QLineEdit:
        return self._named(QLineEdit, name)

    def _named(self, kind: type[Any], name: str) -> Any:
        return next(w for w in self.dialog.findChildren(kind) if w.accessibleName() == name)

    @property
    def plan(self) -> str:
        return self.dialog.findChild(PlanView).text

    @property
    def said(self) -> str:
        notice = self.dialog.findChild(Notice)
        return notice.message if notice.isVisible() else ""

    @property
    def summary(self) -> str:
        return self.dialog.findChild(SurveyView).text

    @property
    def classes(self) -> list[list[str]]:
        return rows(self.dialog.findChild(ClassItemModel))

    @property
    def skipped(self) -> list[list[str]]:
        return rows(self.dialog.findChild(SkippedItemModel))

    @property
    def previews(self) -> list[tuple[str, QImage | None]]:
        model = self.dialog.findChild(PreviewItemModel)
        indices = [model.index(row) for row in range(model.rowCount())]
        return [(index.data(), index.data(PreviewItemModel.IMAGE)) for index in indices]

    def run(self) -> BuildDataSet:
        self.settle()
        self.button("Build").click()
        return self.wanted[-1]


def rows(model: Any) -> list[list[str]]:
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


@pytest.fixture
def open_dialog(qtbot: QtBot, pool: Pool) -> Iterator[Callable[[Path | None], Making]]:
    made: list[Making] = []

    def make(folder: Path | None) -> Making:
        made.append(Making(qtbot, pool, folder))
        return made[-1]

    yield make
    for each in made:
        each.dialog.reject()


Open = Callable[[Path | None], Making]


def test_classes_and_pictures_of_a_folder_are_shown(open_dialog: Open, pets: Path) -> None:
    making = open_dialog(pets)
    making.settle()
    assert [[row[0], row[-1]] for row in making.classes] == [
        ["<b>cat", "10"], ["dog & co", "10"], ["mouse", "10"],
    ]  # fmt: skip
    counts = [[int(text) for text in row[1:]] for row in making.classes]
    assert all(sum(row[:3]) == row[3] and min(row) >= 0 for row in counts)
    training, validation, test, _ = map(sum, zip(*counts, strict=True))
    assert making.summary == (
        f"30 pictures in 3 classes: {training} training, {validation} validation, {test} test."
    )
    assert training >= 23
    assert min(validation, test) >= 1
    assert sorted(name for name, _ in making.skipped) == [
        "<b>cat/broken.png", "mouse/empty.jpg",
    ]  # fmt: skip
    assert "2 files" in making.plan
    assert (making.number("Width").value(), making.number("Height").value()) == (24, 12)
    whole = [(name, image) for name, image in making.previews if image is not None]
    assert {name for name, _ in whole} == set(CLASSES)
    for name, image in whole:
        assert (image.width(), image.height()) == (24, 12)
        assert image.pixelColor(3, 3).red() == RED[CLASSES.index(name)]


def test_file_is_built_as_it_was_previewed(
    qtbot: QtBot, pool: Pool, open_dialog: Open, pets: Path, tmp_path: Path
) -> None:
    """By the queue of the window; what was left out is told."""
    making = open_dialog(pets)
    making.settle()
    making.dialog.target._field.setText(str(tmp_path / "pets.h5"))
    request = making.run()
    jobs = Jobs(pool)
    with qtbot.waitSignal(jobs.succeeded, timeout=PATIENCE) as answer:
        jobs.add(request, False)
    done: Exported = answer.args[1]
    with h5py.File(tmp_path / "pets.h5") as file:
        names = [name.decode() for name in file["class_names"][:]]
        assert tuple(names) == CLASSES
        n_pictures = 0
        for split in ("train", "validation", "test"):
            images, labels = file[split]["images"][:], file[split]["labels"][:]
            assert images.shape[1:] == (12, 24, 3)
            np.testing.assert_array_equal(images[:, 0, 0, 0], np.asarray(RED)[labels])
            n_pictures += len(images)
        assert n_pictures == 30
    assert result_sentence("pets.h5", done).startswith("pets.h5: 30 pictures in 3 classes, ")
    notes = result_notes(done)
    assert notes[0] == "2 files were left out."
    assert any(note.startswith("mouse/empty.jpg: ") for note in notes)
    jobs.shut_down()


def test_all_that_is_chosen_is_asked_for(open_dialog: Open, pets: Path) -> None:
    making = open_dialog(pets)
    making.settle()
    making.number("Width").setValue(16)
    making.number("Height").setValue(8)
    making.choose("Proportions", "crop")
    making.choose("Colours", "grey")
    making.choose("Numbers", "float32")
    for name, share in (("Training", 6), ("Validation", 0), ("Test", 4)):
        making.number(name).setValue(share)
    making.number("Seed").setValue(7)
    for box in making.dialog.findChildren(QCheckBox):
        box.setChecked(False)
    making.field("Name of the dataset of pictures").setText("x")
    making.field("Name of the dataset of labels").setText("y")
    making.choose("Axes", True)
    making.number("Pictures in a chunk").setValue(5)
    making.choose("Compression", "gzip")
    request = making.run()
    assert request.document == str(pets)
    assert request.recipe == DataSetRecipe(
        width=16, height=8, fit="crop", colour="grey", dtype="float32", shares=(6, 0, 4), seed=7,
        is_stratified=False, is_shuffled=False, dataset_names=("x", "y"), is_channels_first=True,
        chunk=5, compression="gzip",
    )  # fmt: skip


def test_keras_names_leave_no_others_to_choose(open_dialog: Open, pets: Path) -> None:
    making = open_dialog(pets)
    making.settle()
    making.dialog.findChildren(QTabBar)[0].setCurrentIndex(2)
    assert making.field("Name of the dataset of pictures").isVisible()
    making.choose("Datasets", "keras")
    assert not making.field("Name of the dataset of pictures").isVisible()
    assert making.run().recipe.layout == "keras"


def test_preview_follows_what_is_chosen(open_dialog: Open, pets: Path) -> None:
    """Black above and below what is wider than the size."""
    making = open_dialog(pets)
    making.settle()
    making.number("Height").setValue(24)
    making.choose("Proportions", "pad")

    def is_padded() -> bool:
        image = next((image for _, image in making.previews if image is not None), None)
        return image is not None and image.height() == 24

    making.until(is_padded)
    for _, image in making.previews:
        if image is not None:
            assert image.pixelColor(5, 1) == Qt.GlobalColor.black
            assert image.pixelColor(5, 12).red() in RED


def test_other_pictures_are_shown_when_asked(open_dialog: Open, pets: Path) -> None:
    making = open_dialog(pets)
    making.settle()
    making.number("Width").setValue(25)  # known again by its size
    making.settle()
    model = making.dialog.findChild(PreviewItemModel)

    def names() -> set[str]:
        role = Qt.ItemDataRole.AccessibleTextRole
        return {model.index(row).data(role) for row in range(model.rowCount())}

    before = names()
    making.button("Other pictures").click()
    making.until(lambda: names() != before and not making.dialog._previewing.is_waiting)


def test_table_that_lies_in_the_folder_is_offered(open_dialog: Open, flat: Path) -> None:
    making = open_dialog(flat)
    making.settle()
    assert making.classes == []
    offer = making.button("Take them from truth.csv")
    making.until(offer.isVisible)
    offer.click()
    making.until(lambda: making.classes)
    assert [row[0] for row in making.classes] == ["left", "right"]
    request = making.run()
    assert request.table == str(flat / "truth.csv")
    assert request.recipe.labels == "table"


def test_dialog_stays_on_a_small_screen_whatever_it_says(
    open_dialog: Open, flat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 768 rows, less its title and what the desktop takes."""
    monkeypatch.setattr(WritingDialog, "_room_on_screen", lambda _: 700)
    making = open_dialog(flat)
    making.settle()
    offer = making.button("Take them from truth.csv")
    making.until(offer.isVisible)
    assert making.dialog.minimumSizeHint().height() <= 700
    offer.click()
    making.until(lambda: making.classes)
    making.settle()
    assert making.dialog.minimumSizeHint().height() <= 700
    assert making.dialog.height() <= 700


def test_table_is_waited_for_where_none_lies_in_the_folder(
    open_dialog: Open, pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that does not name the pictures is refused where it was chosen."""
    making = open_dialog(pets)
    making.settle()
    making.choose("Classes", "table")
    assert "Choose a table" in making.plan
    assert not making.button("Build").isEnabled()
    table = tmp_path / "other.csv"
    table.write_text("file,label\nq.png,a\nr.png,b\n")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(table), ""))
    making._named(QPushButton, "Choose a table").click()
    making.until(lambda: making.said)
    assert "other.csv" in making.said
    assert not making.button("Build").isEnabled()
    making.choose("Classes", "folders")
    making.settle()
    assert making.said == ""
    assert making.run().table == ""


def test_classes_come_from_names_by_a_pattern(open_dialog: Open, tmp_path: Path) -> None:
    for number in range(8):
        paint(tmp_path / "named" / f"{number:03}-{('a', 'b')[number % 2]}-x.png", 50)
    making = open_dialog(tmp_path / "named")
    making.settle()
    making.choose("Classes", "names")
    making.field("Pattern of the names").setText("#-{class}-x")
    making.until(lambda: [row[0] for row in making.classes] == ["a", "b"])
    request = making.run()
    assert (request.recipe.labels, request.recipe.pattern) == ("names", "#-{class}-x")


def test_pattern_without_a_class_is_refused_in_one_sentence(open_dialog: Open, pets: Path) -> None:
    making = open_dialog(pets)
    making.settle()
    making.choose("Classes", "names")
    making.field("Pattern of the names").setText("x*")
    making.until(lambda: making.said)
    assert "does not say where the class stands" in making.said
    assert making.classes == []
    assert making.previews == []


def test_folders_of_splits_say_what_goes_where(open_dialog: Open, tmp_path: Path) -> None:
    """Shares are not asked for, and not sent."""
    for split, count in (("train", 6), ("val", 2), ("test", 4)):
        for number in range(count):
            paint(tmp_path / "split" / split / ("a", "b")[number % 2] / f"{number}.png", 50)
    making = open_dialog(tmp_path / "split")
    making.settle()
    assert making.summary == "12 pictures in 2 classes: 6 training, 2 validation, 4 test."
    assert not making.number("Training").isEnabled()
    assert "do not count" not in making.plan
    assert making.run().recipe.shares == DataSetRecipe().shares


def test_table_with_splits_says_what_goes_where(
    open_dialog: Open, flat: Path, tmp_path: Path
) -> None:
    table = tmp_path / "splits.csv"
    lines = [f"{name}x.png,a,{'test' if name < 'd' else 'train'}" for name in "abcdefghijkl"]
    table.write_text("\n".join(["file,label,split", *lines]))
    making = open_dialog(flat)
    making.settle()
    making.dialog._labels.take_table(str(table))
    making.until(lambda: making.summary == "12 pictures in 1 class: 9 training, 3 test.")
    assert not making.number("Training").isEnabled()


def test_no_share_for_anything_is_refused(open_dialog: Open, pets: Path) -> None:
    making = open_dialog(pets)
    making.settle()
    for name in ("Training", "Validation", "Test"):
        making.number(name).setValue(0)
    assert "a share" in making.plan
    assert not making.button("Build").isEnabled()
    making.number("Test").setValue(1)
    making.settle()
    assert making.summary == "30 pictures in 3 classes: 30 test."


def test_known_broken_pictures_stop_before_anything_is_written(
    open_dialog: Open, pets: Path
) -> None:
    making = open_dialog(pets)
    making.settle()
    making.choose("Broken pictures", "stop")
    assert "2 files cannot be read" in making.plan
    assert not making.button("Build").isEnabled()


def test_names_that_cannot_be_are_refused_in_place(open_dialog: Open, pets: Path) -> None:
    making = open_dialog(pets)
    making.settle()
    making.field("Name of the dataset of labels").setText("")
    assert "a name" in making.plan
    making.field("Name of the dataset of labels").setText("a/b")
    making.until(lambda: "cannot be called" in making.plan)
    assert not making.button("Build").isEnabled()


def test_folder_without_pictures_is_refused_until_another_is_chosen(
    open_dialog: Open, pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    making = open_dialog(tmp_path)
    making.until(lambda: making.said)
    assert "holds no pictures" in making.said
    assert not making.button("Build").isEnabled()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(pets))
    making.button("Choose folder…").click()
    making.settle()
    assert making.said == ""
    assert making.run().document == str(pets)


def test_without_a_folder_the_dialog_says_what_to_do(open_dialog: Open) -> None:
    making = open_dialog(None)
    assert "Choose a folder" in making.plan
    assert making.dialog._empty.isVisible()
    assert not making.button("Build").isEnabled()


def test_new_file_is_suggested_beside_the_folder(open_dialog: Open, pets: Path) -> None:
    making = open_dialog(pets)
    making.settle()
    assert making.dialog.target.path == str(pets.parent / "pets.h5")


def test_folder_and_table_can_be_dropped_on_the_dialog(
    open_dialog: Open, pets: Path, flat: Path
) -> None:
    making = open_dialog(pets)
    making.settle()
    drop(making.dialog, flat, flat / "truth.csv")
    making.until(lambda: [row[0] for row in making.classes] == ["left", "right"])
    assert making.run().documents == (str(flat), str(flat / "truth.csv"))


def test_stopped_look_can_be_begun_again(open_dialog: Open, pets: Path) -> None:
    making = open_dialog(pets)
    making.dialog._busy.cancelled.emit()
    assert "was stopped" in making.said
    assert not making.button("Build").isEnabled()
    making.button("Look again").click()
    making.settle()
    assert making.said == ""


def test_worker_of_the_folder_ends_with_the_dialog(
    qtbot: QtBot, pool: Pool, open_dialog: Open, pets: Path
) -> None:
    making = open_dialog(pets)
    making.settle()
    assert any(str(pets) in info.documents for info in pool.workers)
    making.dialog.reject()
    qtbot.waitUntil(lambda: not any(str(pets) in info.documents for info in pool.workers))


def test_previewed_pictures_can_be_gone_through_by_keys(
    qtbot: QtBot, open_dialog: Open, pets: Path
) -> None:
    making = open_dialog(pets)
    making.settle()
    grid = making.dialog.findChild(PreviewGrid)
    grid.setFocus()
    grid.selectionModel().setCurrentIndex(
        grid.model().index(0, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect
    )
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.currentIndex().row() == 1
    assert grid.visualRect(grid.currentIndex()).topLeft() != QPoint(0, 0)
    tooltip = str(grid.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert "<b>" not in tooltip  # of a class that is called so


def test_tab_goes_from_the_top_to_the_bottom(open_dialog: Open, pets: Path) -> None:
    making = open_dialog(pets)
    making.settle()
    dialog = making.dialog
    dialog.activateWindow()
    dialog._choose.setFocus()
    order = []
    while (widget := dialog.focusWidget()) not in order:
        order.append(widget)
        dialog.focusNextChild()
    names = [widget.accessibleName() for widget in order]
    wanted = [
        "Choose a folder of pictures", "Classes", "What is chosen", "Width", "Height",
        "Proportions", "Colours", "Numbers", "Show other pictures of the folder",
        "Pictures as they will be stored", "What was found", "Classes that were found",
        "Name of the new file", "How it is stored", "Choose a folder and a name", "Build",
    ]  # fmt: skip
    assert [name for name in names if name in wanted] == wanted


def test_item_models_keep_the_rules(qtbot: QtBot) -> None:
    classes, skipped, previews = ClassItemModel(), SkippedItemModel(), PreviewItemModel()
    testers = [QAbstractItemModelTester(model) for model in (classes, skipped, previews)]
    classes.show_classes([FolderClass(name="a\nb", n_training=0, n_test=3)])
    skipped.show_files([SkippedPicture(name="x.png", reason="It is empty.")])
    assert rows(classes) == [["a\\nb", "0", "0", "3", "3"]]
    assert rows(skipped) == [["x.png", "It is empty."]]
    assert len(testers) == 3


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
def test_pixels_of_all_modes_are_drawn(shape: tuple[int, ...]) -> None:
    pixels = np.full(shape, 77, np.uint8)
    image = image_of(pixels)
    assert (image.width(), image.height()) == (7, 5)
    assert image.pixelColor(6, 4).red() == 77
    assert image.hasAlphaChannel() == (shape[-1] == 4)


def survey(**changes: Any) -> FolderSurvey:
    known: dict[str, Any] = {
        "recipe": DataSetRecipe(width=4, height=4), "classes": (), "n_training": 1200,
        "n_validation": 0, "n_test": 0, "has_split_folders": False,
    }  # fmt: skip
    return FolderSurvey(**(known | changes))


def test_sizes_are_told_as_far_as_they_were_looked_at() -> None:
    assert sizes_text(survey(sizes=((8, 9, 1200),), n_looked_at=1200)) == "All pictures are 8 × 9."
    assert sizes_text(survey(sizes=((8, 9, 500),), n_looked_at=500)) == (
        "500 looked at, all are 8 × 9."
    )
    assert sizes_text(survey(sizes=((8, 9, 5), (7, 7, 1)), n_looked_at=6)) == (
        "They differ: most often 8 × 9, and 1 other size."
    )
    assert sizes_text(survey()) == ""
    assert summary_text(survey()) == "1,200 pictures."


def test_result_without_losses_has_the_notes_of_the_file_alone() -> None:
    built = DataSetBuilt(classes=(), n_training=1, n_validation=0, n_test=0)
    done = Exported(
        bytes_before=1, bytes_after=2, n_weights=0, n_identical=0, notes=("A note.",),
        data_set=built,
    )  # fmt: skip
    assert result_notes(done) == ("A note.",)
    assert result_sentence("a.h5", done).startswith("a.h5: 1 picture, 2 bytes; ")
