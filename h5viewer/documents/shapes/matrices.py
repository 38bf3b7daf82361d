"""What operations on matrices put out: determinants, diagonals, sums of them.

Those of Keras 3 state their axes in their configuration; TensorFlow's matrices lie in the last two.
"""

from __future__ import annotations

from h5viewer.documents.shapes import arrays
from h5viewer.documents.shapes.axes import Axes, Config, Fed, Made, ShapeUnknown, axes_of, one


def in_one(_: Config, fed: Fed) -> Made:
    """A number of each matrix."""
    return one(_matrices(fed)[:-2])


def kept(_: Config, fed: Fed) -> Made:
    """A matrix of each."""
    return one(_matrices(fed))


def swapped(_: Config, fed: Fed) -> Made:
    """Rows for columns."""
    return one(arrays.swapped(_matrices(fed), -1, -2))


def spread(_: Config, fed: Fed) -> Made:
    """tf.linalg.diag: rows as diagonals."""
    shape = fed.one()
    if not shape:
        raise ShapeUnknown("It takes rows.")
    return one((*shape, shape[-1]))


def diagonal(config: Config, fed: Fed) -> Made:
    """The diagonals as rows."""
    return one(
        _without_both({"axis1": -2, "axis2": -1, **config}, _matrices(fed), with_length=True)
    )


def diagonal_of_keras(config: Config, fed: Fed) -> Made:
    """Diagonal: of the first two axes unless stated."""
    return one(_without_both(config, _matrices(fed), with_length=True))


def traced(config: Config, fed: Fed) -> Made:
    """Trace: likewise, their sum."""
    return one(_without_both(config, _matrices(fed), with_length=False))


def _matrices(fed: Fed) -> Axes:
    shape = fed.one()
    if len(shape) < 2:
        raise ShapeUnknown("It takes matrices.")
    return shape


def _without_both(config: Config, shape: Axes, *, with_length: bool) -> Axes:
    both = axes_of([config.get("axis1", 0), config.get("axis2", 1)], len(shape), "axes")
    rest = tuple(size for axis, size in enumerate(shape) if axis not in both)
    if not with_length:
        return rest
    sides = [shape[axis] for axis in both]
    if config.get("offset", 0) != 0:
        return (*rest, None)
    known = [side for side in sides if side is not None]
    return (*rest, min(known) if len(known) == 2 else None)
