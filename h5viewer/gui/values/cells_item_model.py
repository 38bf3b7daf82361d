"""Values of a cut as a Qt table that reads pages when they come into sight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.array.array_reading import Subject
from h5viewer.gui.task import Task
from h5viewer.gui.values.cell_looks import (
    LONGEST_TEXT,
    cell_text,
    columns_of_numbers,
    pending_data,
    tooltip,
)
from h5viewer.names import NodePath, visible
from h5viewer.nodes import Cells
from h5viewer.requests import Cut, ReadCells
from h5viewer.workers.pool import Pool

PAGE_ROWS, PAGE_COLUMNS = 100, 30
MOST_ROWS, MOST_COLUMNS = 1_000_000, 20_000
"""Rows and columns offered to Qt at once: a header costs 16 bytes a row, a million takes 20 ms."""

_KEPT_PAGES = 64
_MOST_READS = 2
_MOST_WISHES = 12  # pages wanted at once; older ones were scrolled past
_STALE_MS = 100
_LEADS = "Double click or Enter: go there"
WAITING = "…"

_NUMERIC = ("bool", "int", "uint", "float", "complex", "bfloat16", "time")
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

_PENDING_ROLES = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.EditRole,
        Qt.ItemDataRole.ForegroundRole,
        Qt.ItemDataRole.ToolTipRole,
    }
)

_ACROSS, _DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical

Page = tuple[int, int]
Element = tuple[int, ...]
Index = QModelIndex | QPersistentModelIndex


class CellsItemModel(QAbstractTableModel):
    """Rows from `row_base`, columns from `column_base` on; pages come as they are looked at.

    Signals:
        failed(H5ViewerError): a page could not be read.
        shaped: the number of rows and columns is known.
        page_arrived: cells have got their text.
        typed(index: tuple[int, ...], text: str): the user wants another value there, in a copy.
    """

    failed = Signal(object)
    shaped = Signal()
    page_arrived = Signal()
    typed = Signal(object, str)

    def __init__(self, pool: Pool, parent: Any = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self.subject: Subject | None = None
        self.cut = Cut()
        self.n_rows = self.n_columns = 0  # of the whole cut
        self.row_base = self.column_base = 0
        self.headings: tuple[str, ...] = ()
        self._labels: Mapping[int, Sequence[str]] = {}  # texts that name the elements of an axis
        self._pending: Mapping[Element, str] = {}  # values that wait to be saved in a copy
        self._number_columns: dict[int, bool] = {}  # of a compound
        self._pages: OrderedDict[Page, Cells | None] = OrderedDict()  # None: unreadable
        self._stale: dict[Page, Cells | None] = {}
        self._wishes: list[Page] = []
        self._reads: dict[Page, Task] = {}
        self._forgetting = QTimer(self, singleShot=True, interval=_STALE_MS)
        self._forgetting.timeout.connect(self._forget_stale)

    def show_cut(self, subject: Subject, cut: Cut) -> None:
        """Show this cut from its beginning, or where it was when only a position changed."""
        same = self.subject is not None and (
            subject.dataset == self.subject.dataset
            and (cut.rows, cut.columns) == (self.cut.rows, self.cut.columns)
        )
        if not same:
            self.clear()
        self._stop()
        self.subject, self.cut = subject, cut
        if same and self.n_rows:
            # the old texts stay for a moment, so that nothing flickers while a slider moves
            self._stale = dict(self._pages)
            self._pages.clear()
            self._forgetting.start()
            self._tell_all()
        else:
            self._wish((0, 0))

    def clear(self) -> None:
        """Forget everything, stop reading."""
        self._stop()
        self.beginResetModel()
        self.subject = None
        self.n_rows = self.n_columns = self.row_base = self.column_base = 0
        self.headings = ()
        self._number_columns = {}
        self._pages.clear()
        self._stale.clear()
        self.endResetModel()

    def set_base(self, row: int, column: int) -> None:
        """Offer other rows and columns of a cut that is too long for one table."""
        row = max(0, min(row, self.n_rows - MOST_ROWS))
        column = max(0, min(column, self.n_columns - MOST_COLUMNS))
        if (row, column) != (self.row_base, self.column_base):
            self.beginResetModel()
            self.row_base, self.column_base = row, column
            self.endResetModel()
            self.shaped.emit()

    def text_at(self, row: int, column: int) -> str | None:
        """Text of an element of the cut, wherever the base is; None while it is not there."""
        page = (row // PAGE_ROWS, column // PAGE_COLUMNS)
        if page in self._pages:
            self._pages.move_to_end(page)
            return cell_text(self._pages[page], row, column)
        if page in self._stale:
            return cell_text(self._stale[page], row, column)
        return None

    def target_at(self, row: int, column: int) -> NodePath | None:
        """Where the reference in an element leads; None: it is none, or leads nowhere."""
        cells = self._pages.get((row // PAGE_ROWS, column // PAGE_COLUMNS))
        if cells is None or not cells.targets:
            return None
        place = (row - cells.row_start, column - cells.column_start)
        return next((target for i, j, target in cells.targets if (i, j) == place), None)

    def element_at(self, row: int, column: int) -> Element:
        """Where a cell of the cut stands in the dataset: a number for each axis."""
        cut = self.cut
        place = (
            [(cut.columns, row)] if cut.rows is None else [(cut.rows, row), (cut.columns, column)]
        )
        known = dict(place)
        return tuple(known.get(axis, number) for axis, number in enumerate(cut.index))

    def show_pending(self, values: Mapping[Element, str]) -> None:
        """Show these in place of what the file has."""
        if values != self._pending:
            self._pending = dict(values)
            self._tell_all()

    def show_labels(self, labels: Mapping[int, Sequence[str]]) -> bool:
        """Head rows and columns by what names the elements of these axes; True: others."""
        if labels == self._labels:
            return False
        self._labels = labels
        for side, count in ((_ACROSS, self.columnCount()), (_DOWN, self.rowCount())):
            if count:
                self.headerDataChanged.emit(side, 0, count - 1)
        return True

    @property
    def is_editable(self) -> bool:
        """True for cells that are elements, and not fields of compounds or references."""
        kinds = (*_NUMERIC, "string")
        is_plain = self.subject is not None and self.subject.dataset.dtype.kind in kinds
        return is_plain and not self.headings

    @property
    def is_numeric(self) -> bool:
        """True when all texts are numbers."""
        return self.subject is not None and self.subject.dataset.dtype.kind in _NUMERIC

    # -------------------------------------------------------------------- reading

    def request(self, page: Page) -> ReadCells:
        """What asks for a page."""
        return self.request_for(
            page[0] * PAGE_ROWS, PAGE_ROWS, page[1] * PAGE_COLUMNS, PAGE_COLUMNS
        )

    def request_for(self, row: int, n_rows: int, column: int, n_columns: int) -> ReadCells:
        """What asks for a part of the cut.

        Raises:
            ValueError: nothing is shown.
        """
        if self.subject is None:
            raise ValueError("nothing is shown")
        return ReadCells(
            document=self.subject.document,
            node=self.subject.dataset.path,
            cut=self.cut,
            row_start=row,
            row_count=n_rows,
            column_start=column,
            column_count=n_columns,
            insist=self.subject.insist,
        )

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        """Numbers stand at the right, also in a compound's columns of numbers."""
        is_right = self._number_columns[column] if self._number_columns else self.is_numeric
        return _RIGHT if is_right else _LEFT

    def _wish(self, page: Page) -> None:
        if page in self._reads:
            return
        if page in self._wishes:
            self._wishes.remove(page)
        self._wishes.append(page)
        del self._wishes[:-_MOST_WISHES]
        self._read_next()

    def _read_next(self) -> None:
        while self._wishes and len(self._reads) < _MOST_READS:
            page = self._wishes.pop()  # what was looked at last comes first
            task = Task(self._pool, self.request(page), self)
            self._reads[page] = task
            task.succeeded.connect(partial(self._take, page, task))
            task.failed.connect(partial(self._fail, page, task))

    def _stop(self) -> None:
        self._wishes.clear()
        reads, self._reads = self._reads, {}
        for task in reads.values():
            task.cancel()

    def _take(self, page: Page, task: Task, cells: Cells) -> None:
        if self._reads.get(page) is not task:
            return
        self._keep(page, cells)
        if (cells.n_rows, cells.n_columns) != (self.n_rows, self.n_columns):
            self.beginResetModel()
            self.n_rows, self.n_columns = cells.n_rows, cells.n_columns
            self.headings = cells.headings
            self._number_columns = columns_of_numbers(cells)
            self.endResetModel()
            self.shaped.emit()
        self._tell(page)
        self.page_arrived.emit()

    def _fail(self, page: Page, task: Task, error: H5ViewerError) -> None:
        if self._reads.get(page) is not task:
            return
        self._keep(page, None)
        self._tell(page)
        self.failed.emit(error)

    def _keep(self, page: Page, cells: Cells | None) -> None:
        del self._reads[page]
        self._pages[page] = cells
        self._stale.pop(page, None)
        while len(self._pages) > _KEPT_PAGES:
            self._pages.popitem(last=False)
        self._read_next()

    def _forget_stale(self) -> None:
        if self._stale:
            self._stale.clear()
            self._tell_all()

    def _tell(self, page: Page) -> None:
        first_row = page[0] * PAGE_ROWS - self.row_base
        first_column = page[1] * PAGE_COLUMNS - self.column_base
        top = self.index(max(0, first_row), max(0, first_column))
        bottom = self.index(
            min(self.rowCount(), first_row + PAGE_ROWS) - 1,
            min(self.columnCount(), first_column + PAGE_COLUMNS) - 1,
        )
        if top.isValid() and bottom.isValid():
            self.dataChanged.emit(top, bottom)

    def _tell_all(self) -> None:
        if self.rowCount() and self.columnCount():
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    # Qt overrides

    def rowCount(self, parent: Index | None = None) -> int:
        """Rows offered."""
        if parent is not None and parent.isValid():
            return 0
        return min(MOST_ROWS, self.n_rows - self.row_base)

    def columnCount(self, parent: Index | None = None) -> int:
        """Columns offered."""
        if parent is not None and parent.isValid():
            return 0
        return min(MOST_COLUMNS, self.n_columns - self.column_base)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, or a placeholder while its page is read."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column() + self.column_base)
        row, column = index.row() + self.row_base, index.column() + self.column_base
        pending = self._pending.get(self.element_at(row, column)) if self._pending else None
        if pending is not None and role in _PENDING_ROLES:
            return pending_data(role, pending, self.text_at(row, column) or "")
        if role == Qt.ItemDataRole.EditRole:
            return self.text_at(row, column)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.ForegroundRole):
            leads = self.target_at(row, column) is not None
            if role == Qt.ItemDataRole.ForegroundRole:
                return QColor(theme.colours().accent) if leads else None
            return tooltip(self.text_at(row, column) or "") or (_LEADS if leads else None)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        page = (row // PAGE_ROWS, column // PAGE_COLUMNS)
        if page not in self._pages and self.subject is not None:
            self._wish(page)
        text = self.text_at(row, column)
        return WAITING if text is None else visible(text, LONGEST_TEXT)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Values can be typed; they wait until a copy is saved."""
        flags = super().flags(index)
        can_be_typed = index.isValid() and self.is_editable
        return flags | Qt.ItemFlag.ItemIsEditable if can_be_typed else flags

    def setData(  # noqa: N802
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """Typed: told, and shown when it has been found to fit."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        row, column = index.row() + self.row_base, index.column() + self.column_base
        if str(value) != index.data(Qt.ItemDataRole.EditRole):
            self.typed.emit(self.element_at(row, column), str(value))
        return True

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Element numbers, or what names them; names of a compound's fields."""
        is_down = orientation == _DOWN
        number = section + (self.row_base if is_down else self.column_base)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if is_down else self._alignment(number)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if not is_down and number < len(self.headings):
            return visible(self.headings[number])
        down, across = self.cut.rows, self.cut.columns
        if down is None:  # a line: its elements are below one another
            down, across = across, None
        axis = down if is_down else across
        labels = self._labels.get(-1 if axis is None else axis, ())
        if number < len(labels):
            return labels[number] if role == Qt.ItemDataRole.DisplayRole else f"Element {number:,}"
        return str(number) if role == Qt.ItemDataRole.DisplayRole else None
