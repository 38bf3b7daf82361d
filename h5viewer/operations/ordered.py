"""A matrix with similar rows and similar columns side by side.

Order: the angle of each row (column) in the plane of the first two singular vectors, begun
at the largest gap. Source: Friendly, "Corrgrams" (2002), angular order of eigenvectors.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.nodes import Array, Ordered
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named
from h5viewer.operations.whole_weights import gathered, shrunk, weight_array, without_strange
from h5viewer.requests import Progress, ReadOrdered

_MOST = 16_000_000  # numbers
_FREQUENCIES = (1.0, 1.618, 2.414, 3.303)
_WEAK = 0.2  # of the strongest row or column
_STEPS = 40  # of the iteration; two vectors are good enough for an order long before

_TEXT = (
    "Rows and columns are sorted by their angle in the plane of the first two singular vectors, "
    "so that similar ones stand together; weak ones come last."
)


def read_ordered(request: ReadOrdered, container: Container) -> Operation[Ordered]:
    """The matrix in the new order, or as it is stored, as a picture of bounded size.

    Raises:
        CannotRead: no matrix of numbers.
        TooLarge: more than 16 million numbers.
    """
    array = weight_array(container, request.node, n_axes=2)
    shape = array.facts.shape or ()
    if len(shape) != 2:
        raise CannotRead(f"{named(array.facts)} is no matrix.")
    values = yield from gathered(array, _MOST, "An order")
    finite, _ = without_strange(values)
    yield Progress(done=0)
    left, right = yield from _first_two(finite)
    strengths = [np.sqrt(np.square(finite).sum(axis=axis)) for axis in (1, 0)]
    rows, columns = by_angle(left, strengths[0]), by_angle(right, strengths[1])
    if not request.sort:
        rows, columns = np.arange(shape[0]), np.arange(shape[1])
    picture = shrunk(values[np.ix_(rows, columns)], request.max_rows, request.max_columns)
    return Ordered(
        values=Array.of(picture.astype(np.float32)),
        row_order=Array.of(rows.astype(np.int64)),
        column_order=Array.of(columns.astype(np.int64)),
        row_step=-(-shape[0] // request.max_rows),
        column_step=-(-shape[1] // request.max_columns),
        text=_TEXT if request.sort else "As stored.",
    )


def by_angle(vectors: NDArray[np.float64], strengths: NDArray[np.float64]) -> NDArray[np.int64]:
    """The order of points in a plane by their angle, begun after the largest gap.

    Args:
        vectors: (points, 2).
        strengths: of each row or column as a whole; the angle of a weak one means nothing, so
            those come at the end, strongest first.
    """
    is_weak = strengths < _WEAK * strengths.max(initial=0.0)
    strong, weak = np.flatnonzero(~is_weak), np.flatnonzero(is_weak)
    angles = np.arctan2(vectors[strong, 1], vectors[strong, 0])
    order = strong[np.argsort(angles, kind="stable")]
    around = np.sort(angles)
    gaps = np.diff(np.concatenate([around, around[:1] + 2 * np.pi]))
    begin = (int(np.argmax(gaps)) + 1) % order.size
    last = weak[np.argsort(-strengths[weak], kind="stable")]
    return np.concatenate([np.roll(order, -begin), last]).astype(np.int64)


def _first_two(
    values: NDArray[np.float64],
) -> Generator[Progress, None, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """First two singular vectors of each side, by subspace iteration from a fixed start."""
    # any start will do that is no vector of the kind that weights have; the same each time
    start = np.cos(np.outer(np.arange(1, values.shape[1] + 1), _FREQUENCIES))
    right, _ = np.linalg.qr(start)
    for step in range(_STEPS):
        left, _ = np.linalg.qr(values @ right)
        right, _ = np.linalg.qr(values.T @ left)
        yield Progress(done=step + 1, total=_STEPS)
    small = values @ right
    inner_left, strengths, inner_right = np.linalg.svd(small, full_matrices=False)
    two = min(2, strengths.size)
    sides = (
        inner_left[:, :two] * strengths[:two],
        (right @ inner_right.T)[:, :two] * strengths[:two],
    )
    first, second = (np.pad(side, ((0, 0), (0, 2 - two))) for side in sides)
    return first, second
