"""An answer in words: rows with bars, a headline, numbers as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from h5viewer.gui.predict.sample import ClassNames
from h5viewer.gui.predict.score_item_model import ScoreRow
from h5viewer.nodes import Answer, Recipe, Score

CLASSES = ("softmax", "sigmoid", "logits")
"""Kinds of answers that say something of classes."""

HALF = 0.5
"""Where a sigmoid says yes."""

_FEW = 4  # numbers that are told one by one

_MOST_NAMED = 5  # classes in a headline

_LEVEL = 1.2  # times its even share: the best class is hardly better than any
_FEWEST_LEVEL = 3  # classes of which that is said

_SHORTEST = 0.004  # of the room: what is not zero can be seen


def percent_text(share: float) -> str:
    """`99.8 %`, `3.21 %`, `< 0.01 %`; what is not a number as it is."""
    if not math.isfinite(share):
        return number_text(share)
    percent = 100 * share
    if 0 < percent < 0.01:
        return "< 0.01 %"
    if 99.99 < percent < 100:
        return "> 99.99 %"
    return f"{percent:.1f} %" if percent >= 10 else f"{percent:.2f} %"


def number_text(number: float) -> str:
    """Five significant figures, with a true minus sign."""
    return f"{number:.5g}".replace("-", "−")


def n_classes_of(answer: Answer) -> int:
    """How many classes an answer tells of: the length of its last axis; of one unit, two."""
    last = answer.shape[-1] if answer.shape else 1
    return 2 if answer.kind == "sigmoid" and last == 1 else last


def bare_scores(answer: Answer) -> tuple[Score, ...]:
    """The best classes of logits with the numbers that the network gave them."""
    if answer.values is None:
        return answer.top
    logits = np.asarray(answer.values.values, np.float64).ravel()
    return tuple(
        Score(index=score.index, score=float(logits[score.index]))
        for score in answer.top
        if score.index < logits.size
    )


def told(answer: Answer) -> tuple[Score, ...]:
    """The classes to tell of: one unit that says yes or no tells of two."""
    if answer.kind == "sigmoid" and answer.shape[-1:] == (1,) and len(answer.top) == 1:
        share = answer.top[0].score
        both = (Score(index=1, score=share), Score(index=0, score=1 - share))
        return both if share >= HALF else both[::-1]
    return answer.top


def score_rows(answer: Answer, names: ClassNames, *, is_bare: bool = False) -> list[ScoreRow]:
    """The best classes with their bars; `is_bare`: logits as the network gave them."""
    is_share = not (is_bare and answer.kind == "logits")
    top = told(answer) if is_share else bare_scores(answer)
    count = n_classes_of(answer)
    if is_share:
        spans = [(0.0, _seen(score.score)) for score in top]
    else:
        spans = _spans([score.score for score in top])
    return [
        ScoreRow(
            index=score.index,
            name=names.name(score.index, count),
            text=percent_text(score.score) if is_share else number_text(score.score),
            start=start,
            end=end,
            is_best=at == 0 if answer.kind != "sigmoid" else score.score >= HALF,
        )
        for at, (score, (start, end)) in enumerate(zip(top, spans, strict=True))
    ]


def headline(answer: Answer, names: ClassNames, *, is_bare: bool = False) -> str:
    """What the answer comes to, in a few words."""
    if answer.kind in CLASSES:
        rows = score_rows(answer, names, is_bare=is_bare)
        if not rows:
            return "No answer"
        if answer.kind == "sigmoid" and n_classes_of(answer) > 2:
            return _all_said_yes(answer, [row.name for row in rows if row.is_best], names)
        best = f"{names.title(rows[0].index, n_classes_of(answer))} · {rows[0].text}"
        is_level = not is_bare and _is_level(answer)
        return f"No class stands out: {best}" if is_level else best
    return _said_of_numbers(answer)


def _is_level(answer: Answer) -> bool:
    """Whether all classes are about as likely, as a network that was never trained says."""
    n_classes = n_classes_of(answer)
    is_one_of = answer.kind in ("softmax", "logits") and n_classes >= _FEWEST_LEVEL
    return is_one_of and 0 <= answer.top[0].score <= _LEVEL / n_classes


def _all_said_yes(answer: Answer, yes: Sequence[str], names: ClassNames) -> str:
    """The classes above one half, the surest by their names."""
    if not yes:
        return "None of the classes"
    n_yes = len(yes)
    if answer.values is not None:
        n_yes = int(np.count_nonzero(np.asarray(answer.values.values, np.float32) >= HALF))
    shown = ", ".join(yes[:_MOST_NAMED])
    if not names.has(n_classes_of(answer)):
        shown = f"{'Class' if n_yes == 1 else 'Classes'} {shown}"
    n_more = n_yes - len(yes[:_MOST_NAMED])
    return f"{shown} and {n_more:,} more" if n_more > 0 else shown


def best_of(answers: Sequence[Answer], names: ClassNames) -> tuple[str, float | None]:
    """What a row of a table says of a picture: the first output's class, and its score."""
    if not answers:
        return "", None
    answer = answers[0]
    if answer.kind in CLASSES and answer.top:
        best = told(answer)[0]
        return names.name(best.index, n_classes_of(answer)), best.score
    return headline(answer, names), None


