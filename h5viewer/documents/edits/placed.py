"""Values put into a dataset: a table of text, or one element."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from h5viewer.documents.edits import Boxes, Values
from h5viewer.documents.edits.indexing import Places, element_places, within
from h5viewer.documents.edits.typed import as_array, cell, table
from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box
from h5viewer.nodes import Shape
from h5viewer.wording import plural, shape_text


class Placed:
    """An `Edit` that puts given values at given places."""

    def __init__(self) -> None:
        self._places: Places = ()
        self._values: Values = np.zeros(())

    def apply(self, box: Box, values: Values) -> Values:
        """The values with those that lie in this box."""
        local = within(self._places, box)
        if local is None:
            return values
        region = tuple(
            slice(part.start + mine.start - places.start, part.start + mine.stop - places.start)
            for part, mine, places in zip(box, local, self._places, strict=True)
        )
        new = self._values[region]
        changed = values.astype(np.result_type(values, new), copy=True)
        changed[local] = new
        return changed


class PastedTable(Placed):
    """A table for all of a dataset, or from one element on along two axes: the last, or given."""

    def __init__(self, text: str, at: Sequence[int] | None, axes: Sequence[int] = ()) -> None:
        super().__init__()
        self._table = table(text)
        self._at = None if at is None else tuple(at)
        self._axes = tuple(axes)

    def prepare(self, shape: Shape, _: Boxes, /) -> Iterator[None]:
        """Find out whether it fits."""
        self._places, self._values = (
            self._whole(shape) if self._at is None else self._part(shape, self._at)
        )
        yield

    def _whole(self, shape: Shape) -> tuple[Places, Values]:
        rows, columns = self._table.shape
        last = shape[-1] if shape else 1
        fits = rows * columns == math.prod(shape) and (columns == last or 1 in (rows, columns))
        if not fits:
            raise CannotRead(
                f"What was pasted has {plural(rows, 'row')} and {plural(columns, 'column')}, "
                f"the dataset is {shape_text(shape)}.",
                hint="The last axis of the dataset is a row of the table, all others its rows.",
            )
        return tuple(range(n) for n in shape), self._table.reshape(shape)

    def _part(self, shape: Shape, at: tuple[int, ...]) -> tuple[Places, Values]:
        corner = element_places(at, shape)
        axes = self._axes or tuple(range(len(shape)))[-2:]
        if any(not 0 <= axis < len(shape) for axis in axes) or len(set(axes)) != len(axes):
            raise CannotRead(f"There are no such axes in {shape_text(shape)}.")
        sizes, values = [1] * len(shape), self._table
        if len(axes) == 2:
            sizes[axes[0]], sizes[axes[1]] = values.shape
            values = values if axes[0] < axes[1] else values.T
        else:  # a row or a column, along the only axis
            for axis in axes:
                sizes[axis] = values.size
            if 1 not in values.shape or (not axes and values.size > 1):
                raise CannotRead(f"A table of several rows does not fit {shape_text(shape)}.")
        places = tuple(
            range(first.start, first.start + size)
            for first, size in zip(corner, sizes, strict=True)
        )
        for axis, (place, n) in enumerate(zip(places, shape, strict=True)):
            if place.stop > n:
                raise CannotRead(
                    f"What was pasted goes beyond the end of axis {axis}: {place.stop} of {n}."
                )
        return places, values.reshape(sizes)


class OneElement(Placed):
    """One number or truth value."""

    def __init__(self, index: Sequence[int], text: str) -> None:
        super().__init__()
        self._index = tuple(index)
        self._element = as_array(cell(text))

    def prepare(self, shape: Shape, _: Boxes, /) -> Iterator[None]:
        """Find out whether there is such an element."""
        self._places = element_places(self._index, shape)
        self._values = self._element.reshape((1,) * len(shape))
        yield
