"""Layers that move, cut, add or repeat axes."""

from __future__ import annotations

from h5viewer.documents.json_text import whole_number
from h5viewer.documents.shapes.axes import (
    MOST_AXES,
    Axes,
    Config,
    Fed,
    Made,
    Rule,
    ShapeUnknown,
    as_list,
    as_size,
    is_channels_first,
    join_image,
    one,
    product,
    size,
    split_image,
    whole,
)

Pair = tuple[int, int]


def kept(_: Config, fed: Fed) -> Made:
    """What is fed: activations, normalisation, dropout, noise, masking."""
    return Made((fed.one(),))


def flattened(_: Config, fed: Fed) -> Made:
    """All axes but the batch as one."""
    shape = fed.shapes[0] if fed.shapes else None
    if shape is None:
        return one((None, None))
    return one((shape[0] if shape else None, product(shape[1:])))


def reshaped(config: Config, fed: Fed) -> Made:
    """`target_shape`, one -1 in it worked out."""
    stated = as_list(config.get("target_shape"))
    if stated is None or len(stated) >= MOST_AXES:
        raise ShapeUnknown("Its “target_shape” is no list of sizes.")
    shape = fed.shapes[0] if fed.shapes else None
    inside = None if shape is None else shape[1:]
    batch = shape[0] if shape else None
    return one((batch, *refilled(inside, [-1 if each is None else each for each in stated])))


def refilled(inside: Axes | None, target: list[object]) -> Axes:
    """The sizes of `target`, its -1 what is left of a tensor of sizes `inside`.

    Raises:
        ShapeUnknown: the numbers of elements differ, or `target` is not made of sizes.
    """
    free = [i for i, each in enumerate(target) if each == -1 and whole_number(each) == -1]
    fixed = [as_size(each) for i, each in enumerate(target) if i not in free]
    if len(free) > 1 or any(each is None for each in fixed):
        raise ShapeUnknown("Its target shape is not made of sizes.")
    known = product(fixed)
    total = None if inside is None else product(inside)
    if not free:
        if total is not None and known is not None and total != known:
            raise ShapeUnknown(f"Its input holds {total} numbers, its output {known}.")
        return tuple(fixed)
    rest: int | None = None
    if total is not None and known:
        if total % known:
            raise ShapeUnknown(f"Its input's {total} numbers cannot be split by {known}.")
        rest = total // known
    return (*fixed[: free[0]], rest, *fixed[free[0] :])


def permuted(config: Config, fed: Fed) -> Made:
    """`dims` counts the axes from 1, the batch left out."""
    shape = fed.one()
    stated = as_list(config.get("dims"))
    dims = [whole_number(each) for each in stated or ()]
    if sorted(each or 0 for each in dims) != list(range(1, len(shape))):
        raise ShapeUnknown("Its “dims” do not name each axis of its input once.")
    return one((shape[0], *(shape[each] for each in dims if each)))


def repeated(config: Config, fed: Fed) -> Made:
    """RepeatVector: (batch, features) → (batch, n, features)."""
    shape = fed.of_rank(2)
    return one((shape[0], size(config, "n"), shape[1]))


def padded(rank: int) -> Rule:
    """ZeroPadding: `padding` one number, one an axis, or two an axis."""

    def rule(config: Config, fed: Fed) -> Made:
        return _resized(config, fed, _pairs(config.get("padding", 1), rank, "padding"), 1)

    return rule


def cropped(rank: int) -> Rule:
    """Cropping: as padding, taken away."""

    def rule(config: Config, fed: Fed) -> Made:
        return _resized(config, fed, _pairs(config.get("cropping", 1), rank, "cropping"), -1)

    return rule


def _resized(config: Config, fed: Fed, pairs: list[Pair], sign: int) -> Made:
    shape, first = fed.of_rank(len(pairs) + 2), is_channels_first(config)
    spatial, channels = split_image(shape, first=first)
    made = [
        None if length is None else length + sign * sum(pair)
        for length, pair in zip(spatial, pairs, strict=True)
    ]
    return one(join_image(shape[0], made, channels, first=first))


def _pairs(value: object, rank: int, name: str) -> list[Pair]:
    stated = as_list(value)
    if stated is None:
        number = _margin(value, name)
        return [(number, number)] * rank
    if rank == 1 and len(stated) == 2 and all(as_list(each) is None for each in stated):
        return [(_margin(stated[0], name), _margin(stated[1], name))]
    if rank == 2 and len(stated) == 4:  # Keras 1: top, bottom, left, right
        top, bottom, left, right = (_margin(each, name) for each in stated)
        return [(top, bottom), (left, right)]
    if len(stated) != rank:
        raise ShapeUnknown(f"Its “{name}” does not fit {rank} axes.")
    return [_pair(each, name) for each in stated]


def _pair(value: object, name: str) -> Pair:
    stated = as_list(value)
    if stated is None:
        return (_margin(value, name), _margin(value, name))
    if len(stated) != 2:
        raise ShapeUnknown(f"Its “{name}” is not made of pairs.")
    return (_margin(stated[0], name), _margin(stated[1], name))


def _margin(value: object, name: str) -> int:
    number = whole(value, name)
    if number < 0:
        raise ShapeUnknown(f"Its “{name}” is negative.")
    return number
