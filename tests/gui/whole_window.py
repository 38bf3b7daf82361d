"""The real window on the screen of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytestqt.qtbot import QtBot

from h5viewer.gui import theme
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.settings import Settings
from h5viewer.workers.pool import Pool


@contextmanager
def whole_window(
    qtbot: QtBot, pool: Pool, folder: Path, *, is_active: bool = False
) -> Iterator[MainWindow]:
    """The window, seen, with settings of its own; `is_active`: shortcuts reach it."""
    theme.apply("light")
    store = folder / "settings.json"
    window = MainWindow(pool, Settings(store))
    qtbot.addWidget(window)
    with qtbot.waitActive(window) if is_active else qtbot.waitExposed(window):
        window.show()
        if is_active:
            window.activateWindow()
    yield window
    window.close()
