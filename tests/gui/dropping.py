"""Files that are dragged over a widget and let go of."""

from __future__ import annotations

from pathlib import Path

import PySide6
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

SPOT = QPoint(9, 9)


def mime_of(*paths: Path) -> QMimeData:
    """Files as a drag carries them."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def event_place(place: QPoint) -> QPoint | QPointF:
    """Qt 6.12 warns of the whole pixels that Qt 6.11 insists on."""
    return QPointF(place) if PySide6.__version_info__ >= (6, 12) else place


def drag_over(widget: QWidget, *paths: Path) -> None:
    """Drag files over the widget, which takes them."""
    held = _held(*paths)  # events refer to what they carry
    enter = QDragEnterEvent(event_place(SPOT), *held)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()


def drop(widget: QWidget, *paths: Path) -> None:
    """Drag files over the widget, and let them go."""
    drag_over(widget, *paths)
    held = _held(*paths)
    QApplication.sendEvent(widget, QDropEvent(QPointF(SPOT), *held))


def _held(
    *paths: Path,
) -> tuple[Qt.DropAction, QMimeData, Qt.MouseButton, Qt.KeyboardModifier]:
    none = Qt.KeyboardModifier.NoModifier
    return Qt.DropAction.CopyAction, mime_of(*paths), Qt.MouseButton.LeftButton, none
