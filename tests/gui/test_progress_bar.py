from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from h5viewer.gui.controls.progress_bar import ProgressBar


class Slow(QWidget):
    """What stands beside a bar."""

    def __init__(self) -> None:
        super().__init__()
        self.n_painted = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.n_painted += 1


def test_what_stands_beside_it_is_painted_once_a_turn(qtbot: QtBot) -> None:
    window = QWidget()
    bars = [ProgressBar("One"), ProgressBar("Other")]
    slow = Slow()
    slow.setMinimumSize(50, 20)
    row = QHBoxLayout(window)
    for each in (*bars, slow):
        row.addWidget(each)
    qtbot.addWidget(window)
    window.resize(600, 60)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: slow.n_painted > 0)
    qtbot.wait(50)
    before = slow.n_painted
    for bar, done in zip(bars, (400, 900), strict=True):
        slow.update()
        bar.show_progress(done, 1000)
    assert slow.n_painted == before
    qtbot.waitUntil(lambda: slow.n_painted == before + 1)
    assert [bar.value() for bar in bars] == [400, 900]


def test_nothing_known_of_the_end_lets_it_move_to_and_fro(qtbot: QtBot) -> None:
    bar = ProgressBar("One")
    qtbot.addWidget(bar)
    bar.show_progress(3, 2 << 40)
    assert (bar.minimum(), bar.maximum(), bar.value()) == (0, 1000, 0)
    bar.show_progress(0, 0)
    assert (bar.minimum(), bar.maximum()) == (0, 0)
