"""What can be made of the files: one row a kind; what is not possible says why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from h5viewer.gui.controls.choice_list import Choice, ChoiceList
from h5viewer.nodes import MergeChoice, MergeKind

KINDS: tuple[tuple[MergeKind, str, str, str], ...] = (
    ("average", "Average the weights", "One network with the mean of each weight.", "weights"),
    (
        "ensemble",
        "Ensemble",
        "One network that asks all of them and puts their answers together.",
        "layers",
    ),
    ("chain", "Chain", "One network in which the answer of each file feeds the next.", "goto"),
    (
        "combine",
        "Architecture + weights",
        "The architecture of the first file with the weights of the second.",
        "merge",
    ),
)
"""Kind, title, what comes of it, icon."""


class KindChoice(ChoiceList):
    """The table of kinds.

    Signals:
        kind_changed: another kind.
    """

    kind_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What to make of the files", _choices({}), parent)
        self._wanted: MergeKind | None = None  # by the user
        self.chosen.connect(self._take)

    @property
    def kind(self) -> MergeKind | None:
        """The one in force; None: none is possible."""
        row = self.currentRow()
        return KINDS[row][0] if row >= 0 and row in self.enabled_rows else None

    def allow(self, choices: Sequence[MergeChoice]) -> None:
        """Grey out what is not possible; the user's wish stays where it can."""
        self.show_choices(_choices({choice.kind: choice.why_not for choice in choices}))
        rows = self.enabled_rows
        wanted = next((row for row in rows if KINDS[row][0] == self._wanted), None)
        self.blockSignals(True)
        self.setCurrentRow(wanted if wanted is not None else rows[0] if rows else -1)
        self.blockSignals(False)
        self.kind_changed.emit()

    def allow_none(self, words: str) -> None:
        """Nothing can be made yet, for this reason."""
        self.allow([MergeChoice(kind=kind, why_not=words) for kind, *_ in KINDS])

    def _take(self, row: int) -> None:
        if row in self.enabled_rows:
            self._wanted = KINDS[row][0]
            self.kind_changed.emit()


def _choices(why_not: dict[MergeKind, str]) -> list[Choice]:
    return [Choice(title, words, icon, why_not.get(kind, "")) for kind, title, words, icon in KINDS]
