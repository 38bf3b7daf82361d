"""The same cut of two datasets, one minus the other, as a picture."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box
from h5viewer.formats.container import Container
from h5viewer.formats.paired import paired_boxes, process_both
from h5viewer.nodes import Array, Plane
from h5viewer.operations import Operation
from h5viewer.operations.cuts import MOST_EVER, READ_BUDGET, named, plane_cut, require_numbers
from h5viewer.operations.extremes import Extremes, Folded, Grid, farthest, fold
from h5viewer.operations.planes import plane_of
from h5viewer.requests import Progress, ReadDifference
from h5viewer.wording import shape_text

_BOX = 4 << 20  # bytes, as for planes
_N_SAMPLES = 1024  # boxes, of datasets beyond the budget
_NEXT_PICTURE = 0.25  # seconds
_YIELD = 0.04


def read_difference(request: ReadDifference, a: Container, b: Container) -> Operation[Plane]:
    """B minus A; each pixel by the largest difference among its elements, or NaN.

    Beyond READ_BUDGET, unless the user insists, the result is a sampled picture.

    Raises:
        CannotRead, TooLarge: no numbers, other shapes, an obstacle, damage.
    """
    array_a, array_b = a.array(request.node), b.array(request.other_node)
    for facts in (array_a.facts, array_b.facts):
        require_numbers(facts, insist=request.insist)
    if array_a.facts.shape != array_b.facts.shape:
        shapes = f"{shape_text(array_a.facts.shape)} and {shape_text(array_b.facts.shape)}"
        raise CannotRead(f"There is no difference of {named(array_a.facts)}: {shapes}.")
    cut = plane_cut(array_a.facts, request.cut, request.region)
    rows = Grid.of(cut.span(cut.rows), request.max_rows)
    columns = Grid.of(cut.span(cut.columns), request.max_columns)
    extremes = Extremes(columns, rows) if cut.is_turned else Extremes(rows, columns)
    total = array_a.cost(cut.region) + array_b.cost(cut.region)
    is_whole = total <= (MOST_EVER if request.insist else READ_BUDGET)
    boxes = paired_boxes(array_a, array_b, cut.region, _BOX)
    if not is_whole:
        boxes = array_a.sample(cut.region, _N_SAMPLES)

    def plane(is_sharp: bool) -> Plane:
        picture = farthest(*extremes.low_and_high(), 0.0)
        values = Array.of(picture.T if cut.is_turned else picture)
        return plane_of(values, rows, columns, is_sharp=is_sharp)

    def folded(box: Box, first: NDArray[Any], second: NDArray[Any]) -> Folded:
        values = cut.stored_plane(_minus(second, first))
        return fold(values, cut.stored_spans(box), extremes.grids)

    done = 0
    yield_due, picture_due = time.monotonic() + _YIELD, time.monotonic() + _NEXT_PICTURE
    with closing(process_both(array_a, array_b, boxes, folded, insist=request.insist)) as parts:
        for box, part in parts:
            extremes.add(part)
            done += array_a.cost(box) + array_b.cost(box)
            if time.monotonic() > picture_due:
                yield plane(False)
                picture_due = time.monotonic() + _NEXT_PICTURE
            elif time.monotonic() > yield_due:
                yield Progress(done=min(done, total), total=min(total, MOST_EVER), unit="bytes")
            else:
                continue
            yield_due = time.monotonic() + _YIELD
    return plane(is_whole)


def _minus(second: NDArray[Any], first: NDArray[Any]) -> NDArray[Any]:
    """In float64, where no difference of smaller numbers is rounded; of complex ones how large."""
    with np.errstate(all="ignore"):
        if "c" in (first.dtype.kind, second.dtype.kind):
            return np.abs(second.astype(np.complex128) - first.astype(np.complex128))
        difference: NDArray[Any] = second.astype(np.float64) - first.astype(np.float64)
    return difference
