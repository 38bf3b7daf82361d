"""How good a network is, put together and written down: for `h5v evaluate` and for the window.

Pictures are sent to a network in several requests; `together` makes one evaluation of
their answers.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from h5viewer.names import plain
from h5viewer.nodes import Evaluation, Mistake
from h5viewer.weight_sheet import marked

MOST_SHOWN = 100
"""Classes of a matrix that is drawn; of more those with the most mistakes."""

_MOST_WRITTEN = 1000  # classes of a matrix in JSON and CSV
_MOST_MISTAKES = 24

Matrix = tuple[tuple[int, ...], ...]
Name = Callable[[int], str]


def matrix(evaluation: Evaluation, classes: Sequence[int] | None = None) -> Matrix:
    """The confusion matrix [true][predicted] of these classes, of all by default."""
    if classes is None:
        classes = range(evaluation.n_classes)
    place = {index: at for at, index in enumerate(classes)}
    rows = [[0] * len(place) for _ in place]
    for true, predicted, count in evaluation.pairs:
        if true in place and predicted in place:
            rows[place[true]][place[predicted]] = count
    return tuple(tuple(row) for row in rows)


def shown_classes(evaluation: Evaluation) -> tuple[int, ...]:
    """All classes; of more than can be drawn those with the most mistakes."""
    if evaluation.n_classes <= MOST_SHOWN:
        return tuple(range(evaluation.n_classes))
    wrong: Counter[int] = Counter()
    for true, predicted, count in evaluation.pairs:
        wrong[true] += count if true != predicted else 0
        wrong[predicted] += count if true != predicted else 0
    return tuple(sorted(index for index, _ in wrong.most_common(MOST_SHOWN)))


def together(evaluations: Sequence[Evaluation], *, total: int, is_complete: bool) -> Evaluation:
    """One evaluation of the answers to several requests about different samples."""
    parts = [each for each in evaluations if each.samples]
    first = (parts or evaluations)[0]
    samples = sum(each.samples for each in parts)
    pairs: Counter[tuple[int, int]] = Counter()
    mistakes: list[Mistake] = []
    before = 0
    for each in parts:
        pairs.update({(true, predicted): count for true, predicted, count in each.pairs})
        mistakes += [msgspec.structs.replace(one, row=before + one.row) for one in each.mistakes]
        before += each.samples
    mistakes.sort(key=lambda one: (-one.score, one.row))
    return msgspec.structs.replace(
        first,
        samples=samples,
        total=total,
        loss=_mean(parts, samples, "loss"),
        accuracy=None if first.accuracy is None else _mean(parts, samples, "accuracy"),
        pairs=tuple((*pair, count) for pair, count in sorted(pairs.items())),
        mistakes=tuple(mistakes[:_MOST_MISTAKES]),
        notes=tuple(dict.fromkeys(note for each in parts for note in each.notes)),
        is_complete=is_complete,
    )


def _mean(parts: Sequence[Evaluation], samples: int, name: str) -> float:
    return math.fsum(getattr(each, name) * each.samples for each in parts) / max(1, samples)


# --------------------------------------------------------------------- writing


def to_json(evaluation: Evaluation, notes: Sequence[str] = (), indent: int | None = None) -> str:
    """`{"samples", "loss", "accuracy", "confusion", …}`; numbers that are none are null."""
    n = evaluation.n_classes
    found: dict[str, Any] = {
        "samples": evaluation.samples,
        "loss": _number(evaluation.loss),
        "accuracy": _number(evaluation.accuracy),
        "confusion": matrix(evaluation) if 0 < n <= _MOST_WRITTEN else None,
        "loss_name": evaluation.loss_name,
        "mean_absolute_error": _number(evaluation.mean_absolute_error),
        "mistakes": [_mistake(each) for each in evaluation.mistakes],
        "notes": [*notes, *evaluation.notes],
    }
    return json.dumps(found, indent=indent, allow_nan=False)


def _mistake(mistake: Mistake) -> dict[str, Any]:
    found: dict[str, Any] = {"row": mistake.row, "score": _number(mistake.score)}
    if mistake.name:
        found["picture"] = plain(mistake.name)
    if mistake.expected is not None or mistake.answered is not None:
        return found | {
            "expected": _number(mistake.expected),
            "answered": _number(mistake.answered),
        }
    return found | {"true": _class(mistake.true), "predicted": _class(mistake.predicted)}


def confusion_pieces(evaluation: Evaluation, name: Name) -> Iterator[str]:
    """The confusion matrix as CSV: a line a true class, a column a predicted one."""
    classes = range(min(evaluation.n_classes, _MOST_WRITTEN))
    names = [plain(name(index)) for index in classes]
    yield _line(["true \\ predicted", *names])
    for label, row in zip(names, matrix(evaluation, classes), strict=True):
        yield _line([label, *row])


def mistake_pieces(evaluation: Evaluation, name: Name) -> Iterator[str]:
    """The worst mistakes as CSV."""
    if evaluation.n_classes:
        yield _line(["row", "picture", "true", "predicted", "score"])
        for each in evaluation.mistakes:
            words = [name(index) if index >= 0 else "" for index in (each.true, each.predicted)]
            yield _line([each.row, plain(each.name), *map(plain, words), each.score])
    else:
        yield _line(["row", "expected", "answered", "absolute error"])
        for each in evaluation.mistakes:
            yield _line([each.row, each.expected, each.answered, each.score])


def _line(cells: Sequence[object]) -> str:
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerow([marked(cell) for cell in cells])
    return sheet.getvalue()


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _class(index: int) -> int | None:
    return index if index >= 0 else None
