"""The steps of a run as an item model: one row a step, a column a metric."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from h5viewer.gui import theme
from h5viewer.gui.controls.headed_item_model import RIGHT
from h5viewer.gui.controls.row_table import TONE
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.gui.series import step_words as words
from h5viewer.names import visible
from h5viewer.nodes import Series
from h5viewer.wording import bytes_text

Index = QModelIndex | QPersistentModelIndex

NUMBER = 0


class StepItemModel(QAbstractTableModel):
    """Oldest first unless sorted; `place` says which step stands in a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._series: Series | None = None
        self._metrics: list[str] = []
        self._values: list[dict[str, float]] = []
        self._order: list[int] = []
        self._sorted: tuple[int, bool] = (-1, False)  # column, is descending
        self._best: int | None = None

    def show_series(self, series: Series | None) -> None:
        """Show these steps."""
        self.beginResetModel()
        self._series = series
        self._metrics = words.metric_names(series) if series is not None else []
        steps = series.steps if series is not None else ()
        self._values = [{each.name: each.value for each in step.metrics} for step in steps]
        self._arrange()
        self.endResetModel()

    def mark_best(self, place: int | None) -> None:
        """Say which step is the best by what the user chose."""
        if place != self._best:
            self._best = place
            if self._order:
                last = self.index(len(self._order) - 1, self.columnCount() - 1)
                self.dataChanged.emit(self.index(0, 0), last)

    def sort_rows(self, column: int, order: Qt.SortOrder) -> None:
        """By a column; -1: as they were saved."""
        self.beginResetModel()
        self._sorted = (column, order == Qt.SortOrder.DescendingOrder)
        self._arrange()
        self.endResetModel()

    def place(self, row: int) -> int | None:
        """The step of a row, by its place in the run."""
        return self._order[row] if 0 <= row < len(self._order) else None

    def row(self, place: int) -> int:
        """The row of a step; -1: it has none."""
        return self._order.index(place) if place in self._order else -1

    def _arrange(self) -> None:
        column, is_descending = self._sorted
        self._order = list(range(len(self._values)))
        if column >= 0:
            self._order.sort(key=lambda place: self._key(place, column), reverse=is_descending)

    def _key(self, place: int, column: int) -> tuple[bool, Any]:
        if self._series is None:
            return (False, 0)
        step, kind = self._series.steps[place], column - len(self._metrics)
        if column == NUMBER:
            return (step.number is not None, step.number or 0)
        if kind <= 0:
            value = self._values[place].get(self._metrics[column - 1])
            return (value is not None, value or 0.0)
        return (True, (step.n_bytes, step.mtime, step.document)[kind - 1])

    # Qt overrides

    def rowCount(self, parent: Index | None = None) -> int:
        """Steps."""
        return 0 if parent is not None and parent.isValid() else len(self._order)

    def columnCount(self, parent: Index | None = None) -> int:
        """Number, metrics, size, date, file."""
        return 0 if parent is not None and parent.isValid() else 4 + len(self._metrics)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < self.columnCount():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section <= len(self._metrics) + 1:
            return RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        unit = words.unit_heading(self._series) if self._series is not None else "Epoch"
        metrics = [visible(name, 40) for name in self._metrics]
        return [unit, *metrics, "Size", "Saved", "File"][section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts and tones."""
        place = self.place(index.row())
        if place is None or self._series is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(place, index.column())
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if index.column() <= len(self._metrics) + 1 else None
            case Qt.ItemDataRole.FontRole if place == self._best:
                if index.column() > len(self._metrics):
                    return None
                return theme.scaled_font(1.0, QFont.Weight.DemiBold)
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tooltip(self._all_of(place))
        if role == TONE:
            if place == self._best:
                return "success"
            return "muted" if index.column() > len(self._metrics) else None
        return None

    def _text(self, place: int, column: int) -> str:
        if self._series is None:
            return ""
        step, kind = self._series.steps[place], column - len(self._metrics)
        if column == NUMBER:
            return words.number_text(self._series, place)
        if kind <= 0:
            value = self._values[place].get(self._metrics[column - 1])
            return "" if value is None else words.value_text(value)
        return (
            bytes_text(step.n_bytes),
            words.date_text(step),
            words.file_text(self._series, step),
        )[kind - 1]

    def _all_of(self, place: int) -> str:
        if self._series is None:
            return ""
        notes = [words.step_text(self._series, place)]
        if place == self._best:
            notes.append("the best by what is chosen above")
        if place == self._series.latest:
            notes.append("the latest")
        files = [visible(path, 200) for path in self._series.steps[place].files]
        return "\n".join([", ".join(notes), *files[:8]])
