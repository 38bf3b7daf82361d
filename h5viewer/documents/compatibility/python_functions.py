"""What code computes with numbers and sizes alone: Python's own functions, `math`, NumPy."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping

from h5viewer.documents.compatibility.calls import Tensor
from h5viewer.documents.compatibility.chains import Symbolic, known_size
from h5viewer.documents.compatibility.sizes import as_type
from h5viewer.documents.compatibility.told_values import bare, bounded
from h5viewer.documents.json_text import is_list
from h5viewer.documents.straight_code import NotStraight

Number = int | float
_LARGEST_POWER = 64


def _as(dtype: str, kind: Callable[[Number], Number]) -> Callable[[object], object]:
    def convert(value: object) -> object:
        return as_type(value, dtype) if isinstance(value, Symbolic) else kind(_number(value))

    return convert


def _length(of: object) -> int:
    if isinstance(of, Symbolic) and of.place is None:
        return len(of.sizes)
    if not is_list(of):
        raise NotStraight
    return len(of)


def _product(of: object) -> Number:
    """np.prod of sizes: the numbers of a sample."""
    sizes = of.sizes if isinstance(of, Symbolic) and of.place is None else bare(of)
    if not isinstance(sizes, tuple) and not is_list(sizes):
        raise NotStraight
    return bounded(math.prod(_number(each) for each in sizes))


def _of_one(way: Callable[[Number], Number]) -> Callable[[object], object]:
    return lambda value: bounded(way(_number(value)))


def _power(base: Number, exponent: Number) -> Number:
    """A power, without numbers of thousands of digits."""
    if isinstance(base, int) and isinstance(exponent, int) and 0 <= exponent <= _LARGEST_POWER:
        return int(base**exponent)
    return math.pow(base, exponent)


def is_whole(value: object) -> bool:
    """Whether it is an integer, or a size or sizes that are."""
    if isinstance(value, Symbolic):
        return not any(isinstance(size, float) for size in value.sizes)
    return isinstance(value, int)


def _number(value: object) -> Number:
    value = known_size(value)
    if not isinstance(value, int | float):
        raise NotStraight
    return value


_OF_ONE = {"ceil": math.ceil, "exp": math.exp, "floor": math.floor, "log": math.log,
           "log2": math.log2, "log10": math.log10, "sqrt": math.sqrt}  # fmt: skip
PYTHON: Mapping[str, Callable[..., object]] = {
    "float": _as("float32", float),
    "int": _as("int32", int),
    "len": _length,
    "np.prod": _product,
    **{f"math.{name}": _of_one(way) for name, way in _OF_ONE.items()},
    **{f"np.{name}": _of_one(way) for name, way in _OF_ONE.items()},
}
"""By their names in code; `math` and `np` are modules."""

OPERATORS: Mapping[str, Callable[[Number, Number], Number]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "**": _power,
}  # fmt: skip
"""With plain numbers, by their signs."""

CONSTANTS: Mapping[str, Number | str | None] = {
    "True": True, "False": False, "None": None,
    "math.e": math.e, "math.pi": math.pi, "np.e": math.e, "np.newaxis": None, "np.pi": math.pi,
    "tf.newaxis": None, "tf.image.ResizeMethod.BICUBIC": "bicubic",
    "tf.image.ResizeMethod.BILINEAR": "bilinear",
    "tf.image.ResizeMethod.NEAREST_NEIGHBOR": "nearest",
}  # fmt: skip
"""What names stand for that are no functions."""


class Ready:
    """A method whose answer is known before it is called."""

    def __init__(self, answer: object) -> None:
        self.answer = answer


def attribute(of: object, name: str, sizes: Callable[[Tensor], Symbolic]) -> object:
    """`x.shape`, and what older code calls for it: `x.get_shape().as_list()`.

    Raises:
        NotStraight: it is something else.
    """
    match of, name:
        case Tensor(), "shape":
            return sizes(of)
        case Tensor(), "get_shape":
            return Ready(sizes(of))
        case list(), "as_list":
            return Ready(of)
        case Symbolic(), "value" if of.place is not None:  # of TensorFlow 1
            return of
    raise NotStraight
