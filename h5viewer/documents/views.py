"""Which views fit a weight: only those that have something to show."""

from __future__ import annotations

import math

from msgspec.structs import replace

from h5viewer.nodes import ViewName, WeightMeaning

_SMALLEST_PICTURE = 2  # pixels of a filter; a window of 1 × 1 shows nothing


def views_of(meaning: WeightMeaning) -> WeightMeaning:
    """The meaning with the views that fit it, the most telling first."""
    views: list[ViewName] = []
    shape = meaning.shape
    n_window = math.prod(shape[axis] for axis in meaning.picture_axes)
    if meaning.picture_axes and n_window >= _SMALLEST_PICTURE:
        views.append("filters")
    if meaning.parts and meaning.head_axis is None:
        views.append("gates")
    if meaning.parts and meaning.head_axis is not None:
        views.append("heads")
    if meaning.role == "embeddings" and len(shape) == 2:
        views.append("rows")
    is_matrix = len(shape) >= 2 and min(matrix_shape(shape, meaning)) >= 2
    is_matrix = is_matrix and meaning.role != "bias"  # of GRU: two rows, no matrix
    if len(shape) == 2 and is_matrix and meaning.role != "embeddings":
        views.append("order")
    if meaning.out_axis is not None and is_matrix:
        views.append("norms")
    if is_matrix:
        views.append("singular")
    columns = matrix_axes(shape, meaning) if is_matrix else ()
    return replace(meaning, views=tuple(views), matrix_columns=columns)


def matrix_axes(shape: tuple[int, ...], meaning: WeightMeaning) -> tuple[int, ...]:
    """The axes that become the columns of a weight seen as a matrix: outputs, else the last."""
    if len(shape) == 2:
        return (1,)
    if "head" in meaning.axes and meaning.axes[0] == "in":
        return tuple(range(1, len(shape)))  # all heads side by side
    if meaning.axes and "multiplier" in meaning.axes:
        return (meaning.axes.index("in"), meaning.axes.index("multiplier"))
    return (len(shape) - 1 if meaning.out_axis is None else meaning.out_axis,)


def matrix_shape(shape: tuple[int, ...], meaning: WeightMeaning) -> tuple[int, int]:
    """Rows and columns of the weight as a matrix."""
    columns = math.prod(shape[axis] for axis in matrix_axes(shape, meaning))
    return (math.prod(shape) // columns if columns else 0, columns)
