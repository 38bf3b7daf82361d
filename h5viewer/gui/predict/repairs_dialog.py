"""What was repaired in memory so that the network loads, as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.row_table import BELOW, RowTable
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.names import plain, visible
from h5viewer.nodes import Finding

Index = QModelIndex | QPersistentModelIndex

_WORDS = (
    "Today's Keras would refuse these. They were put right in memory; the file is as it was. "
    "File ▸ Save repaired copy… writes a file that plain Keras 3 loads."
)


class RepairItemModel(HeadedItemModel):
    """One row a finding."""

    headings = ("Layer", "What was found, and what was done")

    def __init__(self, findings: Sequence[Finding], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._findings = findings

    @property
    def n_rows(self) -> int:
        """Findings."""
        return len(self._findings)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        finding = self._findings[index.row()]
        layer = visible(finding.layer, 100) or "the whole file"
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (layer, visible(finding.message, 400))[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tooltip(visible(f"{finding.message} {finding.repair}", 1000))
            case _ if role == BELOW and index.column() == 1:
                return visible(finding.repair, 400)
        return None


class RepairsDialog(QDialog):
    """A table that can be copied."""

    def __init__(self, findings: Sequence[Finding], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._findings = findings
        self.setWindowTitle("Repairs")
        self.setAccessibleName("Repairs")
        self.table = RowTable("Repairs", n_lines=2)
        self.table.setModel(RepairItemModel(findings, self.table))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.accept)
        copy = QPushButton("Copy all")
        copy.setAccessibleName("Copy all")
        copy.setToolTip("Copy the whole list")
        copy.clicked.connect(self._copy)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(PlainLabel(_WORDS, wrap=True, role="muted"))
        column.addWidget(self.table, 1)
        column.addWidget(buttons)
        self.resize(720, 480)
        self.table.fit_columns(widest=200, first=120, last=300)

    def _copy(self) -> None:
        """Whole sentences, whatever of them is seen."""
        lines = ["\t".join((each.layer, each.message, each.repair)) for each in self._findings]
        QGuiApplication.clipboard().setText(plain("\n".join(lines)))