def fitting_words(recipe: Recipe) -> str:
    """How a picture of other proportions is made to fit."""
    return {
        "stretch": "stretched",
        "pad": "fitted with padding",
        "crop": "cut to its centre",
        "drawing": "cut out and centred",
    }[recipe.fitting]


def seconds_text(seconds: float) -> str:
    """`12 ms`, `1.4 s`."""
    if seconds < 0.0095:
        return f"{1000 * seconds:.1f} ms"
    return f"{1000 * seconds:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def _said_of_numbers(answer: Answer) -> str:
    if answer.values is None or not answer.values.data:
        return "No numbers"
    values = np.asarray(answer.values.values, np.float32)
    if values.size <= _FEW and answer.kind not in ("picture", "mask"):
        return ", ".join(number_text(float(each)) for each in values.ravel())
    shape = " × ".join(f"{length:,}" for length in answer.shape)
    with np.errstate(all="ignore"):
        low, high = (number_text(float(found)) for found in (np.nanmin(values), np.nanmax(values)))
    if answer.kind in ("picture", "mask"):
        size = shape.rpartition(" × ")[0] if len(answer.shape) > 2 else shape
        what = "Mask" if answer.kind == "mask" else "Picture"
        if len(answer.shape) > 3:
            what = "Mask of a volume" if answer.kind == "mask" else "Volume"
        if answer.kind == "mask" and answer.shape[-1] == 1 and _are_shares(values):
            share = percent_text(float((values > HALF).mean()))
            return f"{what} of {size}, {share} of it above {HALF}"
        if answer.kind == "mask" and answer.shape[-1] > 1:
            n_found = len(np.unique(values.argmax(axis=-1)))
            return f"{what} of {size}, {n_found} of {answer.shape[-1]:,} classes in it"
        return f"{what} of {size}, numbers from {low} to {high}"
    return f"{shape} numbers from {low} to {high}"


def _are_shares(values: NDArray[np.float32]) -> bool:
    return bool(np.all((values >= 0) & (values <= 1)))


def _seen(share: float) -> float:
    if not math.isfinite(share):
        return 0.0
    return min(1.0, max(share, _SHORTEST if share > 0 else 0.0))


def _spans(numbers: Sequence[float]) -> list[tuple[float, float]]:
    """Bars from zero to each number, all in one room."""
    finite = [number for number in numbers if math.isfinite(number)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    span = (high - low) or 1.0
    zero = -low / span
    ends = [(number - low) / span if math.isfinite(number) else zero for number in numbers]
    return [(min(zero, end), max(zero, end)) for end in ends]
