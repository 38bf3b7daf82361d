"""Names for what is written of a file: safe in any program, each once.

A weight's own name may hold any bytes. What is written here is letters, digits, `_ - .` and
single slashes between parts, none of which is `.` or `..`, and no two names differ by case
alone, so that an archive can be unpacked anywhere.
"""

from __future__ import annotations

import re

from h5viewer.names import plain

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_PART = 80
_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")  # Windows opens no such file


class SafeNames:
    """Gives each weight a name of its own; true names that are safe stay as they are."""

    def __init__(self, *taken: str) -> None:
        """Names that are not to be given."""
        self._taken = {name.casefold() for name in taken}
        self._numbers: dict[str, int] = {}  # the last one given to a name

    def new(self, true_name: str) -> str:
        """A safe name like this one, that was not given before."""
        parts = [_safe(part) for part in plain(true_name).split("/") if part]
        name = "/".join(parts) or "unnamed"
        found, number = name, self._numbers.get(name, 1)
        while found.casefold() in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._numbers[name] = number
        self._taken.add(found.casefold())
        return found


def _safe(part: str) -> str:
    text = _UNSAFE.sub("_", part)[:_LONGEST_PART].rstrip(".")
    return f"_{text}" if not text or _DEVICES.match(text) or text.startswith(".") else text
