"""The chosen rows of a table into the clipboard, however many, while the window answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMetaObject, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from h5viewer.gui.controls.row_table import RowTable

ROWS_A_TURN = 500
"""100,000 layers at once stopped the window for 1.8 s (measured); these take 10 ms."""


class RowsCopy(QObject):
    """Copies few rows at once, many a turn's worth at a time; given up when the rows change."""

    def __init__(self, table: RowTable) -> None:
        super().__init__(table)
        self._table = table
        self._rows: list[int] = []
        self._texts: list[str] = []
        self._watched: list[QMetaObject.Connection] = []
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._copy_some)

    def start(self) -> None:
        """Copy the rows that are chosen now."""
        self.cancel()
        chosen = self._table.selectionModel().selection().toList()
        rows = {row for part in chosen for row in range(part.top(), part.bottom() + 1)}
        self._rows = sorted(rows, reverse=True)  # taken from the end
        if not rows:
            return
        self._copy_some()
        if self._rows:
            self._table.viewport().setCursor(Qt.CursorShape.BusyCursor)
            model = self._table.model()
            self._watched = [
                change.connect(self.cancel)
                for change in (model.modelReset, model.rowsInserted, model.rowsRemoved)
            ]
            self._turn.start()

    def cancel(self) -> None:
        """Leave the clipboard as it is."""
        self._turn.stop()
        for connection in self._watched:
            QObject.disconnect(connection)
        self._watched = []
        self._table.viewport().unsetCursor()
        self._rows = []
        self._texts = []

    def _copy_some(self) -> None:
        some, self._rows = self._rows[-ROWS_A_TURN:], self._rows[:-ROWS_A_TURN]
        model = self._table.model()
        self._texts.append(
            self._table.rows_as_text([model.index(row, 0) for row in reversed(some)])
        )
        if not self._rows:
            QGuiApplication.clipboard().setText("\n".join(self._texts))
            self.cancel()
