"""Layers that take several tensors: sums, concatenation, dot products, Keras 1 Merge."""

from __future__ import annotations

from collections.abc import Sequence

from h5viewer.documents.shapes.axes import (
    Axes,
    Config,
    Fed,
    Made,
    ShapeUnknown,
    as_list,
    axis_of,
    broadcast,
    one,
    product,
    same,
    times,
)

_MOST_INPUTS = 100_000


def merged(_: Config, fed: Fed) -> Made:
    """Add, Subtract, Multiply, Average, Maximum, Minimum: element by element.

    Source: keras/src/layers/merging/base_merge.py: the batch is left out of broadcasting,
    tensors of fewer axes get theirs after the batch.
    """
    shapes = fed.all()
    inside = broadcast([shape[1:] for shape in shapes])
    return one((_batch(shapes), *inside))


def concatenated(config: Config, fed: Fed) -> Made:
    """Sizes along `axis` are added, all others have to be equal."""
    return one(joined(fed.all(), config.get("axis", -1)))


def joined(shapes: Sequence[Axes], axis: object) -> Axes:
    """Shapes one after the other along an axis."""
    first = shapes[0]
    place = axis_of(axis, len(first))
    along: int | None = 0
    made = list(first)
    for shape in shapes:
        if len(shape) != len(first):
            raise ShapeUnknown("Its inputs have different numbers of axes.")
        for i, size in enumerate(shape):
            if i == place:
                along = None if along is None or size is None else along + size
            else:
                made[i] = same(made[i], size)
    made[place] = along
    return tuple(made)


def dotted(config: Config, fed: Fed) -> Made:
    """One multiply-add for each number of the output and each place of the summed axis."""
    shapes = fed.all()
    if len(shapes) != 2:
        raise ShapeUnknown(f"It takes two inputs and is fed {len(shapes)}.")
    stated = config.get("axes", config.get("dot_axes", -1))
    places = as_list(stated)
    pair = places if places is not None else [stated, stated]
    if len(pair) != 2:
        raise ShapeUnknown("Its “axes” are not one axis of each input.")
    left, right = shapes
    a, b = axis_of(_first(pair[0]), len(left), "axes"), axis_of(_first(pair[1]), len(right), "axes")
    summed = same(left[a], right[b])
    rest = [size for i, size in enumerate(right) if i not in (0, b)]
    made = (*left[:a], *left[a + 1 :], *rest)
    if len(made) == 1:
        made = (*made, 1)
    return one(made, times(product(made[1:]), summed))


def _first(value: object) -> object:
    """Keras 1 states each axis as a list of one."""
    stated = as_list(value)
    return stated[0] if stated is not None and len(stated) == 1 else value


def merged_by_mode(config: Config, fed: Fed) -> Made:
    """Keras 1 Merge."""
    mode = config.get("mode", "sum")
    match mode:
        case "sum" | "mul" | "ave" | "max":
            return merged(config, fed)
        case "concat":
            return one(joined(fed.all(), config.get("concat_axis", -1)))
        case "dot":
            return dotted(config, fed)
        case "cos":
            made = dotted(config, fed)
            shape = made.shapes[0] or ()
            return one((shape[0], 1, *shape[1:]), made.multiply_adds)
    raise ShapeUnknown("Its “mode” is Python code or has a name that is not known.")


def _batch(shapes: Sequence[Axes]) -> int | None:
    """The batch that all agree on."""
    batches = {shape[0] for shape in shapes if shape} - {None}
    return batches.pop() if len(batches) == 1 else None
