"""Evaluating a network on rows of two datasets, x and y."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from numpy.typing import NDArray

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.container import Container, StoredArray
from h5viewer.names import path_text, visible
from h5viewer.network.evaluating import N_PARTS, answers_to, at_once, notes_about
from h5viewer.network.objective import Objective
from h5viewer.network.prepared import Prepared
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
    request: EvaluateNetwork, data: Container, known: Prepared, objective: Objective
) -> Operation[Evaluation]:
    """In blocks, so that memory does not grow with the datasets."""
    x, y = data.array(request.x), data.array(request.y)
    where_x, where_y = (visible(path_text(each.facts.path)) for each in (x, y))
    total = _n_samples(x, y, request.limit)
    n = at_once(math.prod((x.facts.shape or ())[1:]), total)
    labels, told = _labels(request, y, objective, where_y)
    reader = TargetReader(objective, y.facts.shape or (), where_y, labels)
    shape = tuple(known.network.model.inputs[0].shape)[1:]
    recipe = request.recipe or known.recipe
    feeder = feeder_of(known.inputs[0], shape, _rows(x, slice(0, n)), recipe, where_x)
    facts = {
        "total": total,
        "labels": told,
        "notes": notes_about(objective, reader, known, request.output, feeder.note),
        "recipe": feeder.recipe if feeder.factor else None,
    }
    tally = Tally(objective, reader.is_one_of)
    next_part = total / N_PARTS
    for start, rows, true in _batches(x, y, total, n):
        yield Progress(done=start, total=total, unit="samples")
        answers = answers_to(known, feeder.batch(rows, where_x), n, request.output)
        targets = reader.read(true, answers.shape)
        tally.add(targets, answers, [""] * len(rows), _thumbnails(feeder, rows))
        if tally.samples >= next_part and tally.samples < total:
            yield tally.result(is_complete=False, **facts)
            next_part = tally.samples + total / N_PARTS
    return tally.result(is_complete=True, **facts)


def _thumbnails(feeder: RowFeeder, rows: NDArray[Any]) -> Callable[[int], Array | None]:
    return lambda at: feeder.thumbnail(rows[at])


def _n_samples(x: StoredArray, y: StoredArray, limit: int) -> int:
    """How many samples there are to be evaluated.

    Raises:
        CannotRead, TooLarge: none, not as many labels, samples beyond all measure.
    """
    where_x, where_y = (visible(path_text(each.facts.path)) for each in (x, y))
    shape_x, shape_y = x.facts.shape, y.facts.shape
    if not shape_x or not shape_y:
        raise CannotRead(f"{where_y if shape_x else where_x} holds a single value, no samples.")
    if shape_x[0] != shape_y[0]:
        raise CannotRead(
            f"{where_x} has {plural(shape_x[0], 'sample')}, {where_y} has "
            f"{plural(shape_y[0], 'label')}: there must be one for each."
        )
    if not shape_x[0]:
        raise CannotRead(f"{where_x} has no samples.")
    for stored in (x, y):
        if _row_bytes(stored) > _LARGEST_ROW:
            name = visible(path_text(stored.facts.path))
            raise TooLarge(f"A row of {name} is too large to be fed to a network.")
    return min(shape_x[0], limit) if limit > 0 else shape_x[0]


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
    x: StoredArray, y: StoredArray, total: int, n: int
) -> Iterator[tuple[int, NDArray[Any], NDArray[Any]]]:
    """(number of the first, samples, labels), read in larger blocks: no chunk twice."""
    for start in range(0, total, block := _block(x, y, n)):
        span = slice(start, min(start + block, total))
        samples, labels = _rows(x, span), _rows(y, span)
        for at in range(0, len(samples), n):
            yield start + at, samples[at : at + n], labels[at : at + n]


def _block(x: StoredArray, y: StoredArray, n: int) -> int:
    """Rows read at once: whole chunks where they fit, and whole batches."""
    most = max(1, _LARGEST_BLOCK // max(1, _row_bytes(x), _row_bytes(y)))
    chunk = x.cell[0] if x.facts.chunks else 1
    rows = max(1, min(most, 16 * n) // chunk) * chunk if chunk <= most else n
    return max(n, rows // n * n)
