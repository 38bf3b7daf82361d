"""Files that are dropped stay where they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from dropping import mime_of
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from h5viewer.gui.dropped_files import accept_copy

COPY, MOVE = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction


@pytest.mark.parametrize(("offered", "taken"), [(COPY | MOVE, COPY), (COPY, COPY), (MOVE, MOVE)])
def test_files_are_taken_as_copies_where_that_is_offered(
    qapp: QApplication, offered: Qt.DropAction, taken: Qt.DropAction, tmp_path: Path
) -> None:
    """A file manager that hears they were moved may remove them."""
    mime = mime_of(tmp_path / "a.png")
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(9, 9), offered, mime, left, none)
    accept_copy(event)
    assert event.isAccepted()
    assert event.dropAction() == taken
