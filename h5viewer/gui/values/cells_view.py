"""The table of values itself: sizes, the cell that is current, what is selected."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from h5viewer.gui import theme
from h5viewer.gui.values.cells_item_model import CellsItemModel, Index
from h5viewer.names import visible

_NARROWEST, _WIDEST = 56, 360  # pixels
_SAMPLED_ROWS, _SAMPLED_COLUMNS = 40, 30


class CellsView(QTableView):
    """Shows a CellsItemModel.

    Signals:
        copy_requested, paste_requested: the user pressed Copy or Paste.
        cell_entered(row: int, column: int): another cell is current, in numbers of the cut.
    """

    copy_requested = Signal()
    paste_requested = Signal()
    cell_entered = Signal(int, int)

    def __init__(self, model: CellsItemModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells = model
        self.setAccessibleName("Table of values")
        self.setFont(theme.monospace())
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)  # Tab leads out again; arrows go from cell to cell
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        for mode in (self.setVerticalScrollMode, self.setHorizontalScrollMode):
            mode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        row_height = self.fontMetrics().height() + theme.SPACE_S
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(row_height)
        self.verticalHeader().setDefaultSectionSize(row_height)
        self.verticalHeader().setFont(theme.monospace())
        self.horizontalHeader().setFont(theme.monospace())
        self.horizontalHeader().setHighlightSections(False)
        self.verticalHeader().setHighlightSections(False)
        self.setStyleSheet("QTableView::item { padding: 0 5px; }")  # and Qt's 3: as headings have
        self.setModel(model)

    def fit_columns(self) -> None:
        """One width for all columns of numbers, one each for fields and texts."""
        n_sampled = min(_SAMPLED_COLUMNS, self._cells.columnCount())
        widths = [self._wanted_width(column) for column in range(n_sampled)]
        header = self.horizontalHeader()
        cut = self._cells.cut
        # numbers only along axes that there are: a lone value has none, a line no columns
        header.setVisible(bool(self._cells.headings) or cut.rows is not None)
        self.verticalHeader().setVisible(cut.columns is not None)
        header.setDefaultSectionSize(max(widths, default=_NARROWEST))
        header.setStretchLastSection(n_sampled == 1 and not self._cells.is_numeric)
        if self._cells.headings:
            for column, width in enumerate(widths):
                header.resizeSection(column, width)

    def selected_part(self) -> tuple[range, range]:
        """Rows and columns of the cut that are selected."""
        ranges = self.selectionModel().selection().toList()
        if not ranges:
            return range(0), range(0)
        top = min(part.top() for part in ranges) + self._cells.row_base
        bottom = max(part.bottom() for part in ranges) + self._cells.row_base
        left = min(part.left() for part in ranges) + self._cells.column_base
        right = max(part.right() for part in ranges) + self._cells.column_base
        return range(top, bottom + 1), range(left, right + 1)

    def go_to(self, row: int, column: int) -> None:
        """Select a cell, in numbers of the cut, and show it."""
        index = self._cells.index(row - self._cells.row_base, column - self._cells.column_base)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def _wanted_width(self, column: int) -> int:
        title = self._cells.headerData(column, Qt.Orientation.Horizontal)
        texts = [str(title)]
        for row in range(min(_SAMPLED_ROWS, self._cells.rowCount())):
            text = self._cells.text_at(row + self._cells.row_base, column + self._cells.column_base)
            texts.append(visible(text or "", 100))
        longest = max(self.fontMetrics().horizontalAdvance(text) for text in texts)
        return min(_WIDEST, max(_NARROWEST, longest + theme.SPACE_XL))

    # Qt overrides

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802
        """Tell which cell it is."""
        super().currentChanged(current, previous)
        if current.isValid():
            self.cell_entered.emit(
                current.row() + self._cells.row_base, current.column() + self._cells.column_base
            )

    def event(self, event: QEvent) -> bool:
        """Paste is meant for the table, before a shortcut of the window takes it."""
        match event:
            case QKeyEvent() if (
                event.type() == QEvent.Type.ShortcutOverride
                and event.matches(QKeySequence.StandardKey.Paste)
                and self._cells.is_editable
            ):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy is answered by the panel, which can read what is not there yet."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
            return
        if event.matches(QKeySequence.StandardKey.Paste) and self._cells.is_editable:
            self.paste_requested.emit()
            return
        super().keyPressEvent(event)
