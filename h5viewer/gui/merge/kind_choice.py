"""What can be made of the files: one row a kind; what is not possible says why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.nodes import MergeChoice, MergeKind

KINDS: tuple[tuple[MergeKind, str, str], ...] = (
    ("average", "Average the weights", "One network with the mean of each weight."),
    ("ensemble", "Ensemble", "One network that asks all of them and puts the answers together."),
    ("chain", "Chain", "One network in which each file's answer feeds the next."),
    (
        "combine",
        "Architecture + weights",
        "The architecture of the first file with the weights of the second.",
    ),
)
"""Kind, title, what comes of it."""


class KindChoice(QWidget):
    """Radio buttons, each with a line below.

    Signals:
        chosen: another kind.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[MergeKind, QRadioButton] = {}
        self._lines: dict[MergeKind, PlainLabel] = {}
        self._wanted: MergeKind | None = None  # by the user
        group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for kind, title, explanation in KINDS:
            button = self._buttons[kind] = QRadioButton(title)
            button.setToolTip(explanation)
            button.clicked.connect(lambda _=False, kind=kind: self._take(kind))
            group.addButton(button)
            line = self._lines[kind] = PlainLabel(explanation, wrap=True, role="muted")
            line.setContentsMargins(theme.SPACE_XL, 0, 0, theme.SPACE_S)
            column.addWidget(button)
            column.addWidget(line)
        column.addStretch(1)

    @property
    def kind(self) -> MergeKind | None:
        """The one in force; None: none is possible."""
        for kind, button in self._buttons.items():
            if button.isChecked() and button.isEnabled():
                return kind
        return None

    def show_choices(self, choices: Sequence[MergeChoice]) -> None:
        """Grey out what is not possible; the user's wish stays where it can."""
        why_not = {choice.kind: choice.why_not for choice in choices}
        for kind, _, explanation in KINDS:
            words = why_not.get(kind, "")
            self._buttons[kind].setEnabled(kind in why_not and not words)
            self._buttons[kind].setAccessibleDescription(words or explanation)
            self._lines[kind].set_text(words or explanation)
        possible = [kind for kind in self._buttons if self._buttons[kind].isEnabled()]
        wanted = self._wanted if self._wanted in possible else next(iter(possible), None)
        if wanted is not None and wanted != self.kind:
            self._buttons[wanted].setChecked(True)
            self.chosen.emit()

    def show_none(self, words: str) -> None:
        """Nothing can be made yet, for this reason."""
        self.show_choices([MergeChoice(kind=kind, why_not=words) for kind, *_ in KINDS])

    def _take(self, kind: MergeKind) -> None:
        self._wanted = kind
        self.chosen.emit()
