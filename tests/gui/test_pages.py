"""A low window stays low, whatever panels were made."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from h5viewer.gui.compare.pair_detail import PairDetail
from h5viewer.gui.controls.pages import Pages


class Sized(QWidget):
    def __init__(self, height: int) -> None:
        super().__init__()
        self._height = height

    def minimumSizeHint(self) -> QSize:
        return QSize(10, self._height)


def test_pages_need_the_room_of_the_one_shown(qtbot) -> None:
    pages = Pages()
    qtbot.addWidget(pages)
    low, high = Sized(40), Sized(900)
    pages.addWidget(low)
    pages.addWidget(high)
    assert pages.minimumSizeHint().height() == 40
    pages.setCurrentWidget(high)
    assert pages.minimumSizeHint().height() == 900


def test_what_differs_in_a_weight_scrolls_in_a_low_window(qtbot, pool) -> None:
    """Its three pictures want some 300 pixels: the window grew."""
    detail = PairDetail(pool)
    qtbot.addWidget(detail)
    for _ in detail.make():
        pass
    assert detail.minimumSizeHint().height() < 200
