"""ReadRow: the numbers at one position of the first axis, exactly."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from answering import answer

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.requests import ReadRow


def write(path: Path, values: object, **options: object) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, **options)
    return path


@pytest.mark.parametrize("dtype", ["uint8", ">i4", "float16", ">f8", "bool"])
def test_row_is_exact_whatever_the_type(dtype: str, tmp_path: Path) -> None:
    stored = np.arange(60).reshape(5, 3, 4).astype(dtype)
    path = write(tmp_path / "x.h5", stored, chunks=(2, 3, 4), compression="gzip")
    row = answer(path, ReadRow, row=3).values.values
    assert row.dtype == np.dtype(dtype).newbyteorder("=")
    assert np.array_equal(row, stored[3])


def test_row_of_one_axis_is_one_number(tmp_path: Path) -> None:
    found = answer(write(tmp_path / "x.h5", np.array([1.5, 2.5])), ReadRow, row=1).values
    assert found.shape == ()
    assert found.values == 2.5


@pytest.mark.parametrize("row", [-1, 5])
def test_row_that_is_not_there_is_refused_with_their_count(row: int, tmp_path: Path) -> None:
    path = write(tmp_path / "x.h5", np.zeros((5, 2)))
    with pytest.raises(CannotRead, match="/x has 5 rows"):
        answer(path, ReadRow, row=row)


def test_text_is_no_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "x.h5", np.array([b"a", b"b"]))
    with pytest.raises(CannotRead, match="no plain numbers"):
        answer(path, ReadRow, row=0)


def test_row_of_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", (2, 1 << 31), "f4", chunks=(1, 1 << 16))
    with pytest.raises(TooLarge, match="too much for one sample"):
        answer(tmp_path / "x.h5", ReadRow, row=0)
