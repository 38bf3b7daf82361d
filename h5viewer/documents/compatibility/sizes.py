"""Arithmetic with the sizes of tensors: `tf.shape(x)[1] * 2`, `tf.shape(x)[1:3] // 2`.

In Keras 3 a size is a number already when the network is built.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from h5viewer.documents.compatibility.chains import CannotSay, Operand, Symbolic
from h5viewer.documents.json_text import is_list

Number = int | float
_WAYS: Mapping[str, Callable[[Number, Number], Number]] = {
    "Add": operator.add,
    "Subtract": operator.sub,
    "Multiply": operator.mul,
    "FloorDivide": operator.floordiv,
    "Mod": operator.mod,
    "Maximum": max,
    "Minimum": min,
    "Divide": operator.truediv,
    "Power": operator.pow,
}
_LARGEST_POWER, _LARGEST_SIZE = 64, 2**63
_WAYS_OF_ONE: Mapping[str, Callable[[Number], Number]] = {
    "Absolute": abs,
    "Exp": math.exp,
    "Log": math.log,
    "Negative": operator.neg,
    "Reciprocal": lambda size: 1 / size,
    "Rsqrt": lambda size: 1 / math.sqrt(size),
    "Sqrt": math.sqrt,
    "Square": lambda size: size * size,
}


def computed(name: str, x: object, y: object) -> Symbolic:
    """What an operation of Keras makes of sizes, one of them or both of tensors.

    Args:
        name: of the operation.
        x: a size, a shape, a number or several.
        y: likewise.

    Raises:
        CannotSay: it is no arithmetic of whole numbers, or of as many.
    """
    way = _WAYS.get(name)
    one, other = _sizes(x), _sizes(y)
    known = x if isinstance(x, Symbolic) else y
    lengths = {len(one), len(other)}
    if way is None or not isinstance(known, Symbolic) or 0 in lengths or len(lengths - {1}) > 1:
        raise CannotSay("it computes with the shape of a tensor")
    length = max(len(one), len(other))
    pairs = zip(one * (length // len(one)), other * (length // len(other)), strict=True)
    sizes = tuple(_size(way, *pair) for pair in pairs)
    return Symbolic(known.of, sizes, None if _is_shape(x) or _is_shape(y) else 0)


def computed_of_one(name: str, x: Symbolic) -> Symbolic:
    """What an operation of Keras makes of one size, or of each: `tf.sqrt(tf.cast(size, …))`.

    Raises:
        CannotSay: it is none of those that are known.
    """
    way = _WAYS_OF_ONE.get(name)
    if way is None:
        raise CannotSay("it computes with the shape of a tensor")
    return _each(x, way)


def as_type(x: Symbolic, dtype: str) -> Symbolic:
    """Sizes as floating or as whole numbers."""
    return _each(x, float) if "float" in dtype else replace(_each(x, int), is_stored=x.is_stored)


def _each(x: Symbolic, way: Callable[[Number], Number]) -> Symbolic:
    sizes = tuple(None if size is None else _worked_out(way, size) for size in x.sizes)
    return replace(x, sizes=sizes, is_stored=False)


def _worked_out(way: Callable[..., Number], *sizes: Number) -> Number:
    try:
        made = way(*sizes)
    except ZeroDivisionError as error:
        raise CannotSay("it divides by zero") from error
    except (ArithmeticError, ValueError) as error:
        raise CannotSay("it computes with the shape of a tensor") from error
    if not isinstance(made, int | float) or not abs(made) < _LARGEST_SIZE:  # digits would double
        raise CannotSay("it computes with the shape of a tensor")
    return made


def each_size(shape: object) -> list[object]:
    """The sizes of a shape, each by itself.

    Raises:
        CannotSay: it is none.
    """
    if isinstance(shape, Symbolic) and shape.place is None:
        return [replace(shape, place=place) for place in range(len(shape.sizes))]
    if not is_list(shape):
        raise CannotSay("the shape it asks for is itself computed")
    return shape


def is_batch(size: object, of: Operand | None = None) -> bool:
    """Whether it is that of the batch, which no network states.

    Args:
        size: of a shape.
        of: the tensor whose batch it has to be; a reshape may have put others together.
    """
    if not isinstance(size, Symbolic) or not size.is_stored or size.place != 0:
        return False
    return of is None or size.of == of


def shape_of_sizes(sizes: Sequence[object]) -> Symbolic:
    """[batch, 3, 4] put together from sizes: a shape again.

    Raises:
        CannotSay: there is something else among them.
    """
    first = next((each for each in sizes if isinstance(each, Symbolic)), None)
    if first is None:
        raise CannotSay("the shape it asks for is itself computed")
    known = [size for each in sizes for size in _sizes(each)]
    found = tuple(None if size == -1 else size for size in known)
    return Symbolic(first.of, found, is_stored=is_batch(sizes[0]))


def _sizes(value: object) -> tuple[Number | None, ...]:
    if isinstance(value, Symbolic):
        return value.sizes if value.place is None else (value.sizes[value.place],)
    stated = value if is_list(value) else [value]
    found = [each for each in stated if isinstance(each, Number) and not isinstance(each, bool)]
    if not found or len(found) < len(stated):
        raise CannotSay("it computes with the shape of a tensor")
    return tuple(found)


def _is_shape(value: object) -> bool:
    return value.place is None if isinstance(value, Symbolic) else is_list(value)


def _size(
    way: Callable[[Number, Number], Number], one: Number | None, other: Number | None
) -> Number | None:
    """None: it is not known before there is a sample."""
    if one is None or other is None:
        return None
    if way is operator.pow and abs(other) > _LARGEST_POWER:
        raise CannotSay("it computes with the shape of a tensor")
    return _worked_out(way, one, other)
