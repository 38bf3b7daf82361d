"""What is wrong with the weights of a run, and since when, as an item model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.controls.row_table import TONE
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.gui.series import step_words as words
from h5viewer.names import visible
from h5viewer.nodes import FindingCourse, Gravity, Series
from h5viewer.wording import plural

Index = QModelIndex | QPersistentModelIndex

HEADINGS = ("Finding", "Where", "Since", "Until", "How often")
STEPS = (2, 3)  # columns whose numbers mean nothing when they are cut
_TONES: dict[Gravity, str | None] = {"serious": "error", "warning": "warning", "note": "muted"}


class FindingCourseModel(HeadedItemModel):
    """One row a finding, the gravest first."""

    headings = HEADINGS

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._series: Series | None = None
        self._findings: Sequence[FindingCourse] = ()

    def show_findings(self, series: Series | None, findings: Sequence[FindingCourse]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self._series, self._findings = series, findings
        self.endResetModel()

    def finding(self, row: int) -> FindingCourse | None:
        """Of a row."""
        return self._findings[row] if 0 <= row < len(self._findings) else None

    @property
    def n_rows(self) -> int:
        """Findings."""
        return len(self._findings)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts; how grave it is by the tone, and in the tooltip."""
        found = self.finding(index.row())
        if found is None or self._series is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(self._series, found, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(
                f"{found.gravity.capitalize()}: {visible(found.messages[1], 1000)}"
            )
        if role == TONE:
            return _TONES[found.gravity] if index.column() == 0 else None
        return None


def _text(series: Series, found: FindingCourse, column: int) -> str:
    where = "/".join(part for part in (found.layer, found.weight) if part)
    is_last = found.steps[-1] == len(series.steps) - 1
    return (
        found.title,
        visible(where, 200) or "the whole network",
        words.step_text(series, found.steps[0]),
        "the end" if is_last else words.step_text(series, found.steps[-1]),
        plural(len(found.steps), "step"),
    )[column]
