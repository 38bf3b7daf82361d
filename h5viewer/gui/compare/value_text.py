"""Values of arguments as short text."""

from __future__ import annotations

import json

from h5viewer.names import visible

_LONGEST = 200
NOT_STATED = "not stated"


def value_text(text: str | None) -> str:
    """JSON from a worker: a text without quotes, true and false as Python has them."""
    if text is None:
        return NOT_STATED
    value = json.loads(text)
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return visible(", ".join(value), _LONGEST)
    return visible(value if isinstance(value, str) else text, _LONGEST)
