"""Which part of a dataset is saved: its box, and the shape that is left of it."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, box_shape, count_elements, whole
from h5viewer.formats.container import Container, StoredArray
from h5viewer.formats.obstacles import refuse_obstacle
from h5viewer.nodes import Dataset, Shape
from h5viewer.operations.cuts import named
from h5viewer.requests import SaveDataset
from h5viewer.wording import bytes_text

_MOST_UNFOLDED = 4 << 30  # bytes of fill values and the like that are written out
_UNFOLDED = 100  # times the bytes stored
TO_THE_END = -1
"""As the stop of a part of an axis: its length, for whoever does not know it."""


class Chosen(msgspec.Struct, frozen=True):
    """A box of a dataset; axes that a position ended are gone from `shape`."""

    array: StoredArray
    region: Box
    axes: tuple[int, ...]  # those that are left, in the order of the file
    is_turned: bool

    @property
    def facts(self) -> Dataset:
        """Of the whole dataset."""
        return self.array.facts

    @property
    def shape(self) -> Shape:
        """In the order of the file."""
        lengths = box_shape(self.region)
        return tuple(lengths[axis] for axis in self.axes)

    def shaped(self, values: NDArray[Any], box: Box) -> NDArray[Any]:
        """Values of a box of the region without the axes that are gone."""
        lengths = box_shape(box)
        kept = tuple(lengths[axis] for axis in self.axes)
        return values.reshape((*kept, *values.shape[len(lengths) :]))

    @property
    def element(self) -> np.dtype[Any]:
        """How elements come when they are read; none is."""
        return self._nothing.dtype

    @property
    def inner_shape(self) -> Shape:
        """Axes that each element has of its own, which come last."""
        return tuple(self._nothing.shape[len(self.region) :])

    @property
    def _nothing(self) -> NDArray[Any]:
        nothing = tuple(slice(0, 0) for _ in self.region)
        return self.array.read(nothing)


def chosen_part(request: SaveDataset, container: Container) -> Chosen:
    """What the request names.

    Raises:
        CannotRead: no dataset there, nothing in it, a part that it does not have.
    """
    array = container.array(request.node)
    facts = array.facts
    refuse_obstacle(facts, insist=False)
    shape = facts.shape or ()
    selection = request.selection or tuple((0, length) for length in shape)
    if len(selection) != len(shape):
        raise CannotRead(
            f"{named(facts)} has {len(shape)} axes; the part that was asked for has "
            f"{len(selection)}."
        )
    region: list[slice] = []
    axes: list[int] = []
    for axis, (part, length) in enumerate(zip(selection, shape, strict=True)):
        start, stop = (part, part + 1) if isinstance(part, int) else part
        stop = length if stop == TO_THE_END else stop
        if not 0 <= start <= stop <= length:
            raise CannotRead(
                f"The part that was asked for lies outside of {named(facts)}: axis {axis} has "
                f"{length:,} elements."
            )
        region.append(slice(start, stop))
        if not isinstance(part, int):
            axes.append(axis)
    if request.is_turned and len(axes) - (request.channels in axes) != 2:
        raise CannotRead("Only a part with two axes can be turned.")
    box = tuple(region) if region else whole(shape)
    n_bytes = count_elements(box) * facts.dtype.itemsize
    if n_bytes > _MOST_UNFOLDED and n_bytes > _UNFOLDED * facts.stored_bytes:
        raise CannotRead(
            f"{named(facts)} would unfold from {bytes_text(facts.stored_bytes)} to "
            f"{bytes_text(n_bytes)}; nothing was saved.",
            hint="Choose a part of it.",
        )
    return Chosen(array, box, tuple(axes), request.is_turned)
