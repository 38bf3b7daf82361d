"""A run of training: how every weight went from its first file to its last."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from h5viewer.errors import H5ViewerError
from h5viewer.formats.boxes import Box, whole
from h5viewer.formats.container import Get, StoredArray, Unopened
from h5viewer.formats.paired import boxes_for_all, process_all
from h5viewer.formats.parallel import in_threads, n_threads
from h5viewer.nodes import SeriesSurvey, SeriesWeights, WeightCourse, WeightCourses
from h5viewer.operations import Operation, drift
from h5viewer.operations.cuts import require_numbers
from h5viewer.operations.drift import Sums, follow, merged
from h5viewer.operations.series_files import OpenRun, Row, matched_weights
from h5viewer.operations.unfolding import Unfolding
from h5viewer.requests import Progress, SurveySeries

_PIECE = 1 << 16  # numbers of each file: four pieces stay in the processor's cache
_BOX = 1 << 20  # bytes of each file, where values are compressed
_AT_ONCE = 64 << 20  # bytes of all files in all threads
_SMALLEST_BOX = 64 << 10
_ROWS_A_PART = 500
_PART_SECONDS = 0.2
_YIELD = 0.04


def survey_series(_request: SurveySeries, *files: Unopened) -> Operation[SeriesSurvey]:
    """All rows, then their courses one after the other; a file that is damaged is left out.

    Raises:
        CannotRead: no file can be read.
    """
    with ExitStack() as stack:
        run = OpenRun(files, stack)
        rows = yield from matched_weights(run)
        for start in range(0, len(rows), _ROWS_A_PART):
            part = rows[start : start + _ROWS_A_PART]
            yield SeriesWeights(weights=tuple(row.weight for row in part))
        survey = _Survey(run, rows)
        yield from survey.courses()
        run.check_unchanged()
    return SeriesSurvey(n_weights=len(rows), n_bytes=survey.n_bytes, problems=tuple(run.problems))


class _Survey:
    """Goes through the rows, several pieces at a time."""

    def __init__(self, run: OpenRun, rows: Sequence[Row]) -> None:
        self._run = run
        self._rows = rows
        self._unfolding = Unfolding()
        self._rooms = _Rooms()
        self._total = sum(math.prod(row.weight.shape) * row.n_files for row in rows)
        self._done = 0
        self.n_bytes = 0

    def courses(self) -> Iterator[WeightCourses | Progress]:
        """All of them, in parts."""
        waiting: list[WeightCourse] = []
        part_due, due = time.monotonic() + _PART_SECONDS, time.monotonic() + _YIELD
        for course in self._all():
            if course is not None:
                waiting.append(course)
            if waiting and time.monotonic() >= part_due:
                yield WeightCourses(courses=tuple(waiting))
                waiting, part_due = [], time.monotonic() + _PART_SECONDS
            elif time.monotonic() >= due:
                yield Progress(done=self._done, total=self._total, unit="values")
                due = time.monotonic() + _YIELD
        yield WeightCourses(courses=tuple(waiting))

    def _all(self) -> Iterator[WeightCourse | None]:
        """Courses as they are known; None: some time passed."""
        number = 0
        while number < len(self._rows):
            stop = number
            while stop < len(self._rows) and _is_in_runs(self._rows[stop]):
                stop += 1
            if stop > number:
                yield from self._from_runs(number, stop)
                number = stop
            else:
                yield from self._from_boxes(number)
                number += 1

    # ----------------------------------------------- values one after the other

    def _from_runs(self, start: int, stop: int) -> Iterator[WeightCourse | None]:
        """Rows whose pieces share their threads: most weights are one piece."""
        tasks = chain.from_iterable(map(self._pieces, range(start, stop)))
        current, sums = start, None
        with closing(in_threads(tasks, 2 * n_threads())) as found:
            for number, piece, n_numbers in found:
                if number != current and sums is not None:
                    yield _course(current, sums)
                    sums = None
                current = number
                sums = piece if sums is None else merged(sums, piece)
                self._count(self._rows[number], n_numbers)
                yield None
        if sums is not None:
            yield _course(current, sums)

    def _pieces(self, number: int) -> Iterator[Callable[[], tuple[int, Sums, int]]]:
        n_numbers = math.prod(self._rows[number].weight.shape)
        for start in range(0, max(1, n_numbers), _PIECE):
            yield partial(self._piece, number, start, min(_PIECE, n_numbers - start))

    def _piece(self, number: int, start: int, n_numbers: int) -> tuple[int, Sums, int]:
        """Runs in any thread."""
        row = self._rows[number]

        def read(step: int, room: int) -> NDArray[Any] | None:
            reader = row.runs[step]
            size = n_numbers * reader.dtype.itemsize
            part = self._rooms.buffer(room)[:size]
            at = reader.start + start * reader.dtype.itemsize
            if reader.source.read_into(at, part) != size:
                return None
            return np.frombuffer(part, reader.dtype)

        steps = [step in row.runs for step in range(len(row.weight.paths))]
        return number, follow(steps, read), n_numbers

    # ------------------------------------------------------- values in any form

    def _from_boxes(self, number: int) -> Iterator[WeightCourse | None]:
        row = self._rows[number]
        n_steps = len(row.weight.paths)
        try:
            arrays = self._arrays(row)
            sums = yield from self._boxes(row, arrays, n_steps)
        except H5ViewerError as error:
            self._run.check_unchanged()
            yield no_course(number, n_steps, error.message)
            return
        yield _course(number, sums)

    def _arrays(self, row: Row) -> dict[int, StoredArray]:
        found: dict[int, StoredArray] = {}
        for step, path in enumerate(row.weight.paths):
            if path is not None:
                array = self._run.container(step).array(path)
                require_numbers(array.facts, insist=False)
                self._unfolding.allow(array, whole(row.weight.shape))
                found[step] = array
        return found

    def _boxes(
        self, row: Row, by_step: dict[int, StoredArray], n_steps: int
    ) -> Generator[None, None, Sums]:
        arrays = list(by_step.values())
        place = {step: number for number, step in enumerate(by_step)}
        steps = [step in by_step for step in range(n_steps)]

        def work(_: Box, gets: Sequence[Get]) -> Sums:
            return follow(steps, lambda step, _room: _values(gets[place[step]]))

        n_bytes = max(_SMALLEST_BOX, min(_BOX, _AT_ONCE // (len(arrays) * n_threads())))
        boxes = boxes_for_all(arrays, whole(row.weight.shape), n_bytes)
        sums = follow(steps, lambda _step, _room: np.empty(0, np.float32))
        with closing(process_all(arrays, boxes, work)) as found:
            for box, piece in found:
                sums = merged(sums, piece)
                self._count(row, math.prod(part.stop - part.start for part in box))
                yield
        return sums

    def _count(self, row: Row, n_numbers: int) -> None:
        n_read = n_numbers * row.n_files
        self._done += n_read
        self.n_bytes += n_read * row.itemsize


class _Rooms(threading.local):
    """Buffers of each thread, used again."""

    def __init__(self) -> None:
        self._kept = [memoryview(np.empty(8 * _PIECE, np.uint8).data) for _ in range(4)]

    def buffer(self, number: int) -> memoryview:
        """The values of one step, until the next ones in this room."""
        return self._kept[number]


def _is_in_runs(row: Row) -> bool:
    return len(row.runs) == row.n_files


def _values(get: Get) -> NDArray[Any] | None:
    """Of one file; None: they are damaged there."""
    try:
        return get()
    except H5ViewerError:
        return None


def _course(row: int, sums: Sums) -> WeightCourse:
    count, scatter = sums[:, drift.COUNT], sums[:, drift.SCATTER]
    with np.errstate(all="ignore"):
        is_any = count > 0
        means = np.where(is_any, sums[:, drift.MEAN], np.nan)
        stds = np.sqrt(np.where(is_any, scatter, np.nan) / count)
        norms = np.sqrt(np.where(is_any, scatter, np.nan) + count * means**2)
        apart = np.sqrt(sums[:, [drift.PREVIOUS, drift.FIRST, drift.LAST]])
    odd = np.nan_to_num(sums[:, drift.ODD])
    return WeightCourse(
        row=row,
        minima=_listed(np.where(is_any, sums[:, drift.LOW], np.nan)),
        maxima=_listed(np.where(is_any, sums[:, drift.HIGH], np.nan)),
        means=_listed(means),
        stds=_listed(stds),
        norms=_listed(norms),
        n_not_finite=tuple(int(n) for n in odd),
        from_previous=_listed(apart[:, 0]),
        from_first=_listed(apart[:, 1]),
        from_last=_listed(apart[:, 2]),
    )


def no_course(row: int, n_steps: int, reason: str) -> WeightCourse:
    """Of a weight that is not read."""
    return replace(_course(row, np.full((n_steps, drift.N_SUMS), np.nan)), reason=reason)


def _listed(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(values.tolist())
