"""Plain values of a configuration: numbers, texts and lists of them, within bounds.

Keras turns tables with a class name inside into objects, so that no table is passed on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from h5viewer.documents.json_text import is_list, is_table, table, whole_number
from h5viewer.names import plain

_DEEPEST = 6
_MOST_VALUES = 200_000  # in one argument: vocabularies, means of a normalization
_LONGEST = 100_000  # characters of one text
_WRAPPED_LISTS = frozenset({"__tuple__", "TensorShape", "tuple", "ListWrapper"})
Plain = bool | int | float | str | None | list["Plain"]


class NotPlain(Exception):
    """The value is a table, or larger than any argument needs to be."""


def plain_value(value: object) -> Plain:
    """The value as numbers, texts and lists; tuples and arrays of older Keras become lists.

    Raises:
        NotPlain: it holds something else.
    """
    left = _MOST_VALUES

    def read(value: object, depth: int) -> Plain:
        nonlocal left
        left -= 1
        if left < 0 or depth > _DEEPEST:
            raise NotPlain
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, str):
            if len(value) > _LONGEST:
                raise NotPlain
            return plain(value)
        if is_table(value):
            return read(_unwrapped(value), depth + 1)
        if is_list(value):
            return [read(each, depth + 1) for each in value]
        raise NotPlain

    return read(value, 0)


def text(config: Mapping[str, object], key: str) -> str | None:
    """The text of an argument; None: it is none."""
    value = config.get(key)
    return plain(value) if isinstance(value, str) else None


def number(config: Mapping[str, object], key: str) -> float | None:
    """The number of an argument, also where Keras 2 stored an array of one; None: it is none."""
    value = config.get(key)
    if is_table(value) and value.get("type") == "ndarray":
        value = value.get("value")
    while is_list(value) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def whole(config: Mapping[str, object], *keys: str) -> int | None:
    """The first integer among these arguments; None: there is none."""
    for key in keys:
        value = config.get(key)
        while is_list(value) and len(value) == 1:
            value = value[0]
        found = whole_number(value)
        if found is not None:
            return found
    return None


def wholes(value: object) -> tuple[int, ...] | None:
    """A list of integers, or one integer; None: it is neither."""
    if is_table(value):
        value = value.get("items")
    single = whole_number(value)
    if single is not None:
        return (single,)
    if not is_list(value) or len(value) > 64:
        return None
    found = [whole_number(each) for each in value]
    return None if None in found else tuple(each for each in found if each is not None)


def is_empty(value: object) -> bool:
    """True for what an argument has when nothing was chosen."""
    return value is None or value is False or value == [] or value == {}


def named_object(value: object) -> tuple[str, dict[str, object]] | None:
    """Class name and configuration of an object; a name alone is one without configuration."""
    if isinstance(value, str):
        return plain(value), {}
    if not is_table(value) or not isinstance(value.get("class_name"), str):
        return None
    return plain(str(value["class_name"])), table(value.get("config"))


def is_wrapped_list(value: dict[str, object]) -> bool:
    """True for a tuple, a shape or an array, which JSON has no form of its own for."""
    class_name = value.get("class_name")
    if isinstance(class_name, str) and class_name in _WRAPPED_LISTS:
        return "items" in value
    return class_name == "__numpy__" or (value.get("type") == "ndarray" and "value" in value)


def _unwrapped(value: dict[str, object]) -> object:
    if not is_wrapped_list(value):
        raise NotPlain
    if "items" in value:
        return value["items"]
    return value["value"] if "value" in value else table(value.get("config")).get("value")
