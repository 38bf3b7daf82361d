"""Views of a data set are there before they are looked at, each once."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from h5viewer.gui.gallery.set_view import VIEWS, SetView
from h5viewer.gui.gallery.views_ahead import ViewsAhead
from h5viewer.workers.pool import Pool


def test_all_views_that_are_not_there_are_made_while_nothing_else_happens(
    qtbot: QtBot, pool: Pool
) -> None:
    owner = QObject()
    kept: dict[str, SetView] = {VIEWS[0].title: SetView(pool)}
    kept_order: list[str] = []

    def keep(title: str, view: SetView) -> None:
        assert title not in kept
        kept[title] = view
        kept_order.append(title)

    ahead = ViewsAhead(pool, kept.__contains__, keep, owner)
    ahead.begin()
    assert not kept_order  # the gallery has its turn
    ahead.begin()
    qtbot.waitUntil(lambda: len(kept) == len(VIEWS))
    assert kept_order == [kind.title for kind in VIEWS[1:]]
    for view in kept.values():
        qtbot.addWidget(view)


def test_one_that_was_made_meanwhile_is_not_given_again(qtbot: QtBot, pool: Pool) -> None:
    owner = QObject()
    made = {kind.title for kind in VIEWS[:-1]}
    told: list[str] = []
    asked: list[str] = []

    def is_made(title: str) -> bool:
        asked.append(title)
        return title in made or asked.count(title) > 1  # the user was quicker

    ahead = ViewsAhead(pool, is_made, lambda title, _: told.append(title), owner)
    ahead.begin()
    qtbot.waitUntil(lambda: asked.count(VIEWS[-1].title) == 2)
    qtbot.wait(30)
    assert told == []
