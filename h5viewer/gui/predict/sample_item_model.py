"""Several pictures and what the network answered to each, as an item model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from h5viewer.errors import H5ViewerError
from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.controls.row_table import BELOW, TONE
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.gui.predict.answer_words import best_of, number_text, percent_text, seconds_text
from h5viewer.gui.predict.pictures import thumbnail
from h5viewer.gui.predict.sample import ClassNames
from h5viewer.gui.predict.score_item_model import BAR
from h5viewer.names import visible
from h5viewer.nodes import Answer, Prediction

Index = QModelIndex | QPersistentModelIndex

PICTURE, ANSWER, TIME, SCORE = range(4)
HEADINGS = ("Picture", "Answer", "Time", "Score")

THUMBNAIL = Qt.ItemDataRole.UserRole + 21
"""The picture, small."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of one picture."""

    answers: tuple[Answer, ...] = ()
    seconds: float = 0.0
    thumbnail: QImage | None = None
    error: H5ViewerError | None = None

    @classmethod
    def of(cls, prediction: Prediction) -> Outcome:
        """What is kept of an answer: thousands of whole pictures would fill the memory."""
        picture = prediction.pictures[0] if prediction.pictures else None
        small = None if picture is None else thumbnail(picture)
        return cls(prediction.answers, prediction.seconds, small)


class SampleItemModel(HeadedItemModel):
    """One row a picture, in the order the user sorts them."""

    headings = HEADINGS

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.titles: Sequence[str] = ()
        self.outcomes: list[Outcome | None] = []
        self.names = ClassNames()
        self._order: list[int] = []  # sample of each row
        self._rows: list[int] = []  # row of each sample
        self._sorted_by = (-1, Qt.SortOrder.AscendingOrder)

    def show_samples(
        self, titles: Sequence[str], outcomes: Sequence[Outcome | None], names: ClassNames
    ) -> None:
        """Show these."""
        self.beginResetModel()
        self.titles, self.names = titles, names
        self.outcomes = list(outcomes)
        self._order = list(range(len(titles)))
        self._rows = list(self._order)
        self.endResetModel()

    def set_outcome(self, sample: int, outcome: Outcome) -> None:
        """Say what became of a picture."""
        self.outcomes[sample] = outcome
        row = self._rows[sample]
        self.dataChanged.emit(self.index(row, PICTURE), self.index(row, SCORE))

    def set_names(self, names: ClassNames) -> None:
        """Classes are called so."""
        self.names = names
        if self._order:
            self.dataChanged.emit(self.index(0, ANSWER), self.index(len(self._order) - 1, ANSWER))

    def sample_at(self, row: int) -> int:
        """The picture of a row; −1: none."""
        return self._order[row] if 0 <= row < len(self._order) else -1

    def row_of(self, sample: int) -> int:
        """The row of a picture; −1: none."""
        return self._rows[sample] if 0 <= sample < len(self._rows) else -1

    @property
    def shown_order(self) -> Sequence[int]:
        """Pictures from top to bottom."""
        return tuple(self._order)

    @property
    def has_scores(self) -> bool:
        """Whether a row has something to say in that column: it may be a refusal."""
        if any(outcome is None or outcome.error is not None for outcome in self.outcomes):
            return True
        return bool(self.outcomes) and self._score(0) is not None  # one network: all are alike

    @property
    def n_rows(self) -> int:
        """Pictures."""
        return len(self._order)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, bars, small pictures."""
        sample = self.sample_at(index.row())
        if sample < 0:
            return None
        outcome, column = self.outcomes[sample], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(sample, column)
            case Qt.ItemDataRole.ToolTipRole:
                error = None if outcome is None else outcome.error
                return plain_tooltip(error.message if error else self._text(sample, column))
            case _ if role == THUMBNAIL and column == PICTURE:
                return None if outcome is None else outcome.thumbnail
            case _ if role == TONE and column == SCORE:
                return "error" if outcome is not None and outcome.error is not None else None
            case _ if role == TONE and column == TIME:
                return "muted"
            case _ if role == BAR and column == SCORE:
                score = self._score(sample)
                return None if score is None or not 0 <= score <= 1 else (0.0, score, None, True)
            case _ if role == BELOW:
                return None
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By this column; pictures without an answer stay last."""
        self._sorted_by = (column, order)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        kept = [self.sample_at(index.row()) for index in before]
        keys = {sample: self._key(sample, column) for sample in range(len(self.titles))}
        known = [sample for sample in keys if keys[sample] is not None]
        unknown = [sample for sample in keys if keys[sample] is None]
        known.sort(key=lambda sample: keys[sample], reverse=order != Qt.SortOrder.AscendingOrder)
        self._order = known + unknown
        for row, sample in enumerate(self._order):
            self._rows[sample] = row
        after = [
            self.index(self.row_of(sample), index.column())
            for sample, index in zip(kept, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    # Words

    def _text(self, sample: int, column: int) -> str:
        outcome = self.outcomes[sample]
        if column == PICTURE:
            return visible(self.titles[sample])
        if outcome is None:
            return ""
        if outcome.error is not None:
            return outcome.error.message if column == SCORE else ""  # where there is room
        if column == ANSWER:
            return best_of(outcome.answers, self.names)[0]
        if column == TIME:
            return seconds_text(outcome.seconds)
        score = self._score(sample)
        if score is None:
            return ""
        return percent_text(score) if 0 <= score <= 1 else number_text(score)

    def _score(self, sample: int) -> float | None:
        outcome = self.outcomes[sample]
        return None if outcome is None else best_of(outcome.answers, self.names)[1]

    def _key(self, sample: int, column: int) -> Any:
        outcome = self.outcomes[sample]
        if column == PICTURE or column < 0:
            return sample  # as they came, which is by name
        if outcome is None or outcome.error is not None:
            return None
        if column == ANSWER:
            return _rank(outcome.answers[0]) if outcome.answers else None
        if column == TIME:
            return outcome.seconds
        return self._score(sample)


def _rank(answer: Answer) -> tuple[float, float] | None:
    """Classes by their numbers, the surest first; else by the first number."""
    if answer.top:
        return answer.top[0].index, -answer.top[0].score
    values = None if answer.values is None else answer.values.values
    if values is None or not values.size:
        return None
    number = float(values.flat[0])
    return None if math.isnan(number) else (number, 0.0)
