"""Names from files: exact as addresses, safe as text."""

from __future__ import annotations

import pytest

from h5viewer.names import VISIBLE_LIMIT, parse_path, path_text, plain, visible


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("dense/kernel:0", "dense/kernel:0"),
        ("ünï 名前 🙂", "ünï 名前 🙂"),
        ("<b>&amp;", "<b>&amp;"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x00\x07\x1b[31m\x7f", r"\x00\x07\x1b[31m\x7f"),
        ("\x9b\u200b\u202e\u2028\ufeff\ue000", r"\u009b\u200b\u202e\u2028\ufeff\ue000"),
        ("\U000e0041", r"\U000e0041"),
        ("\udcff", r"\udcff"),
        (b"\xff caf\xe9", r"\xff caf\xe9"),
    ],
)
def test_what_cannot_be_seen_is_written_out(name: bytes | str, shown: str) -> None:
    """In letters that every font has."""
    assert visible(name) == shown


@pytest.mark.parametrize("letter", ["a", "\n", "\x1b", "名"])
def test_long_names_are_cut(letter: str) -> None:
    shown = visible(letter * 60_000)
    assert len(shown) == VISIBLE_LIMIT
    assert shown.endswith("…")
    assert visible(letter.encode() * 60_000) == shown


def test_plain_text_loses_nothing_and_takes_any_encoding() -> None:
    assert plain(b"a\xffb") == r"a\xffb"
    assert plain("a\udcffb").encode("utf-8") == rb"a\udcffb"
    assert plain("a\nb") == "a\nb"


def test_an_address_survives_its_text() -> None:
    path = (b"model_weights", "größe".encode(), b"kernel:0")
    assert parse_path(path_text(path)) == path
    assert parse_path("/") == ()
    assert path_text(()) == "/"
