"""All views can be chosen in a narrow window."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from h5viewer.gui.panel_tabs import PanelTabs
from h5viewer.gui.panels import PANELS


def test_tabs_lose_their_icons_before_one_is_hidden(qtbot: QtBot) -> None:
    tabs = PanelTabs()
    qtbot.addWidget(tabs)
    tabs.resize(2000, 40)
    tabs.fill(PANELS[:6])
    tabs.show()
    whole = tabs.sizeHint().width()
    tabs.resize(whole, tabs.height())
    assert tabs.sizeHint().width() == whole
    tabs.resize(whole - 20, tabs.height())
    assert tabs.sizeHint().width() < whole - 20
    assert tabs.tabRect(5).right() <= tabs.width()
    tabs.resize(whole, tabs.height())
    assert tabs.sizeHint().width() == whole
    tabs.resize(whole - 20, tabs.height())
    tabs.fill(PANELS[:2])
    assert not tabs.tabIcon(0).isNull()
