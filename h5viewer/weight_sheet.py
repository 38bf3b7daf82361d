"""The table of weights as JSON and CSV, for `h5v stats` and for the window's export.

Both come piece by piece: a file may hold 200,000 weights. Numbers that are not there (no
finite value, a weight that is not read) are null in JSON and empty in CSV.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from h5viewer.names import path_text, plain, visible
from h5viewer.nodes import WeightRow, WeightSummary
from h5viewer.wording import shape_text

Pair = tuple[WeightRow, WeightSummary | None]
"""A weight, and its numbers once they are known."""

COLUMNS = (
    "layer", "name", "path", "shape", "dtype", "bytes", "min", "max", "mean", "std", "norm",
    "zeros", "nan", "inf",
)  # fmt: skip

ROWS_A_PIECE = 200

_LONGEST_TEXT = 32_000  # letters of a cell; spreadsheets take 32,767
# What makes a spreadsheet read a cell as a formula, in any script, also after a control that
# it drops. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def fields(row: WeightRow, summary: WeightSummary | None) -> dict[str, Any]:
    """One weight under the names of COLUMNS; numbers that are not known are None."""
    known = summary if summary is not None and not summary.reason else None
    return {
        "layer": plain(row.layer),
        "name": plain(row.name),
        "path": path_text(row.path),
        "shape": None if row.shape is None else list(row.shape),
        "dtype": row.dtype,
        "bytes": row.n_bytes,
        "min": known and _number(known.minimum),
        "max": known and _number(known.maximum),
        "mean": known and _number(known.mean),
        "std": known and _number(known.std),
        "norm": known and _number(known.norm),
        "zeros": known and known.n_zero,
        "nan": known and known.n_nan,
        "inf": known and known.n_infinite,
    }


def json_pieces(pairs: Iterable[Pair]) -> Iterator[str]:
    """`{"weights": [...]}`, one weight a line."""
    yield '{"weights": ['
    between = "\n"
    for some in _pieces(pairs):
        lines = [json.dumps(fields(*pair), allow_nan=False, ensure_ascii=False) for pair in some]
        yield between + ",\n".join(lines)
        between = ",\n"
    yield "\n]}\n"


def csv_pieces(pairs: Iterable[Pair]) -> Iterator[str]:
    """A heading, then one weight a line; text that looks like a formula is marked as text."""
    yield ",".join(COLUMNS) + "\n"
    for some in _pieces(pairs):
        sheet = io.StringIO()
        writer = csv.writer(sheet, lineterminator="\n")
        writer.writerows(cells(row, summary) for row, summary in some)
        yield sheet.getvalue()


def cells(row: WeightRow, summary: WeightSummary | None) -> list[object]:
    """One weight in the order of COLUMNS, for a spreadsheet; None where there is no value."""
    known = fields(row, summary)
    known["shape"] = shape_text(row.shape)
    return [marked(known[column]) for column in COLUMNS]


def marked(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    text = f"'{value}" if value.startswith(_FORMULA) else value
    return visible(text, _LONGEST_TEXT)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _pieces(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    left = iter(pairs)
    while some := list(islice(left, ROWS_A_PIECE)):
        yield some
