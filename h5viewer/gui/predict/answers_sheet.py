"""The answers to several pictures as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from h5viewer.gui.predict.answer_words import best_of
from h5viewer.gui.predict.sample import ClassNames
from h5viewer.gui.predict.sample_item_model import Outcome
from h5viewer.names import plain
from h5viewer.weight_sheet import marked

COLUMNS = ("picture", "class", "index", "score", "seconds", "error")

_ROWS_A_PIECE = 200


def csv_pieces(
    titles: Sequence[str], outcomes: Sequence[Outcome | None], names: ClassNames
) -> Iterator[str]:
    """A heading, then one picture a line; those without an answer have empty cells."""
    yield ",".join(COLUMNS) + "\n"
    for start in range(0, len(titles), _ROWS_A_PIECE):
        sheet = io.StringIO()
        writer = csv.writer(sheet, lineterminator="\n")
        stop = start + _ROWS_A_PIECE
        for title, outcome in zip(titles[start:stop], outcomes[start:stop], strict=True):
            writer.writerow([marked(cell) for cell in _cells(title, outcome, names)])
        yield sheet.getvalue()


def _cells(title: str, outcome: Outcome | None, names: ClassNames) -> list[object]:
    if outcome is None:
        return [plain(title), None, None, None, None, None]
    if outcome.error is not None:
        return [plain(title), None, None, None, None, outcome.error.message]
    name, score = best_of(outcome.answers, names)
    answer = outcome.answers[0] if outcome.answers else None
    index = answer.top[0].index if answer is not None and answer.top else None
    return [plain(title), name, index, score, round(outcome.seconds, 6), None]
