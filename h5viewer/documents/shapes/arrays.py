"""Operations on tensors, whoever calls them: Keras 3 operations or TensorFlow functions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from h5viewer.documents.json_text import is_list, is_table, table, whole_number
from h5viewer.documents.shapes.axes import (
    MOST_AXES,
    Axes,
    Made,
    ShapeUnknown,
    as_list,
    as_size,
    axes_of,
    axis_of,
    broadcast,
    one,
    product,
    same,
    times,
    whole,
)

MOST_OUTPUTS = 10_000
_Slice = tuple[int | None, int | None, int | None]


def reduced(shape: Axes, axis: object, *, keep: bool) -> Axes:
    """Sums, means, maxima: the axes go, or stay with length 1."""
    places = range(len(shape)) if axis is None else axes_of(axis, len(shape))
    gone = set(places)
    if keep:
        return tuple(1 if i in gone else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in gone)


def expanded(shape: Axes, axis: object) -> Axes:
    """New axes of length 1 at these places of the output."""
    stated = as_list(axis)
    n = 1 if stated is None else len(stated)
    if n + len(shape) > MOST_AXES:
        raise ShapeUnknown("It would have too many axes.")
    rest = list(shape)
    for place in axes_of(axis, len(shape) + n):
        rest.insert(place, 1)
    return tuple(rest)


def squeezed(shape: Axes, axis: object) -> Axes:
    """Axes of length 1 go: those stated, or all."""
    stated = as_list(axis)
    if axis is None or stated == []:
        if None in shape[1:]:
            raise ShapeUnknown("Which axes have length 1 is not known.")
        return shape[:1] + tuple(size for size in shape[1:] if size != 1)
    gone = axes_of(axis, len(shape))
    if any(shape[place] not in (1, None) for place in gone):
        raise ShapeUnknown("It squeezes an axis that is longer than 1.")
    return tuple(size for i, size in enumerate(shape) if i not in gone)


def transposed(shape: Axes, order: object) -> Axes:
    """Axes in another order; None: reversed."""
    if order is None:
        return shape[::-1]
    stated = as_list(order)
    if stated is None or len(stated) != len(shape):
        raise ShapeUnknown("The order of its axes does not fit its input.")
    places = [axis_of(each, len(shape), "axes") for each in stated]
    if len(set(places)) < len(places):
        raise ShapeUnknown("The order of its axes names one twice.")
    return tuple(shape[place] for place in places)


def swapped(shape: Axes, a: object, b: object) -> Axes:
    """Two axes in each other's place."""
    i, j, made = axis_of(a, len(shape)), axis_of(b, len(shape)), list(shape)
    made[i], made[j] = made[j], made[i]
    return tuple(made)


def moved(shape: Axes, source: object, destination: object) -> Axes:
    """Axes moved to other places, the rest in order."""
    froms = as_list(source) or [source]
    tos = as_list(destination) or [destination]
    if len(froms) != len(tos) or len(froms) > len(shape):
        raise ShapeUnknown("The axes it moves do not fit its input.")
    old = [axis_of(each, len(shape)) for each in froms]
    new = [axis_of(each, len(shape)) for each in tos]
    rest = [i for i in range(len(shape)) if i not in old]
    for place, i in sorted(zip(new, old, strict=True)):
        rest.insert(place, i)
    if sorted(rest) != list(range(len(shape))):
        raise ShapeUnknown("The axes it moves do not fit its input.")
    return tuple(shape[i] for i in rest)


def stacked(shapes: Sequence[Axes], axis: object) -> Axes:
    """A new axis along which the tensors lie."""
    first = shapes[0]
    for shape in shapes[1:]:
        if len(shape) != len(first):
            raise ShapeUnknown("Its inputs have different numbers of axes.")
        first = tuple(same(a, b) for a, b in zip(first, shape, strict=True))
    place = axis_of(axis, len(first) + 1)
    return (*first[:place], len(shapes), *first[place:])


