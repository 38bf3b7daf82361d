"""What code has in its hands while it is read: tensors, numbers, modules, and how they are said."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from h5viewer.documents.compatibility.calls import Tensor
from h5viewer.documents.compatibility.chains import Symbolic, known_size
from h5viewer.documents.json_text import is_list, whole_number
from h5viewer.documents.marshalled import Items, Other
from h5viewer.documents.straight_code import NotStraight
from h5viewer.names import plain

ATOM = 4
"""Holds together most tightly: nothing has to be put in brackets."""
MOST_PARTS = 1000
"""Of tuples in tuples, all in all."""
_LARGEST = 2**53  # of whole numbers
_SAME_AS = (("tensorflow", "tf"), ("tf.keras.backend", "K"), ("keras.backend", "K"),
            ("tf.python.keras.backend", "K"), ("tf.compat.v2", "tf"), ("tf.keras.ops", "ops"),
            ("keras.ops", "ops"))  # fmt: skip


class Name(msgspec.Struct, frozen=True):
    """A module or a function of one."""

    path: str


class Null:
    """What newer Pythons put beside a function that they call."""


class Told(msgspec.Struct, frozen=True):
    """A value of the code, and how it is said."""

    value: object
    said: str
    hold: int = ATOM
    n_parts: int = 1  # of what is in it, all in all


class Unknown:
    """A variable outside of the code."""


def constant(value: object) -> Told:
    """A constant of the code, an enclosed value or a default.

    Raises:
        NotStraight: it is something else than numbers and texts.
    """
    if isinstance(value, Items):
        return together("()", [constant(each) for each in value.values])
    if is_list(value):
        return together("[]", [constant(each) for each in value])
    if isinstance(value, Other):
        if value.text != "...":
            raise NotStraight
        return Told(value, "...")
    if value is not None and not isinstance(value, bool | int | float | str):
        raise NotStraight
    if isinstance(value, int):
        bounded(value)
    return Told(value, repr(plain(value)) if isinstance(value, str) else str(value))


def together(brackets: str, parts: list[Told]) -> Told:
    """A tuple or a list.

    Raises:
        NotStraight: it has more in it than code needs: tuples of themselves double each time.
    """
    n_parts = sum(part.n_parts for part in parts) + 1
    if n_parts > MOST_PARTS:
        raise NotStraight
    said = ", ".join(part.said for part in parts)
    if brackets == "()" and len(parts) == 1:
        said += ","
    return Told(parts, f"{brackets[0]}{said}{brackets[1]}", n_parts=n_parts)


def parts_of(told: Told) -> list[Told]:
    """What is in a tuple or a list.

    Raises:
        NotStraight: it is none.
    """
    if not is_list(told.value):
        raise NotStraight
    return [each for each in told.value if isinstance(each, Told)]


def tensors_of(told: Told) -> list[Tensor]:
    """What code gives back: one, or a list of them.

    Raises:
        NotStraight: it is something else.
    """
    values = [each.value for each in parts_of(told)] if is_list(told.value) else [told.value]
    found = [each for each in values if isinstance(each, Tensor)]
    if not found or len(found) < len(values):
        raise NotStraight
    return found


def each_told(value: object, said: str) -> Told:
    """A value; of a shape that Python knows each size by itself, as tuples have them."""
    if not isinstance(value, Symbolic) or value.place is not None:
        return Told(value, said)
    places = range(len(value.sizes))
    sizes = [Told(msgspec.structs.replace(value, place=i), f"{said}[{i}]") for i in places]
    return msgspec.structs.replace(together("()", sizes), said=said)


def joined(x: Told, y: Told, said: str) -> Told | None:
    """Tuples of sizes one after the other; None: they are others, tensors perhaps."""
    if not is_list(x.value) or not is_list(y.value):
        return None
    parts = [*parts_of(x), *parts_of(y)]
    if not any(isinstance(each.value, Symbolic) for each in parts):
        return None
    return msgspec.structs.replace(together("()", parts), said=said)


def sliced(of: Told, ends: dict[str, object], said: str) -> Told:
    """A part of a tuple; `ends` as `slice_of` says."""
    cut = slice(*(whole_number(ends[key]) for key in ("start", "stop", "step")))
    parts = parts_of(of)[cut]
    return msgspec.structs.replace(together("()", parts), said=said)


def bounded(number: float) -> float:
    """The number, where it is none of thousands of digits.

    Raises:
        NotStraight: it is too large.
    """
    if not abs(number) <= _LARGEST:
        raise NotStraight
    return number


def bare(value: object) -> object:
    """Without how it is said.

    Raises:
        NotStraight: it is a module, or not known.
    """
    if isinstance(value, Told):
        return bare(value.value)
    if isinstance(value, Name):
        if value.path.startswith("tf."):  # tf.float32
            return value.path.removeprefix("tf.").removeprefix("dtypes.")
        raise NotStraight
    if isinstance(value, Null | Unknown):
        raise NotStraight
    return [bare(each) for each in value] if is_list(value) else value


def tensors_in(values: Sequence[object]) -> list[Tensor]:
    """All of them, in order."""
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif is_list(value):
            found += tensors_in(value)
    return found


def slice_of(ends: list[object]) -> dict[str, object]:
    """As the table of functions takes it.

    Raises:
        NotStraight: an end is no number.
    """
    ends = [known_size(each) for each in ends]
    if any(each is not None and not isinstance(each, int) for each in ends):
        raise NotStraight
    first, last, step = [*ends, None][:3]
    return {"start": first, "stop": last, "step": step}


def cut_said(ends: Sequence[Told]) -> str:
    """`1:-1`."""
    return ":".join("" if each.value is None else each.said for each in ends)


def held(told: Told, hold: int) -> str:
    """In brackets, where it holds together less tightly than it has to."""
    return told.said if told.hold >= hold else f"({told.said})"


def same_path(path: str) -> str:
    """The one name of a module that has several."""
    for other, name in _SAME_AS:
        if path == other or path.startswith(f"{other}."):
            path = name + path.removeprefix(other)
    return path
