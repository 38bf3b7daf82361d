"""One element as text in full, for files; `cell_text` is for the eye and cuts."""

from __future__ import annotations

from typing import Any

import numpy as np

from h5viewer.names import plain
from h5viewer.operations.cell_text import cell_text, enum_names

_DEEPEST = 16


def element_text(value: Any, names: dict[int, str] | None = None, depth: int = 0) -> str:
    """The text of one element: text as it is, lists and records with all they hold.

    Args:
        value: a NumPy scalar, record or array, bytes or text.
        names: of an enum, by value.
        depth: of lists and records around it.
    """
    if isinstance(value, bytes | str):
        return plain(value)
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, np.ndarray):
        own = names or enum_names(value.dtype)
        if value.ndim == 0:
            return element_text(value[()], own, depth + 1)
        return "[" + ", ".join(element_text(each, own, depth + 1) for each in value) + "]"
    if isinstance(value, np.void):
        if value.dtype.names is None:
            return "0x" + value.tobytes().hex()
        fields = [
            f"{plain(name)}: {element_text(value[name], enum_names(value.dtype[name]), depth + 1)}"
            for name in value.dtype.names
        ]
        return "{" + ", ".join(fields) + "}"
    return cell_text(value, names)
