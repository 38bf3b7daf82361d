"""JSON of a stranger is read within limits and refused in sentences."""

from __future__ import annotations

import pytest

from h5viewer.documents import json_text
from h5viewer.documents.json_text import compact, parse, pretty
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.nodes import Text


def text(content: str, *, is_complete: bool = True) -> Text:
    return Text(text=content, total=len(content), is_complete=is_complete)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"class_name": oops', "line 1, column 16 (character 15)"),
        ("", "not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[" + "9" * 5000 + "]", "too many digits"),
    ],
)
def test_bad_json_is_refused_in_a_sentence(content: str, said: str) -> None:
    with pytest.raises(CannotRead, match=r"^The configuration .*\.$") as caught:
        parse(text(content), "The configuration")
    assert said in caught.value.message


def test_oversized_json_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "LONGEST", 100)
    with pytest.raises(TooLarge):
        parse(text('"' + "a" * 200 + '"'), "The configuration")
    with pytest.raises(TooLarge):
        parse(text("[1]", is_complete=False), "The configuration")


def test_odd_but_readable_values_are_read() -> None:
    value = parse(text('{"a": NaN, "b": 1e999, "c": "\\ud800", "c": 2}'), "x")
    assert isinstance(value, dict)
    assert value["c"] == 2  # the last of two wins, as in Keras


def test_pretty_text_is_bounded_and_encodable() -> None:
    shown = pretty({"a": "\ud800" + "b" * 50, "list": list(range(1000))}, 200)
    assert not shown.is_complete
    assert len(shown.text) <= 210
    assert "\\ud800" in shown.text.encode("utf-8").decode("utf-8")


def test_deep_values_are_shown_as_far_as_possible() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert not pretty(deep, 100_000).is_complete
    assert compact(deep) == "…"


def test_compact_text_is_one_line() -> None:
    assert compact(None) == ""
    assert compact("mse") == "mse"
    assert compact(["accuracy"]) == '["accuracy"]'
    assert len(compact("x" * 50_000)) == 20_000
