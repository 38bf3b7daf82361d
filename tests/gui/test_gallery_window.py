"""Files with data sets of pictures in the real window: what opens first, and with what labels."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest
from answering_pool import WAIT, AnsweringPool
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot
from whole_window import whole_window

from h5viewer.gui.gallery.found_sets import FoundSets
from h5viewer.gui.gallery.gallery_view import GalleryView
from h5viewer.gui.gallery.pictures_panel import PicturesPanel
from h5viewer.gui.gallery.plain_layouts import as_pictures
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.task import running_tasks
from h5viewer.gui.tree.node_menu import NodeMenu
from h5viewer.nodes import (
    Dataset,
    Document,
    DType,
    Group,
    Identity,
    Node,
    PictureLayout,
    PictureSet,
    PictureSets,
)
from h5viewer.workers.pool import Pool

PATIENCE = 20_000


@pytest.fixture
def window(qtbot: QtBot, pool: Pool, tmp_path: Path) -> Iterator[MainWindow]:
    with whole_window(qtbot, pool, tmp_path) as window:
        yield window


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    path = tmp_path / "pets.h5"
    rows, columns = np.indices((16, 16))
    shades = np.arange(40)[:, None, None]
    with h5py.File(path, "w") as file:
        file["images"] = (rows * 5 + columns * 4 + shades).astype(np.uint8)
        file["labels"] = np.arange(40) % 2
    return path


def open_and_wait(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    window.open_files([str(path)])
    qtbot.waitUntil(lambda: window.windowTitle().startswith(path.name), timeout=PATIENCE)
    # what is found in a file may bring another panel forward
    qtbot.waitUntil(lambda: not running_tasks() and not window.panels.is_making, timeout=PATIENCE)


def gallery(window: MainWindow) -> GalleryView:
    (panel,) = window.findChildren(PicturesPanel)
    assert panel.isVisible()
    (view,) = panel.findChildren(GalleryView)
    return view


def test_a_data_set_of_pictures_opens_as_a_gallery(
    qtbot: QtBot, window: MainWindow, pets: Path
) -> None:
    open_and_wait(qtbot, window, pets)
    view = gallery(window)
    assert view.grid.count == 40
    qtbot.waitUntil(lambda: view.thumbnail(0) is not None)
    window.panels.show_panel("Details")
    window.navigation.go(str(pets), (b"labels",))
    qtbot.waitUntil(lambda: not view.isVisible())
    window.navigation.go(str(pets), (b"images",))
    qtbot.waitUntil(lambda: view.isVisible() and view.grid.count == 40)


def test_a_file_without_pictures_opens_as_before(
    qtbot: QtBot, window: MainWindow, datasets_h5: Path, keras_h5: Path
) -> None:
    for path in (datasets_h5, keras_h5):
        open_and_wait(qtbot, window, path)
        assert not any(panel.isVisible() for panel in window.findChildren(PicturesPanel))


@pytest.mark.parametrize("is_touched", [False, True])
def test_pictures_that_are_found_late_are_shown_unless_the_user_is_elsewhere(
    qtbot: QtBot, window: MainWindow, pets: Path, monkeypatch: pytest.MonkeyPatch, is_touched: bool
) -> None:
    """A slow disk: by then somebody may read the details."""
    monkeypatch.setattr(FoundSets, "of", lambda *_: ())
    open_and_wait(qtbot, window, pets)
    assert shown_tab(window) != "Pictures"
    if is_touched:
        window.panels.show_panel("Details")
    monkeypatch.undo()
    (found,) = window.navigation.findChildren(FoundSets)
    with qtbot.waitSignal(found.found):
        document = window.documents.get(str(pets))
        assert document is not None
        found.of(document)
    qtbot.waitUntil(lambda: "Pictures" in tabs(window))
    assert shown_tab(window) == ("Details" if is_touched else "Pictures")


def tabs(window: MainWindow) -> list[str]:
    bar = window.panels.findChild(QTabBar)
    return [bar.tabText(at) for at in range(bar.count())]


def shown_tab(window: MainWindow) -> str:
    return tabs(window)[window.panels.findChild(QTabBar).currentIndex()]


def test_pictures_of_an_open_file_are_shown_from_anywhere(
    qtbot: QtBot, window: MainWindow, pets: Path, keras_h5: Path
) -> None:
    open_and_wait(qtbot, window, pets)
    open_and_wait(qtbot, window, keras_h5)
    window.panels.pictures_requested.emit(str(pets), (b"images",), (3, 5, 8), "Wrong answers")
    qtbot.waitUntil(lambda: gallery(window).grid.count == 3, timeout=PATIENCE)
    assert window.windowTitle().startswith("pets.h5")


def test_any_dataset_of_numbers_can_be_shown_as_pictures(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    """Noise looks like nothing; who knows better is believed."""
    path = tmp_path / "noise.h5"
    noise = np.random.default_rng(0).standard_normal((7, 20, 30)) * 1e6
    with h5py.File(path, "w") as file:
        file["recorded"] = noise
        file["names"] = ["a", "b"]
    open_and_wait(qtbot, window, path)
    for node, is_offered in ((b"recorded", True), (b"names", False)):
        qtbot.waitUntil(partial(is_described, window, path, node))
        dataset = described(window, path, node)
        document = window.documents.get(str(path))
        assert document is not None
        menu = NodeMenu(document, (node,), dataset, window)
        menu.pictures_wanted.connect(window.sidebar.pictures_wanted)
        offered = [each for each in menu.actions() if each.text() == "Show as pictures"]
        assert bool(offered) == is_offered
        for action in offered:
            action.trigger()
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(PicturesPanel)))
    view = gallery(window)
    qtbot.waitUntil(lambda: view.grid.count == 7 and view.thumbnail(6) is not None)
    image = view.thumbnail(2)
    assert image is not None
    assert (image.width(), image.height()) == (30, 20)


def is_described(window: MainWindow, path: Path, name: bytes) -> bool:
    return described(window, path, name) is not None


def described(window: MainWindow, path: Path, name: bytes) -> Node | None:
    """What the tree knows of a dataset."""
    model = window.sidebar.model
    place = model.place(model.find(str(path), (name,)))
    return None if place is None else place.node


@pytest.mark.parametrize(
    ("shape", "axes", "size"),
    [
        ((7, 20, 30), "nhw", (20, 30, 1)),
        ((7, 20, 30, 3), "nhwc", (20, 30, 3)),
        ((7, 4, 20, 30), "nchw", (20, 30, 4)),
        ((3, 20, 30, 7), "chwn", (20, 30, 3)),
        ((7, 20, 30, 12), "nhwc", (20, 30, 12)),
        ((7, 600), "nhw", (24, 25, 1)),
        ((7, 13), "nhw", (1, 13, 1)),
    ],
)
def test_first_guess_of_a_layout_is_one_that_fits(
    shape: tuple[int, ...], axes: str, size: tuple[int, int, int]
) -> None:
    dtype = DType(kind="float", text="float32", itemsize=4)
    dataset = Dataset(path=(b"x",), shape=shape, dtype=dtype)
    pictures = as_pictures(dataset)
    layout = pictures.layout
    assert (layout.axes, (layout.height, layout.width, layout.channels)) == (axes, size)
    assert layout.is_flat == (len(shape) == 2)
    assert pictures.n_pictures == 7


def corpus_sets(corpus: Path) -> list[Path]:
    return sorted((corpus / "hdf5_data").glob("*coursera-deeplearning__t*_catvnoncat.h5"))


def test_data_sets_of_the_corpus_open_with_their_labels(
    qtbot: QtBot, window: MainWindow, corpus: Path
) -> None:
    """Cats and other things, by the labels that the file has."""
    found = corpus_sets(corpus)
    assert len(found) == 2
    for path in found:
        open_and_wait(qtbot, window, path)
        view = gallery(window)
        qtbot.waitUntil(lambda view=view: view.knows_classes)  # type: ignore[misc]
        with h5py.File(path) as file:
            node = "train_set_y" if "train" in path.name else "test_set_y"
            labels = file[node][:]
        expected = [("non-cat", "cat")[label] for label in labels]
        assert [view.caption(at) for at in range(view.grid.count)] == expected


LAYOUT = PictureLayout(axes="nhw", height=8, width=8, channels=1)
SETS = (PictureSet(node=(b"x",), shape=(9, 8, 8), dtype="uint8", layout=LAYOUT, n_pictures=9),)


def data(inode: int = 1) -> Document:
    identity = Identity(device=1, inode=inode, size=10, mtime_ns=0)
    return Document(path="/data/x.h5", format="hdf5", identity=identity, root=Group(path=()))


def test_a_file_is_looked_through_once_and_again_when_it_changed(qtbot: QtBot) -> None:
    pool = AnsweringPool(FindPictureSets=lambda _: WAIT)
    found = FoundSets(pool, QCoreApplication.instance())  # type: ignore[arg-type]
    assert found.of(data()) is None
    assert found.of(data()) is None
    assert len(pool.asked) == 1
    with qtbot.waitSignal(found.found):
        pool.release(PictureSets(sets=SETS))
    assert found.of(data()) == SETS
    assert found.of(data(inode=2)) is None, "another file at the same place"
    found.forget("/data/x.h5")
    QCoreApplication.processEvents()
    assert found.of(data(inode=3)) is None
    found.forget("/data/x.h5")
    found.deleteLater()
