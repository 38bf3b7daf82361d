"""What can be chosen of each kind of merging."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import (
    QButtonGroup,
    QDoubleSpinBox,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.number_boxes import indent
from h5viewer.names import visible
from h5viewer.nodes import MergeMember
from h5viewer.requests import AverageNetworks, ChainNetworks, Export, JoinNetworks

How = Literal["mean", "weighted", "concatenate"]


class MergeOptions(Protocol):
    """Of one kind; a widget."""

    changed: SignalInstance

    @property
    def uses_shares(self) -> bool:
        """True: it matters how much each file counts."""
        ...

    def show_members(self, paths: Sequence[str], members: Sequence[MergeMember]) -> None:
        """Of these files."""
        ...

    def words_against(self) -> str:
        """What has to be chosen first."""
        ...

    def export(self, paths: Sequence[str], shares: tuple[float, ...], target: str) -> Export:
        """What to do."""
        ...

    def widget(self) -> QWidget:
        """Itself."""
        ...


class AverageOptions(QWidget):
    """All alike, by shares, or a series whose newer files count more."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._plain = _radio("All files count the same", "The plain mean of each weight")
        self._weighted = _radio(
            "Each counts as the list says", "Click a number in the column Counts, or press F2"
        )
        self._series = _radio(
            "A series: newer files count more", "Exponential moving average, in the list's order"
        )
        self._decay = QDoubleSpinBox(decimals=4, minimum=0.0, maximum=0.9999, singleStep=0.05)
        self._decay.setValue(0.9)
        indent(self._decay)
        self._decay.setAccessibleName("Decay")
        self._decay.setToolTip(
            "How much of the mean each newer file leaves as it is: near 1 long memory, 0 none"
        )
        row = QHBoxLayout()
        row.setContentsMargins(theme.SPACE_XL, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(PlainLabel("Decay", role="muted"))
        row.addWidget(self._decay)
        row.addWidget(PlainLabel("The first file is the oldest.", role="muted"), 1)
        group = QButtonGroup(self)
        column = _column(self)
        for button in (self._plain, self._weighted, self._series):
            group.addButton(button)
            column.addWidget(button)
            button.toggled.connect(self._tell)
        column.addLayout(row)
        column.addStretch(1)
        self._plain.setChecked(True)
        self._decay.valueChanged.connect(lambda _: self._tell(True))
        self._decay.setEnabled(False)

    @property
    def uses_shares(self) -> bool:
        """When they are asked for."""
        return self._weighted.isChecked()

    def show_members(self, paths: Sequence[str], members: Sequence[MergeMember]) -> None:
        """Nothing depends on them."""

    def words_against(self) -> str:
        """Nothing is missing."""
        return ""

    def export(
        self, paths: Sequence[str], shares: tuple[float, ...], target: str
    ) -> AverageNetworks:
        """The mean."""
        return AverageNetworks(
            document=paths[0],
            others=tuple(paths[1:]),
            target=target,
            shares=shares if self.uses_shares else (),
            decay=self._decay.value() if self._series.isChecked() else None,
        )

    def widget(self) -> QWidget:
        """Itself."""
        return self

    def _tell(self, is_on: bool) -> None:
        self._decay.setEnabled(self._series.isChecked())
        if is_on:
            self.changed.emit()


class EnsembleOptions(QWidget):
    """What becomes of the members' answers."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._ways: dict[How, QRadioButton] = {
            "mean": _radio("The mean of their answers", "Each member counts the same"),
            "weighted": _radio(
                "The mean, each counting as the list says",
                "Click a number in the column Counts, or press F2",
            ),
            "concatenate": _radio(
                "All answers, one after the other", "The answers of the first file come first"
            ),
        }
        group = QButtonGroup(self)
        column = _column(self)
        for button in self._ways.values():
            group.addButton(button)
            column.addWidget(button)
            button.toggled.connect(lambda is_on: self.changed.emit() if is_on else None)
        column.addStretch(1)
        self._ways["mean"].setChecked(True)

    @property
    def uses_shares(self) -> bool:
        """When they are asked for."""
        return self._ways["weighted"].isChecked()

    def show_members(self, paths: Sequence[str], members: Sequence[MergeMember]) -> None:
        """Nothing depends on them."""

    def words_against(self) -> str:
        """Nothing is missing."""
        return ""

    def export(self, paths: Sequence[str], shares: tuple[float, ...], target: str) -> JoinNetworks:
        """The ensemble."""
        is_concatenated = self._ways["concatenate"].isChecked()
        return JoinNetworks(
            document=paths[0],
            others=tuple(paths[1:]),
            target=target,
            how="concatenate" if is_concatenated else "mean",
            shares=shares if self.uses_shares else (),
        )

    def widget(self) -> QWidget:
        """Itself."""
        return self


class ChainOptions(QWidget):
    """Nothing can be chosen but the order, which the list has."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._flow = PlainLabel(wrap=True)
        column = _column(self)
        column.addWidget(self._flow)
        column.addWidget(
            PlainLabel("Move files in the list to change the order.", wrap=True, role="muted")
        )
        column.addStretch(1)

    @property
    def uses_shares(self) -> bool:
        """Never."""
        return False

    def show_members(self, paths: Sequence[str], members: Sequence[MergeMember]) -> None:
        """Say which feeds which."""
        del paths
        self._flow.set_text("  →  ".join(visible(member.name, 60) for member in members))

    def words_against(self) -> str:
        """Nothing is missing."""
        return ""

    def export(self, paths: Sequence[str], shares: tuple[float, ...], target: str) -> ChainNetworks:
        """The chain."""
        del shares
        return ChainNetworks(document=paths[0], others=tuple(paths[1:]), target=target)

    def widget(self) -> QWidget:
        """Itself."""
        return self


def _radio(text: str, tooltip: str) -> QRadioButton:
    button = QRadioButton(text)
    button.setToolTip(tooltip)
    button.setAccessibleName(text)
    return button


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.SPACE_S)
    return column
