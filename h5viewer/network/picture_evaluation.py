"""Evaluating a network on pictures whose class is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.network.evaluating import N_PARTS, at_once, notes_about
from h5viewer.network.feeds import feed, read_samples
from h5viewer.network.objective import Objective
from h5viewer.network.prepared import Prepared
from h5viewer.network.rows import thumbnail_of
from h5viewer.network.tally import Tally
from h5viewer.network.targets import TargetReader
from h5viewer.nodes import Array, Evaluation, NetworkInput
from h5viewer.operations import Operation
from h5viewer.requests import EvaluateNetwork, Feed, Progress
from h5viewer.wording import plural

_MOST_REFUSALS = 5  # pictures that are named


class _Pictures(msgspec.Struct):
    """Pictures that were read, and why others were not."""

    batches: list[tuple[NDArray[Any], ...]] = []  # one for each input
    pixels: list[NDArray[Any] | None] = []
    classes: list[int] = []
    names: list[str] = []
    refusals: list[str] = []
    n_refused: int = 0

    def thumbnails(self, first: int) -> Callable[[int], Array | None]:
        """What makes small pictures of those from `first` on."""

        def thumbnail(at: int) -> Array | None:
            pixels = self.pixels[first + at]
            if pixels is None:
                return None
            return thumbnail_of(np.clip(pixels, 0, 255).astype(np.uint8))

        return thumbnail

    def next_batch(self) -> None:
        """Forget the pictures, not the refusals."""
        for each in (self.batches, self.pixels, self.classes, self.names):
            each.clear()


def evaluate_pictures(
    request: EvaluateNetwork, container: Container, known: Prepared, objective: Objective
) -> Operation[Evaluation]:
    """A batch at a time; pictures that cannot be read are left out and said."""
    if objective.family == "numbers":
        raise CannotRead("The network answers with numbers: no class of a picture is right.")
    samples = request.samples[: request.limit or None]
    total = len(samples)
    reader = TargetReader(objective, (total,), "The folder")
    tally = Tally(objective, reader.is_one_of)
    n = at_once(sum(_n_numbers(each) for each in known.inputs), total)
    facts: dict[str, Any] = {"total": total, "recipe": request.recipe or known.recipe}
    pictures = _Pictures()
    next_part = total / N_PARTS
    for start in range(0, total, n):
        yield Progress(done=start, total=total, unit="pictures")
        pictures.next_batch()
        for at in range(start, min(start + n, total)):
            _read_picture(pictures, at, request, container, known)
        for at, answers in _answers_each(known, pictures.batches, request.output):
            part = slice(at, at + len(answers))
            true = np.array(pictures.classes[part])
            answers = objective.of_one_place(answers)
            targets = reader.read(true, answers.shape)
            tally.add(targets, answers, pictures.names[part], pictures.thumbnails(at))
        notes = notes_about(objective, reader, known, request.output, *_refused(pictures))
        if tally.samples >= next_part and start + n < total:
            yield tally.result(is_complete=False, notes=notes, **facts)
            next_part = tally.samples + total / N_PARTS
    if not tally.samples:
        raise CannotRead(
            "None of the pictures could be read.", hint=pictures.refusals[0], details=""
        )
    return tally.result(is_complete=True, notes=notes, **facts)


def _read_picture(
    pictures: _Pictures, at: int, request: EvaluateNetwork, container: Container, known: Prepared
) -> None:
    each, true = request.samples[at]
    try:
        samples = read_samples(_feeds(request, at), known.inputs, container)
    except CannotRead as error:
        pictures.n_refused += 1
        if len(pictures.refusals) < _MOST_REFUSALS:
            pictures.refusals.append(error.message)
        return
    fed = feed(samples, known.inputs, request.recipe or known.recipe)
    pictures.batches.append(fed.batches)
    varying = zip(samples, request.held or (None,) * len(samples), strict=False)
    pixels = [sample.pixels for sample, held in varying if held is None]
    pictures.pixels.append(next((each for each in pixels if each is not None), None))
    pictures.classes.append(true)
    pictures.names.append(each.name)


def _feeds(request: EvaluateNetwork, at: int) -> list[Feed]:
    """What each input gets of one sample."""
    more = request.more_samples[at] if request.more_samples else ()
    own = iter((request.samples[at][0], *more))
    if not request.held:
        return list(own)
    return [feed for held in request.held if (feed := held or next(own, None)) is not None]


def _n_numbers(wanted: NetworkInput) -> int:
    return math.prod(size for size in wanted.shape[1:] if isinstance(size, int))


def _answers_each(
    known: Prepared, batches: Sequence[tuple[NDArray[Any], ...]], output: int
) -> Iterator[tuple[int, NDArray[Any]]]:
    """(number of the first, answers): all at once, or one by one where sizes differ."""
    if len({tuple(part.shape for part in batch) for batch in batches}) == 1:
        whole = [np.concatenate(parts) for parts in zip(*batches, strict=True)]
        yield 0, known.call(whole)[output]
        return
    for at, batch in enumerate(batches):
        yield at, known.call(list(batch))[output]


def _refused(pictures: _Pictures) -> list[str]:
    more = pictures.n_refused - len(pictures.refusals)
    rest = [f"{plural(more, 'more picture')} could not be read."] if more > 0 else []
    return [*pictures.refusals, *rest]
