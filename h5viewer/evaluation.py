"""How good a network is, put together and written down: for `h5v evaluate` and for the window.

Pictures are sent to a network in several requests; `together` makes one evaluation of
their answers.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, Evaluation, Mistake, NetworkInput, NetworkOutput
from h5viewer.weight_sheet import marked
from h5viewer.wording import plural

MOST_SHOWN = 100
"""Classes of a matrix that is drawn; of more those with the most mistakes."""

_MOST_WRITTEN = 1000  # classes of a matrix in JSON and CSV
_MOST_MISTAKES = 24
_MOST_NOTES = 12
_MOST_LOOKED_AT = 400  # datasets; all pairs of them

NO_YES = ("no", "yes")
"""What the two classes are called where a sample may have several labels."""

Matrix = tuple[tuple[int, ...], ...]
Name = Callable[[int], str]


class Samples(msgspec.Struct, frozen=True):
    """Samples whose classes are known, and the network that is to be judged by them."""

    network: str  # document path
    document: str
    x: NodePath
    y: NodePath
    y_document: str = ""  # that `y` is in, where it is another one


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
        if true != predicted:
            wrong[true] += count
            wrong[predicted] += count
    return tuple(sorted(index for index, _ in wrong.most_common(MOST_SHOWN)))


def together(
    evaluations: Sequence[Evaluation],
    *,
    total: int,
    notes: Sequence[str] = (),
    is_complete: bool = True,
) -> Evaluation:
    """One evaluation of the answers to several requests about different samples.

    Args:
        evaluations: at least one.
        notes: further sentences, before those of the evaluations.
    """
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
        wrong=None,  # their rows are those of pieces
        notes=_few([*notes, *(note for each in parts for note in each.notes)]),
        is_complete=is_complete,
    )


def _few(notes: Sequence[str]) -> tuple[str, ...]:
    different = tuple(dict.fromkeys(notes))
    more = len(different) - _MOST_NOTES
    return (
        different if more <= 0 else (*different[:_MOST_NOTES], f"And {plural(more, 'more note')}.")
    )


def _mean(parts: Sequence[Evaluation], samples: int, name: str) -> float:
    return math.fsum(getattr(each, name) * each.samples for each in parts) / max(1, samples)


def n_classes_of(output: NetworkOutput) -> int:
    """Classes of an output; of one unit that says yes or no, two; 0: it says no class."""
    return 2 if output.kind == "sigmoid" and output.n_classes == 1 else output.n_classes


def output_of_classes(outputs: Sequence[NetworkOutput]) -> int:
    """The output that folders of classes tell of: the first that says a class."""
    return next((at for at, output in enumerate(outputs) if n_classes_of(output)), 0)


# ------------------------------------------------------------- choosing datasets

_X_NAMES = ("x", "image", "input", "data", "picture", "feature", "pixel", "sample")
_Y_NAMES = ("y", "label", "target", "class", "output", "truth", "annotation", "mask")
_LEAST_LIKELY = 3.0  # a name or a shape that fits: other datasets are not taken for samples
_HELD_OUT = ("test", "val", "eval", "dev", "holdout")


def guessed_sources(
    datasets: Sequence[Dataset], inputs: Sequence[NetworkInput]
) -> tuple[tuple[NodePath, ...], NodePath] | None:
    """The datasets that look most like the samples of each input, and that of the labels."""
    if not inputs:
        return None
    called = inputs[0].name if len(inputs) > 1 else ""
    pair = guessed_pair(datasets, inputs[0].shape[1:], called)
    if pair is None:
        return None
    found, y = [pair[0]], pair[1]
    lengths = {each.path: each.shape[0] for each in datasets if each.shape}
    for each in inputs[1:]:
        likely = [
            (
                _likeness(dataset, _X_NAMES)
                + _likeness(dataset, (each.name.casefold(),))
                + _shape_likeness(dataset.shape or (), each.shape[1:])
                + _belonging(dataset.path, y),
                -at,
                dataset.path,
            )
            for at, dataset in enumerate(datasets[:_MOST_LOOKED_AT])
            if dataset.path not in (*found, y)
            and lengths.get(dataset.path) == lengths[y]
            and dataset.dtype.is_numeric
        ]
        if not likely:
            return None
        found.append(max(likely)[2])
    return tuple(found), y


def guessed_apart(
    samples: Sequence[Dataset], labels: Sequence[Dataset], inputs: Sequence[NetworkInput]
) -> tuple[tuple[NodePath, ...], NodePath] | None:
    """The same where the labels are in another file; what has their names is not meant."""
    known = {each.path for each in labels}
    others = [each for each in samples if each.path not in known]
    found = guessed_sources([*others, *labels], inputs)
    if found is None or found[1] not in known or known & set(found[0]):
        return None
    return found


def guessed_pair(
    datasets: Sequence[Dataset], input_shape: Sequence[object], called: str = ""
) -> tuple[NodePath, NodePath] | None:
    """The two datasets that look most like samples and labels, by names and shapes.

    Args:
        input_shape: of the network's input, without the batch axis.
        called: the name of the input, where there are several.
    """
    best: tuple[float, NodePath, NodePath] | None = None
    usable = [each for each in datasets if each.shape and each.shape[0] > 0][:_MOST_LOOKED_AT]
    for x in usable:
        if not x.dtype.is_numeric:
            continue
        likely_x = _likeness(x, (called.casefold(),)) if called else 0.0
        likely_x += _likeness(x, _X_NAMES) + _shape_likeness(x.shape or (), input_shape)
        if likely_x < _LEAST_LIKELY:
            continue
        for y in usable:
            if y.path == x.path or y.shape is None or x.shape is None or y.shape[0] != x.shape[0]:
                continue
            likely = likely_x + _likeness(y, _Y_NAMES) + _belonging(x.path, y.path)
            likely += 1.0 if math.prod(y.shape[1:]) < math.prod(x.shape[1:]) else -1.0
            if best is None or likely > best[0]:
                best = (likely, x.path, y.path)
    return None if best is None else best[1:]


def _likeness(dataset: Dataset, words: Sequence[str]) -> float:
    name = plain(dataset.path[-1]).casefold() if dataset.path else ""
    parts = [part for part in re.split(r"[\W_\d]+", name) if part]
    if any(part == word or part == f"{word}s" for part in parts for word in words):
        return 3.0
    return 1.5 if any(word in name for word in words if len(word) > 1) else 0.0


def _shape_likeness(shape: Sequence[int], wanted: Sequence[object]) -> float:
    own = tuple(shape[1:])
    if len(own) == len(wanted) and all(
        want in (None, length) for length, want in zip(own, wanted, strict=True)
    ):
        return 4.0
    sizes = [length for length in wanted if isinstance(length, int)]
    if len(sizes) == len(wanted) and math.prod(own) == math.prod(sizes):
        return 3.0
    if len(own) != len(wanted) or len(own) < 2:
        return 0.0
    return 3.0 if own[-1] == wanted[-1] in (1, 3, 4) else 2.0  # pictures of another size


def _belonging(x: NodePath, y: NodePath) -> float:
    """Whether two names speak of the same part of the data: "train" and "train"."""
    names = [b"/".join(path).decode("utf-8", "replace").casefold() for path in (x, y)]
    held_out = [any(word in name for word in _HELD_OUT) for name in names]
    train = ["train" in name for name in names]
    if held_out[0] != held_out[1] or train[0] != train[1]:
        return -2.0
    return (1.0 if held_out[0] else 0.0) + (1.0 if x[:-1] == y[:-1] else 0.0)


# --------------------------------------------------------------------- writing


def to_json(evaluation: Evaluation, indent: int | None = None) -> str:
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
        "notes": list(evaluation.notes),
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
