"""A part of a table into the clipboard, as tab-separated text, read block by block."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from h5viewer.gui.task import Latest
from h5viewer.gui.values.cells_item_model import CellsItemModel
from h5viewer.nodes import Cells
from h5viewer.workers.pool import Pool

MOST_CELLS = 500_000
"""About 5 MB of text; more belongs into an export."""

_BLOCK = 5_000  # cells read at once
_SEPARATORS = str.maketrans("\t\n\r", "   ")


class CellsCopy(QObject):
    """Copies one rectangle at a time; a newer one takes the place of an older.

    Signals:
        finished(n_rows: int, n_columns: int): it is in the clipboard.
        failed(H5ViewerError)
    """

    finished = Signal(int, int)
    failed = Signal(object)

    def __init__(self, pool: Pool, model: CellsItemModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest = Latest(pool, self)
        self._model = model
        self._lines: list[str] = []
        self._rows = self._columns = range(0)

    def start(self, rows: range, columns: range) -> None:
        """Copy these rows and columns of the cut."""
        self.cancel()
        self._rows, self._columns = rows, columns
        known = [self._known_line(row) for row in rows] if self._is_small() else [None]
        if None in known:
            self._read_on()
        else:
            self._lines = [line for line in known if line is not None]
            self._finish()

    def cancel(self) -> None:
        """Leave the clipboard as it is."""
        self._latest.cancel()
        self._lines = []

    def _is_small(self) -> bool:
        return len(self._rows) * len(self._columns) <= _BLOCK

    def _known_line(self, row: int) -> str | None:
        texts = [self._model.text_at(row, column) for column in self._columns]
        return None if None in texts else _line([text for text in texts if text is not None])

    def _read_on(self) -> None:
        done = len(self._lines)
        if done >= len(self._rows):
            self._finish()
            return
        n_rows = min(len(self._rows) - done, max(1, _BLOCK // len(self._columns)))
        request = self._model.request_for(
            self._rows.start + done, n_rows, self._columns.start, len(self._columns)
        )
        self._latest.ask(request, self._take, on_failure=self.failed.emit)

    def _take(self, cells: Cells) -> None:
        self._lines += [_line(texts) for texts in cells.text]
        if cells.text:
            self._read_on()
        else:  # the cut became shorter: what there is
            self._finish()

    def _finish(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self._lines))
        n_lines, self._lines = len(self._lines), []
        self.finished.emit(n_lines, len(self._columns))


def _line(texts: list[str] | tuple[str, ...]) -> str:
    return "\t".join(text.translate(_SEPARATORS) for text in texts)
