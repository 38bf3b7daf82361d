"""What the network answers by each recipe, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QSizePolicy, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.gui.predict.answer_words import best_of, number_text, percent_text
from h5viewer.gui.predict.sample import ClassNames
from h5viewer.gui.predict.score_item_model import BAR
from h5viewer.gui.predict.score_table import BarDelegate
from h5viewer.nodes import ProbedAnswer, Recipe

Index = QModelIndex | QPersistentModelIndex

RECIPE, ANSWER, SCORE = range(3)


class ProbeItemModel(HeadedItemModel):
    """One row a recipe."""

    headings = ("Recipe", "Answer", "Score")

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._probed: Sequence[ProbedAnswer] = ()
        self._best: list[tuple[str, float | None]] = []
        self._recipe: Recipe | None = None

    def show_probed(
        self, probed: Sequence[ProbedAnswer], names: ClassNames, recipe: Recipe
    ) -> None:
        """Show these; `recipe` is the one in force."""
        self.beginResetModel()
        self._probed, self._recipe = tuple(probed), recipe
        self._best = [best_of(each.answers, names) for each in probed]
        self.endResetModel()

    def recipe(self, row: int) -> Recipe | None:
        """The recipe of a row."""
        return self._probed[row].recipe if 0 <= row < len(self._probed) else None

    @property
    def n_rows(self) -> int:
        """Recipes."""
        return len(self._probed)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts and bars."""
        probed = self._probed[index.row()]
        name, score = self._best[index.row()]
        is_in_force = probed.recipe == self._recipe
        match role:
            case Qt.ItemDataRole.DisplayRole:
                shown = "" if score is None else _score_text(probed, score)
                return (probed.recipe.title or probed.recipe.name, name, shown)[index.column()]
            case Qt.ItemDataRole.FontRole if is_in_force:
                return theme.scaled_font(1.0, QFont.Weight.DemiBold)
            case Qt.ItemDataRole.ToolTipRole:
                text = "In force" if is_in_force else "Press Enter or double-click to use it"
                return plain_tooltip(text)
            case _ if role == BAR and index.column() == SCORE and score is not None:
                share = score if 0 <= score <= 1 else 0.0
                return (0.0, share, None, is_in_force)
        return None


class ProbeTable(RowTable):
    """As high as its rows.

    Signals:
        recipe_chosen(Recipe): the user wants this one.
    """

    recipe_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Answers by recipe", parent=parent)
        self._model = ProbeItemModel(self)
        self.setModel(self._model)
        self.setItemDelegate(BarDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._choose)

    def show_probed(
        self, probed: Sequence[ProbedAnswer], names: ClassNames, recipe: Recipe
    ) -> None:
        """Show these answers."""
        self._model.show_probed(probed, names, recipe)
        self.updateGeometry()
        self.fit_columns(widest=300, first=140, last=180)

    def _choose(self, index: QModelIndex) -> None:
        recipe = self._model.recipe(index.row())
        if recipe is not None:
            self.recipe_chosen.emit(recipe)

    # Qt overrides

    def sizeHint(self) -> QSize:
        """Room for all rows."""
        heading = self.horizontalHeader().sizeHint().height()
        return QSize(320, self._model.rowCount() * self.row_height + heading + 2)

    def minimumSizeHint(self) -> QSize:
        """No row is cut."""
        return QSize(160, self.sizeHint().height())


def _score_text(probed: ProbedAnswer, score: float) -> str:
    is_share = 0 <= score <= 1 and probed.answers[0].kind != "regression"
    return percent_text(score) if is_share else number_text(score)
