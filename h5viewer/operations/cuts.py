"""A request's cut as a box of the dataset, and values of that box as a plane again."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, whole
from h5viewer.formats.obstacles import refuse_obstacle
from h5viewer.names import path_text, visible
from h5viewer.nodes import Dataset
from h5viewer.requests import Cut
from h5viewer.wording import bytes_text

READ_BUDGET = 8 << 30
"""Bytes decoded for one answer unless the user insists: about ten seconds."""

_UNFOLDED = 100  # times the bytes stored

MOST_EVER = 1 << 44
"""... and however much the user insists."""


class PlaneCut(msgspec.Struct, frozen=True):
    """A 2-D cut; a missing axis (None) has length 1."""

    region: Box  # of the whole dataset
    rows: int | None
    columns: int | None

    @property
    def is_turned(self) -> bool:
        """True when the columns' axis comes before the rows' axis in the file."""
        return self.rows is not None and self.columns is not None and self.rows > self.columns

    def span(self, axis: int | None) -> slice:
        """What the region covers of an axis."""
        return slice(0, 1) if axis is None else self.region[axis]

    def stored_axes(self) -> tuple[int | None, int | None]:
        """The two axes in the order of the file."""
        return (self.columns, self.rows) if self.is_turned else (self.rows, self.columns)

    def stored_spans(self, box: Box) -> tuple[slice, slice]:
        """What `box` covers of the two axes, in the order of the file."""
        first, second = self.stored_axes()
        return (
            slice(0, 1) if first is None else box[first],
            slice(0, 1) if second is None else box[second],
        )

    def stored_plane(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of a box of the region, 2-D in the order of the file, without a copy.

        Axes that the elements themselves have stay at the end.
        """
        first, second = self.stored_axes()
        n_first = 1 if first is None else values.shape[first]
        n_second = 1 if second is None else values.shape[second]
        # All other axes have length 1, so this never copies a C-ordered box.
        return values.reshape(n_first, n_second, *values.shape[len(self.region) :])


def plane_cut(facts: Dataset, cut: Cut, region: tuple[int, int, int, int] | None) -> PlaneCut:
    """The box of a 2-D cut; `region` is clipped to the dataset.

    Raises:
        CannotRead: the cut does not fit the dataset.
    """
    box = list(_fixed(facts, cut))
    limits = region or (0, 0, 0, 0)
    for axis, start, stop in ((cut.rows, *limits[:2]), (cut.columns, *limits[2:])):
        if axis is not None and region is not None:
            length = (facts.shape or ())[axis]
            first = min(max(0, start), length)
            box[axis] = slice(first, min(max(first, stop), length))
    return PlaneCut(tuple(box), cut.rows, cut.columns)


def line_cut(facts: Dataset, cut: Cut, region: tuple[int, int] | None) -> PlaneCut:
    """The box of a 1-D cut along `cut.columns`, as a plane of one row.

    Raises:
        CannotRead: the cut does not fit the dataset.
    """
    one_row = Cut(rows=None, columns=cut.columns, index=cut.index)
    return plane_cut(facts, one_row, None if region is None else (0, 1, *region))


def require_numbers(facts: Dataset, *, insist: bool) -> None:
    """Refuse what cannot be drawn or computed with.

    Raises:
        CannotRead, TooLarge: the elements are no numbers, or an obstacle.
    """
    refuse_obstacle(facts, insist=insist)
    if not facts.dtype.is_numeric:
        raise CannotRead(
            f"{named(facts)} holds no numbers but {facts.dtype.text}.",
            hint="The table shows its values.",
        )


def named(facts: Dataset) -> str:
    """The dataset in a sentence."""
    return visible(path_text(facts.path))


def as_numbers(values: NDArray[Any]) -> NDArray[Any]:
    """Real numbers that compare fast: magnitudes of complex ones, float16 as float32."""
    # float32 would overflow: the magnitude of 3e38 + 3e38j is 4.2e38.
    with np.errstate(over="ignore", invalid="ignore"):
        if values.dtype.kind == "c":
            return np.abs(values.astype(np.complex128, copy=False))
        if values.dtype.kind == "f" and values.dtype.itemsize not in (4, 8):
            return values.astype(np.float32 if values.dtype.itemsize == 2 else np.float64)
    return values


def _fixed(facts: Dataset, cut: Cut) -> Box:
    shape = facts.shape or ()
    axes = [axis for axis in (cut.rows, cut.columns) if axis is not None]
    if any(not 0 <= axis < len(shape) for axis in axes) or len(set(axes)) != len(axes):
        raise CannotRead(f"{named(facts)} has {len(shape)} axes; this cut names others.")
    free = set(axes)
    if 0 in shape:
        return tuple(slice(0, 0) for _ in shape)  # else (5, 0, 3) had rows and columns to show
    index = cut.index or (0,) * len(shape)
    if len(index) != len(shape) or any(
        not 0 <= n < length
        for axis, (n, length) in enumerate(zip(index, shape, strict=False))
        if axis not in free
    ):
        raise CannotRead(f"This position lies outside of {named(facts)}.")
    return tuple(
        full if axis in free else slice(n, n + 1)
        for axis, (full, n) in enumerate(zip(whole(shape), index, strict=True))
    )


def refuse_unfolding(facts: Dataset) -> None:
    """Raise for an array that is fill values, or a bomb, rather than numbers somebody stored.

    Raises:
        CannotRead: it is.
    """
    refuse_obstacle(facts, insist=False)
    if facts.declared_bytes > _UNFOLDED * max(1 << 20, facts.stored_bytes):
        raise CannotRead(
            f"{named(facts)} would unfold from {bytes_text(facts.stored_bytes)} to "
            f"{bytes_text(facts.declared_bytes)}; nothing was saved."
        )
