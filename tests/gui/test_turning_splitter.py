"""Two views stand beside each other where there is room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from h5viewer.gui.controls.turning_splitter import TurningSplitter


def test_it_turns_with_the_room_it_has(qtbot: QtBot) -> None:
    splitter = TurningSplitter(500, beside=(3, 1), below=(1, 1))
    qtbot.addWidget(splitter)
    for _ in range(2):
        splitter.addWidget(QWidget())
    splitter.share()
    splitter.resize(800, 600)
    splitter.show()
    wide, side = splitter.sizes()
    assert splitter.orientation() == Qt.Orientation.Horizontal
    assert 2.8 < wide / side < 3.2
    splitter.resize(400, 600)
    upper, lower = splitter.sizes()
    assert splitter.orientation() == Qt.Orientation.Vertical
    assert abs(upper - lower) <= 1
    splitter.resize(800, 600)
    assert splitter.orientation() == Qt.Orientation.Horizontal
    assert splitter.sizes() == [wide, side]
