"""Parts of the gallery by themselves: classes as rows, zooming, small pictures, names of files."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from answering_pool import WAIT, AnsweringPool
from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication, QComboBox, QVBoxLayout, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead, WorkerLost
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.gallery import thumbnail_store
from h5viewer.gui.gallery.cell_painting import Cell, paint_cell
from h5viewer.gui.gallery.class_list import ClassList, ClassRows
from h5viewer.gui.gallery.classes_pane import ClassesPane
from h5viewer.gui.gallery.picture_classes import ALL, WITHOUT, PictureClasses
from h5viewer.gui.gallery.picture_files import file_name
from h5viewer.gui.gallery.picture_side import PictureSide
from h5viewer.gui.gallery.reading_choice import ReadingChoice
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.gui.gallery.thumbnail_store import ThumbnailStore
from h5viewer.gui.gallery.zoom_view import ZoomView
from h5viewer.gui.meaning.picture_grid import PictureGrid
from h5viewer.nodes import (
    Array,
    ClassCounts,
    OnePicture,
    PictureLabels,
    PictureLayout,
    PictureSet,
    Thumbnails,
)
from h5viewer.requests import ReadThumbnails

LAYOUT = PictureLayout(axes="nhwc", height=8, width=8, channels=3)
SET = PictureSet(
    node=(b"x",),
    shape=(1000, 8, 8, 3),
    dtype="uint8",
    layout=LAYOUT,
    n_pictures=1000,
    labels=(b"y",),
    label_form="index",
    label_names=("cat", ""),
)
SHOWN = ShownSet("/data/x.h5", SET)


def small(request: ReadThumbnails) -> Thumbnails:
    """All that were asked for."""
    pixels = np.zeros((len(request.indices), 8, 8, 3), np.uint8)
    return Thumbnails(indices=request.indices, pixels=Array.of(pixels))


def test_rows_of_classes_keep_the_rules_of_item_models(qtmodeltester: ModelTester) -> None:
    rows = ClassRows()
    qtmodeltester.check(rows)
    rows.show_counts(9, ("a", ""), (3, 4), 2)
    qtmodeltester.check(rows)
    rows.show_counts(9, ("a", ""), (3, 6), 0)
    qtmodeltester.check(rows)
    assert [rows.index(at).data() for at in range(rows.rowCount())] == [
        "All pictures",
        "a",
        "Class 1",
    ]


def test_a_class_stays_chosen_while_its_count_grows(qtbot: QtBot) -> None:
    view = ClassList()
    qtbot.addWidget(view)
    view.show_counts(9, ("a", "b"), (1, 0), 0)
    view.choose(1)
    with qtbot.assertNotEmitted(view.class_chosen):
        view.show_counts(9, ("a", "b"), (3, 6), 0)
        view.show_counts(9, ("a", "b"), (3, 5), 1)
    assert view.chosen == 1


def test_a_filter_leaves_classes_by_name_or_number_and_all_pictures(
    qtmodeltester: ModelTester,
) -> None:
    rows = ClassRows()
    names = ("Cat", "dog", "wildcat")
    rows.show_counts(9, names, (3, 4, 2), 2)
    for wanted, found in (
        (" CAT", ["All pictures", "Cat", "wildcat"]),
        ("1", ["All pictures", "dog"]),
        ("no label", ["All pictures", "No label"]),
        ("bird", ["All pictures"]),
    ):
        rows.set_filter(wanted)
        assert [rows.index(at).data() for at in range(rows.rowCount())] == found
        assert (rows.n_found, rows.n_classes) == (len(found) - 1, 4)
        qtmodeltester.check(rows)
    rows.show_counts(10, (*names, "bird"), (3, 4, 2, 1), 2)  # more are known now
    assert rows.rowCount() == 2
    rows.set_filter("")
    assert rows.rowCount() == 6


def test_a_class_stays_chosen_while_a_filter_hides_it(qtbot: QtBot) -> None:
    view = ClassList()
    qtbot.addWidget(view)
    view.show_counts(9, ("a", "b"), (1, 0), 0)
    view.choose(1)
    with qtbot.assertNotEmitted(view.class_chosen):
        view.show_found("a")
        assert (view.chosen, view.currentIndex().isValid()) == (1, False)
        view.show_counts(9, ("a", "b"), (1, 8), 0)
        view.show_found("")
    assert (view.chosen, view.currentIndex().data()) == (1, "b")


def test_long_names_that_begin_alike_are_told_apart_by_their_ends(qtbot: QtBot) -> None:
    names = ("Tomato___leaf, seen from above: blight", "Tomato___leaf, seen from above: mould")
    classes = ClassList()
    qtbot.addWidget(classes)
    classes.resize(160, 200)
    classes.show_counts(9, names, (4, 4), 0)
    grid = PictureGrid("Means")
    qtbot.addWidget(grid)
    grid.set_side(64)
    grid.resize(400, 200)
    grid.show_items(2, lambda _: None, lambda at: (names[at],))
    with qtbot.waitExposed(classes), qtbot.waitExposed(grid):
        classes.show()
        grid.show()
    rows = [classes.visualRect(classes.model().index(at, 0)) for at in (1, 2)]
    cells = [grid._rect(at) for at in (0, 1)]
    for view, places in ((classes, rows), (grid, cells)):
        one, other = (view.viewport().grab(each).toImage() for each in places)
        assert one != other
    captions = []
    for name in names:
        image = QImage(80, 100, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        paint_cell(painter, Cell(QRect(0, 0, 80, 100), (80, 80), None, name))
        painter.end()
        captions.append(image)
    assert captions[0] != captions[1]


def test_the_filter_is_there_where_classes_do_not_fit(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    pane = ClassesPane(owner)
    QVBoxLayout(owner).addWidget(pane)
    owner.resize(240, 400)
    with qtbot.waitExposed(owner):
        owner.show()
    names = [f"class {at:04}" for at in range(1000)]
    pane.list.show_counts(3, names[:3], [1] * 3, 0)
    assert not pane.filter.isVisible()
    pane.list.show_counts(1000, names, [1] * 1000, 0)
    assert pane.filter.isVisible()
    pane.list.show_counts(3, names[:3], [1] * 3, 0)
    assert not pane.filter.isVisible()
    owner.resize(240, 120)
    qtbot.waitUntil(pane.filter.isVisible)
    owner.resize(240, 400)
    qtbot.waitUntil(lambda: not pane.filter.isVisible())


def test_classes_cover_nothing_of_the_picture_above_them_however_low_it_is(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    side = PictureSide(owner)
    row = QVBoxLayout(owner)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(side)
    picture = OnePicture(
        index=3, pixels=Array.of(np.zeros((8, 8, 3), np.uint8)), minimum=0, maximum=9, mean=4
    )
    side.show_classes(True, SET)
    side.classes.show_counts(9, ("cat", "dog"), (4, 5), 0)
    side.show_index(3, "cat")
    side.show_picture(picture, SET, QImage(8, 8, QImage.Format.Format_RGB32))
    with qtbot.waitExposed(owner):
        owner.show()
    for height in range(340, 560, 20):
        owner.resize(238, height)
        qtbot.wait(20)  # what is shown or hidden is arranged in a later turn
        pane = side.findChild(ClassesPane)
        assert side._large.geometry().bottom() < pane.y(), height
        assert pane.geometry().bottom() <= side.rect().bottom(), height


def test_the_filter_finds_classes_and_enter_chooses_the_first(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    pane = ClassesPane(owner)
    QVBoxLayout(owner).addWidget(pane)
    pane.list.show_counts(1000, [f"class {at:04}" for at in range(1000)], [1] * 1000, 0)
    with qtbot.waitActive(owner):
        owner.show()
        owner.activateWindow()
    owner.setFocus()
    qtbot.keyClick(owner, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(pane.filter.hasFocus)
    qtbot.keyClicks(pane.filter, "042")
    assert "11 of 1,000 classes" in [each.text() for each in pane.findChildren(PlainLabel)]
    with qtbot.waitSignal(pane.list.class_chosen) as told:
        qtbot.keyClick(pane.filter, Qt.Key.Key_Return)
    assert told.args == [42]
    qtbot.keyClick(pane.filter, Qt.Key.Key_Escape)
    assert (pane.list.rows.rowCount(), pane.list.currentIndex().data()) == (1001, "class 0042")
    qtbot.keyClick(pane.filter, Qt.Key.Key_Escape)
    assert pane.list.hasFocus()


def test_where_all_classes_fit_ctrl_f_is_the_windows(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    pane = ClassesPane(owner)
    QVBoxLayout(owner).addWidget(pane)
    pane.list.show_counts(2, ("a", "b"), (1, 1), 0)
    with qtbot.waitExposed(owner):
        owner.show()
    press = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier
    )
    press.ignore()
    QApplication.sendEvent(owner, press)
    assert not press.isAccepted()


def test_classes_are_counted_as_they_arrive(qtbot: QtBot) -> None:
    pool = AnsweringPool(ReadPictureLabels=lambda _: WAIT)
    classes = PictureClasses(pool)  # type: ignore[arg-type]
    classes.show_set(SHOWN)
    part = PictureLabels(first=2, classes=Array.of(np.array([0, 1, 1, -1, -7], np.int32)))
    result = ClassCounts(names=("cat", "dog"), counts=(400, 598), n_without=2)
    with qtbot.waitSignal(classes.finished):
        pool.release(([part], result))
    assert classes.indices(1).tolist() == [3, 4]
    assert [classes.of(at) for at in (0, 2, 5, 6)] == [ALL, 0, WITHOUT, WITHOUT]
    assert [classes.text_of(at) for at in (0, 2, 3, 5)] == ["", "cat", "dog", "No label"]
    assert (classes.counts, classes.n_without) == ((400, 598), 2)


@pytest.mark.parametrize("factor", [0.5, 1.25, 8.0])
def test_what_is_under_the_cursor_stays_there_while_one_zooms(qtbot: QtBot, factor: float) -> None:
    view = ZoomView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show_image(QImage(64, 48, QImage.Format.Format_RGB32))
    cursor = QPointF(210, 160)
    before = seen_at(view, cursor)
    view.magnify(factor, cursor)
    after = seen_at(view, cursor)
    assert (after - before).manhattanLength() < 1e-6
    view.fit()
    assert view.place.height() <= 300 < view.place.height() + 40


def seen_at(view: ZoomView, at: QPointF) -> QPointF:
    """The place in the picture."""
    return (at - view.place.topLeft()) / view.scale


def test_small_pictures_are_asked_again_only_on_the_users_word(qtbot: QtBot) -> None:
    answers: list[Any] = [CannotRead("The file is gone.")]
    pool = AnsweringPool(
        ReadThumbnails=lambda request: answers.pop() if answers else small(request)
    )
    store = ThumbnailStore(pool)  # type: ignore[arg-type]
    store.show_set(SHOWN)
    with qtbot.waitSignal(store.failed):
        store.want(range(5), ())
    assert store.is_lost(3)
    store.want(range(5), ())
    qtbot.wait(40)
    assert len(pool.asked) == 1
    with qtbot.waitSignal(store.arrived):
        store.forget_lost()
    assert store.image(3) is not None


def test_a_picture_that_no_worker_survives_costs_itself_alone(qtbot: QtBot) -> None:
    def answer(request: ReadThumbnails) -> Any:
        return WorkerLost("Crashed.") if 7 in request.indices else small(request)

    pool = AnsweringPool(ReadThumbnails=answer)
    store = ThumbnailStore(pool)  # type: ignore[arg-type]
    store.show_set(SHOWN)
    with qtbot.waitSignal(store.failed):
        store.want(range(20), range(20, 60))
    qtbot.waitUntil(lambda: all(store.image(at) is not None for at in range(60) if at != 7))
    assert store.is_lost(7)
    assert not any(store.is_lost(at) for at in range(60) if at != 7)


def test_a_file_whose_workers_always_die_is_left_alone(qtbot: QtBot) -> None:
    pool = AnsweringPool(ReadThumbnails=lambda _: WorkerLost("Crashed."))
    store = ThumbnailStore(pool)  # type: ignore[arg-type]
    store.show_set(SHOWN)
    store.want(range(20), range(20, 60))
    qtbot.wait(60)
    n_asked = len(pool.asked)
    qtbot.wait(60)
    assert 2 <= n_asked == len(pool.asked) < 6


def test_what_is_in_sight_comes_before_what_is_near(qtbot: QtBot) -> None:
    pool = AnsweringPool(ReadThumbnails=small)
    store = ThumbnailStore(pool)  # type: ignore[arg-type]
    store.show_set(SHOWN)
    store.want(range(50, 60), range(60, 70))
    qtbot.waitUntil(lambda: store.image(69) is not None)
    asked = pool.of(ReadThumbnails)
    assert [request.indices for request in asked] == [tuple(range(50, 60)), tuple(range(60, 70))]


def test_small_pictures_beyond_the_bound_are_forgotten_the_oldest_first(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnail_store, "_MOST_BYTES", 20 * 8 * 8 * 4)
    store = ThumbnailStore(AnsweringPool(ReadThumbnails=small))  # type: ignore[arg-type]
    store.show_set(SHOWN)
    store.want(range(20), ())
    qtbot.waitUntil(lambda: store.image(19) is not None)
    store.image(0)  # looked at once more
    store.want(range(100, 105), ())
    qtbot.waitUntil(lambda: store.image(104) is not None)
    assert store.image(0) is not None
    assert [store.image(at) for at in range(1, 6)] == [None] * 5
    assert store.image(6) is not None


def test_names_of_files_hold_nothing_that_a_disk_refuses() -> None:
    shown = ShownSet('/data/a "b".h5', SET)
    assert file_name(shown, 7, "<cat>/\u202edog\n") == "a _b_ x 7 _cat___u202edog_n.png"
    assert len(file_name(shown, 7, "x" * 10_000)) < 200


def test_every_order_of_axes_is_offered_the_guessed_ones_first(qtbot: QtBot) -> None:
    choice = ReadingChoice()
    qtbot.addWidget(choice)
    other = PictureLayout(axes="nwhc", height=8, width=8, channels=3)
    choice.show_set(msgspec.structs.replace(SET, layouts=(other,)))
    (box, _) = choice.findChildren(QComboBox)
    offered = [box.itemText(at) for at in range(box.count())]
    assert offered[:2] == [
        "8 × 8, RGB: pictures × rows × columns × colours",
        "8 × 8, RGB: pictures × columns × rows × colours",
    ]
    assert len(offered) == len(set(offered)) == 8
