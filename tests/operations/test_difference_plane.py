"""The picture of B minus A."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from comparing import difference

from h5viewer.errors import CannotRead
from h5viewer.requests import Cut


def stored(path: Path, values: np.ndarray, **how: object) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, **how)
    return path


@pytest.mark.parametrize(("rows", "columns"), [(0, 1), (1, 0), (0, 2), (2, 1)])
def test_each_pixel_is_b_minus_a(tmp_path: Path, rows: int, columns: int) -> None:
    a, b = np.random.default_rng(5).standard_normal((2, 7, 8, 9)).astype("f4")
    first = stored(tmp_path / "a.h5", a)
    second = stored(tmp_path / "b.h5", b.astype(">f8"), chunks=(3, 3, 3), compression="gzip")
    index = (2, 3, 4)
    plane = difference(first, second, cut=Cut(rows=rows, columns=columns, index=index))
    (fixed,) = {0, 1, 2} - {rows, columns}
    wanted = (b.astype(float) - a.astype(float)).take(index[fixed], axis=fixed)
    if rows > columns:
        wanted = wanted.T
    np.testing.assert_array_equal(plane.values.values, wanted)
    assert plane.is_sharp


def test_a_single_difference_is_seen_in_the_overview(tmp_path: Path) -> None:
    a = np.random.default_rng(6).standard_normal((900, 1000)).astype("f4") + 100
    b = a.copy()
    b[456, 789] -= 1
    plane = difference(
        stored(tmp_path / "a.h5", a), stored(tmp_path / "b.h5", b),
        cut=Cut(rows=0, columns=1, index=(0, 0)), max_rows=30, max_columns=25,
    )  # fmt: skip
    picture = plane.values.values
    assert np.count_nonzero(picture) == 1
    assert picture.min() == pytest.approx(-1, rel=1e-3)
    assert picture[456 // plane.row_step, 789 // plane.column_step] == picture.min()


def test_a_pixel_is_its_largest_difference_however_common(tmp_path: Path) -> None:
    a, b = np.zeros((40, 40)), np.full((40, 40), 10.0)
    b[::4, ::4] = 0
    plane = difference(
        stored(tmp_path / "a.h5", a), stored(tmp_path / "b.h5", b),
        cut=Cut(rows=0, columns=1, index=(0, 0)), max_rows=10, max_columns=10,
    )  # fmt: skip
    np.testing.assert_array_equal(plane.values.values, np.full((10, 10), 10.0))


def test_a_line_is_a_picture_of_one_row(tmp_path: Path) -> None:
    a, b = np.arange(5.0), np.arange(5.0) ** 2
    plane = difference(
        stored(tmp_path / "a.h5", a), stored(tmp_path / "b.h5", b), cut=Cut(columns=0, index=(0,))
    )
    np.testing.assert_array_equal(plane.values.values, [b - a])


def test_unsigned_numbers_do_not_wrap(tmp_path: Path) -> None:
    a, b = np.array([[5, 200]], "u1"), np.array([[7, 100]], "u1")
    plane = difference(
        stored(tmp_path / "a.h5", a),
        stored(tmp_path / "b.h5", b),
        cut=Cut(rows=0, columns=1, index=(0, 0)),
    )
    np.testing.assert_array_equal(plane.values.values, [[2, -100]])


def test_other_shapes_have_no_difference(tmp_path: Path) -> None:
    a, b = stored(tmp_path / "a.h5", np.ones((2, 3))), stored(tmp_path / "b.h5", np.ones((3, 2)))
    with pytest.raises(CannotRead, match=r"\(2, 3\) and \(3, 2\)"):
        difference(a, b, cut=Cut(rows=0, columns=1, index=(0, 0)))
