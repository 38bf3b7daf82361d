"""Several pictures that a network answers with numbers, not with classes."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead
from h5viewer.gui.predict.sample import ClassNames
from h5viewer.gui.predict.sample_item_model import ANSWER, SCORE, Outcome, SampleItemModel
from h5viewer.gui.predict.sample_table import SampleTable
from h5viewer.nodes import Answer, Array, Score

ANGLES = (0.25, -1.5, float("nan"), 0.125)


def shown(qtbot: QtBot, *outcomes: Outcome) -> SampleTable:
    table = SampleTable(SampleItemModel())
    qtbot.addWidget(table)
    table._model.setParent(table)
    table._model.show_samples([f"{n}.png" for n in range(len(outcomes))], outcomes, ClassNames())
    table.begin()
    return table


def number(value: float) -> Outcome:
    values = Array.of(np.array([value], np.float32))
    return Outcome((Answer(name="angle", kind="regression", shape=(1,), values=values),))


def of_class(index: int, score: float) -> Outcome:
    top = (Score(index=index, score=score),)
    return Outcome((Answer(name="y", kind="softmax", shape=(3,), top=top),))


def test_numbers_are_sorted_as_numbers(qtbot: QtBot) -> None:
    table = shown(qtbot, *map(number, ANGLES))
    table.table.horizontalHeader().setSortIndicator(ANSWER, Qt.SortOrder.AscendingOrder)
    assert table._model.shown_order == (1, 3, 0, 2)
    table.table.horizontalHeader().setSortIndicator(ANSWER, Qt.SortOrder.DescendingOrder)
    assert table._model.shown_order == (0, 3, 1, 2)


def test_classes_are_sorted_by_their_numbers_the_surest_first(qtbot: QtBot) -> None:
    table = shown(qtbot, of_class(1, 0.5), of_class(0, 0.6), of_class(0, 0.9))
    table.table.horizontalHeader().setSortIndicator(ANSWER, Qt.SortOrder.AscendingOrder)
    assert table._model.shown_order == (2, 1, 0)


def test_numbers_have_no_empty_column_of_scores(qtbot: QtBot) -> None:
    table = shown(qtbot, *map(number, ANGLES))
    assert table.table.isColumnHidden(SCORE)
    refused = shown(qtbot, number(1), Outcome(error=CannotRead("No.")))
    assert not refused.table.isColumnHidden(SCORE)
    assert not shown(qtbot, of_class(1, 0.5)).table.isColumnHidden(SCORE)
