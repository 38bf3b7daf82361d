"""Patterns that say where the class stands in a file's name: `{class}_#`.

`{class}` is what is looked for, as short as the rest allows; `*` stands for anything, `?` for
one character, `#` for a number. A pattern with "/" is about the path inside the folder; one
that ends as pictures do is about the whole name, any other about the name without its ending.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from h5viewer.errors import CannotRead
from h5viewer.picture_files import has_picture_name

CLASS = "{class}"
_LONGEST = 500
_GUESSES = (
    "{class}_#", "{class}.#", "{class}-#", "{class} #", "{class} (#)", "{class}#",
    "#_{class}", "#-{class}", "#.{class}", "# {class}", "{class}_*", "*_{class}",
)  # fmt: skip
_MOST_GUESSED_AT = 5000  # names


class Pattern:
    """One pattern, ready to be asked."""

    def __init__(self, text: str) -> None:
        """Understand it.

        Raises:
            CannotRead: it does not say where the class stands, or twice.
        """
        if text.count(CLASS) != 1 or len(text) > _LONGEST:
            raise CannotRead(
                f"The pattern {text[:80]!r} does not say where the class stands.",
                hint="Write {class} once where it stands, # for numbers, * for anything: "
                "{class}_#.",
            )
        self._is_of_path = "/" in text
        self._is_of_whole_name = has_picture_name(text.replace("*", "x"))
        self._expression = re.compile(_expression(text), re.DOTALL | re.IGNORECASE)

    def class_of(self, name: str) -> str | None:
        """The class in a path inside the folder; None: it does not fit."""
        path = PurePosixPath(name)
        if not self._is_of_path:
            name = path.name
        if not self._is_of_whole_name:
            name = name[: len(name) - len(path.suffix)]
        found = self._expression.fullmatch(name)
        return found["name"].strip() or None if found else None


def _expression(text: str) -> str:
    """As a regular expression that never tries one thing in two ways, whatever the name."""
    parts = re.split(r"(\{class\}|\*+|\?|#)", text)
    found = ""
    for at, part in enumerate(parts):
        if part == CLASS:
            found += "(?P<name>.+?)"
        elif part == "?":
            found += "."
        elif part == "#":  # all of a number: of 1234 no digit is a class
            found += "(?<![0-9])[0-9]++" if parts[at - 2 : at] == [CLASS, ""] else "[0-9]++"
        elif part.startswith("*"):
            rest = parts[at + 1]
            is_last = not any(parts[at + 1 :])
            if is_last:
                found += ".*+"
            elif rest and at + 2 == len(parts):  # the end of the name is at its end only
                found += f"(?>.*(?={re.escape(rest)}$))"
            elif rest:
                found += f"(?>.*?(?={re.escape(rest)}))"
            else:
                found += ".*?"
        else:
            found += re.escape(part)
    return found


def guessed(names: Sequence[str]) -> str:
    """A pattern by which (nearly) all of the names have a class, several of them; "": none."""
    step = max(1, len(names) // _MOST_GUESSED_AT)
    looked_at = names[::step]
    for text in _GUESSES:
        pattern = Pattern(text)
        classes = Counter(pattern.class_of(name) for name in looked_at)
        n_without = classes.pop(None, 0)
        several = [count for count in classes.values() if count > 1]
        is_whole = n_without * 50 <= len(looked_at)
        if is_whole and len(several) > 1 and 2 * sum(several) > len(looked_at):
            return text
    return ""
