"""Facts as a list of labels and selectable texts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.link_label import LinkLabel
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.details.facts import Fact

_MAX_ROWS = 60  # a virtual dataset can name thousands of sources; Copy takes all

_WIDEST_LABEL = 140  # pixels; shorter labels are never cut, the texts give way


class FactsView(QWidget):
    """Two columns: what, and what it says. Texts are selectable; Copy takes all lines.

    Signals:
        target_chosen(NodePath): the user wants to go to a node that a fact names.
    """

    target_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: Sequence[Fact] = ()
        self._labels: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_S, theme.SPACE_S)
        self._grid.setHorizontalSpacing(theme.SPACE_L)
        self._grid.setVerticalSpacing(theme.SPACE_XS)
        self._grid.setColumnStretch(1, 1)
        self._copy = QToolButton()
        self._copy.setIcon(theme.icon("copy", "muted"))
        self._copy.setAccessibleName("Copy all facts")
        self._copy.setToolTip("Copy all facts")
        self._copy.clicked.connect(self.copy_all)
        self._said = QTimer(self, interval=1500, singleShot=True)
        self._said.timeout.connect(lambda: self._copy.setIcon(theme.icon("copy", "muted")))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show other facts."""
        self.clear()
        self._facts = facts
        top = Qt.AlignmentFlag.AlignTop
        widest = 0
        for row, fact in enumerate(facts[:_MAX_ROWS]):
            label = PlainLabel(fact.label, role="muted")
            label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
            text = self._text_of(fact)
            self._grid.addWidget(label, row, 0, top)
            self._grid.addWidget(text, row, 1, top)
            self._labels += (label, text)
            widest = max(widest, label.sizeHint().width())
        self._grid.setColumnMinimumWidth(0, min(widest, _WIDEST_LABEL))
        if len(facts) > _MAX_ROWS:
            more = PlainLabel(f"and {len(facts) - _MAX_ROWS:,} more; Copy takes all", role="muted")
            self._grid.addWidget(more, _MAX_ROWS, 1)
            self._labels.append(more)
        if facts:
            self._grid.addWidget(self._copy, 0, 2, 2, 1, top)
        self._copy.setVisible(bool(facts))

    def _text_of(self, fact: Fact) -> PlainLabel:
        if fact.target is not None:
            link = LinkLabel(fact.text, wrap=True)
            link.setAccessibleName(f"{fact.label}: go to {fact.text}")
            link.activated.connect(lambda target=fact.target: self.target_chosen.emit(target))
            return link
        role = "warning" if fact.severity == "warning" else ""
        text = PlainLabel(fact.text, wrap=True, role=role)
        text.setAccessibleName(f"{fact.label}: {fact.text}")
        return text

    def clear(self) -> None:
        """Show nothing."""
        self._facts = ()
        for label in self._labels:
            self._grid.removeWidget(label)
            label.deleteLater()
        self._labels = []
        self._copy.hide()

    @property
    def facts(self) -> Sequence[Fact]:
        """What is shown."""
        return self._facts

    def copy_all(self) -> None:
        """All lines, in full, into the clipboard."""
        lines = [f"{fact.label}: {fact.whole or fact.text}" for fact in self._facts]
        QGuiApplication.clipboard().setText("\n".join(lines))
        self._copy.setIcon(theme.icon("check", "success"))
        self._said.start()
