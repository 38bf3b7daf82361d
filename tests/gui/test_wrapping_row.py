"""Rows of widgets that go on in the next line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.wrapping_row import WrappingRow

TEXTS = ("Parameters 29,558", "Trainable 29,286", "Non-trainable 272")


def shown(qtbot: QtBot, row: WrappingRow, labels: Sequence[PlainLabel]) -> QWidget:
    """The row on the screen, with something that grows below it."""
    for label in labels:
        row.addWidget(label)
    whole = QWidget()
    qtbot.addWidget(whole)
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    holder = QWidget()
    holder.setLayout(row)
    column.addWidget(holder)
    column.addWidget(QWidget(), 1)
    with qtbot.waitExposed(whole):
        whole.resize(row.sizeHint().width(), 300)
        whole.show()
    return whole


def tops(labels: Sequence[QWidget]) -> list[int]:
    return [label.geometry().top() for label in labels]


def test_what_has_no_room_in_a_line_goes_on_in_the_next_and_back(qtbot: QtBot) -> None:
    labels = [PlainLabel(text) for text in TEXTS]
    row = WrappingRow()
    whole = shown(qtbot, row, labels)
    assert len(set(tops(labels))) == 1
    height = row.geometry().height()
    width = labels[1].geometry().right() + 1  # exactly two
    whole.resize(width, 300)
    qtbot.waitUntil(lambda: len(set(tops(labels))) == 2)
    assert tops(labels)[0] == tops(labels)[1] < tops(labels)[2]
    assert row.geometry().height() > height
    assert labels[2].geometry().bottom() <= row.geometry().bottom()
    assert [label.text() for label in labels] == list(TEXTS)
    whole.resize(width - 1, 300)
    qtbot.waitUntil(lambda: tops(labels)[0] < tops(labels)[1])
    whole.resize(row.sizeHint().width(), 300)
    qtbot.waitUntil(lambda: len(set(tops(labels))) == 1)
    assert row.geometry().height() == height


def test_what_is_hidden_takes_no_room(qtbot: QtBot) -> None:
    labels = [PlainLabel(text) for text in TEXTS]
    row = WrappingRow()
    whole = shown(qtbot, row, labels)
    whole.resize(labels[1].geometry().right() + 1, 300)
    qtbot.waitUntil(lambda: len(set(tops(labels))) == 2)
    labels[0].hide()
    qtbot.waitUntil(lambda: labels[1].geometry().left() == 0)
    qtbot.waitUntil(lambda: len(set(tops(labels[1:]))) == 1)


def test_what_is_wider_than_a_line_is_cut_to_it(qtbot: QtBot) -> None:
    labels = [PlainLabel("short"), PlainLabel("long " * 40)]
    whole = shown(qtbot, WrappingRow(), labels)
    whole.resize(200, 300)
    qtbot.waitUntil(lambda: len(set(tops(labels))) == 2)
    assert labels[1].width() == 200
    assert labels[1].text().endswith("…")
    assert labels[1].toolTip()


def test_a_corner_stays_beside_the_first_line_and_the_next_goes_on_below_it(qtbot: QtBot) -> None:
    corner = PlainLabel("Evaluate")
    labels = [PlainLabel("/train/images"), PlainLabel("32 × 32, RGB, labels from /train/labels")]
    whole = shown(qtbot, WrappingRow(corner=corner), labels)
    assert len(set(tops(labels))) == 1
    width = labels[1].width()
    assert width < labels[0].width() + corner.width() + labels[1].width()
    whole.resize(width, 300)
    qtbot.waitUntil(lambda: len(set(tops(labels))) == 2)
    assert corner.geometry().right() == width - 1
    assert tops([corner]) == tops(labels[:1])
    assert labels[1].text() == labels[1].whole_text
