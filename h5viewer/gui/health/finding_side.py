"""One finding explained: what it means, the number, the threshold and where that is from."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from h5viewer import health_report, wording
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.names import path_text, visible
from h5viewer.nodes import HealthFinding

Target = Literal["node", "layer", "layers", "nowhere"]

_WORDS: dict[Target, str] = {
    "node": "Show this place",
    "layer": "Show this layer",
    "layers": "Show the layers",
    "nowhere": "",
}


def target(finding: HealthFinding, *, has_layers: bool) -> Target:
    """What to show of a finding."""
    if not finding.weight and finding.key and has_layers:
        return "layer"
    if finding.path is not None:
        return "node"
    return "layers" if has_layers else "nowhere"


class FindingSide(QScrollArea):
    """Text beside the list.

    Signals:
        place_wanted(HealthFinding): the user wants to go there.
    """

    place_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.has_layers = True  # there is an architecture to go to
        self._finding: HealthFinding | None = None
        self._title = PlainLabel(wrap=True)
        self._title.setFont(theme.scaled_font(1.15, QFont.Weight.DemiBold))
        self._place = PlainLabel(wrap=True, role="muted")
        self._message = PlainLabel(wrap=True)
        self._go = QPushButton()
        self._go.clicked.connect(lambda: self.place_wanted.emit(self._finding))
        self._meaning = PlainLabel(wrap=True)
        self._numbers = PlainLabel(wrap=True)
        self._source = PlainLabel(wrap=True, role="muted")
        self._arrange()

    def show_finding(self, finding: HealthFinding | None) -> None:
        """Explain this one; None: say how to choose one."""
        self._finding = finding
        for part in (self._place, self._message, self._numbers, self._parts, self._go):
            part.setVisible(finding is not None)
        if finding is None:
            self._title.set_text("Choose a finding to see what it means.")
            return
        self._title.set_text(finding.title)
        self._place.set_text(_where(finding))
        self._message.set_text(visible(finding.message, 2000))
        self._meaning.set_text(finding.meaning)
        value = health_report.number_text(finding.value)
        threshold = health_report.number_text(finding.threshold)
        self._numbers.set_text(f"{finding.quantity}: {value} (threshold {threshold})")
        self._source.set_text(finding.source)
        where = target(finding, has_layers=self.has_layers)
        what = "Show this weight" if finding.weight else _WORDS[where]
        self._go.setText(what)
        self._go.setAccessibleName(what)
        self._go.setToolTip("Go to its place (Enter)")
        self._go.setVisible(where != "nowhere")
        self.verticalScrollBar().setValue(0)

    def show_kind(self, first: HealthFinding, n_findings: int) -> None:
        """Explain what many findings have in common."""
        self.show_finding(first)
        self._place.set_text(wording.plural(n_findings, "finding"))
        for part in (self._message, self._numbers, self._go):
            part.hide()

    def _arrange(self) -> None:
        self._parts = QWidget()
        parts = QVBoxLayout(self._parts)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(theme.SPACE_XS)
        for heading, texts in (
            ("What it means", (self._meaning,)),
            ("Threshold", (self._numbers, self._source)),
        ):
            label = PlainLabel(heading)
            label.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
            parts.addSpacing(theme.SPACE_S)
            parts.addWidget(label)
            for text in texts:
                parts.addWidget(text)
        page = QWidget()
        page.setProperty("role", "surface")
        column = QVBoxLayout(page)
        column.setContentsMargins(*[theme.SPACE_L] * 4)
        column.setSpacing(theme.SPACE_S)
        for each in (self._title, self._place, self._message):
            column.addWidget(each)
        column.addWidget(self._go, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._parts)
        column.addStretch(1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("The finding explained")
        self.setMinimumWidth(240)


def _where(finding: HealthFinding) -> str:
    place = health_report.place(finding) or "The network as a whole"
    path = visible(path_text(finding.path)) if finding.path else ""
    return f"{place}\n{path}" if path else place
