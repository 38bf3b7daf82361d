"""Panels that few users ask for are made when they are shown, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from small_files import make_keras_h5

from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.panels import PANELS
from h5viewer.gui.settings import Settings
from h5viewer.workers.pool import Pool

RARE = {kind.title for kind in PANELS if kind.is_rare}


@pytest.fixture
def window(qtbot: QtBot, pool: Pool, tmp_path: Path) -> Iterator[MainWindow]:
    store = tmp_path / "settings.json"
    window = MainWindow(pool, Settings(store))
    qtbot.addWidget(window)
    window.show()
    window.open_files([str(make_keras_h5(tmp_path / "model.h5"))])
    qtbot.waitUntil(lambda: window.navigation.here is not None)
    made = window.panels._panels
    qtbot.waitUntil(lambda: set(made) == {kind.title for kind in PANELS} - RARE, timeout=20_000)
    yield window
    window.close()


def test_a_rare_panel_comes_when_its_tab_is_chosen(qtbot: QtBot, window: MainWindow) -> None:
    """Also after the preparation has ended, one after the other; the picture waits for it."""
    panels = window.panels
    for title in ("Health", "Weights"):
        assert title not in panels._panels
        panels.show_panel(title)
        assert panels.is_making  # a screenshot would show nothing
        qtbot.waitUntil(lambda: not panels.is_making, timeout=10_000)
        assert panels._stack.currentWidget() is panels._panels[title]


def test_the_last_choice_of_two_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    """A tab chosen while another is being made."""
    panels = window.panels
    panels.show_panel("Health")
    panels.show_panel("Weights")
    qtbot.waitUntil(lambda: {"Health", "Weights"} <= set(panels._panels), timeout=10_000)
    qtbot.waitUntil(lambda: not panels.is_making)
    assert panels._stack.currentWidget() is panels._panels["Weights"]
