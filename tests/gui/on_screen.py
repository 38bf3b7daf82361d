"""Panels on the screen of a test, and the documents that they show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pytestqt.qtbot import QtBot

from h5viewer.gui.panel import Panel
from h5viewer.gui.task import Task
from h5viewer.nodes import Document
from h5viewer.requests import OpenDocument
from h5viewer.workers.pool import Pool

P = TypeVar("P", bound=Panel)


@contextmanager
def on_screen(qtbot: QtBot, panel: P, width: int = 900, height: int = 700) -> Iterator[P]:
    """The panel, seen; in the end it asks for nothing any more."""
    qtbot.addWidget(panel)
    panel.resize(width, height)
    with qtbot.waitExposed(panel):
        panel.show()
    yield panel
    panel.clear()


def opened(qtbot: QtBot, pool: Pool, path: Path) -> Document:
    """The file as the window knows it."""
    task = Task(pool, OpenDocument(document=str(path)))
    with qtbot.waitSignal(task.succeeded) as answer:
        pass
    document: Document = answer.args[0]
    return document
