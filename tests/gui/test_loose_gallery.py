"""Pictures that are files in a dataset, in the real panel: seen, chosen, gone to, asked about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest
from loose_files import picture_file, pixels_of, png_bomb, write_lists
from on_screen import on_screen
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot
from test_gallery_panel import gallery, is_filled, selection

from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.gallery.cell_painting import Cell, paint_cell
from h5viewer.gui.gallery.picture_files import PictureFiles
from h5viewer.gui.gallery.pictures_panel import PicturesPanel
from h5viewer.gui.gallery.set_view import VIEWS
from h5viewer.nodes import Group, PictureSet
from h5viewer.requests import SavePictures
from h5viewer.workers.pool import Kind, Pool

N = 300
LOST = 5


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("loose") / "pets.h5"
    files = [picture_file(n, width=30 + n % 40) for n in range(N)]
    files[LOST] = png_bomb()
    names = [b"cat", b"dog", b"owl"]
    return write_lists(path, files, labels=np.arange(N) % 3, class_names=names)


@pytest.fixture
def panel(qtbot: QtBot, pool: Pool, file: Path) -> Iterator[PicturesPanel]:
    made = PicturesPanel(pool)
    for _ in made.prepare():
        pass
    with on_screen(qtbot, made):
        made.show_selection(selection(qtbot, pool, file))
        qtbot.waitUntil(lambda: gallery(made).knows_classes and thumbnails_are_there(made))
        yield made


def thumbnails_are_there(panel: PicturesPanel) -> bool:
    view = gallery(panel)
    positions = view.grid.visible_positions()
    return bool(positions) and all(
        view.thumbnail(at) is not None or view.is_lost(at) for at in positions
    )


def size_of(image: QImage | None) -> tuple[int, int]:
    return (0, 0) if image is None else (image.width(), image.height())


def test_they_are_shown_each_in_its_own_size_with_classes(panel: PicturesPanel, pool: Pool) -> None:
    view = gallery(panel)
    assert view.grid.count == N
    assert panel.facts.startswith("PNG files of different sizes  ·  labels from /labels")
    for position in (0, 1, 7):
        assert size_of(view.thumbnail(position)) == (30 + position, 30)
    assert [view.caption(at) for at in range(3)] == ["cat", "dog", "owl"]
    assert view.thumbnail(N - 1) is None, "nobody looks at the last one"
    assert any(each.kind is Kind.LOOSE for each in pool.workers)


def test_one_that_cannot_be_read_is_one_cell_that_says_so(
    qtbot: QtBot, panel: PicturesPanel
) -> None:
    view = gallery(panel)
    assert view.is_lost(LOST)
    assert view.notice.isHidden(), "it is no fault of all of them"
    view.show_index(LOST)
    qtbot.waitUntil(lambda: "60,000 x 60,000 pixels" in view.side.facts)
    assert view.side._picture._words == "Cannot be read", "not: click a picture"
    view.show_index(LOST + 1)
    qtbot.waitUntil(lambda: "30 × 36, PNG, RGB" in view.side.facts)
    pixels = pixels_of(LOST + 1, 36)
    assert f"Decoded as {pixels.min()} to {pixels.max()}, mean" in view.side.facts


def test_a_class_alone_and_an_index_far_away(qtbot: QtBot, panel: PicturesPanel) -> None:
    view = gallery(panel)
    view.show_class(2)
    assert view.grid.count == 100
    qtbot.waitUntil(lambda: thumbnails_are_there(panel))
    view.show_index(N - 1)
    assert view.grid.count == 100
    view.show_index(270)
    assert view.grid.count == N
    qtbot.waitUntil(lambda: is_filled(view))
    assert size_of(view.thumbnail(270)) == (30 + 270 % 40, 30)


def test_the_views_that_need_one_dataset_say_so(panel: PicturesPanel) -> None:
    for kind in VIEWS[1:]:
        panel.show_view(kind.title)
        assert panel.refusal.isVisible()
        told = [label.whole_text for label in panel.refusal.findChildren(PlainLabel)]
        assert any(each.startswith("The pictures of /images stand as 300 PNG") for each in told)
    panel.show_view("Gallery")
    assert gallery(panel).isVisible()
    assert not panel.refusal.isVisible()


def test_only_what_can_be_changed_of_their_reading_is_offered(
    qtbot: QtBot, panel: PicturesPanel
) -> None:
    (button,) = [
        each for each in panel.findChildren(QToolButton) if each.text() == "How it is read"
    ]
    button.click()
    boxes = {each.accessibleName() for each in visible_children(panel.choice)}
    assert "Labels" in boxes
    assert not boxes & {"Layout", "Black", "White", "Blue first"}
    assert panel.shown is not None
    panel.choice.wanted.emit(msgspec.structs.replace(panel.shown.pictures, labels=None))
    qtbot.waitUntil(lambda: shown(panel).labels is None)
    assert gallery(panel).grid.count == N


def visible_children(widget: QWidget) -> list[QWidget]:
    return [each for each in widget.findChildren(QWidget) if each.isVisible()]


def shown(panel: PicturesPanel) -> PictureSet:
    assert panel.shown is not None
    return panel.shown.pictures


def test_chosen_ones_are_saved_and_given_to_networks(
    qtbot: QtBot, pool: Pool, panel: PicturesPanel
) -> None:
    view = gallery(panel)
    wishes: list[SavePictures] = []
    panel.save_wanted.connect(wishes.append)
    view.show_index(7)
    view.bar.save_wanted.emit()
    assert [(each.indices, each.is_about_loose) for each in wishes] == [((7,), True)]
    made: list[list[str]] = []
    shown_set = panel.shown
    assert shown_set is not None
    files = PictureFiles(pool)
    files.make(shown_set, [7], lambda _: "dog", made.append)
    qtbot.waitUntil(lambda: bool(made))
    image = QImage(made[0][0])
    assert size_of(image) == (37, 30)
    assert image.pixelColor(0, 0).red() == 35


def test_datasets_of_one_picture_each_are_a_gallery(
    qtbot: QtBot, pool: Pool, tmp_path: Path
) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n in range(20):
            file[f"{'cat' if n < 9 else 'dog'}/{n}"] = pixels_of(n, 30 + n)
    made = PicturesPanel(pool)
    for _ in made.prepare():
        pass
    with on_screen(qtbot, made):
        made.show_selection(selection(qtbot, pool, path))
        view = gallery(made)
        qtbot.waitUntil(lambda: view.knows_classes and is_filled(view))
        assert made.facts.startswith("datasets of different sizes")
        assert "classes are the groups in /" in made.facts
        assert (view.grid.count, view.caption(8), view.caption(9)) == (20, "cat", "dog")
        view.show_index(10)
        qtbot.waitUntil(lambda: "30 × 40, RGB" in view.side.facts)
        assert "Stored as" in view.side.facts


def test_two_sets_of_one_group_are_chosen_between(qtbot: QtBot, pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n in range(10):
            file[f"a/{n}/image"], file[f"a/{n}/photo"] = pixels_of(n), pixels_of(n + 10, 50)
    made = PicturesPanel(pool)
    for _ in made.prepare():
        pass
    with on_screen(qtbot, made):
        whole = selection(qtbot, pool, path)
        group = replace(whole, node=Group(path=(b"a",), n_children=10))
        made.show_selection(group)
        made.choose_set(1)
        view = gallery(made)
        qtbot.waitUntil(lambda: is_filled(view))
        assert size_of(view.thumbnail(0)) == (50, 30)
        made.clear()
        made.show_selection(group)
        qtbot.waitUntil(lambda: is_filled(view))
        assert size_of(view.thumbnail(0)) == (50, 30), "the one that was looked at before"


def test_a_picture_with_a_shape_of_its_own_keeps_it_in_its_cell() -> None:
    wide = QImage(80, 20, QImage.Format.Format_RGB32)
    wide.fill(QColor("red"))
    for keeps_shape, at_top in ((True, QColor("white")), (False, QColor("red"))):
        ground = QImage(60, 60, QImage.Format.Format_RGB32)
        ground.fill(QColor("white"))
        painter = QPainter(ground)
        paint_cell(painter, Cell(QRect(0, 0, 60, 60), (60, 60), wide, keeps_shape=keeps_shape))
        painter.end()
        assert ground.pixelColor(30, 2) == at_top
        assert ground.pixelColor(30, 30) == QColor("red")
