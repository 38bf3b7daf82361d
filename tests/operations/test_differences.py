"""Numbers of a difference, against NumPy's in the plainest form."""

from __future__ import annotations

import numpy as np
import pytest

from h5viewer.operations.differences import compare_values, squares

RANDOM = np.random.default_rng(3)


def plainly(a: np.ndarray, b: np.ndarray) -> tuple[int, float, float, float]:
    x, y = a.astype(float).ravel(), b.astype(float).ravel()
    d = y - x
    cosine = x @ y / (np.linalg.norm(x) * np.linalg.norm(y))
    return int((d != 0).sum()), abs(d).max(), np.linalg.norm(d) / np.linalg.norm(x), cosine


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i2", "u1", ">f4"])
def test_numbers_are_those_of_numpy(dtype: str) -> None:
    a = (RANDOM.standard_normal((300, 401)) * 50 + 60).astype(dtype)
    b = a.copy()
    b[::2] += np.asarray(3, dtype)
    found = compare_values(a, b)
    count, largest, relative, cosine = plainly(a, b)
    assert (found.n_different, found.largest) == (count, pytest.approx(largest))
    assert found.relative == pytest.approx(relative)
    assert found.cosine == pytest.approx(cosine)


def test_equal_bytes_cost_no_arithmetic() -> None:
    a = RANDOM.standard_normal(1003).astype("f4")
    assert compare_values(a, a.copy()).is_equal
    one_bit = a.copy()
    one_bit.view("u4")[-1] ^= 1
    found = compare_values(a, one_bit)
    assert (found.is_equal, found.n_different) == (False, 1)


def test_nan_at_the_same_place_is_no_difference() -> None:
    a = np.array([1, np.nan, np.inf, 4], "f4")
    b = np.array([1, np.nan, np.inf, 4], "f8")
    assert compare_values(a, b).n_different == 0
    assert compare_values(a, np.array([1, 2, np.inf, 4.5])).n_different == 2
    assert compare_values(a, np.array([1, np.nan, -np.inf, 4])).n_different == 1


def test_numbers_are_those_of_elements_finite_in_both() -> None:
    found = compare_values(np.array([1.0, np.nan, 3.0]), np.array([1.5, 2.0, np.inf]))
    assert (found.n_different, found.n_finite, found.largest) == (3, 1, 0.5)
    assert found.relative == pytest.approx(0.5)
    nothing = compare_values(np.array([np.nan]), np.array([1.0]))
    assert (nothing.n_different, nothing.largest, nothing.relative) == (1, None, None)


def test_minus_zero_is_zero() -> None:
    assert compare_values(np.array([0.0, 1]), np.array([-0.0, 1])).n_different == 0


def test_large_integers_are_exact() -> None:
    a = np.array([2**53, -(2**63)], "i8")
    found = compare_values(a, np.array([2**53 + 1, 2**63 - 1], "i8"))
    assert (found.n_different, found.largest) == (2, float(2**64 - 1))
    assert compare_values(a[:1], np.array([2**53 + 1], "i8")).n_different == 1


def test_complex_numbers_differ_by_how_far_they_are_apart() -> None:
    found = compare_values(np.array([3 + 4j, 1j]), np.array([0j, 1j]))
    assert (found.n_different, found.largest) == (1, 5.0)
    assert found.relative == pytest.approx(5 / np.sqrt(26))


def test_truth_and_numbers_compare() -> None:
    assert compare_values(np.array([True, False]), np.array([1, 0], "i4")).n_different == 0


def test_texts_and_records_are_counted() -> None:
    words = np.array([b"one", "two", b"three"], object)
    assert compare_values(words, np.array(["one", "two", "four"], object)).n_different == 1
    record = np.dtype([("x", "f4"), ("y", "i4")])
    a, b = np.zeros(4, record), np.zeros(4, record)
    b["y"][2] = 1
    assert compare_values(a, b).n_different == 1
    assert compare_values(a, np.zeros(4, "f4")).n_different == 4


def test_sums_of_parts_are_those_of_the_whole() -> None:
    a, b = RANDOM.standard_normal((2, 1000))
    b[:500] = a[:500]
    first, second = squares(a[:500]), compare_values(a[500:], b[500:])
    whole = compare_values(a, b)
    both = first.merged(second)
    assert both.n_different == whole.n_different == 500
    assert both.relative == pytest.approx(whole.relative)
    assert both.cosine == pytest.approx(whole.cosine)


def test_a_zero_weight_has_no_direction() -> None:
    found = compare_values(np.zeros(3), np.ones(3))
    assert (found.relative, found.cosine, found.largest) == (None, None, 1.0)
