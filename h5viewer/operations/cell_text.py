"""One element as text: numbers in the shortest form that gives the stored value back."""

from __future__ import annotations

from typing import Any

import numpy as np

from h5viewer.names import plain

CELL_LIMIT = 400
"""Longest text of a cell, in characters."""

_LIST_LIMIT = 20  # elements shown of a list inside a cell
_DEEPEST = 4


def cell_text(value: Any, names: dict[int, str] | None = None) -> str:
    """The text of one element.

    Args:
        value: a NumPy scalar, record or array, bytes or text.
        names: of an enum, by value.
    """
    text = _text(value, names or {}, 0)
    return text if len(text) <= CELL_LIMIT else text[: CELL_LIMIT - 1] + "…"


def enum_names(dtype: np.dtype[Any]) -> dict[int, str]:
    """Names by value of an enum's dtype, else nothing; the format keeps them as metadata."""
    metadata: dict[str, Any] = dict(dtype.metadata or {})
    members: dict[Any, Any] = metadata.get("enum", {})
    return {int(value): plain(name) for name, value in members.items()}


def bfloat16_text(value: np.float32) -> str:
    """The fewest digits that round to this bfloat16, of which float32 holds every value."""
    if np.isfinite(value):
        for n_digits in range(1, 5):
            text = f"{value:.{n_digits}g}"
            if _as_bfloat16(np.float32(text)) == value:
                return str(np.float64(text))
    return str(value)


def _as_bfloat16(value: np.float32) -> np.float32:
    bits = int(value.view(np.uint32))
    bits += 0x7FFF + (bits >> 16 & 1)  # to nearest, ties to even
    return np.uint32(bits & 0xFFFF0000).view(np.float32)


def _text(value: Any, names: dict[int, str], depth: int) -> str:
    match value:
        case bytes() | str():  # NumPy's fixed strings are among them
            return plain(value[: CELL_LIMIT + 1])
        case bool() | np.bool_():
            return "True" if value else "False"
        case np.ndarray():
            return _list_text(value, names, depth)
        case np.void():
            return _record_text(value, depth)
        case np.integer():
            return names.get(int(value)) or str(int(value))
        case np.complexfloating():
            return _complex_text(value)
    # NumPy writes floats with the fewest digits that round to the same value of their type.
    return plain(str(value))


def _complex_text(value: np.complexfloating[Any, Any]) -> str:
    imaginary = str(value.imag)
    sign = "" if imaginary.startswith("-") else "+"
    return f"{value.real!s}{sign}{imaginary}j"


def _list_text(value: np.ndarray[Any, Any], names: dict[int, str], depth: int) -> str:
    if depth >= _DEEPEST:
        return "[…]"
    own = names or enum_names(value.dtype)
    if value.ndim == 0:
        return _text(value[()], own, depth)
    shown = [_text(item, own, depth + 1) for item in value[:_LIST_LIMIT]]
    more = [f"… {len(value):,} in all"] if len(value) > _LIST_LIMIT else []
    return "[" + ", ".join(shown + more) + "]"


def _record_text(value: np.void, depth: int) -> str:
    if value.dtype.names is None:  # opaque bytes
        shown = value.tobytes()[: CELL_LIMIT // 2]
        return "0x" + shown.hex() + ("…" if value.itemsize > len(shown) else "")
    if depth >= _DEEPEST:
        return "{…}"
    fields = [
        f"{plain(name)}: {_text(value[name], enum_names(value.dtype[name]), depth + 1)}"
        for name in value.dtype.names[:_LIST_LIMIT]
    ]
    more = ["…"] if len(value.dtype.names) > _LIST_LIMIT else []
    return "{" + ", ".join(fields + more) + "}"
