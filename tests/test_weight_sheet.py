"""The table of weights as JSON and CSV: exact keys, nulls, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import json
import math

import pytest

from h5viewer.nodes import WeightRow, WeightSummary
from h5viewer.weight_sheet import COLUMNS, ROWS_A_PIECE, csv_pieces, json_pieces


def row(name: str = "kernel", **facts: object) -> WeightRow:
    return WeightRow(
        **{
            "layer": "dense",
            "name": name,
            "path": (b"dense", b"kernel:0"),
            "shape": (4, 2),
            "dtype": "float32",
            "n_bytes": 32,
        }
        | facts
    )


def summary(**numbers: object) -> WeightSummary:
    known = {
        "row": 0, "minimum": -1.5, "maximum": 2.0, "mean": 0.1, "std": 0.2, "norm": 3.0,
        "n_zero": 4, "n_nan": 5, "n_infinite": 6,
    }  # fmt: skip
    return WeightSummary(**(known | numbers))


def read_json(*pairs: tuple[WeightRow, WeightSummary | None]) -> list[dict]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    found = json.loads("".join(json_pieces(pairs)), parse_constant=refuse)
    assert list(found) == ["weights"]
    return found["weights"]


def read_csv(*pairs: tuple[WeightRow, WeightSummary | None]) -> list[list[str]]:
    return list(csv.reader("".join(csv_pieces(pairs)).splitlines()))


def test_json_has_exactly_the_documented_keys() -> None:
    assert read_json((row(), summary())) == [
        {
            "layer": "dense", "name": "kernel", "path": "/dense/kernel:0", "shape": [4, 2],
            "dtype": "float32", "bytes": 32, "min": -1.5, "max": 2.0, "mean": 0.1, "std": 0.2,
            "norm": 3.0, "zeros": 4, "nan": 5, "inf": 6,
        }
    ]  # fmt: skip


def test_numbers_that_are_not_there_are_null_and_empty() -> None:
    nothing = summary(minimum=math.nan, maximum=math.nan, norm=math.inf, n_nan=8)
    (found,) = read_json((row(), nothing))
    assert (found["min"], found["max"], found["norm"], found["nan"]) == (None, None, None, 8)
    refused = summary(reason="It is elsewhere.")
    (found,) = read_json((row(shape=None), refused))
    assert found["shape"] is None
    assert [found[key] for key in COLUMNS[6:]] == [None] * 8
    assert read_csv((row(), refused))[1][6:] == [""] * 8


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "－"])
def test_a_name_that_looks_like_a_formula_is_marked_as_text(start: str) -> None:
    name = f'{start}HYPERLINK("http://somewhere","look")'
    cells = read_csv((row(name, layer=name, dtype=name), summary()))[1]
    for place in (0, 1, 4):
        assert cells[place].startswith("'")
    assert "\n" not in cells[1]
    assert cells[6] == "-1.5"  # a number stays one
    assert read_json((row(name), summary()))[0]["name"] == name  # JSON is never changed


def test_cells_with_commas_quotes_and_controls_stay_one_cell() -> None:
    cells = read_csv((row('a,"b"\x00\x1b\u202ec'), summary()))[1]
    assert cells[1] == 'a,"b"\\x00\\x1b\\u202ec'
    assert len(cells) == len(COLUMNS)


def test_many_rows_come_in_pieces() -> None:
    pairs = [(row(f"w{n}"), summary()) for n in range(2 * ROWS_A_PIECE + 1)]
    assert len(list(csv_pieces(pairs))) == 4
    assert [found["name"] for found in read_json(*pairs)][-1] == f"w{2 * ROWS_A_PIECE}"
    assert read_json() == []