def split(shape: Axes, parts: object, axis: object, *, at_places: bool) -> Made:
    """`parts`: how many, or a list of places (`at_places`) or of sizes."""
    place = axis_of(axis, len(shape))
    length, stated = shape[place], as_list(parts)
    sizes: list[int | None]
    if stated is None:
        n = whole(parts, "sections")
        if not 1 <= n <= MOST_OUTPUTS or (length is not None and length % n):
            raise ShapeUnknown("Its input cannot be split into that many parts.")
        sizes = [None if length is None else length // n] * n
    elif len(stated) >= MOST_OUTPUTS:
        raise ShapeUnknown("It has too many outputs.")
    elif at_places:
        ends = [0, *(whole(each, "sections") for each in stated)]
        sizes = [b - a for a, b in pairwise(ends)]
        sizes.append(None if length is None else length - ends[-1])
    else:
        sizes = [None if each == -1 else whole(each, "sections") for each in stated]
        if sizes.count(None) == 1 and length is not None:
            rest = length - sum(each for each in sizes if each is not None)
            sizes = [rest if each is None else each for each in sizes]
    made = [one((*shape[:place], each, *shape[place + 1 :])).shapes[0] for each in sizes]
    return Made(made)


def tiled(shape: Axes, repeats: object) -> Axes:
    """The tensor beside itself, so and so often along each axis."""
    stated = as_list(repeats) or [repeats]
    if len(stated) > MOST_AXES:
        raise ShapeUnknown("Its repeats are no list of numbers.")
    n = max(len(shape), len(stated))
    by = [1] * (n - len(stated)) + [whole(each, "repeats") for each in stated]
    sizes: Axes = (1,) * (n - len(shape)) + shape
    return tuple(None if a is None else a * b for a, b in zip(sizes, by, strict=True))


def padded(shape: Axes, pads: object) -> Axes:
    """[before, after] for each axis."""
    stated = as_list(pads)
    if stated is None or (len(stated) == 2 and all(as_list(each) is None for each in stated)):
        pair = [pads, pads] if stated is None else stated
        stated = [pair] * len(shape)
    if len(stated) == 1:
        stated = stated * len(shape)
    if len(stated) != len(shape):
        raise ShapeUnknown("Its padding does not fit its input.")
    made: list[int | None] = []
    for size, each in zip(shape, stated, strict=True):
        ends = as_list(each) or [each, each]
        if len(ends) != 2:
            raise ShapeUnknown("Its padding is not made of pairs.")
        more = whole(ends[0], "padding") + whole(ends[1], "padding")
        made.append(None if size is None else size + more)
    return tuple(made)


def multiplied(a: Axes, b: Axes) -> Made:
    """Matrix product of the last two axes, the others broadcast."""
    if not a or not b:
        raise ShapeUnknown("It multiplies matrices and is fed a number.")
    left, right = (a if len(a) > 1 else (1, *a)), (b if len(b) > 1 else (*b, 1))
    inner = same(left[-1], right[-2])
    around = broadcast([left[:-2], right[:-2]]) if len(left) > 2 or len(right) > 2 else ()
    made = (*around, *(left[-2:-1] if len(a) > 1 else ()), *(right[-1:] if len(b) > 1 else ()))
    return one(made, times(product(made[1:]), inner))


def tensordot(a: Axes, b: Axes, axes: object) -> Made:
    """The last n axes of one with the first n of the other, or those stated."""
    stated = as_list(axes)
    if stated is None:
        n = whole(axes, "axes")
        if not 0 <= n <= min(len(a), len(b)):
            raise ShapeUnknown("Its “axes” do not fit its inputs.")
        first, second = list(range(len(a) - n, len(a))), list(range(n))
    elif len(stated) == 2:
        pair = [as_list(each) or [each] for each in stated]
        first = [axis_of(each, len(a)) for each in pair[0][:MOST_AXES]]
        second = [axis_of(each, len(b)) for each in pair[1][:MOST_AXES]]
    else:
        raise ShapeUnknown("Its “axes” do not fit its inputs.")
    if len(first) != len(second):
        raise ShapeUnknown("Its “axes” do not fit its inputs.")
    summed = [same(a[i], b[j]) for i, j in zip(first, second, strict=True)]
    rest = [size for i, size in enumerate(a) if i not in first]
    made = (*rest, *(size for i, size in enumerate(b) if i not in second))
    return one(made, times(product(made[1:]), *summed))


def cut(shape: Axes, key: object) -> Axes:
    """x[key]: numbers, slices, None, `...`, in a list or alone."""
    stated = as_list(key) if not is_table(key) or "items" in key else None
    parts = stated if stated is not None else [key]
    if len(parts) > MOST_AXES:
        raise ShapeUnknown("What it cuts out is not understood.")
    n_taken = sum(1 for part in parts if part is not None and not _is_dots(part))
    if n_taken > len(shape):
        raise ShapeUnknown("It cuts more axes than its input has.")
    made: list[int | None] = []
    place = 0
    for part in parts:
        if part is None:
            made.append(1)
        elif _is_dots(part):
            rest = len(shape) - n_taken
            made += shape[place : place + rest]
            place, n_taken = place + rest, n_taken + rest
        elif whole_number(part) is not None:
            place += 1
        else:
            made.append(_cut_length(shape[place], _slice(part)))
            place += 1
    return (*made, *shape[place:])


def _is_dots(part: object) -> bool:
    return part == "..." or table(part).get("class_name") == "__ellipsis__"


def _slice(part: object) -> _Slice:
    stated = table(part)
    if stated.get("class_name") in ("__slice__", "slice"):
        stated = table(stated.get("config"))
    elif not {"start", "stop", "step"} & stated.keys():
        raise ShapeUnknown("What it cuts out depends on another tensor.")
    start, stop, step = (stated.get(name) for name in ("start", "stop", "step"))
    return tuple(None if each is None else whole(each, "slice") for each in (start, stop, step))  # type: ignore[return-value]


def _cut_length(length: int | None, cut: _Slice) -> int | None:
    if cut == (None, None, None) or cut == (None, None, -1):
        return length
    start, stop, step = cut
    if step == 0:
        raise ShapeUnknown("It cuts with a step of 0.")
    if length is not None:
        return len(range(*slice(start, stop, step).indices(length)))
    return None


def shape_of(value: object) -> Axes:
    """Of a constant in the configuration: a number, or lists of lists of numbers.

    Raises:
        ShapeUnknown: it is neither.
    """
    if is_table(value) and value.get("class_name") in ("__tensor__", "__numpy__"):
        value = table(value.get("config")).get("value")
    sizes: list[int | None] = []
    while is_list(value) and len(sizes) < MOST_AXES:
        sizes.append(len(value))
        value = value[0] if value else 0
    if not isinstance(value, (int, float)):
        raise ShapeUnknown("One of its arguments is not understood.")
    return tuple(sizes)


def with_axis(shape: Axes, depth: object, axis: object) -> Axes:
    """One-hot vectors of length `depth` along a new axis."""
    n = as_size(depth)
    if n is None:
        raise ShapeUnknown("How many classes it tells apart is not a size.")
    place = axis_of(axis, len(shape) + 1)
    return (*shape[:place], n, *shape[place:])


def axes_pair(value: object) -> tuple[int, int]:
    """[height, width], or one number for both."""
    stated = as_list(value)
    pair = [value, value] if stated is None else stated
    height, width = (as_size(each) for each in pair[:2]) if len(pair) == 2 else (None, None)
    if height is None or width is None:
        raise ShapeUnknown("Its “size” is not a height and a width.")
    return height, width
