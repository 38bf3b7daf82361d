"""What was found in data sets of pictures, one below the other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from h5viewer import picture_report
from h5viewer.gui import theme
from h5viewer.nodes import PictureReport, Severity

_ICONS: dict[Severity, tuple[str, theme.Role]] = {
    "warning": ("warning", "warning"),
    "note": ("note", "muted"),
}


class FindingList(QListWidget):
    """Warnings first.

    Signals:
        finding_chosen(int): another one is looked at, by its place in the report; −1: none.
    """

    finding_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._severities: Sequence[Severity] = ()
        self.setAccessibleName("Findings")
        self.setWordWrap(True)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setIconSize(QSize(theme.ICON_SIZE, theme.ICON_SIZE))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setSpacing(2)
        self.currentRowChanged.connect(self.finding_chosen)
        theme.changed.connect(self._paint)

    def show_report(self, report: PictureReport | None) -> None:
        """List its findings; None: nothing."""
        self.clear()
        self._severities = [] if report is None else [each.severity for each in report.findings]
        if report is None:
            return
        for finding in report.findings:
            where = picture_report.set_text(report, finding.set_index)
            title = picture_report.title(finding)
            item = QListWidgetItem(f"{title}  ·  {where}\n{finding.message}")
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                f"{finding.severity}: {title}, {where}. {finding.message}",
            )
            self.addItem(item)
        self._paint()
        if self.count():
            self.setCurrentRow(0)

    def _paint(self) -> None:
        for row, severity in enumerate(self._severities):
            icon, role = _ICONS[severity]
            self.item(row).setIcon(theme.icon(icon, role))
