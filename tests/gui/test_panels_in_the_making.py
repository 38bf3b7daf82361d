"""A panel is made in steps: what happens between them does not break it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from h5viewer.gui.panels import PANELS, PanelKind
from h5viewer.workers.pool import Pool


@pytest.mark.parametrize("kind", PANELS, ids=[kind.title for kind in PANELS])
def test_something_else_can_be_chosen_meanwhile(kind: PanelKind, qtbot: QtBot, pool: Pool) -> None:
    panel = kind.create(pool)
    qtbot.addWidget(panel)
    panel.clear()
    for _ in panel.prepare():
        panel.show_documents((), {})
        panel.clear()
