"""Augment: pictures beside what random changes make of them; as Python, as a new file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from on_screen import on_screen
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPushButton, QSlider, QSpinBox
from pytestqt.qtbot import QtBot

from h5viewer.gui.export.export_dialogs import of_dataset
from h5viewer.gui.gallery.augment_saving import AugmentOptions, augmented_offer
from h5viewer.gui.gallery.augment_view import AugmentView
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.nodes import Augmentation, PictureLayout, PictureSet
from h5viewer.requests import WriteAugmented
from h5viewer.workers.pool import Pool

N, SIDE = 40, 12


def pixels() -> Any:
    return np.random.default_rng(0).integers(0, 256, (N, SIDE, SIDE, 3), "u1")


@pytest.fixture
def shown(tmp_path: Path) -> ShownSet:
    path = tmp_path / "pets.h5"
    with h5py.File(path, "w") as file:
        file["x"], file["y"] = pixels(), np.arange(N) % 2
    layout = PictureLayout(axes="nhwc", height=SIDE, width=SIDE, channels=3)
    pictures = PictureSet(
        node=(b"x",),
        shape=(N, SIDE, SIDE, 3),
        dtype="uint8",
        layout=layout,
        n_pictures=N,
        labels=(b"y",),
        label_form="index",
        label_names=("cat", "dog"),
    )
    return ShownSet(str(path), pictures)


@pytest.fixture
def view(qtbot: QtBot, pool: Pool, shown: ShownSet) -> Iterator[AugmentView]:
    made = AugmentView(pool)
    for _ in made.make():
        pass
    with on_screen(qtbot, made):
        made.show_set(shown)
        qtbot.waitUntil(lambda: bool(made.grid.rows))
        yield made


def control(view: AugmentView, kind: type[Any], name: str) -> Any:
    (found,) = [each for each in view.findChildren(kind) if each.accessibleName() == name]
    return found


def colours(view: AugmentView, row: int, column: int) -> Any:
    image = view.grid.rows[row][column]
    return [
        [image.pixelColor(x, y).getRgb()[:3] for x in range(image.width())]
        for y in range(image.height())
    ]


def settle(qtbot: QtBot, view: AugmentView) -> None:
    qtbot.waitUntil(lambda: not view._pausing.isActive() and not view._asking.is_waiting)


def test_some_pictures_are_shown_as_they_are_and_changed(view: AugmentView) -> None:
    assert [len(row) for row in view.grid.rows] == [6] * 5
    for row, index in enumerate((0, 8, 16, 24, 32)):
        np.testing.assert_array_equal(colours(view, row, 0), pixels()[index])
    assert colours(view, 0, 1) != colours(view, 0, 0)
    assert colours(view, 0, 1) != colours(view, 0, 2)


def test_a_slider_changes_what_is_shown(qtbot: QtBot, view: AugmentView) -> None:
    control(view, QPushButton, "Reset").click()
    for slider in view.findChildren(QSlider):
        slider.setValue(0)
    control(view, QCheckBox, "Flip left and right").setChecked(False)
    settle(qtbot, view)
    assert colours(view, 0, 1) == colours(view, 0, 0)
    assert not control(view, QPushButton, "Write…").isEnabled()
    brightness = control(view, QSlider, "Brightness")
    brightness.setFocus()
    qtbot.keyClick(brightness, Qt.Key.Key_End)
    settle(qtbot, view)
    assert colours(view, 0, 1) != colours(view, 0, 0)
    made = view.controls.augmentation
    assert (made.brightness_low, made.brightness_high) == pytest.approx((0.1, 1.9))
    assert control(view, QPushButton, "Write…").isEnabled()
    control(view, QPushButton, "Reset").click()
    assert view.controls.augmentation.rotation == 15
    settle(qtbot, view)


def test_another_seed_gives_other_changes_and_the_same_the_same(
    qtbot: QtBot, view: AugmentView
) -> None:
    first = colours(view, 1, 1)
    seed = control(view, QSpinBox, "Seed")
    seed.setValue(7)
    settle(qtbot, view)
    assert colours(view, 1, 1) != first
    seed.setValue(0)
    settle(qtbot, view)
    assert colours(view, 1, 1) == first


def test_what_is_chosen_in_the_gallery_is_shown(qtbot: QtBot, view: AugmentView) -> None:
    view.show_chosen((7, 3))
    settle(qtbot, view)
    assert len(view.grid.rows) == 2
    np.testing.assert_array_equal(colours(view, 0, 0), pixels()[7])
    np.testing.assert_array_equal(colours(view, 1, 0), pixels()[3])
    control(view, QSpinBox, "Changed ones of each picture").setValue(2)
    settle(qtbot, view)
    assert [len(row) for row in view.grid.rows] == [3, 3]


def test_one_chosen_picture_is_one(qtbot: QtBot, view: AugmentView) -> None:
    view.show_chosen((7,))
    settle(qtbot, view)
    assert "1 chosen picture" in [label.text() for label in view.findChildren(QLabel)]


def test_numbers_begin_where_other_texts_do(view: AugmentView) -> None:
    boxes = view.findChildren(QSpinBox)
    assert len(boxes) == 2
    assert all(box.lineEdit().textMargins().left() > 0 for box in boxes)


def test_brightness_beyond_the_border_is_asked_for_where_it_counts(
    qtbot: QtBot, view: AugmentView
) -> None:
    slider = control(view, QSlider, "Brightness beyond the border")
    assert not slider.isVisible()
    fill = control(view, QComboBox, "From beyond the border")
    fill.setCurrentIndex(fill.findData("constant"))
    assert slider.isVisible()
    slider.setValue(200)
    made = view.controls.augmentation
    assert (made.fill_mode, made.fill_value) == ("constant", 200)
    settle(qtbot, view)


def test_python_is_copied_as_the_sliders_stand(view: AugmentView, shown: ShownSet) -> None:
    control(view, QSlider, "Rotation").setValue(36)
    menu = control(view, QPushButton, "Copy as Python").menu()
    titles = [action.text() for action in menu.actions()]
    assert len(titles) == 4
    (layers,) = [action for action in menu.actions() if "layers" in action.text()]
    layers.trigger()
    text = QGuiApplication.clipboard().text()
    compile(text, "copied.py", "exec")
    assert "RandomRotation(0.1," in text
    assert shown.document in text
    assert "copied" in view.notice.message


def test_a_new_file_is_asked_for(qtbot: QtBot, view: AugmentView, shown: ShownSet) -> None:
    control(view, QSpinBox, "Seed").setValue(9)
    with qtbot.waitSignal(view.save_wanted) as wanted:
        control(view, QPushButton, "Write…").click()
    request = wanted.args[0]
    assert isinstance(request, WriteAugmented)
    assert (request.document, request.pictures) == (shown.document, shown.pictures)
    assert request.augmentation == view.controls.augmentation
    assert (request.seed, request.target) == (9, "")


def test_the_dialog_asks_how_many_and_plans(qtbot: QtBot, pool: Pool, shown: ShownSet) -> None:
    wanted = WriteAugmented(
        document=shown.document,
        target="",
        pictures=shown.pictures,
        augmentation=Augmentation(rotation=5),
        seed=3,
    )
    offer = augmented_offer(wanted)
    assert offer.suggestion.name == "pets augmented.h5"
    options = offer.make_options()
    assert isinstance(options, AugmentOptions)
    qtbot.addWidget(options)
    options.findChildren(QSpinBox)[0].setValue(4)
    options.findChildren(QCheckBox)[0].setChecked(False)
    request = options.request("/new.h5")
    assert (request.copies, request.keeps_originals, request.seed) == (4, False, 3)
    assert request.target == "/new.h5"
    dialog = of_dataset(pool, wanted, None)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: dialog._begin.isEnabled())
    assert (dialog.windowTitle(), dialog._begin.text()) == ("Write augmented pictures", "Write")
    said = [label.text() for label in dialog.findChildren(QLabel)]
    assert "Augmented pictures of x" in said
    assert any(
        text.startswith("A copy of the file with pictures that are changed") for text in said
    )
    dialog.reject()


def test_a_damaged_file_is_told(qtbot: QtBot, view: AugmentView, shown: ShownSet) -> None:
    Path(shown.document).write_bytes(b"something else")
    control(view, QSpinBox, "Seed").setValue(5)
    qtbot.waitUntil(lambda: view.notice.isVisible())
    assert "pets.h5" in view.notice.message
    assert not view.grid.rows


def test_nothing_is_asked_once_it_is_cleared(view: AugmentView) -> None:
    view.clear()
    assert not view.grid.rows
    control(view, QSlider, "Rotation").setValue(90)
    assert view.python("dataset") == ""
