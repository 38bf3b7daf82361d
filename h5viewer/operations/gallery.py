"""Filters of a convolution as small pictures, a page at a time."""

from __future__ import annotations

import numpy as np

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.nodes import Array, Gallery
from h5viewer.operations import Operation
from h5viewer.operations.cuts import as_numbers, named
from h5viewer.operations.whole_weights import weight_array
from h5viewer.requests import Progress, ReadGallery

_MOST_PIXELS = 4_000_000  # of a page: 16 MB through the pipe


def read_gallery(request: ReadGallery, container: Container) -> Operation[Gallery]:
    """Filters `start` ... along the filter axis, as the stored numbers (float32).

    Raises:
        CannotRead, TooLarge: no numbers, axes that the dataset does not have.
    """
    array = weight_array(container, request.node, n_axes=2)
    shape = array.facts.shape or ()
    axes = (request.height, request.width, request.filters, request.colours)
    used = [axis for axis in axes if axis is not None]
    if len(set(used)) != len(used) or any(not 0 <= axis < len(shape) for axis in used):
        raise CannotRead(f"{named(array.facts)} has other axes than these pictures need.")
    total = 1 if request.filters is None else shape[request.filters]
    pixels = (
        shape[request.height] * shape[request.width] * (3 if request.colours is not None else 1)
    )
    start = min(max(0, request.start), total)
    count = max(1, min(request.count, total - start, _MOST_PIXELS // max(1, pixels)))
    if pixels > _MOST_PIXELS:
        raise CannotRead(f"The filters of {named(array.facts)} are too large for small pictures.")
    index = request.index or (0,) * len(shape)
    box = tuple(
        slice(start, start + count)
        if axis == request.filters
        else slice(0, min(3, length) if axis == request.colours else length)
        if axis in used
        else slice(min(at, length - 1), min(at, length - 1) + 1)
        for axis, (length, at) in enumerate(zip(shape, index, strict=False))
    )
    yield Progress(done=0, unit="bytes")
    values = as_numbers(array.read(box)).astype(np.float32)
    order = [request.filters, request.height, request.width, request.colours]
    wanted = [axis for axis in order if axis is not None]
    rest = [axis for axis in range(len(shape)) if axis not in wanted]
    pictures = values.transpose(*rest, *wanted)[(0,) * len(rest)]
    if request.filters is None:
        pictures = pictures[None]
    return Gallery(start=start, total=total, values=Array.of(np.ascontiguousarray(pictures)))
