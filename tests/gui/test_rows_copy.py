"""Copying rows of a table: all of them, in order, while the window answers."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication

from h5viewer.gui.controls.row_table import RowTable
from h5viewer.gui.controls.rows_copy import ROWS_A_TURN

_MANY = 2 * ROWS_A_TURN + 1


def table_of(qtbot, n_rows: int) -> RowTable:
    table = RowTable("Rows")
    qtbot.addWidget(table)
    model = QStandardItemModel(table)
    for row in range(n_rows):
        model.appendRow([QStandardItem(f"name {row}"), QStandardItem(str(row))])
    table.setModel(model)
    QApplication.clipboard().setText("before")
    return table


def copy_all(qtbot, table: RowTable) -> None:
    table.selectAll()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)


def test_few_rows_are_copied_at_once_and_in_order(qtbot) -> None:
    table = table_of(qtbot, 3)
    copy_all(qtbot, table)
    assert QApplication.clipboard().text() == "name 0\t0\nname 1\t1\nname 2\t2"


def test_many_rows_are_copied_in_turns_and_in_order(qtbot) -> None:
    table = table_of(qtbot, _MANY)
    copy_all(qtbot, table)
    assert QApplication.clipboard().text() == "before"
    qtbot.waitUntil(lambda: QApplication.clipboard().text() != "before")
    assert QApplication.clipboard().text().split("\n") == [
        f"name {row}\t{row}" for row in range(_MANY)
    ]


def test_copying_is_given_up_when_the_rows_change(qtbot) -> None:
    table = table_of(qtbot, _MANY)
    copy_all(qtbot, table)
    table.model().removeRow(0)
    assert not table._copy._turn.isActive()
    assert QApplication.clipboard().text() == "before"
