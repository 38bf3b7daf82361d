"""JSON written by a stranger: read within limits, shown within limits.

Every value may be of any type; the readers in this room ask `isinstance` before use.
"""

from __future__ import annotations

import json
from typing import TypeGuard

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.nodes import Text
from h5viewer.wording import bytes_text

LONGEST = 24 << 20
"""Characters of a configuration that are parsed: some 150,000 layers. The largest real one seen
has 1 MB."""


def parse(text: Text, what: str) -> object:
    """The value of a JSON text; `what` starts the sentence ("The configuration").

    Raises:
        TooLarge: longer than LONGEST, or more than memory holds.
        CannotRead: it is no JSON, or nests too deeply.
    """
    if not text.is_complete or len(text.text) > LONGEST:
        raise TooLarge(f"{what} is too large to be read: {bytes_text(text.total)}.")
    try:
        return json.loads(text.text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise CannotRead(
            f"{what} is not valid JSON: {_lower(error.msg)} at {where} (character {error.pos}).",
            details=str(error),
        ) from error
    except RecursionError as error:
        raise CannotRead(f"{what} cannot be read: it is nested too deeply.") from error
    except MemoryError as error:
        raise TooLarge(f"{what} is too large to be read: {bytes_text(text.total)}.") from error
    except ValueError as error:  # an integer of more than 4300 digits
        raise CannotRead(
            f"{what} cannot be read: it holds a number with too many digits.", details=str(error)
        ) from error


def pretty(value: object, limit: int) -> Text:
    """`value` as indented JSON, up to `limit` characters."""
    pieces: list[str] = []
    total = 0
    encoder = json.JSONEncoder(indent=2, ensure_ascii=False)
    try:
        for piece in encoder.iterencode(value):
            if total < limit:
                pieces.append(piece)
            total += len(piece)
            if total > 4 * limit:
                break
    except RecursionError:
        pieces.append("… (nested too deeply to be shown)")
        total += limit + 1
    text = "".join(pieces)
    shown = text[:limit].encode("utf-8", "backslashreplace").decode("utf-8")
    return Text(text=shown, total=total, is_complete=total <= limit, language="json")


def compact(value: object, limit: int = 20_000) -> str:
    """`value` as one line of JSON; a text by itself stays as it is; cut at `limit`."""
    if value is None:
        return ""
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "…"
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def is_table(value: object) -> TypeGuard[dict[str, object]]:
    """True for a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """True for a JSON array."""
    return isinstance(value, list)


def table(value: object) -> dict[str, object]:
    """`value` if it is a JSON object, else an empty one."""
    return value if is_table(value) else {}


def whole_number(value: object) -> int | None:
    """`value` if it is an integer (True is none)."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def kind(value: object) -> str:
    """What a wrong value is, in words for the user."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "a table"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
