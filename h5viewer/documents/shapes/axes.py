"""What all rules share: shapes, what a layer is fed, numbers read from a configuration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from h5viewer.documents.json_text import is_list, is_table, whole_number

Config = dict[str, object]
Axes = tuple[int | None, ...]
"""A shape with the batch axis; None: a size that is not known."""

LARGEST = 2**53
"""Larger sizes are none: JSON readers lose them, and nobody has such an array."""
MOST = 2**60
"""Larger counts are not given."""
MOST_AXES = 64


class ShapeUnknown(Exception):
    """Why a shape cannot be told: a sentence for the user."""


class Tensor(NamedTuple):
    """A tensor among the arguments of an operation."""

    shape: Axes | None


class Fed(NamedTuple):
    """What one call of a layer is given."""

    shapes: Sequence[Axes | None]  # of all tensors in order; of a call with `args`: of those
    args: Sequence[object] = ()  # with Tensor in the place of tensors; () when only tensors
    kwargs: Mapping[str, object] = MappingProxyType({})

    def one(self) -> Axes:
        """The shape of the only, or first, tensor."""
        shape = self.shapes[0] if self.shapes else None
        if shape is None:
            raise ShapeUnknown(NOT_FED)
        return shape

    def of_rank(self, rank: int) -> Axes:
        """The same where the number of axes is certain; one that is not known has None."""
        shape = self.shapes[0] if self.shapes else None
        if shape is None:
            return (None,) * rank
        if len(shape) != rank:
            raise ShapeUnknown(f"It takes inputs of {rank} axes and is fed {len(shape)}.")
        return shape

    def all(self) -> list[Axes]:
        """Every shape."""
        known = [shape for shape in self.shapes if shape is not None]
        if len(known) < len(self.shapes) or not known:
            raise ShapeUnknown(NOT_FED)
        return known


class Made(NamedTuple):
    """What one call of a layer puts out, and what it costs."""

    shapes: Sequence[Axes | None]  # one for each tensor
    multiply_adds: int | None = 0
    n_values: int | None = -1  # of all outputs for one sample; -1: those of `shapes`


Rule = Callable[[Config, Fed], Made]

NOT_FED = "The shape of its input is not known."


def one(shape: Iterable[int | None], multiply_adds: int | None = 0) -> Made:
    """A layer with one output.

    Raises:
        ShapeUnknown: a size is negative, or too large to be one.
    """
    axes = tuple(shape)
    if len(axes) > MOST_AXES:
        raise ShapeUnknown(f"It would have {len(axes)} axes.")
    for axis in axes:
        if axis is not None and not 0 <= axis <= LARGEST:
            raise ShapeUnknown("The sizes in its configuration do not fit its input.")
    return Made((axes,), bounded(multiply_adds))


def product(sizes: Iterable[int | None]) -> int | None:
    """Of all sizes; None when one is not known."""
    known: list[int] = []
    for size in sizes:
        if size is None:
            return None
        known.append(size)
    return bounded(math.prod(known))


def times(*factors: int | None) -> int | None:
    """Their product; None when one is not known."""
    return product(factors)


def plus(a: int | None, b: int | None) -> int | None:
    """Their sum; None when one is not known."""
    return None if a is None or b is None else bounded(a + b)


def bounded(count: int | None) -> int | None:
    """A count that can be shown and sent; None for others."""
    return count if count is not None and 0 <= count <= MOST else None


def n_values(shapes: Iterable[Axes | None]) -> int | None:
    """Numbers in these tensors for one sample: the first axis is that of the batch."""
    total: int | None = 0
    for shape in shapes:
        if shape is None:
            return None
        if len(shape) == 2 and shape[1] is not None and total is not None:
            total += shape[1]
        else:
            total = plus(total, product(shape[1:]))
    return bounded(total)


# ------------------------------------------------------- reading configurations


def size(config: Config, *names: str, default: int | None = None, least: int = 0) -> int:
    """The first of these arguments that is stated.

    Raises:
        ShapeUnknown: it is missing without a default, or no size.
    """
    for name in names:
        value = config.get(name)
        if value is not None:
            number = as_size(value)
            if number is None or number < least:
                raise ShapeUnknown(f"Its “{name}” is not a size.")
            return number
    if default is None:
        raise ShapeUnknown(f"Its configuration does not state “{names[0]}”.")
    return default


def as_size(value: object) -> int | None:
    """A whole number from 0 on, also 3.0; None for everything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    number = whole_number(value)
    return number if number is not None and 0 <= number <= LARGEST else None


