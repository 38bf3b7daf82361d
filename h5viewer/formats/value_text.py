"""Values as text: numbers in their shortest exact form, lists in brackets."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.reference_text import ReferenceText
from h5viewer.names import plain

_MAX_NESTED = 50  # elements shown of a list inside a value


def values_text(values: NDArray[Any], limit: int) -> tuple[str, bool]:
    """All values in C order as `[1, 2, 3]` (nested like the shape), cut at `limit` letters.

    Returns:
        the text, and whether nothing was left out.
    """
    flat = values.ravel()
    if values.shape == ():
        text = item_text(flat[0])
        return (text, True) if len(text) <= limit else (text[:limit] + "…", False)
    # Every element takes three letters at least ("1, "), so more never fit.
    shown = [_quoted(item) for item in flat[: limit // 3 + 1]]
    text = _bracketed(shown, values.shape) if len(shown) == flat.size else "[" + ", ".join(shown)
    if len(text) <= limit and len(shown) == flat.size:
        return text, True
    return text[:limit].rstrip(", ") + " …", False


def item_text(item: Any) -> str:
    """One element as stored: a number, string, list, record or reference."""
    if isinstance(item, bytes | str):
        return plain(item)
    if isinstance(item, h5py.RegionReference):
        return "region reference" if item else "empty region reference"
    if isinstance(item, h5py.Reference):
        return "object reference" if item else "empty reference"
    if isinstance(item, np.ndarray):
        return _nested_text(item)
    if isinstance(item, np.void):
        if item.dtype.names is None:
            return "0x" + item.tobytes()[:32].hex() + ("…" if item.itemsize > 32 else "")
        return "(" + ", ".join(item_text(item[name]) for name in item.dtype.names) + ")"
    return str(item)


def _quoted(item: Any) -> str:
    """As `item_text`; strings in quotes, so that one sees where each ends in a list."""
    text = item_text(item)
    is_quoted = isinstance(item, bytes | str) and not isinstance(item, ReferenceText)
    return f'"{text}"' if is_quoted else text


def _nested_text(values: NDArray[Any]) -> str:
    shown = [_quoted(item) for item in values.ravel()[:_MAX_NESTED]]
    return "[" + ", ".join(shown) + (", …]" if values.size > _MAX_NESTED else "]")


def _bracketed(shown: list[str], shape: tuple[int, ...]) -> str:
    for length in reversed(shape[1:]):
        if length == 0:
            return "[]"
        shown = ["[" + ", ".join(shown[i : i + length]) + "]" for i in range(0, len(shown), length)]
    return "[" + ", ".join(shown) + "]"
