"""A dataset saved from its picture is what is drawn; from the tree's row it is all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from array_files import make_arrays, select
from on_screen import on_screen
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from h5viewer.exporting import export
from h5viewer.gui.array.array_panel import ArrayPanel
from h5viewer.gui.export.export_dialogs import of_damaged, of_dataset
from h5viewer.gui.export.small_options import DatasetOptions, suggested_word
from h5viewer.gui.tree.node_menu import NodeMenu
from h5viewer.nodes import PictureLayout, PictureSet
from h5viewer.requests import SaveDataset, SavePictures
from h5viewer.workers.pool import Pool


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_arrays(tmp_path_factory.mktemp("arrays") / "arrays.h5")


@pytest.fixture
def panel(qtbot: QtBot, pool: Pool) -> Iterator[ArrayPanel]:
    with on_screen(qtbot, ArrayPanel(pool), 780, 560) as panel:
        yield panel


def drawn(qtbot: QtBot, pool: Pool, panel: ArrayPanel, arrays: Path, name: str) -> SaveDataset:
    """What the panel asks to save once the dataset is drawn."""
    heat_map = panel._picture.heat_map
    panel.show_selection(select(qtbot, pool, arrays, name, ()))
    qtbot.waitUntil(
        lambda: heat_map.overview is not None and heat_map.overview.planes[0].is_sharp,
        timeout=20_000,
    )
    with qtbot.waitSignal(panel.save_wanted) as wanted:
        panel._save()
    request = wanted.args[0]
    assert isinstance(request, SaveDataset)
    return request


def pixels_of(path: Path) -> np.ndarray:
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


@pytest.mark.parametrize(
    ("name", "is_turned"), [("kernel", False), ("kernel", True), ("pictures", False)]
)
def test_a_picture_is_saved_as_it_is_drawn(
    name: str,
    is_turned: bool,
    qtbot: QtBot,
    pool: Pool,
    panel: ArrayPanel,
    arrays: Path,
    tmp_path: Path,
) -> None:
    request = drawn(qtbot, pool, panel, arrays, name)
    if is_turned:
        heat_map = panel._picture.heat_map
        before = heat_map.overview
        qtbot.mouseClick(panel._axis_choice._swap, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: heat_map.overview not in (None, before), timeout=20_000)
        with qtbot.waitSignal(panel.save_wanted) as wanted:
            panel._save()
        request = wanted.args[0]
    options = DatasetOptions(request)
    qtbot.addWidget(options)
    options._extent.setCurrentIndex(1)  # only what is drawn
    target = tmp_path / "drawn.png"
    export(pool, options.request(str(target)))
    seen = panel._picture.heat_map._items[0].image[..., :3]
    assert np.abs(pixels_of(target).astype(int) - seen).max() <= 1


def test_the_whole_dataset_is_saved_unless_the_cut_is_chosen(
    qtbot: QtBot, pool: Pool, panel: ArrayPanel, arrays: Path, tmp_path: Path
) -> None:
    request = drawn(qtbot, pool, panel, arrays, "kernel")
    options = DatasetOptions(request)
    qtbot.addWidget(options)
    export(pool, options.request(str(tmp_path / "whole.npy")))
    options._extent.setCurrentIndex(1)
    export(pool, options.request(str(tmp_path / "cut.npy")))
    with h5py.File(arrays) as file:
        kernel = file["kernel"][()]
    assert np.array_equal(np.load(tmp_path / "whole.npy"), kernel)
    cut = panel._axis_choice.cut
    index = tuple(
        slice(None) if axis in (cut.rows, cut.columns) else place
        for axis, place in enumerate(cut.index)
    )
    assert np.array_equal(np.load(tmp_path / "cut.npy"), kernel[index])


def test_a_row_of_the_tree_offers_to_save_a_dataset_and_nothing_else(
    qtbot: QtBot, pool: Pool, arrays: Path
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    selection = select(qtbot, pool, arrays, "kernel", ())
    menu = NodeMenu(selection.document, selection.path, selection.node, parent)
    (save,) = [action for action in menu.actions() if action.text() == "Save dataset as…"]
    with qtbot.waitSignal(menu.save_wanted) as wanted:
        save.trigger()
    assert wanted.args == [SaveDataset(document=str(arrays), target="", node=(b"kernel",))]
    group = NodeMenu(selection.document, (), selection.document.root, parent)
    assert not [action for action in group.actions() if "Save" in action.text()]


@pytest.mark.parametrize(
    ("names", "word"),
    [
        (["model_weights", "dense", "dense", "kernel:0"], "dense kernel"),
        (["x"], "x"),
        (["a", "a"], "a"),
        (["..", "/etc/passwd"], ".. _etc_passwd".strip(" .")),
        (["<b>", "\\x1b"], "_b_ _x1b"),
        (["."], "dataset"),
    ],
)
def test_a_suggested_name_is_one_a_folder_can_hold(names: list[str], word: str) -> None:
    assert suggested_word(names) == word


@pytest.mark.parametrize("what", ["dataset", "pictures", "damaged"])
def test_the_dialog_says_what_is_written(what: str, qtbot: QtBot, pool: Pool, arrays: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    document = str(arrays)
    layout = PictureLayout(axes="nhw", height=4, width=4, channels=1)
    some = PictureSet(
        node=(b"pictures",), shape=(9, 4, 4), dtype="uint8", layout=layout, n_pictures=9
    )
    if what == "dataset":
        dialog = of_dataset(
            pool, SaveDataset(document=document, target="", node=(b"kernel",)), window
        )
        wanted = ("Save dataset", "Save kernel", "As a NumPy array, a sheet of numbers or")
    elif what == "pictures":
        request = SavePictures(document=document, pictures=some, indices=(1, 2), target="")
        dialog = of_dataset(pool, request, window)
        wanted = ("Save pictures", "Save pictures of pictures", "2 pictures as PNG")
    else:
        dialog = of_damaged(pool, document, window)
        wanted = ("Save what is whole", "What is still whole of arrays.h5", "All that can be read")
    assert dialog.windowTitle() == wanted[0]
    said = [label.text() for label in dialog.findChildren(QLabel)]
    assert wanted[1] in said
    assert any(text.startswith(wanted[2]) for text in said)
    assert "Save" in [button.text() for button in dialog.findChildren(QPushButton)]
    dialog.reject()
