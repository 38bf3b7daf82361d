"""What looks like a button on the welcome page is one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from h5viewer.gui.welcome import RowButton, Welcome, _Icon


def test_every_picture_belongs_to_a_button(qtbot: QtBot) -> None:
    """Lines with an icon were taken for buttons; the others are plain text."""
    welcome = Welcome()
    qtbot.addWidget(welcome)
    welcome.show_recent(["/folder/a.h5"])
    with qtbot.waitExposed(welcome):
        welcome.show()
    pictures = welcome.findChildren(_Icon)
    assert len(pictures) == 3  # drop zone, recent file, example
    assert all(isinstance(picture.parentWidget(), QAbstractButton) for picture in pictures)
    with qtbot.waitSignals([welcome.file_wanted, welcome.example_wanted]):
        for button in welcome.findChildren(RowButton):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
