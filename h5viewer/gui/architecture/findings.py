"""A strip that counts what was found and unfolds into a list: problems, code."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel, Severity
from h5viewer.names import visible

_MAX_LISTED = 1_000
_MAX_VISIBLE = 5


class Finding(NamedTuple):
    """One line: `where` is the place to go to ("" for none)."""

    where: str
    text: str


class Findings(QFrame):
    """One sentence; the list below it on demand.

    Signals:
        finding_chosen(str): the `where` of the line the user wants to go to.
    """

    finding_chosen = Signal(str)

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("Notice")  # looks like one
        self._icon = icon
        self._severity: Severity = "note"
        self._picture = QLabel()
        self._sentence = PlainLabel(wrap=True)
        self._unfold = QPushButton("Show")
        self._unfold.setProperty("role", "quiet")
        self._unfold.setCheckable(True)
        self._unfold.toggled.connect(self._fold)
        self._list = QListWidget()
        self._list.setAccessibleName("What was found")
        self._list.setUniformItemSizes(True)
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemActivated.connect(self._choose)
        self._list.itemClicked.connect(self._choose)
        theme.changed.connect(self._paint)
        self._arrange()
        self.hide()

    def show_findings(
        self, sentence: str, findings: Sequence[Finding], *, severity: Severity = "warning"
    ) -> None:
        """Say `sentence`, list `findings`; hidden when there are none."""
        self._severity = severity
        self._sentence.set_text(sentence)
        self.setProperty("severity", severity)
        self.setAccessibleName(sentence)
        self.style().polish(self)
        # one finding that is the sentence itself needs no list
        is_said = len(findings) == 1 and finding_words(findings[0], 1000) == sentence
        self._unfold.setVisible(not is_said)
        self._list.clear()
        for finding in findings[:_MAX_LISTED]:
            self._list.addItem(_item(finding))
        if len(findings) > _MAX_LISTED:
            more = wording.count_text(len(findings) - _MAX_LISTED)
            self._list.addItem(_item(Finding("", f"and {more} more")))
        self._unfold.setChecked(False)
        self._fold(False)
        self._paint()
        self.setVisible(bool(findings))

    @property
    def sentence(self) -> str:
        """What it says now."""
        return self._sentence.whole_text

    @property
    def lines(self) -> list[str]:
        """The list as it is shown."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    def unfold(self) -> None:
        """Show the list."""
        self._unfold.setChecked(True)

    def _choose(self, item: QListWidgetItem) -> None:
        where = item.data(Qt.ItemDataRole.UserRole)
        if where:
            self.finding_chosen.emit(where)

    def _fold(self, unfolded: bool) -> None:
        rows = min(self._list.count(), _MAX_VISIBLE)
        height = self._list.sizeHintForRow(0) if self._list.count() else 0
        self._list.setFixedHeight(rows * height + 4)
        self._list.setVisible(unfolded)
        self._unfold.setText("Hide" if unfolded else "Show")
        self._unfold.setAccessibleName("Hide the list" if unfolded else "Show the list")
        self._unfold.setToolTip("Hide the list" if unfolded else "Show what and where")

    def _paint(self) -> None:
        role: theme.Role = "warning" if self._severity == "warning" else "muted"
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(theme.pixmap(self._icon, theme.ICON_SIZE, role, ratio))

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._picture)
        row.addWidget(self._sentence, 1)
        row.addWidget(self._unfold)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        column.setSpacing(theme.SPACE_XS)
        column.addLayout(row)
        column.addWidget(self._list)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)


def finding_words(finding: Finding, limit: int = 400) -> str:
    """Place and sentence in one line; the place only where the sentence does not name it."""
    where = visible(finding.where, 80)
    text = visible(finding.text, limit)
    is_named = bool(re.search(rf"(?<![\w.]){re.escape(where)}(?!\w)", text))
    return f"{where}: {text}" if where and not is_named else text


def _item(finding: Finding) -> QListWidgetItem:
    item = QListWidgetItem(finding_words(finding))
    item.setToolTip(html.escape(item.text()))
    item.setData(Qt.ItemDataRole.UserRole, finding.where)
    return item
