"""Draws the window into a picture once everything in it has come to rest."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.task import running_tasks
from h5viewer.names import parse_path

_CHATTER = "This plugin does not support propagateSizeHints()"  # of Qt without a display

_LOOK_EVERY = 50  # milliseconds
_RESTFUL_LOOKS = 7  # panels ask for more a moment after they were resized
_PATIENCE = 60_000  # milliseconds for all of it


def quieten() -> None:
    """Keep the one line to ourselves that Qt says again and again without a display."""

    def say(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if text != _CHATTER:
            print(text, file=sys.stderr)

    qInstallMessageHandler(say)


class Shot(msgspec.Struct, frozen=True):
    """What to draw: the picture's path, and what to show first."""

    target: Path
    files: tuple[str, ...]
    select: str = ""
    panel: str = ""


class Screenshot(QObject):
    """Opens, selects, waits, draws and ends the program; one step after the other."""

    def __init__(self, shot: Shot, window: MainWindow) -> None:
        super().__init__(window)
        self._shot = shot
        self._window = window
        self._steps: list[Callable[[], None]] = [
            lambda: window.open_files(list(shot.files)),
            self._select,
            lambda: window.panels.show_panel(shot.panel),
            self._draw,
        ]
        self._restful = 0
        self._left = _PATIENCE // _LOOK_EVERY
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        self._left -= 1
        is_busy = running_tasks() or self._window.panels.is_making
        self._restful = 0 if is_busy else self._restful + 1
        if self._left <= 0:
            self._end("The window did not come to rest within a minute.")
        elif self._restful >= _RESTFUL_LOOKS:
            self._restful = 0
            self._steps.pop(0)()

    def _select(self) -> None:
        if self._shot.select and self._shot.files:
            self._window.navigation.go(self._shot.files[0], parse_path(self._shot.select))

    def _draw(self) -> None:
        self._timer.stop()
        if self._window.grab().save(str(self._shot.target)):
            self._end("")
        else:
            self._end(f"{self._shot.target.name} could not be written.")

    def _end(self, complaint: str) -> None:
        self._timer.stop()
        if complaint:
            print(complaint, file=sys.stderr)
        QApplication.exit(1 if complaint else 0)