def as_list(value: object) -> list[object] | None:
    """A list, also as some writers state tuples; None for everything else."""
    if is_table(value):
        value = value.get("items")
    return value if is_list(value) else None


def sizes(
    config: Config, name: str, rank: int, *, default: int | None = None, least: int = 1
) -> tuple[int, ...]:
    """An argument that is one size for all axes or a list of `rank`."""
    value = config.get(name)
    if value is None:
        return (size(config, name, default=default, least=least),) * rank
    stated = as_list(value)
    if stated is None:
        return (size(config, name, least=least),) * rank
    found = [as_size(each) for each in stated]
    if len(found) != rank or any(each is None or each < least for each in found):
        raise ShapeUnknown(f"Its “{name}” is not {rank} sizes.")
    return tuple(each for each in found if each is not None)


def text(config: Config, *names: str, default: str) -> str:
    """The first of these arguments that is stated."""
    for name in names:
        value = config.get(name)
        if value is not None:
            if not isinstance(value, str):
                raise ShapeUnknown(f"Its “{name}” is not a word.")
            return value
    return default


def whole(value: object, name: str) -> int:
    """A whole number of any sign."""
    number = whole_number(value)
    if number is None or abs(number) > LARGEST:
        raise ShapeUnknown(f"Its “{name}” is not a whole number.")
    return number


def axis_of(value: object, rank: int, name: str = "axis") -> int:
    """An axis counted from the front; negative ones count from the end."""
    number = whole(value, name)
    if not -rank <= number < rank:
        raise ShapeUnknown(f"Its “{name}” is none of its input's {rank} axes.")
    return number % rank


def axes_of(value: object, rank: int, name: str = "axis") -> tuple[int, ...]:
    """One axis or several, each once, in order."""
    stated = as_list(value)
    if stated is None:
        return (axis_of(value, rank, name),)
    if len(stated) > MOST_AXES:
        raise ShapeUnknown(f"Its “{name}” is no list of axes.")
    return tuple(sorted({axis_of(each, rank, name) for each in stated}))


def is_true(config: Config, name: str, *, default: bool = False) -> bool:
    """An argument that is true or false; others count as the default."""
    value = config.get(name)
    return value if isinstance(value, bool) else default


def is_channels_first(config: Config) -> bool:
    """As Keras 2 and 3 say it, and Keras 1 ("th")."""
    return text(config, "data_format", "dim_ordering", default="") in ("channels_first", "th")


def split_image(shape: Axes, *, first: bool) -> tuple[Axes, int | None]:
    """The spatial axes and the channels of (batch, …)."""
    return (shape[2:], shape[1]) if first else (shape[1:-1], shape[-1])


def join_image(
    batch: int | None, spatial: Iterable[int | None], channels: int | None, *, first: bool
) -> Axes:
    """The reverse of `split_image`."""
    return (batch, channels, *spatial) if first else (batch, *spatial, channels)


def same(a: int | None, b: int | None) -> int | None:
    """The size of two axes that must be equal.

    Raises:
        ShapeUnknown: they are not.
    """
    if a is None or b is None or a == b:
        return b if a is None else a
    raise ShapeUnknown(f"Its inputs do not fit each other: {a} and {b}.")


def broadcast(shapes: Sequence[Axes]) -> Axes:
    """Of tensors combined element by element, as NumPy lines them up."""
    rank = max(len(shape) for shape in shapes)
    made: list[int | None] = []
    for place in range(-rank, 0):
        known: int | None = 1
        for shape in shapes:
            if -place > len(shape) or shape[place] == 1:
                continue
            known = shape[place] if known == 1 else same(known, shape[place])
        made.append(known)
    return tuple(made)
