"""Files that are dragged here from elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDropEvent


def local_files(mime: QMimeData) -> list[str]:
    """Paths of files on this computer."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


def accept_copy(event: QDropEvent) -> None:
    """Take what is dragged, and tell where it comes from that it stays there.

    Many offer to move it: told that it was moved, they may remove the file.
    """
    if event.possibleActions() & Qt.DropAction.CopyAction:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
    else:
        event.acceptProposedAction()
