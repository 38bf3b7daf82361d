"""Lines of a health report as an item model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont

from h5viewer import health_report, wording
from h5viewer.gui import theme
from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.controls.row_table import BELOW
from h5viewer.gui.health.finding_rows import FindingLine, Fold, FoldKey, Heading, Line, lines
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.names import visible
from h5viewer.nodes import Gravity, HealthFinding

Index = QModelIndex | QPersistentModelIndex

WHAT, FOUND = range(2)
HEADINGS = ("Finding", "What was found")

LINE = Qt.ItemDataRole.UserRole + 10
"""The line itself."""

ICONS: dict[Gravity, tuple[str, theme.Role]] = {
    "serious": ("error", "error"),
    "warning": ("warning", "warning"),
    "note": ("note", "muted"),
}
"""Picture and colour of each gravity; words say it, too."""


class FindingItemModel(HeadedItemModel):
    """One row a line; two columns."""

    headings = HEADINGS

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._findings: list[HealthFinding] = []
        self._lines: list[Line] = []
        self._turned: set[FoldKey] = set()

    @property
    def findings(self) -> Sequence[HealthFinding]:
        """All of them, folded away or not."""
        return self._findings

    def show_findings(self, findings: Sequence[HealthFinding]) -> None:
        """Show these instead; folds stay as the user set them."""
        self.beginResetModel()
        self._findings = list(findings)
        self._lines = list(lines(self._findings, self._turned))
        self.endResetModel()

    def add_findings(self, findings: Sequence[HealthFinding]) -> None:
        """Show these, too."""
        self.show_findings([*self._findings, *findings])

    def line(self, row: int) -> Line | None:
        """The line of a row."""
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def first_finding(self) -> int:
        """The row to begin at; -1: there is none."""
        rows = (i for i, line in enumerate(self._lines) if isinstance(line, FindingLine | Fold))
        return next(rows, -1)

    def toggle(self, row: int) -> None:
        """Open or close the fold in a row."""
        line = self.line(row)
        if not isinstance(line, Fold):
            return
        self._turned ^= {line.key}
        changed = list(lines(self._findings, self._turned))
        self._lines[row] = changed[row]
        first, last = row + 1, row + line.n_findings
        if line.is_open:
            self.beginRemoveRows(QModelIndex(), first, last)
            self._lines = changed
            self.endRemoveRows()
        else:
            self.beginInsertRows(QModelIndex(), first, last)
            self._lines = changed
            self.endInsertRows()
        self.dataChanged.emit(self.index(row, WHAT), self.index(row, FOUND))

    @property
    def n_rows(self) -> int:
        """Lines."""
        return len(self._lines)

    # Qt overrides

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if isinstance(self.line(index.row()), Heading):
            return Qt.ItemFlag.ItemIsEnabled
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, in the language of people."""
        line = self.line(index.row())
        if line is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(line, index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return _tooltip(line)
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == WHAT:
                return _spoken(line)
            case Qt.ItemDataRole.FontRole if isinstance(line, Heading):
                return theme.scaled_font(1.0, QFont.Weight.DemiBold)
            case _ if role == BELOW:
                return _below(line, index.column())
            case _ if role == LINE:
                return line
        return None


def _text(line: Line, column: int) -> str:
    match line:
        case Heading(gravity, n):
            return f"{health_report.HEADINGS[gravity]} ({n:,})" if column == WHAT else ""
        case Fold():
            return (
                line.first.title if column == WHAT else wording.plural(line.n_findings, "finding")
            )
        case FindingLine(finding, is_inside):
            if column == FOUND:
                return visible(finding.message, 400)
            return (health_report.place(finding) if is_inside else "") or finding.title


def _below(line: Line, column: int) -> str:
    if column == WHAT and isinstance(line, FindingLine) and not line.is_inside:
        return health_report.place(line.finding) or "the network as a whole"
    return ""


def _tooltip(line: Line) -> str:
    match line:
        case FindingLine(finding):
            return plain_tooltip(f"{health_report.place(finding)}\n{finding.message}".strip())
        case Fold():
            return "Press Enter or click to " + ("fold these" if line.is_open else "list them all")
    return ""


def _spoken(line: Line) -> str:
    match line:
        case FindingLine(finding):
            words = (finding.gravity, finding.title, health_report.place(finding))
            return ", ".join(word for word in words if word)
        case Fold(gravity, first, n, is_open):
            return f"{gravity}, {first.title}, {n} findings, {'open' if is_open else 'folded'}"
    return _text(line, WHAT)
