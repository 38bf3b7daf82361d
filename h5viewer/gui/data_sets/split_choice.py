"""What is for training, for validation and for the test, and in which order."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.data_sets.fields import form, in_a_row, number
from h5viewer.nodes import DataSetRecipe, FolderSurvey

_GIVEN_ROW, _STRATIFIED = 3, 4
_MOST_SHARE = 100_000
_MOST_SEED = 2**31 - 1
_GIVEN = "The folder says what is for training, validation and test."
_GIVEN_BY_TABLE = "The table says what is for training, validation and test."
_PARTS = "Parts of the pictures: 80, 10, 10 is the same as 8, 1, 1"


class SplitChoice(QWidget):
    """Shares, unless the folder or the table says what goes where.

    Signals:
        shares_changed: other pictures go elsewhere.
        order_changed: they are stored in another order.
    """

    shares_changed = Signal()
    order_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_given = False
        self._training = number("Training", f"For training. {_PARTS}", 0, _MOST_SHARE, 80)
        self._validation = number("Validation", f"For validation. {_PARTS}", 0, _MOST_SHARE, 10)
        self._test = number("Test", f"For the test. {_PARTS}", 0, _MOST_SHARE, 10)
        self._given = PlainLabel(wrap=True, role="muted")
        self._stratified = QCheckBox("Split each class by itself")
        self._stratified.setChecked(True)
        self._stratified.setToolTip("So that every class has its share everywhere")
        self._shuffled = QCheckBox("Shuffle")
        self._shuffled.setChecked(True)
        self._shuffled.setToolTip("Off: the pictures stand in the order of their names")
        self._seed = number(
            "Seed", "The same seed splits and shuffles the same pictures alike", 0, _MOST_SEED, 0
        )
        self._rows = rows = form(self)
        rows.add("Training", in_a_row(self._training))
        rows.add("Validation", in_a_row(self._validation))
        rows.add("Test", in_a_row(self._test))
        rows.addRow(self._given)
        rows.addRow(self._stratified)
        rows.addRow(in_a_row(self._shuffled, PlainLabel("Seed"), self._seed))
        rows.setRowVisible(_GIVEN_ROW, False)
        for share in (self._training, self._validation, self._test):
            share.valueChanged.connect(self.shares_changed)
        self._stratified.toggled.connect(self.shares_changed)
        self._seed.valueChanged.connect(self.shares_changed)
        self._shuffled.toggled.connect(self.order_changed)

    def forget(self) -> None:
        """Another folder may leave the split open."""
        self._give(False, "")

    def show_survey(self, survey: FolderSurvey) -> None:
        """Ask for shares only where they count; tells nobody."""
        self._give(survey.has_own_splits, _GIVEN if survey.has_split_folders else _GIVEN_BY_TABLE)
        is_asked = bool(survey.classes) and not survey.has_own_splits
        self._rows.setRowVisible(_STRATIFIED, is_asked)

    def words_against(self) -> str:
        """Nothing would be left."""
        return "" if any(self._shares) else "Give training, validation or test a share."

    def applied(self, recipe: DataSetRecipe) -> DataSetRecipe:
        """The recipe with what was chosen here."""
        return msgspec.structs.replace(
            recipe,
            shares=DataSetRecipe().shares if self._is_given else self._shares,
            seed=self._seed.value(),
            is_stratified=self._stratified.isChecked(),
            is_shuffled=self._shuffled.isChecked(),
        )

    @property
    def _shares(self) -> tuple[int, int, int]:
        return self._training.value(), self._validation.value(), self._test.value()

    def _give(self, is_given: bool, words: str) -> None:
        self._is_given = is_given
        self._given.set_text(words if is_given else "")
        self._rows.setRowVisible(_GIVEN_ROW, is_given)
        for share in (self._training, self._validation, self._test):
            share.setEnabled(not is_given)
