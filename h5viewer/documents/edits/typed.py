"""Values from what people type or paste: numbers as they write them, truth values, tables."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.json_text import is_list
from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.wording import plural

LONGEST_TABLE = 16_000_000  # characters
_WHOLE = re.compile(r"[+-]?\d+")
_TRUTH = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


def number(text: str) -> int | float:
    """A number as people and programs write it: 3, -0.5, 1e-3, nan, -inf; 0,5 with a comma.

    Raises:
        CannotRead: it is none.
    """
    cell = text.strip().replace("\N{MINUS SIGN}", "-")
    if _WHOLE.fullmatch(cell) and len(cell) < 40:
        return int(cell)
    if cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    try:
        if "_" in cell:
            raise ValueError
        return float(cell)
    except ValueError:
        raise CannotRead(f"“{visible(text.strip(), 40)}” is no number.") from None


def truth(text: str) -> bool:
    """True or false.

    Raises:
        CannotRead: neither.
    """
    found = _TRUTH.get(text.strip().lower())
    if found is None:
        raise CannotRead(f"“{visible(text.strip(), 40)}” is neither true nor false.")
    return found


def cell(text: str) -> int | float | bool:
    """One value of a table: a number, or a truth value in words."""
    if text.strip().lower() in ("true", "false"):
        return truth(text)
    return number(text)


def table(text: str) -> NDArray[Any]:
    """Rows of numbers; between them tabs, semicolons, commas or blanks: (rows, columns).

    Raises:
        CannotRead: something is no number, or rows differ in length.
    """
    if len(text) > LONGEST_TABLE:
        raise CannotRead(f"The table has more than {LONGEST_TABLE:,} characters.")
    lines = [line.strip(" \r") for line in text.strip("\n\r").split("\n")]
    rows = [_cells(line.strip(" \t[](),;") if "[" in text else line) for line in lines if line]
    if not rows or not rows[0]:
        raise CannotRead("There are no values in what was pasted.")
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise CannotRead(
                f"Row {i + 1} has {plural(len(row), 'value')}, the first has {len(rows[0])}."
            )
    return as_array([[cell(each) for each in row] for row in rows])


def _cells(line: str) -> list[str]:
    """Where there are tabs or semicolons, commas belong to numbers."""
    for separator in ("\t", ";", ", ", ","):
        if separator in line:
            return line.split(separator)
    return line.split()


def as_array(values: object) -> NDArray[Any]:
    """Nested lists as int64, uint64, bool or float64.

    Raises:
        CannotRead: beyond 64 bits.
    """
    flat: list[object] = []
    waiting: list[object] = [values]
    while waiting:
        each = waiting.pop()
        waiting += each if is_list(each) else ()
        flat += () if is_list(each) else [each]
    kinds = {type(each) for each in flat}
    dtype: Any = np.float64
    if kinds == {bool}:
        dtype = np.bool_
    elif kinds == {int}:
        is_large = any(isinstance(each, int) and each >= 1 << 63 for each in flat)
        dtype = np.uint64 if is_large else np.int64
    try:
        return np.array(values, dtype)
    except (OverflowError, ValueError) as error:
        raise CannotRead("A number has more than 64 bits.", details=str(error)) from error


def items(text: str, count: int, *, are_texts: bool) -> list[str | int | float | bool]:
    """Several values from a JSON list, or one a line.

    Raises:
        CannotRead: there are not as many, or they are none.
    """
    found: list[object] = []
    if text.lstrip().startswith("["):
        found = _flat(_json(text))
    else:
        lines = text.strip("\n").split("\n")
        found = list(lines) if are_texts else [cell(line) for line in lines if line.strip()]
    if len(found) != count:
        raise CannotRead(f"That is {plural(len(found), 'value')}, where {count:,} are stored.")
    values: list[str | int | float | bool] = []
    for each in found:
        if not isinstance(each, str | int | float) or (isinstance(each, str) != are_texts):
            raise CannotRead(
                f"“{visible(str(each), 40)}” is no {'text' if are_texts else 'number'}."
            )
        values.append(each)
    return values


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CannotRead("The list is no valid JSON.", details=str(error)) from error


def _flat(value: object) -> list[object]:
    found: list[object] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if is_list(each):
            waiting += reversed(each)
        else:
            found.append(each)
    return found
