"""How far weights went, as numbers by layer or weight and step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.nodes import SeriesWeight, WeightCourse

Key = Literal["previous", "first", "last", "norm", "spread", "odd"]


class Measure(msgspec.Struct, frozen=True):
    """What is drawn of every weight at every step."""

    key: Key
    title: str
    words: str  # what the number is

    @property
    def is_scaled(self) -> bool:
        """True when the map shows parts of each row's largest number: sizes of layers differ."""
        return self.key in ("norm", "spread")


_OF_NORM = ", as a part of the largest norm the weight has in this run"

MEASURES = (
    Measure("previous", "Change since the step before", f"Distance from the step before{_OF_NORM}"),
    Measure("first", "Distance from the first step", f"Distance from the first step{_OF_NORM}"),
    Measure("last", "Distance from the last step", f"Distance from the last step{_OF_NORM}"),
    Measure("norm", "Norm", "Square root of the sum of squares"),
    Measure("spread", "Spread", "Standard deviation of the values"),
    Measure("odd", "NaN and infinities", "How many values are no finite numbers"),
)


class MapRow(msgspec.Struct, frozen=True):
    """A line of the map: one weight, or all of a layer; `weights` are rows of the survey."""

    label: str
    weights: tuple[int, ...]


class Courses:
    """What is known so far of a run's weights."""

    def __init__(self, n_steps: int) -> None:
        self.n_steps = n_steps
        self.weights: list[SeriesWeight] = []
        self._courses: dict[int, WeightCourse] = {}

    def add_weights(self, weights: Iterable[SeriesWeight]) -> None:
        """More rows."""
        self.weights += weights

    def add_courses(self, courses: Iterable[WeightCourse]) -> None:
        """Numbers of rows."""
        self._courses.update((course.row, course) for course in courses)

    def course(self, weight: int) -> WeightCourse | None:
        """Of one row; None: not yet."""
        return self._courses.get(weight)

    def rows(self, *, by_layer: bool) -> list[MapRow]:
        """Lines of the map, in the order of the layers; what is in no layer has its own."""
        lines: dict[tuple[str, int], list[int]] = {}
        for at, weight in enumerate(self.weights):
            is_of_layer = by_layer and weight.layer
            label = weight.layer if is_of_layer else weight_name(weight)
            lines.setdefault((label, -1 if is_of_layer else at), []).append(at)
        return [MapRow(label, tuple(members)) for (label, _), members in lines.items()]

    def values(self, row: MapRow, key: Key) -> NDArray[np.float64]:
        """(steps,) of a row; NaN where there is none."""
        known = [course for at in row.weights if (course := self._courses.get(at)) is not None]
        if not known:
            return np.full(self.n_steps, np.nan)
        match key:
            case "norm":
                return self._norms(known)
            case "spread":
                return self._spread(row)
            case "odd":
                return _summed([course.n_not_finite for course in known])
        distances = [getattr(course, f"from_{key}") for course in known]
        norms = self._norms(known)
        largest = np.nanmax(norms) if np.isfinite(norms).any() else math.nan
        return _rooted(distances) / (largest or 1.0)

    def map_values(self, rows: Sequence[MapRow], measure: Measure) -> NDArray[np.float64]:
        """(rows, steps), as they are coloured."""
        found = np.full((len(rows), self.n_steps), np.nan)
        for at, row in enumerate(rows):
            found[at] = self.values(row, measure.key)
        if measure.is_scaled:
            with np.errstate(all="ignore"):
                largest = np.nanmax(np.where(np.isnan(found), -np.inf, found), axis=1)
                found /= np.where(np.isfinite(largest) & (largest > 0), largest, 1.0)[:, None]
        return found

    def _norms(self, courses: Sequence[WeightCourse]) -> NDArray[np.float64]:
        return _rooted([course.norms for course in courses])

    def _spread(self, row: MapRow) -> NDArray[np.float64]:
        """Of all values of a layer together."""
        total = count = squares = np.zeros(self.n_steps)
        for at in row.weights:
            course = self._courses.get(at)
            n = float(math.prod(self.weights[at].shape))
            if course is None or not n:
                continue
            means, stds = np.array(course.means), np.array(course.stds)
            there = np.isfinite(stds)
            count = count + np.where(there, n, 0.0)
            total = total + np.where(there, n * means, 0.0)
            squares = squares + np.where(there, n * (stds**2 + means**2), 0.0)
        with np.errstate(all="ignore"):
            mean = total / count
            return np.sqrt(np.maximum(squares / count - mean**2, 0.0))


def weight_name(weight: SeriesWeight) -> str:
    """`dense_2/kernel`."""
    return f"{weight.layer}/{weight.name}" if weight.layer else weight.name


def axes_of(weight: SeriesWeight) -> tuple[str, ...]:
    """What the axes of kernels usually mean; () unknown."""
    if not weight.name.endswith(("kernel", "kernel:0", "weights")):
        return ()
    n_axes = len(weight.shape)
    windows = {3: ("kernel length",), 4: ("kernel height", "kernel width")}
    if n_axes == 2:
        return ("inputs", "units")
    last = "multiplier" if weight.name.startswith("depthwise") else "output channels"
    return (*windows[n_axes], "input channels", last) if n_axes in windows else ()


def _summed(numbers: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Sums of what is there, step by step; NaN where nothing is."""
    table = np.array(numbers, np.float64)
    missing = np.isnan(table)
    return np.where(missing.all(axis=0), np.nan, np.where(missing, 0.0, table).sum(axis=0))


def _rooted(numbers: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Norms of several weights as that of all together."""
    table = np.array(numbers, np.float64)
    largest = float(np.nanmax(table)) if np.isfinite(table).any() else 0.0
    scale = largest or 1.0  # squares of large norms overflow
    with np.errstate(all="ignore"):
        return np.asarray(np.sqrt(_summed(((table / scale) ** 2).tolist())) * scale)
