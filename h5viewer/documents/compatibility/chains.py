"""Operations of Keras 3 in the place of one call of a TensorFlow function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from h5viewer.documents.compatibility.calls import Call, Tensor, constant
from h5viewer.documents.compatibility.operations import operation
from h5viewer.documents.compatibility.place import Made, Shape, named
from h5viewer.documents.compatibility.values import NotPlain, Plain, plain_value
from h5viewer.documents.json_text import is_list, is_table
from h5viewer.documents.references import Reference


class CannotSay(Exception):
    """The call does something that these operations do not; the reason, for people."""


class Symbolic(msgspec.Struct, frozen=True):
    """The shape of a tensor, or one size of it: no tensor in Keras 3, but a number or None."""

    of: Reference | Tensor
    sizes: tuple[int | float | None, ...]  # as far as they are known; the batch is None
    place: int | None = None  # which of them; None: all
    is_unstacked: bool = False  # the first output is the first size, and so on
    is_stored: bool = False  # as a tensor has it, so that the first size is the batch's


Operand = Reference | Tensor
Result = Reference | Tensor | Symbolic
X = "x|input|input_tensor|tensor|features|logits|value|inputs|images|data|a|values"
"""The names TensorFlow has for the one tensor that a function takes."""
MISSING = object()
_WITHOUT_EFFECT = frozenset(
    {"dtype_hint", "index_type", "message", "name", "noise_shape", "out_type", "output_type",
     "seed", "use_cudnn_on_gpu", "validate_indices", "validate_shape"}
)  # fmt: skip
"""Arguments that change no number."""


class Chain(msgspec.Struct):
    """Operations one after the other, each called once."""

    name: str
    shapes: Sequence[Shape | None] = ()  # of the tensors of the call, as far as known
    operations: list[tuple[Made, Call]] = []
    notes: list[str] = []  # sentences about what is not quite the same

    def add(self, name: str, *args: object, **settings: Plain) -> Tensor:
        """Call a new operation of Keras with these arguments."""
        title = f"{self.name}_{len(self.operations) + 1}"
        return self.call(operation(name, title, **settings), *args)

    def layer(self, class_name: str, *args: object, **settings: object) -> Tensor:
        """Call a new layer of Keras with these arguments."""
        title = f"{self.name}_{len(self.operations) + 1}"
        return self.call(named(class_name, title, **settings), *args)

    def call(self, made: Made, *args: object) -> Tensor:
        """Call what was made."""
        self.operations.append((made, Call(list(args))))
        return Tensor(made.name, 0, 0)


class Given:
    """The arguments of one call by name: stated by position or by name, by several names."""

    def __init__(self, call: Call, order: str) -> None:
        """Lay them out.

        Raises:
            CannotSay: there are others than those of `order`, which might change the answer.
        """
        self._order = [each.split("|") for each in order.split()]
        known = {name for names in self._order for name in names} | _WITHOUT_EFFECT
        more = [value for key, value in call.kwargs.items() if key not in known]
        more += call.args[len(self._order) :]
        if any(value is not None and value is not False for value in more):
            raise CannotSay("it has an argument that is not known")
        self._args = call.args
        self._kwargs = call.kwargs

    def get(self, name: str, default: object = None) -> object:
        """An argument as it is."""
        for place, names in enumerate(self._order):
            if name == names[0]:
                if place < len(self._args):
                    return self._args[place]
                for each in names:
                    if self._kwargs.get(each) is not None:
                        return self._kwargs[each]
        return default

    def tensor(self, name: str) -> Operand:
        """An argument that is a tensor.

        Raises:
            CannotSay: it is none.
        """
        value = self.get(name)
        if isinstance(value, Reference | Tensor):
            return value
        raise CannotSay("it takes something else than a tensor")

    def operand(self, name: str) -> object:
        """A tensor, a number, or an array of them.

        Raises:
            CannotSay: it is none of these.
        """
        value = self.get(name)
        if isinstance(value, Reference | Tensor):
            return value
        value = known_size(value)
        if isinstance(value, Symbolic) or value is None:
            raise CannotSay("it computes with the shape of a tensor")
        return as_constant(value)

    def plain(self, name: str, default: Plain = None) -> Plain:
        """Numbers and texts.

        Raises:
            CannotSay: it is a tensor, or something else.
        """
        value = self.get(name, default)
        try:
            return plain_value(_with_known_sizes(value))
        except NotPlain as error:
            raise CannotSay(f"its “{name}” is not a plain number") from error

    def whole(self, name: str, default: int | None = None) -> int:
        """An integer.

        Raises:
            CannotSay: it is none.
        """
        value = self.plain(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise CannotSay(f"its “{name}” is not stated")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """A number.

        Raises:
            CannotSay: it is none.
        """
        value = self.plain(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CannotSay(f"its “{name}” is no number")
        try:
            return float(value)
        except OverflowError as error:
            raise CannotSay(f"its “{name}” is too large") from error

    def axes(self, name: str = "axis") -> Plain:
        """One axis, several, or None for all."""
        value = self.plain(name)
        if isinstance(value, list) and len(value) == 1:
            return value[0]
        return value

    def flag(self, name: str) -> bool:
        """True only where that is stated, as True or as 1."""
        value = self.get(name)
        return isinstance(value, int) and bool(value)

    def tensors(self, name: str) -> list[object]:
        """A list of tensors and arrays.

        Raises:
            CannotSay: it is none.
        """
        value = self.get(name)
        if isinstance(value, Reference | Tensor):
            return [value]
        if not is_list(value) or not value:
            raise CannotSay("it takes something else than tensors")
        if any(isinstance(each, Symbolic) for each in value):
            raise CannotSay("it computes with the shape of a tensor")
        return [
            each if isinstance(each, Reference | Tensor) else as_constant(each) for each in value
        ]


def known_size(value: object) -> object:
    """The number that a size of a tensor is, where that is known; others as they are."""
    if isinstance(value, Symbolic) and value.place is not None:
        size = value.sizes[value.place]
        return value if size is None else size
    return value


def _with_known_sizes(value: object) -> object:
    return [_with_known_sizes(each) for each in value] if is_list(value) else known_size(value)


def as_constant(value: object) -> object:
    """Numbers as Keras takes them.

    Raises:
        CannotSay: they are none.
    """
    try:
        return constant(value)
    except NotPlain as error:
        raise CannotSay("it takes something that is no tensor and no number") from error


def sizes_of(value: object) -> list[int]:
    """A target shape, in which one size at most is left open (-1).

    Raises:
        CannotSay: more are open, or it is none.
    """
    listed = list(value.sizes) if isinstance(value, Symbolic) and value.place is None else value
    if not is_list(listed):
        raise CannotSay("the shape it asks for is itself computed")
    found: list[int] = []
    for each in listed:
        if isinstance(each, Symbolic):
            size = each.sizes[each.place or 0] if each.place is not None else None
            if isinstance(size, float):
                raise CannotSay("the shape it asks for is itself computed")
            found.append(-1 if size is None else size)
        elif each is None:
            found.append(-1)
        elif isinstance(each, int) and not isinstance(each, bool):
            found.append(each)
        else:
            raise CannotSay("the shape it asks for is itself computed")
    if found.count(-1) > 1:
        raise CannotSay("the shape it asks for is not known well enough")
    return found


def is_tensor_inside(value: object) -> bool:
    """True when there is a tensor anywhere in an argument."""
    if isinstance(value, Reference | Tensor | Symbolic):
        return True
    if is_list(value):
        return any(is_tensor_inside(each) for each in value)
    return is_table(value) and any(is_tensor_inside(each) for each in value.values())


Builder = Callable[[Chain, Call], Result]
"""Puts the operations for one call on a chain; what they give."""
