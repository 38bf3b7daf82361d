"""Real coordinates of an array's axes: time in seconds, angle in degrees, names of rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.names import visible
from h5viewer.nodes import Appearance, AxisScale

_LONGEST_NAME = 40
# CF conventions, section 4.1
_LATITUDES = frozenset(
    {"degrees_north", "degree_north", "degree_N", "degrees_N", "degreeN", "degreesN"}
)
_LONGEST_TICK = 16


class Coordinates(msgspec.Struct, frozen=True, dict=True):
    """Where the elements of one axis are.

    `values` has one an element, or the edges between them: one more.
    """

    name: str
    unit: str
    n_elements: int
    values: NDArray[np.float64] | None = None
    labels: Sequence[str] = ()

    @classmethod
    def of(cls, scale: AxisScale, n_elements: int) -> Coordinates | None:
        """From what the file says; None: it says no more than a name."""
        values = None if scale.values is None else scale.values.values.astype(np.float64)
        if values is not None and values.size not in (n_elements, n_elements + 1):
            values = None
        labels = scale.labels if len(scale.labels) == n_elements else ()
        if values is None and not labels:
            return None
        return cls(scale.name, scale.unit, n_elements, values, labels)

    @cached_property
    def is_scale(self) -> bool:
        """True when the numbers rise or fall all the way, so that ticks can stand at round ones."""
        if self.values is None or self.values.size < 2:
            return False
        steps = np.diff(self.values)
        return bool(np.isfinite(self.values).all() and ((steps > 0).all() or (steps < 0).all()))

    @property
    def points_up(self) -> bool:
        """True for latitudes that rise: maps have north at the top."""
        if self.unit not in _LATITUDES or self.values is None or not self.is_scale:
            return False
        return bool(self.values[0] < self.values[-1])

    def at(self, position: float) -> float:
        """The coordinate at a place between elements, of a scale."""
        values, places = self._knots
        return float(np.interp(position, places, values))

    def positions(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where round numbers are on the axis of element numbers, of a scale."""
        values, places = self._rising_knots
        return np.interp(numbers, values, places)

    def tick(self, element: int) -> str:
        """What stands at an element of an axis that is no scale."""
        if not 0 <= element < self.n_elements:
            return ""
        if self.labels:
            return visible(self.labels[element], _LONGEST_TICK)
        return "" if self.values is None else _short(float(self.values[element]))

    def text(self, elements: range) -> str:
        """`time 12.5 s`, of several elements from the first to the last."""
        if self.labels:
            first, last = self.labels[elements.start], self.labels[elements.stop - 1]
            return f"{self.name} {first}" + (f" to {last}" if len(elements) > 1 else "")
        ends = self._ends(elements)
        numbers = [_short(number) for number in ends]
        told = numbers[0] if len(numbers) == 1 else f"{numbers[0]} to {numbers[1]}"
        return " ".join(part for part in (self.name, told, self.unit) if part)

    def _ends(self, elements: range) -> list[float]:
        if self.values is None:
            return []
        has_edges = self.values.size > self.n_elements
        last = elements.stop if has_edges else elements.stop - 1
        ends = [float(self.values[elements.start]), float(self.values[last])]
        return ends if has_edges or len(elements) > 1 else ends[:1]

    @cached_property
    def _rising_knots(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        values, places = self._knots
        if values[0] < values[-1]:
            return values, places
        return np.ascontiguousarray(values[::-1]), np.ascontiguousarray(places[::-1])

    @cached_property
    def _knots(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coordinates, and the places they stand at; kept, as every tick asks for them."""
        values = np.empty(0) if self.values is None else self.values
        begins = -0.5 if values.size > self.n_elements else 0.0
        return values, np.arange(values.size, dtype=np.float64) + begins


class Scales(msgspec.Struct, frozen=True):
    """Names, coordinates and units of an array, as far as its file states them."""

    names: tuple[str, ...] = ()
    titles: Mapping[int, str] = {}
    along: Mapping[int, Coordinates] = {}
    title: str = ""  # of the values
    unit: str = ""

    @classmethod
    def of(cls, appearance: Appearance, shape: Sequence[int]) -> Scales:
        """From what the file says of an array."""
        names = [""] * len(shape)
        along, titles = {}, {}
        for scale in appearance.axes:
            if not 0 <= scale.axis < len(shape):
                continue
            names[scale.axis] = scale.name
            titles[scale.axis] = _with_unit(scale.title or scale.name, scale.unit)
            coordinates = Coordinates.of(scale, shape[scale.axis])
            if coordinates is not None:
                along[scale.axis] = coordinates
        return cls(
            tuple(names) if any(names) else (), titles, along, appearance.title, appearance.unit
        )

    @property
    def value_title(self) -> str:
        """What the values are: "Neutron counts (counts)"; "" unknown."""
        return _with_unit(self.title, self.unit)

    def where(self, elements: Mapping[int | None, range], index: Sequence[int]) -> str:
        """Coordinates of a place: all axes that have some, those of a slider too."""
        told = []
        for axis, position in enumerate(index):
            coordinates = self.along.get(axis)
            if coordinates is not None:
                told.append(coordinates.text(elements.get(axis, range(position, position + 1))))
        return ", ".join(told)


NO_SCALES = Scales()


def _with_unit(title: str, unit: str) -> str:
    shown = visible(title, _LONGEST_NAME)
    if not unit or unit.lower() == title.lower():
        return shown
    return f"{shown} ({unit})" if shown else unit


def _short(number: float) -> str:
    """Six digits: coordinates are read, not computed with."""
    if math.isfinite(number) and number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}".replace("-", "−")
    return f"{number:.6g}".replace("-", "−")
