"""Evaluating a network on rows of two datasets, x and y."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.container import Container, StoredArray
from h5viewer.names import path_text, visible
from h5viewer.network.evaluating import N_PARTS, at_once, notes_about
from h5viewer.network.objective import Objective
from h5viewer.network.prepared import Prepared
from h5viewer.network.recording import flat
from h5viewer.network.rows import RowFeeder, feeder_of
from h5viewer.network.tally import Tally
from h5viewer.network.targets import TargetReader, class_names
from h5viewer.nodes import Array, Evaluation
from h5viewer.operations import Operation
from h5viewer.requests import EvaluateNetwork, Progress
from h5viewer.wording import count_text, plural

_LARGEST_BLOCK = 64 << 20  # bytes read at once
_LARGEST_ROW = 256 << 20
_MOST_LABELS = 10_000_000  # read whole, to know which words there are


def evaluate_rows(
    request: EvaluateNetwork,
    data: Container,
    labelling: Container,
    known: Prepared,
    objective: Objective,
) -> Operation[Evaluation]:
    """In blocks, so that memory does not grow with the datasets; `labelling` holds the labels."""
    xs = [data.array(path) for path in (request.x, *request.more_x)]
    y = labelling.array(request.y)
    where_xs, where_y = [_where(x) for x in xs], _where(y)
    total = _n_samples(xs, y, request.limit)
    n = at_once(sum(math.prod((x.facts.shape or ())[1:]) for x in xs), total)
    labels, told = _labels(request, y, objective, where_y)
    recipe = request.recipe or known.recipe
    feeders = [
        feeder_of(target, tuple(tensor.shape)[1:], _rows(x, slice(0, n)), recipe, where)
        for target, tensor, x, where in zip(
            known.inputs, flat(known.network.model.inputs), xs, where_xs, strict=True
        )
    ]
    true_pictures = _true_pictures(y, n, known, request.output, objective, feeders)
    shape = y.facts.shape or ()
    if true_pictures is not None:
        shape = (*shape[:1], *true_pictures.batch(_rows(y, slice(0, 1)), where_y).shape[1:])
    reader = TargetReader(objective, shape, where_y, labels)
    shown = next((at for at, each in enumerate(feeders) if each.form), 0)  # of a mistake
    by_recipe = next((each for each in feeders if each.factor), None)
    notes = dict.fromkeys(each.note for each in feeders)
    facts = {
        "total": total,
        "labels": told,
        "notes": notes_about(objective, reader, known, request.output, *notes),
        "recipe": by_recipe.recipe if by_recipe else None,
    }
    tally = Tally(objective, reader.is_one_of)
    next_part = total / N_PARTS
    for start, rows, true in _batches(xs, y, total, n):
        yield Progress(done=start, total=total, unit="samples")
        batches = [
            feeder.batch(part, where)
            for feeder, part, where in zip(feeders, rows, where_xs, strict=True)
        ]
        answers = objective.of_one_place(known.call(batches)[request.output])
        if true_pictures is not None:
            true = true_pictures.batch(true, where_y)
        targets = reader.read(true, answers.shape)
        tally.add(targets, answers, [""] * len(true), _thumbnails(feeders[shown], rows[shown]))
        if tally.samples >= next_part and tally.samples < total:
            yield tally.result(is_complete=False, **facts)
            next_part = tally.samples + total / N_PARTS
    return tally.result(is_complete=True, **facts)


def _true_pictures(
    y: StoredArray,
    n: int,
    known: Prepared,
    output: int,
    objective: Objective,
    feeders: Sequence[RowFeeder],
) -> RowFeeder | None:
    """How pixels become what an autoencoder is to answer: as they are fed; None: it is no such.

    Args:
        n: rows that tell what they are.
    """
    said = known.outputs[output]
    if said.kind != "picture" or objective.family != "numbers":
        return None
    alike = (each for each in feeders if each.factor and said.shape[1:] == each.target.shape[1:])
    feeder = next(alike, None)
    first = _rows(y, slice(0, n))
    if feeder is None or first.dtype.name != "uint8":
        return None
    found = feeder_of(feeder.target, feeder.shape, first, feeder.recipe, _where(y))
    return found if found.form else None


def _where(stored: StoredArray) -> str:
    return visible(path_text(stored.facts.path))


def _thumbnails(feeder: RowFeeder, rows: NDArray[Any]) -> Callable[[int], Array | None]:
    return lambda at: feeder.thumbnail(rows[at])


def _n_samples(xs: Sequence[StoredArray], y: StoredArray, limit: int) -> int:
    """How many samples there are to be evaluated.

    Raises:
        CannotRead, TooLarge: none, not as many labels, samples beyond all measure.
    """
    n = _length(xs[0])
    for x in xs[1:]:
        if _length(x) != n:
            raise CannotRead(
                f"{_where(xs[0])} has {plural(n, 'sample')}, {_where(x)} has "
                f"{plural(_length(x), 'sample')}: there must be one for each."
            )
    if _length(y) != n:
        raise CannotRead(
            f"{_where(xs[0])} has {plural(n, 'sample')}, {_where(y)} has "
            f"{plural(_length(y), 'label')}: there must be one for each."
        )
    if not n:
        raise CannotRead(f"{_where(xs[0])} has no samples.")
    for stored in (*xs, y):
        if _row_bytes(stored) > _LARGEST_ROW:
            raise TooLarge(f"A row of {_where(stored)} is too large to be fed to a network.")
    return min(n, limit) if limit > 0 else n


def _length(stored: StoredArray) -> int:
    if not stored.facts.shape:
        raise CannotRead(f"{_where(stored)} holds a single value, no samples.")
    return stored.facts.shape[0]


def _row_bytes(stored: StoredArray) -> int:
    return math.prod((stored.facts.shape or ())[1:]) * max(8, stored.facts.dtype.itemsize)


def _labels(
    request: EvaluateNetwork, y: StoredArray, objective: Objective, where: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Class names for labels that are words, and those that the labels themselves told."""
    if y.facts.dtype.is_numeric or request.labels or objective.family == "numbers":
        return request.labels, ()
    length = (y.facts.shape or (0,))[0]
    if length > _MOST_LABELS:
        raise TooLarge(
            f"{where} holds {count_text(length)} words: too many to find out which there are.",
            hint="Give the network's class names first.",
        )
    names = class_names(_rows(y, slice(0, length)), objective.n_classes, where)
    return names, names


def _rows(stored: StoredArray, span: slice) -> NDArray[Any]:
    shape = stored.facts.shape or ()
    rest = tuple(slice(0, length) for length in shape[1:])
    return stored.read((slice(span.start, min(span.stop, shape[0])), *rest))


def _batches(
    xs: Sequence[StoredArray], y: StoredArray, total: int, n: int
) -> Iterator[tuple[int, list[NDArray[Any]], NDArray[Any]]]:
    """(number of the first, samples of each input, labels); read in larger blocks, none twice."""
    for start in range(0, total, block := _block((*xs, y), n)):
        span = slice(start, min(start + block, total))
        samples, labels = [_rows(x, span) for x in xs], _rows(y, span)
        for at in range(0, len(labels), n):
            yield start + at, [each[at : at + n] for each in samples], labels[at : at + n]


def _block(arrays: Sequence[StoredArray], n: int) -> int:
    """Rows read at once: whole chunks where they fit, and whole batches."""
    most = max(1, _LARGEST_BLOCK // max(1, *map(_row_bytes, arrays)))
    first = arrays[0]
    chunk = first.cell[0] if first.facts.chunks else 1
    rows = max(1, min(most, 16 * n) // chunk) * chunk if chunk <= most else n
    return max(n, rows // n * n)
