"""Cells say exactly what is stored, in few letters, whatever the type."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from answering import answer
from hypothesis import given
from hypothesis import strategies as st

from h5viewer.errors import CannotRead
from h5viewer.nodes import Cells
from h5viewer.operations.cell_text import CELL_LIMIT, bfloat16_text, cell_text
from h5viewer.requests import Cut, ReadCells

ONE_AXIS = Cut(columns=0, index=(0,))
TWO_AXES = Cut(rows=0, columns=1, index=(0, 0))


def write(path: Path, values: object, **options: object) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, **options)
    return path


def column(cells: Cells) -> list[str]:
    assert all(len(row) == 1 for row in cells.text)
    return [row[0] for row in cells.text]


@given(st.floats(width=32))
def test_float32_gives_the_stored_value_back(number: float) -> None:
    stored = np.float32(number)
    text = cell_text(stored)
    assert np.array_equal(np.float32(text), stored, equal_nan=True)
    assert len(text) <= 15


def test_numbers_are_as_short_as_their_type_allows() -> None:
    assert cell_text(np.float32(0.1)) == "0.1"
    assert cell_text(np.float64(0.1)) == "0.1"
    assert cell_text(np.float16(0.1)) == "0.1"
    assert cell_text(np.float32(1e-45)) == "1e-45"
    assert cell_text(np.float64(-0.0)) == "-0.0"
    assert cell_text(np.uint64(2**64 - 1)) == str(2**64 - 1)
    assert cell_text(np.complex64(1.5 - 0.1j)) == "1.5-0.1j"
    assert cell_text(np.complex128(complex(0.1, 2))) == "0.1+2.0j"


@given(st.integers(0, 2**16 - 1))
def test_bfloat16_gives_the_stored_value_back(bits: int) -> None:
    stored = np.uint32(bits << 16).view(np.float32)
    text = bfloat16_text(stored)
    again = np.float32(text)
    if np.isfinite(stored):
        rounded = int(again.view(np.uint32)) + 0x7FFF + (int(again.view(np.uint32)) >> 16 & 1)
        assert rounded >> 16 == bits
        assert len(text) <= 19  # -9900000000000000.0
    else:
        assert np.array_equal(again, stored, equal_nan=True)


def test_bfloat16_is_short() -> None:
    assert bfloat16_text(np.float32(0.10009765625)) == "0.1"
    assert bfloat16_text(np.float32(-2)) == "-2.0"


def test_a_page_of_a_plane(tmp_path: Path) -> None:
    values = np.arange(600, dtype="i4").reshape(30, 20)
    path = write(tmp_path / "a.h5", values, chunks=(7, 6), compression=1)
    page = {"row_start": 5, "row_count": 3, "column_start": 15, "column_count": 30}
    cells = answer(path, ReadCells, cut=TWO_AXES, **page)
    assert (cells.n_rows, cells.n_columns) == (30, 20)
    assert (cells.row_start, cells.column_start) == (5, 15)
    assert cells.headings == ()
    expected = tuple(tuple(str(n) for n in row) for row in values[5:8, 15:])
    assert cells.text == expected
    turned = Cut(rows=1, columns=0, index=(0, 0))
    cells = answer(path, ReadCells, cut=turned, row_start=19, row_count=9, column_count=4)
    assert (cells.n_rows, cells.n_columns) == (20, 30)
    assert cells.text == (tuple(str(n) for n in values[:4, 19]),)


def test_one_axis_is_one_column(tmp_path: Path) -> None:
    values = np.arange(24, dtype="f4").reshape(2, 3, 4)
    path = write(tmp_path / "a.h5", values)
    cells = answer(path, ReadCells, cut=Cut(columns=1, index=(1, 0, 2)), row_start=1)
    assert (cells.n_rows, cells.n_columns) == (3, 1)
    assert column(cells) == ["18.0", "22.0"]


def test_a_scalar_is_one_cell(tmp_path: Path) -> None:
    cells = answer(write(tmp_path / "a.h5", 3.5), ReadCells, cut=Cut())
    assert (cells.n_rows, cells.n_columns, cells.text) == (1, 1, (("3.5",),))
    cells = answer(write(tmp_path / "b.h5", "text"), ReadCells, cut=Cut())
    assert cells.text == (("text",),)


def test_pages_beyond_the_end_are_empty(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", np.zeros((3, 4)))
    cells = answer(path, ReadCells, cut=TWO_AXES, row_start=99)
    assert (cells.text, cells.n_rows, cells.n_columns) == ((), 3, 4)


@pytest.mark.parametrize("shape", [(0,), (5, 0), (0, 3)])
def test_nothing_has_no_rows(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = write(tmp_path / "a.h5", np.zeros(shape))
    cut = TWO_AXES if len(shape) == 2 else ONE_AXIS
    cells = answer(path, ReadCells, cut=cut)
    assert (cells.n_rows, cells.text) == (0, ())


def test_a_null_dataspace_has_no_rows(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = h5py.Empty("f4")
    cells = answer(tmp_path / "a.h5", ReadCells, cut=Cut())
    assert (cells.n_rows, cells.text) == (0, ())


def test_compounds_have_one_column_a_field(tmp_path: Path) -> None:
    colour = h5py.enum_dtype({"RED": 0, "BLUE": 1}, "i1")
    inner = np.dtype([("x", "f4"), ("pair", "i2", (2,))])
    kind = np.dtype([("id", ">i8"), ("at", inner), ("name", "S8"), ("colour", colour)])
    values = np.array([(1, (0.1, [2, 3]), b"one", 1), (2, (0.5, [4, 5]), b"two", 0)], kind)
    path = write(tmp_path / "a.h5", values)
    cells = answer(path, ReadCells, cut=ONE_AXIS)
    assert cells.headings == ("id", "at.x", "at.pair", "name", "colour")
    assert (cells.n_rows, cells.n_columns) == (2, 5)
    assert cells.text[0] == ("1", "0.1", "[2, 3]", "one", "BLUE")
    page = answer(path, ReadCells, cut=ONE_AXIS, column_start=3, column_count=1, row_start=1)
    assert (page.text, page.column_start) == ((("two",),), 3)
    assert page.headings == cells.headings


def test_compounds_in_a_plane_are_records(tmp_path: Path) -> None:
    values = np.array([[(1, 0.5)]], [("a", "i4"), ("b", "f4")])
    cells = answer(write(tmp_path / "a.h5", values), ReadCells, cut=TWO_AXES)
    assert cells.text == (("{a: 1, b: 0.5}",),)


def test_every_other_type_has_words(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["bool"] = np.array([True, False])
        file["enum"] = np.array([1, 0, 7], h5py.enum_dtype({"A": 0, "BÜ": 1}, "i2"))
        file["opaque"] = np.array([b"\x01\xff"], "V2").astype("V3")
        file["bytes"] = np.array([b"caf\xff", b"ok"], "S5")
        file.create_dataset("lists", (2,), h5py.vlen_dtype("f4"))[0] = np.full(30, 0.1, "f4")
        file["arrays"] = np.zeros(1, np.dtype([("a", "f4", (2, 2))]))
        file.create_dataset("links", (2,), h5py.ref_dtype)[0] = file["bool"].ref
        kind = np.dtype([("to", h5py.ref_dtype), ("text", h5py.string_dtype())])
        record = np.zeros(1, kind)
        record[0] = (file["enum"].ref, "hello")
        file["mixed"] = record

    def cells(name: str) -> Cells:
        return answer(tmp_path / "a.h5", ReadCells, name, cut=ONE_AXIS)

    assert column(cells("bool")) == ["True", "False"]
    assert column(cells("enum")) == ["BÜ", "A", "7"]
    assert column(cells("opaque")) == ["0x01ff00"]
    assert column(cells("bytes")) == ["caf\\xff", "ok"]
    assert column(cells("lists")) == ["[" + "0.1, " * 20 + "… 30 in all]", "[]"]
    assert column(cells("arrays")) == ["[[0.0, 0.0], [0.0, 0.0]]"]
    assert column(cells("links")) == ["→ /bool", "→ nothing"]
    assert cells("mixed").text == (("→ /enum", "hello"),)


def test_array_elements_are_lists(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        kind = h5py.h5t.array_create(h5py.h5t.IEEE_F32LE, (2, 3))
        space = h5py.h5s.create_simple((4,))
        h5py.h5d.create(file.id, b"x", kind, space)
    assert (
        column(answer(tmp_path / "a.h5", ReadCells, cut=ONE_AXIS))
        == ["[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]"] * 4
    )


def test_long_texts_are_cut(tmp_path: Path) -> None:
    cells = answer(write(tmp_path / "a.h5", ["x" * 100_000]), ReadCells, cut=ONE_AXIS)
    assert column(cells) == ["x" * (CELL_LIMIT - 1) + "…"]


def test_far_corners_of_absurd_datasets_are_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (10**8, 10**7), "f4", chunks=(64, 64), fillvalue=1.5)
    cells = answer(
        tmp_path / "a.h5", ReadCells, cut=TWO_AXES, row_start=10**8 - 2, column_start=10**7 - 1
    )
    assert (cells.n_rows, cells.n_columns) == (10**8, 10**7)
    assert cells.text == (("1.5",), ("1.5",))


def test_what_is_elsewhere_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (4,), "u1", external=[(str(tmp_path / "secret"), 0, 4)])
    with pytest.raises(CannotRead, match="not opened"):
        answer(tmp_path / "a.h5", ReadCells, cut=ONE_AXIS)
