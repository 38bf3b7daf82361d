"""Names and paths become literals of Python: nothing in them is code, and nothing is lost."""

from __future__ import annotations

import ast

import pytest

from h5viewer.python_texts.literals import node, number, text

TEXTS = (
    "plain.h5",
    "quotes \" and ' and \\",
    'a" + __import__("os").system("true") + "',
    "line\nbreak\r\0",
    "right to left \u202e override",
    "no UTF-8 \udcff",
    "ünïcode 漢字",
    "{braces} %s",
    "\u2028",
)


@pytest.mark.parametrize("value", TEXTS)
def test_a_text_is_one_printable_literal_of_the_same_value(value: str) -> None:
    made = text(value)
    assert made.isprintable()
    assert ast.literal_eval(made) == value


@pytest.mark.parametrize("path", [(b"x",), (b"a", b"b c"), (b"gr\xff", b"x"), ("é".encode(), b'"')])
def test_a_path_is_what_h5py_finds_it_by(path: tuple[bytes, ...]) -> None:
    made = ast.literal_eval(node(path))
    assert (made.encode() if isinstance(made, str) else made) == b"/".join(path)


@pytest.mark.parametrize("value", [0, 1, -1, 0.1, 1 / 3, 30, 255, 65535, 1e-9, 1e20, -0.5, 128.25])
def test_a_number_is_short_and_nearly_itself(value: float) -> None:
    made = number(value)
    assert len(made) <= 24
    assert ast.literal_eval(made) == pytest.approx(value, rel=1e-5)
