"""Expressions over a weight: what they compute, box by box, and what they refuse."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from h5viewer.documents.edits import Edit
from h5viewer.documents.edits.computed import Computed
from h5viewer.documents.edits.edited import Edited
from h5viewer.documents.edits.language import ELEMENTWISE, WHOLE
from h5viewer.documents.edits.placed import OneElement, PastedTable
from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, tiles, whole

X = np.array([[0.5, -1.25, np.nan], [2.0, 3.0, -0.0], [7.5, np.inf, -3.0], [1.0, 1.0, 1.0]], "f4")


def result(values: Any, *edits: Edit, dtype: str = "") -> Any:
    """All new values, asked for in boxes of two rows and two columns."""
    cells = tuple(min(2, n) for n in values.shape)

    def boxes() -> Iterator[tuple[Box, Any]]:
        for box in tiles(whole(values.shape), cells, 1) if values.shape else [()]:
            yield box, values[box]

    edited = Edited(edits, values.shape, dtype or str(values.dtype))
    for _ in edited.prepare(boxes):
        pass
    made = np.zeros_like(values)
    for box, part in boxes():
        made[box] = edited.apply(box, np.asarray(part))
    return made


def computed(text: str, values: Any = X) -> Any:
    return result(values, Computed(text))


def changed(values: Any, *places: Any) -> Any:
    """A copy with pairs of index and value set by NumPy."""
    copy = values.copy()
    for index, value in places:
        copy[index] = value
    return copy


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x * 0.5", X * np.float32(0.5)),
        ("clip(x, -1, 1)", np.clip(X, -1, 1)),
        ("where(isnan(x), 0, x)", np.where(np.isnan(X), 0, X)),
        ("nan_to_num(x, 3)", np.where(np.isnan(X), 3, X)),
        ("x if x > 1 and not isinf(x) else -x", np.where((X > 1) & ~np.isinf(X), X, -X)),
        ("-1 < x < 2", ((X > -1) & (X < 2))),
        ("round(x, 1)", np.round(X.astype("f8"), 1)),
        ("x[3] = 0", changed(X, (3, 0))),
        ("x[-1, 1:] = 7", changed(X, ((-1, slice(1, None)), 7))),
        ("x[..., ::-2] *= 2", changed(X, ((..., slice(None, None, -2)), X[..., ::-2] * 2))),
        ("x[1::2, 2] = x[0, 0]", changed(X, ((slice(1, None, 2), 2), X[0, 0]))),
        ("x[x > 1] = -9", np.where(X > 1, -9, X)),
        ("x = 1; x[0] += 2", changed(np.ones_like(X), (0, 3))),
        ("0.25", np.full_like(X, 0.25)),
    ],
)
def test_expressions_are_what_numpy_makes_of_them(text: str, wanted: Any) -> None:
    assert np.array_equal(computed(text), np.asarray(wanted).astype("f4"), equal_nan=True)


@pytest.mark.parametrize("name", ["sum", "mean", "std", "var", "min", "max", "count_nonzero"])
def test_numbers_about_all_values_are_those_of_the_whole_weight(name: str) -> None:
    values = np.random.default_rng(1).normal(size=(5, 7)).astype("f4")
    wanted = getattr(np, name)(values.astype("f8"))
    assert np.allclose(computed(f"{name}(x)", values), wanted, rtol=1e-6)


def test_a_statement_sees_what_those_before_it_made() -> None:
    values = np.arange(12, dtype="f4").reshape(3, 4)
    scaled = computed("x = x * 2; x = (x - mean(x)) / std(x)", values)
    wanted = (values - values.mean()) / values.std()
    assert np.allclose(scaled, wanted, atol=1e-6)
    assert np.array_equal(
        computed("x[0, 0] = 100; x = x / max(x)", values),
        (changed(values, ((0, 0), 100)).astype("f8") / 100).astype("f4"),
    )


def test_whole_numbers_stay_exact_and_refuse_what_they_cannot_hold() -> None:
    large = np.array([2**62 + 1, 5, -7])
    assert computed("x - 1", large).tolist() == [2**62, 4, -8]
    assert computed("x // 2 * 2", np.array([3, 4], "u8")).tolist() == [2, 4]
    for text in ("x * 0.5", "x / 0", "nan"):
        with pytest.raises(CannotRead, match="whole numbers"):
            computed(text, large)
    with pytest.raises(CannotRead, match="beyond the range of int8"):
        computed("x + 100", np.array([100], "i1"))
    with pytest.raises(CannotRead, match="divided by zero"):
        computed("x // 0", large)
    for text in ("x * 4", "x + 2 ** 62", "10 ** 30 + x"):
        with pytest.raises(CannotRead):
            computed(text, large)


def test_numbers_beyond_the_range_are_refused_not_made_infinite() -> None:
    with pytest.raises(CannotRead, match="beyond the range of float32"):
        computed("x * 1e39")
    with pytest.raises(CannotRead, match="beyond the range of float16"):
        computed("x * 70000", np.ones(3, "f2"))


def test_what_does_not_change_stays_bit_for_bit() -> None:
    bits = np.array([0x7F800001, 0xFFC01234, 0x80000000, 0x3F800000], "u4")  # odd NaN, -0, 1
    values = bits.view("f4")
    made = computed("x[3] = 2", values)
    assert made.view("u4").tolist() == [*bits[:3].tolist(), 0x40000000]
    brief = np.array([0x7F81, 0x3F80], "u2").view("V2")
    assert result(brief, Computed("x[1] = 2"), dtype="bfloat16").view("u2").tolist() == [
        0x7F81,
        0x4000,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "x.shape", "x.__class__", "open('a')", "lambda: x", "[x for x in x]",
        "(x,)", "x @ x", "'a'", "f'{x}'", "1j", "x if", "", "import os", "def f(): pass", "y = 1",
        "x[0] = x", "x[x]", "x[0:1]", "del x", "abs", "abs()", "abs(x, x)", "clip(x, min=0)",
        "x is x", "x in x", "x << 2", "(x := 1)", "getattr(x, 'a')", "eval('1')", "x, y = 1, 2",
        "sum(sum)", "*x", "x; y", "print(x)", "[]", "{}", "...", "None", "True.real", "x[0].a = 1",
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(CannotRead) as refusal:
        computed(text, np.ones((2, 2), "f4"))
    assert refusal.value.message.endswith(".")


@pytest.mark.parametrize("text", ["x[9] = 0", "x[0, 0, 0] = 1", "x[..., ...] = 1", "x[::0] = 1"])
def test_indices_outside_the_weight_are_refused(text: str) -> None:
    with pytest.raises(CannotRead):
        computed(text)


def test_absurd_expressions_end_soon() -> None:
    """No number grows without end, and no text is read that is too long or too deep."""
    assert np.isinf(computed("9 ** 9 ** 9 * 1.0 ** x", np.ones(2, "f8"))).all()
    for text in ("(" * 5000, "-" * 3000 + "x", "x+" * 900 + "x", "x" * 3000, "9" * 1900):
        with pytest.raises(CannotRead):
            computed(text, np.ones(2, "i4"))


@pytest.mark.parametrize("name", sorted({*ELEMENTWISE, *WHOLE}))
def test_every_function_that_is_offered_works(name: str) -> None:
    least, most = ELEMENTWISE.get(name, (1, 1))
    for count in range(least, most + 1):
        arguments = ", ".join(itertools.islice(itertools.cycle(["x", "1", "2"]), count))
        values = np.array([0.25, 0.5], "f4")
        assert computed(f"0 * where(isfinite({name}({arguments})), 1, 1)", values).tolist() == [
            0,
            0,
        ]


def test_tables_are_pasted_whole_or_from_a_place_on() -> None:
    values = np.zeros((2, 3, 4), "f4")
    whole_table = "\n".join(" ".join(str(4 * r + c) for c in range(4)) for r in range(6))
    assert np.array_equal(
        result(values, PastedTable(whole_table, None)).ravel(), np.arange(24, dtype="f4")
    )
    part = result(values, PastedTable("1,5\t2\n-3\t1e-2", (1, 1, 2)))
    assert np.array_equal(
        part, changed(values, ((1, slice(1, 3), slice(2, 4)), [[1.5, 2], [-3, 0.01]]))
    )
    row = np.arange(5)
    assert result(row, PastedTable("7\n8", (3,))).tolist() == [0, 1, 2, 7, 8]
    assert result(row, PastedTable("[9, 9, 9, 9, 9]", None)).tolist() == [9] * 5


@pytest.mark.parametrize(
    ("text", "at"),
    [("1 2\n3", None), ("1 2", None), ("a", (0, 0)), ("", None), ("1\t2", (0, 2)), ("1", (0,)),
     ("1\n2\n3", (0, 0)), ("1e", (0, 0))],
)  # fmt: skip
def test_tables_that_do_not_fit_are_refused(text: str, at: tuple[int, ...] | None) -> None:
    with pytest.raises(CannotRead):
        result(np.zeros((2, 3), "f4"), PastedTable(text, at))


def test_one_element_is_set() -> None:
    assert result(np.zeros((2, 3)), OneElement((1, -1), "0,25"))[1, 2] == 0.25
    assert result(np.array([True, True]), OneElement((0,), "false")).tolist() == [False, True]
    assert result(np.array(3, "i2"), OneElement((), "-7")) == -7
    for index, text in (((2, 0), "1"), ((0,), "1"), ((0, 0), "much"), ((0, 0), "")):
        with pytest.raises(CannotRead):
            result(np.zeros((2, 3)), OneElement(index, text))
