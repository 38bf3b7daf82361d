"""Values as literals of Python, whatever is in them."""

from __future__ import annotations

import json

from h5viewer.names import NodePath


def text(value: str) -> str:
    """A string; surrogates of a path that is no UTF-8 as escapes."""
    return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)


def node(path: NodePath) -> str:
    """A path as h5py takes it: a string, or bytes that are no UTF-8."""
    joined = b"/".join(path)
    try:
        return text(joined.decode())
    except UnicodeDecodeError:
        return repr(joined)


def number(value: float) -> str:
    """Short: 0.2, 30."""
    short = f"{value:.6g}"
    return short if "e" not in short else repr(float(value))
