"""The values of a virtual dataset whose parts all lie in its own file.

The library is never asked for them: each part is read as the dataset that it is, through
hard links and with its own limits. What no part covers is the fill value, as the library
has it; so is a part whose dataset is absent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from h5py import h5d
from numpy.typing import NDArray

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.boxed_array import BoxedArray
from h5viewer.formats.boxes import Box, box_shape
from h5viewer.formats.container import StoredArray
from h5viewer.formats.hdf5_errors import HDF5_ERRORS, cannot_read
from h5viewer.formats.hdf5_mapping import Part, Steps, parts
from h5viewer.formats.hdf5_plain import finished, memory_dtype
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset, Shape

DEEPEST = 8  # virtual datasets of virtual datasets
_MOST_READ = 5000  # parts for one box, those of parts included
_LARGEST_WHOLE = 64 << 20  # bytes of a part that is read whole to be put into another shape

Opened = Callable[[NodePath, "Budget"], StoredArray | None]
"""The values of another dataset of the file; None: there is none."""


class Budget:
    """What may still be read for one box: a nest of virtual datasets multiplies."""

    def __init__(self) -> None:
        self.n_left = _MOST_READ
        self.depth = 0


class VirtualArray(BoxedArray):
    """All calls stay in the caller's thread."""

    def __init__(
        self, dsid: h5d.DatasetID, facts: Dataset, opened: Opened, budget: Budget | None = None
    ) -> None:
        """Nothing is read yet; `budget`: of the box that this is read for."""
        super().__init__(facts)
        self._creation = dsid.get_create_plist()
        self._opened = opened
        self._budget = budget
        try:
            self._dtype = memory_dtype(dsid)
        except HDF5_ERRORS as error:
            raise CannotRead(
                f"The values of {self._name} cannot be shown: {facts.dtype.text}.",
                details=str(error),
            ) from error

    @property
    def _comes_in_chunks(self) -> bool:
        return True  # of the parts

    @cached_property
    def cell(self) -> Shape:
        """Of the first part what its dataset delivers at once, where the axes agree."""
        usual = super().cell
        if not self._mapping or self._budget is not None:
            return usual
        first = self._mapping[0]
        source = self._opened(first.path, Budget())
        if source is None or isinstance(source, VirtualArray):
            return usual
        there = _whole_steps(source.facts) if first.there is None else first.there
        axes = _same_axes(there, first.here)
        if axes is None:
            return usual
        return tuple(
            max(1, min(steps.length, source.cell[axis] if axis is not None else 1))
            for steps, axis in zip(first.here, axes, strict=True)
        )

    @cached_property
    def _mapping(self) -> list[Part]:
        try:
            return list(parts(self._creation))
        except HDF5_ERRORS as error:
            raise cannot_read(f"The dataset {self._name}", error) from error

    def _direct(self) -> None:
        """Each part is read by the dataset that it is."""

    def _fetch(self, box: Box) -> NDArray[Any]:
        budget = self._budget or Budget()
        budget.depth += 1
        if budget.depth > DEEPEST:
            raise CannotRead(
                f"{self._name} is put together from itself, or from virtual datasets more than "
                f"{DEEPEST} deep."
            )
        try:
            values = self._filled(box)
            for part in self._mapping:
                self._place(part, box, values, budget)
        except (*HDF5_ERRORS, MemoryError) as error:
            raise cannot_read(f"The dataset {self._name}", error) from error
        finally:
            budget.depth -= 1
        return values

    def _filled(self, box: Box) -> NDArray[Any]:
        """The fill value everywhere."""
        shape = box_shape(box)
        if self._dtype.hasobject:
            values = np.zeros(shape, self._dtype)
            if self._dtype.names is None:
                values.fill(b"")
            return values
        fill = np.zeros((), self._dtype)
        self._creation.get_fill_value(fill)
        values = np.empty(shape, self._dtype)
        values[...] = fill
        return finished(values, self.facts)

    def _place(self, part: Part, box: Box, values: NDArray[Any], budget: Budget) -> None:
        """Put what a part has of the box where it belongs."""
        wanted = [
            steps.within(axis.start, axis.stop) for steps, axis in zip(part.here, box, strict=True)
        ]
        if not all(wanted):
            return
        budget.n_left -= 1
        if budget.n_left < 0:
            raise TooLarge(f"{self._name} is put together from too many parts to show at once.")
        source = self._opened(part.path, budget)
        if source is None:
            return
        found = self._part_values(source, part, wanted)
        if found.dtype != values.dtype and not (_is_number(found) and _is_number(values)):
            raise CannotRead(f"{self._name} is put together from elements of another type.")
        at = [
            steps.positions(numbers) - axis.start
            for steps, numbers, axis in zip(part.here, wanted, box, strict=True)
        ]
        values[np.ix_(*at) if at else ()] = found

    def _part_values(self, source: StoredArray, part: Part, wanted: list[range]) -> NDArray[Any]:
        """The elements number `wanted` along each axis of where the part stands."""
        there = _whole_steps(source.facts) if part.there is None else part.there
        lengths = source.facts.shape or ()
        does_fit = len(there) == len(lengths) and all(
            steps.stop <= length for steps, length in zip(there, lengths, strict=True)
        )
        here = tuple(steps.length for steps in part.here)
        if not does_fit or math.prod(steps.length for steps in there) != math.prod(here):
            where = visible(path_text(source.facts.path))
            raise CannotRead(f"{self._name} takes elements of {where} that are not there.")
        axes = _same_axes(there, part.here)
        shape = tuple(len(numbers) for numbers in wanted)
        if axes is not None:
            chosen = [range(1)] * len(there)
            for numbers, axis in zip(wanted, axes, strict=True):
                if axis is not None:
                    chosen[axis] = numbers
            found = _selected(source, there, chosen)
            return found.reshape(shape + found.shape[len(there) :])
        if math.prod(here) * source.facts.dtype.itemsize > _LARGEST_WHOLE:
            raise TooLarge(f"The parts of {self._name} are too large to put into its shape.")
        found = _selected(source, there, [range(steps.length) for steps in there])
        found = found.reshape(here + found.shape[len(there) :])
        return found[tuple(slice(numbers.start, numbers.stop) for numbers in wanted)]


def _selected(source: StoredArray, there: tuple[Steps, ...], chosen: list[range]) -> NDArray[Any]:
    """Some elements of a selection of a dataset, by their numbers along each axis."""
    at = [steps.positions(numbers) for steps, numbers in zip(there, chosen, strict=True)]
    box = tuple(slice(int(axis[0]), int(axis[-1]) + 1) for axis in at)
    values = source.read(box)
    if box_shape(box) == tuple(len(axis) for axis in at):
        return values
    chosen_values: NDArray[Any] = values[np.ix_(*(axis - axis[0] for axis in at))]
    return chosen_values


def _same_axes(there: tuple[Steps, ...], here: tuple[Steps, ...]) -> tuple[int | None, ...] | None:
    """For each axis here the one it runs along there; None where the parts are reshaped."""
    long = [axis for axis, steps in enumerate(there) if steps.length != 1]
    if [there[axis].length for axis in long] != [s.length for s in here if s.length != 1]:
        return None
    left = iter(long)
    return tuple(None if steps.length == 1 else next(left) for steps in here)


def _whole_steps(facts: Dataset) -> tuple[Steps, ...]:
    return tuple(Steps(0, max(1, length), 1, length) for length in facts.shape or ())


def _is_number(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "biufc"
