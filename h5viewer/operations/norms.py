"""How large each output of a weight is: L1, L2 and the largest magnitude along one axis."""

from __future__ import annotations

import numpy as np

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.container import Container
from h5viewer.nodes import Array, Norms
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named
from h5viewer.operations.whole_weights import boxes_of, weight_array, without_strange
from h5viewer.requests import Progress, ReadNorms

_MOST = 1_000_000  # positions along the axis


def read_norms(request: ReadNorms, container: Container) -> Operation[Norms]:
    """In one pass; values that are not finite are counted and left out.

    Raises:
        CannotRead, TooLarge: no numbers, no such axis, too much.
    """
    array = weight_array(container, request.node)
    shape = array.facts.shape or ()
    if not 0 <= request.axis < len(shape):
        raise CannotRead(f"{named(array.facts)} has {len(shape)} axes.")
    length = shape[request.axis]
    if length > _MOST:
        raise TooLarge(f"{named(array.facts)} has too many positions along this axis: {length:,}.")
    l1, squares, largest = np.zeros(length), np.zeros(length), np.zeros(length)
    others = tuple(axis for axis in range(len(shape)) if axis != request.axis)
    n_strange = 0
    for item in boxes_of(array):
        if isinstance(item, Progress):
            yield item
            continue
        box, values = item
        numbers, n_bad = without_strange(values)
        n_strange += n_bad
        magnitudes = np.abs(numbers)
        at = box[request.axis]
        l1[at] += magnitudes.sum(axis=others)
        with np.errstate(over="ignore"):
            squares[at] += np.square(magnitudes).sum(axis=others)
        largest[at] = np.maximum(largest[at], magnitudes.max(axis=others, initial=0.0))
    return Norms(
        axis=request.axis,
        l1=Array.of(l1),
        l2=Array.of(np.sqrt(squares)),
        largest=Array.of(largest),
        n_not_finite=n_strange,
    )
