"""Pictures and numbers of the gates or heads of a weight, each by itself."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, whole
from h5viewer.formats.container import Container
from h5viewer.nodes import Array, PartNumbers, Parts
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named
from h5viewer.operations.whole_weights import boxes_of, shrunk, weight_array
from h5viewer.requests import Block, Progress, ReadParts

_MOST = 16_000_000  # numbers of one part
_PIXELS = 256  # a side


def read_parts(request: ReadParts, container: Container) -> Operation[Parts]:
    """Each part in turn; more than two axes are laid out as rows by all but the last.

    Raises:
        CannotRead, TooLarge: no numbers, a part outside of its dataset, too much.
    """
    found = []
    for number, part in enumerate(request.parts):
        array = weight_array(container, part.path, n_axes=0)
        region = _region(array.facts.shape or (), part)
        if region is None or math.prod(b.stop - b.start for b in region) > _MOST:
            raise CannotRead(f"{named(array.facts)} has no such part, or it is too large.")
        values = np.empty([box.stop - box.start for box in region])
        for item in boxes_of(array, region):
            if isinstance(item, Progress):
                yield item
            else:
                at = tuple(
                    slice(box.start - all_of.start, box.stop - all_of.start)
                    for box, all_of in zip(item[0], region, strict=True)
                )
                values[at] = item[1]
        found.append(_numbers(_matrix(values, part)))
        yield Progress(done=number + 1, total=len(request.parts))
    return Parts(parts=tuple(found))


def _region(shape: tuple[int, ...], part: Block) -> Box | None:
    region = list(whole(shape))
    if part.axis is not None:
        if not 0 <= part.axis < len(shape) or not 0 <= part.start < part.stop <= shape[part.axis]:
            return None
        region[part.axis] = slice(part.start, part.stop)
    if part.row is not None:
        if len(shape) != 2 or not 0 <= part.row < shape[0]:
            return None
        region[0] = slice(part.row, part.row + 1)
    return tuple(region)


def _matrix(values: NDArray[np.float64], part: Block) -> NDArray[np.float64]:
    """Rows and columns: the axes that are longer than one, all but the last downwards."""
    if part.axis is not None and part.stop - part.start == 1 and values.ndim > 2:
        values = values.squeeze(axis=part.axis)
    if values.ndim < 2:
        return values.reshape(1, -1)
    return values.reshape(-1, values.shape[-1])


def _numbers(values: NDArray[np.float64]) -> PartNumbers:
    finite = values[np.isfinite(values)]
    has_any = finite.size > 0
    return PartNumbers(
        values=Array.of(shrunk(values, _PIXELS, _PIXELS).astype(np.float32)),
        count=values.size,
        minimum=float(finite.min()) if has_any else math.nan,
        maximum=float(finite.max()) if has_any else math.nan,
        mean=float(finite.mean()) if has_any else math.nan,
        std=float(finite.std()) if has_any else math.nan,
        norm=float(np.sqrt(np.square(finite).sum())),
        n_zero=int(finite.size - np.count_nonzero(finite)),
        n_not_finite=int(values.size - finite.size),
    )
