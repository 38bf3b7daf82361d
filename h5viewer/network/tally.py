"""What a network got right and wrong so far, in bounded memory."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.network.objective import Objective
from h5viewer.network.targets import Targets
from h5viewer.nodes import Array, Evaluation, Mistake

_MOST_COUNTED = 2000
"""Classes up to which every confusion is counted: 32 MB."""

_MOST_PAIRS = 200_000
"""Cells of the confusion matrix that are told; beyond, those with the most samples."""

_MOST_MISTAKES = 24
_MOST_WRONG = 100_000  # samples whose rows are told


class Tally(msgspec.Struct):
    """Sums over samples; memory does not grow with them."""

    objective: Objective
    is_one_of: bool
    samples: int = 0
    _loss: float = 0.0
    _right: float = 0.0
    _answers: int = 0  # how many answers `_right` is of: samples, positions or labels
    _missed: float = 0.0  # of a regression: sum of absolute differences
    _confusion: NDArray[np.int64] | None = None
    _worst: list[tuple[float, int, Mistake]] = []
    _wrong: list[tuple[int, int, int]] = []

    def __post_init__(self) -> None:
        n = self.objective.n_classes if self.is_one_of else min(2, self.objective.n_classes)
        if 0 < n <= _MOST_COUNTED:
            self._confusion = np.zeros((n, n), np.int64)

    def add(
        self,
        targets: Targets,
        answers: NDArray[Any],
        names: Sequence[str],
        thumbnail: Callable[[int], Array | None],
    ) -> None:
        """Count a batch.

        Args:
            answers: (n, …) as the network puts them out.
            names: of each sample.
            thumbnail: a small picture of a sample of this batch; asked for few.
        """
        self._loss += float(self.objective.losses(targets.numbers, answers).sum())
        scores = self.objective.probabilities(answers)
        if self.objective.family == "numbers":
            wrong = self._judge_numbers(targets, scores)
        elif self.is_one_of and targets.classes is not None:
            wrong = self._judge_classes(targets.classes, scores)
        else:
            wrong = self._judge_labels(targets, scores)
        for at, mistake in wrong:
            self._keep(at, mistake, names, thumbnail)
        if self.objective.family != "numbers":
            room = _MOST_WRONG - len(self._wrong)
            self._wrong += [
                (self.samples + at, each.true, each.predicted) for at, each in wrong[:room]
            ]
        self.samples += len(answers)

    @property
    def _n_labels(self) -> int:
        has_labels = self.objective.family in ("classes", "labels") and not self.is_one_of
        return self.objective.n_classes if has_labels else 0

    def result(self, *, is_complete: bool, **facts: Any) -> Evaluation:
        """All so far; `facts` are further fields of the evaluation."""
        is_numbers = self.objective.family == "numbers"
        ordered = sorted(self._worst, key=lambda entry: (-entry[0], -entry[1]))
        return Evaluation(
            samples=self.samples,
            loss=self._loss / max(1, self.samples),
            loss_name=self.objective.loss.title,
            accuracy=None if is_numbers else self._right / max(1, self._answers),
            mean_absolute_error=self._missed / max(1, self._answers) if is_numbers else None,
            n_classes=0 if self._confusion is None else len(self._confusion),
            n_labels=self._n_labels,
            pairs=self._pairs(),
            mistakes=tuple(mistake for _, _, mistake in ordered),
            wrong=self._told_wrong() if is_complete else None,
            is_complete=is_complete,
            **facts,
        )

    # ----------------------------------------------------------------- judging

    def _judge_numbers(
        self, targets: Targets, answers: NDArray[np.float32]
    ) -> list[tuple[int, Mistake]]:
        off = np.abs(answers.astype(np.float64) - targets.numbers).reshape(len(answers), -1)
        self._missed += float(off.sum())
        self._answers += off.size
        each = off.mean(axis=1)
        is_single = off.shape[1] == 1
        return [
            (
                at,
                Mistake(
                    row=0,
                    name="",
                    score=float(each[at]),
                    expected=float(targets.numbers.reshape(-1)[at]) if is_single else None,
                    answered=float(answers.reshape(-1)[at]) if is_single else None,
                ),
            )
            for at in np.argsort(-each)[:_MOST_MISTAKES].tolist()
        ]

    def _judge_classes(
        self, classes: NDArray[np.int64], scores: NDArray[np.float32]
    ) -> list[tuple[int, Mistake]]:
        predicted = scores.argmax(axis=-1)
        self._right += float((predicted == classes).sum())
        self._answers += classes.size
        self._count(classes, predicted)
        if classes.ndim > 1:  # an answer a place: no sample is simply wrong
            return []
        surest = scores.max(axis=-1)
        return [
            (
                at,
                Mistake(
                    row=0,
                    name="",
                    true=int(classes[at]),
                    predicted=int(predicted[at]),
                    score=float(surest[at]),
                ),
            )
            for at in np.flatnonzero(predicted != classes).tolist()
        ]

    def _judge_labels(
        self, targets: Targets, scores: NDArray[np.float32]
    ) -> list[tuple[int, Mistake]]:
        """Yes or no, of one label or of each of many; the limit is 0.5, as in Keras."""
        said, true = scores > 0.5, targets.numbers > 0.5
        wrong = said != true
        self._right += float((~wrong).sum())
        self._answers += wrong.size
        self._count(true.astype(np.int64), said.astype(np.int64))
        if wrong.ndim != 2:
            return []
        sureness = np.where(wrong, np.abs(scores - 0.5), -1.0)
        worst = sureness.argmax(axis=1)
        found = []
        for at in np.flatnonzero(wrong.any(axis=1)).tolist():
            label, score = int(worst[at]), float(scores[at, worst[at]])
            yes = bool(said[at, label])
            if self.objective.family == "yes-no":
                true_class, predicted = int(not yes), int(yes)
            else:  # a label that is missing, or one too many
                true_class, predicted = (-1, label) if yes else (label, -1)
            surest = score if yes else 1 - score
            found.append(
                (at, Mistake(row=0, name="", true=true_class, predicted=predicted, score=surest))
            )
        return found

    def _count(self, true: NDArray[np.int64], predicted: NDArray[np.int64]) -> None:
        if self._confusion is not None:
            n = len(self._confusion)
            pairs = true.ravel() * n + predicted.ravel()
            self._confusion += np.bincount(pairs, minlength=n * n).reshape(n, n)

    # ---------------------------------------------------------------- mistakes

    def _told_wrong(self) -> Array:
        return Array.of(np.array(self._wrong, np.int32).reshape(-1, 3))

    def _keep(
        self,
        at: int,
        mistake: Mistake,
        names: Sequence[str],
        thumbnail: Callable[[int], Array | None],
    ) -> None:
        row = self.samples + at
        if len(self._worst) >= _MOST_MISTAKES and (mistake.score, -row) <= self._worst[0][:2]:
            return
        whole = msgspec.structs.replace(mistake, row=row, name=names[at], picture=thumbnail(at))
        entry = (mistake.score, -row, whole)
        if len(self._worst) < _MOST_MISTAKES:
            heapq.heappush(self._worst, entry)
        else:
            heapq.heapreplace(self._worst, entry)

    def _pairs(self) -> tuple[tuple[int, int, int], ...]:
        if self._confusion is None:
            return ()
        true, predicted = np.nonzero(self._confusion)
        counts = self._confusion[true, predicted]
        chosen = np.arange(len(counts))
        if len(counts) > _MOST_PAIRS:
            chosen = np.sort(np.argsort(-counts, kind="stable")[:_MOST_PAIRS])
        found = np.stack([true[chosen], predicted[chosen], counts[chosen]], axis=1)
        return tuple((row[0], row[1], row[2]) for row in found.tolist())
