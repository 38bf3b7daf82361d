"""The values panel: any cut of a dataset as a table of exact texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.array.array_reading import Subject
from h5viewer.gui.array.coordinates import Scales
from h5viewer.gui.array.cuts import first_cut, has_colour_channels, line_along_longest
from h5viewer.gui.array.dataset_panel import DatasetPanel, Words
from h5viewer.gui.controls.notices import Busy, Notice, PlainLabel
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.gui.values.cells_copy import MOST_CELLS, CellsCopy
from h5viewer.gui.values.cells_editing import CellsEditing
from h5viewer.gui.values.cells_item_model import MOST_COLUMNS, MOST_ROWS, CellsItemModel
from h5viewer.gui.values.cells_view import CellsView
from h5viewer.nodes import Dataset, Node
from h5viewer.requests import AnyChange, Cut
from h5viewer.wording import count_text
from h5viewer.workers.pool import Pool


class ValuesPanel(DatasetPanel):
    """Puts axis choice, go-to field and table together."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._model = CellsItemModel(pool, self)
        self._table = CellsView(self._model)
        self._copy = CellsCopy(pool, self._model, self)
        self._editing = CellsEditing(pool, self._model, self._table, self)
        self._notice = Notice(closable=True)
        self._busy = Busy()
        self._busy.setProperty("role", "surface")
        self._busy.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._changes: dict[str, Sequence[AnyChange]] = {}  # that wait, by document
        self._go_to = QLineEdit()
        self._go_to.setPlaceholderText("Go to row, column")
        self._go_to.setToolTip("Type a row, or row, column, and press Enter (Ctrl+G)")
        self._go_to.setAccessibleName("Go to row, column")
        self._go_to.setFixedWidth(150)
        self._before = tool_button("chevron-left", "Earlier rows")
        self._after = tool_button("chevron-right", "Later rows")
        self._extent = PlainLabel(role="muted")
        self._arrange()
        self._connect()
        self.clear()

    def clear(self) -> None:
        """Forget the selection, stop reading, free the data."""
        self._forget()
        self._refuse("table", "Nothing selected", "Select a dataset to see its values.")

    def show_changes(self, document: str, changes: Sequence[AnyChange]) -> None:
        """Values that wait to be saved are shown where they will be."""
        self._changes[document] = changes
        if self._selection is not None and self._selection.document.path == document:
            self._editing.show_changes(changes)

    # -------------------------------------------------------------------- private

    def _words_against(self, node: Node) -> Words | None:
        if isinstance(node, Dataset) and node.shape is None:
            return "dataset", "No data", "This dataset was created without any data."
        return None

    def _forget(self) -> None:
        self._copy.cancel()
        self._appearances.cancel()
        self._model.clear()
        self._selection = self._subject = None
        self._notice.clear()
        self._busy.set_busy(False)
        self.status_changed.emit("")

    def _begin(self, subject: Subject) -> None:
        dataset, selection = subject.dataset, self._selection
        if dataset.shape is None or selection is None:
            return
        kind, itemsize = dataset.dtype.kind, dataset.dtype.itemsize
        is_picture = has_colour_channels(dataset.shape, kind, itemsize)
        cut = first_cut(dataset.shape, selection.axes, is_picture=is_picture)
        if kind == "compound":  # one column a field
            cut = line_along_longest(dataset.shape)
        self._ask_appearance(subject)
        self._offer_axes(dataset, cut)
        self._go_to.setVisible(bool(dataset.shape))
        self._offer_places(False)
        self._subject = subject
        self._stack.setCurrentWidget(self._body)
        self._compute.setEnabled(dataset.dtype.is_numeric)
        self._show_cut()
        self._editing.show_changes(self._changes.get(subject.document, ()))

    def _set_scales(self, scales: Scales) -> None:
        """Head rows and columns by the file's own names."""
        super()._set_scales(scales)
        labels = {axis: each.labels for axis, each in scales.along.items() if each.labels}
        if self._model.show_labels(labels):
            self._table.fit_columns()

    def _show_cut(self) -> None:
        if self._subject is None:
            return
        self._copy.cancel()
        self._notice.clear()
        self._busy.set_busy(True, "Reading…")
        self._model.show_cut(self._subject, self._cut)

    @property
    def _cut(self) -> Cut:
        return self._axis_choice.cut

    def _take_shape(self) -> None:
        self._table.fit_columns()
        n_rows, first = self._model.n_rows, self._model.row_base
        self._offer_places(n_rows > 0)
        self._before.setEnabled(first > 0)
        self._after.setEnabled(first + self._model.rowCount() < n_rows)
        last = first + self._model.rowCount() - 1
        self._extent.set_text(
            f"rows {count_text(first)} to {count_text(last)} of {count_text(n_rows)}"
        )

    def _offer_places(self, are_known: bool) -> None:
        """Places to go to; none before the shape is known, which a damaged dataset never is."""
        n_rows, n_columns = self._model.n_rows, self._model.n_columns
        is_long = are_known and (n_rows > MOST_ROWS or n_columns > MOST_COLUMNS)
        for part in (self._before, self._after, self._extent):
            part.setVisible(is_long)
        self._go_to.setEnabled(are_known)

    def _page(self, direction: int) -> None:
        self._model.set_base(self._model.row_base + direction * MOST_ROWS, self._model.column_base)
        self._table.scrollToTop()

    def _go(self) -> None:
        numbers = [int(number) for number in re.findall(r"\d+", self._go_to.text())[-2:]]
        if not numbers:
            return
        column = 0
        if len(numbers) == 2 and self._model.n_columns > 1:
            row, column = numbers
        else:
            row = numbers[0]
        if row >= self._model.n_rows or column >= self._model.n_columns:
            self._notice.show_text(
                f"The last row is {count_text(self._model.n_rows - 1)}, "
                f"the last column {count_text(self._model.n_columns - 1)}.",
                severity="warning",
            )
            return
        self._notice.clear()
        self._model.set_base(
            _base(row, self._model.row_base, MOST_ROWS),
            _base(column, self._model.column_base, MOST_COLUMNS),
        )
        self._table.go_to(row, column)
        self._table.setFocus()

    def _tell_cell(self, row: int, column: int) -> None:
        text = self._model.text_at(row, column)
        index = [str(number) for number in self._model.element_at(row, column)]
        self.status_changed.emit(f"[{', '.join(index)}]   {text or ''}" if index else "")

    def _tell_changes(self, changes: Sequence[AnyChange]) -> None:
        if self._subject is not None:
            self._notice.clear()
            self.changes_made.emit(self._subject.document, changes)

    def _follow(self, index: QModelIndex) -> None:
        """Go where the reference in a cell leads."""
        row, column = index.row() + self._model.row_base, index.column() + self._model.column_base
        target = self._model.target_at(row, column)
        if target is not None and self._subject is not None:
            self.node_requested.emit(self._subject.document, target, ())

    def _copy_selected(self) -> None:
        rows, columns = self._table.selected_part()
        if not rows:
            return
        if len(rows) * len(columns) > MOST_CELLS:
            self._notice.show_text(
                f"Only {count_text(MOST_CELLS)} values can be copied at once.",
                hint="Select fewer rows or columns.",
                severity="warning",
            )
            return
        self._busy.set_busy(True, "Copying…")
        self._copy.start(rows, columns)

    def _tell_copied(self, n_rows: int, n_columns: int) -> None:
        self._busy.set_busy(False)
        size = f"{count_text(n_rows)} × {count_text(n_columns)}"
        self.status_changed.emit(f"Copied {size} values as tab-separated text.")

    def _fail(self, error: H5ViewerError) -> None:
        self._busy.set_busy(False)
        self._notice.show_error(error)

    def _cancel(self) -> None:
        self._busy.set_busy(False)
        self._copy.cancel()
        self._model.clear()
        self._notice.show_text("Reading was stopped.", action="Read again")

    def _connect(self) -> None:
        self._axis_choice.cut_changed.connect(self._take_cut)
        self._model.shaped.connect(self._take_shape)
        self._model.page_arrived.connect(lambda: self._busy.set_busy(False))
        self._model.failed.connect(self._fail)
        self._table.cell_entered.connect(self._tell_cell)
        self._table.activated.connect(self._follow)
        self._table.copy_requested.connect(self._copy_selected)
        self._editing.made.connect(self._tell_changes)
        self._editing.refused.connect(
            lambda text, hint: self._notice.show_text(text, hint=hint, severity="warning")
        )
        self._copy.finished.connect(self._tell_copied)
        self._copy.failed.connect(self._fail)
        self._go_to.returnPressed.connect(self._go)
        self._before.clicked.connect(lambda: self._page(-1))
        self._after.clicked.connect(lambda: self._page(1))
        QShortcut(
            QKeySequence("Ctrl+G"),
            self,
            self._go_to.setFocus,
            context=Qt.ShortcutContext.WidgetWithChildrenShortcut,
        )
        self._empty.activated.connect(self._insist)
        self._notice.action_requested.connect(self._show_cut)
        self._busy.cancelled.connect(self._cancel)

    def _arrange(self) -> None:
        copy = tool_button("copy", "Copy the selected values (Ctrl+C)")
        copy.clicked.connect(self._copy_selected)
        self._compute = tool_button(
            "sigma", "Compute all values from what they are, in a copy", name="Change values"
        )
        self._compute.clicked.connect(self._editing.compute)
        self._axis_choice.add_tools(
            self._before, self._extent, self._after, self._go_to, copy, self._compute
        )
        centre = QGridLayout()  # waiting is written over the table, so that nothing jumps
        centre.addWidget(self._table, 0, 0)
        centre.addWidget(
            self._busy, 0, 0, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter
        )
        top = QHBoxLayout()
        top.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, 0)
        top.addWidget(self._axis_choice)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, theme.SPACE_S, 0, 0)
        body.setSpacing(theme.SPACE_S)
        body.addLayout(top)
        body.addWidget(self._notice)
        body.addLayout(centre, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._body)


def _base(target: int, base: int, most: int) -> int:
    """The first row to offer, so that `target` is among them, far from the end."""
    return base if base <= target < base + most else max(0, target - most // 2)
