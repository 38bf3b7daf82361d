"""Natural order is what people expect of names with numbers, at any size."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from h5viewer.formats.natural_order import in_natural_order


def _slowly(names: list[bytes]) -> list[bytes]:
    """The same order, said plainly: digits as numbers, marked as such by b"0"."""

    def key(name: bytes) -> list[object]:
        parts = re.split(rb"(\d+)", name)
        return [
            (b"0", len(part.lstrip(b"0") or b"0"), part.lstrip(b"0") or b"0") if i % 2 else part
            for i, part in enumerate(parts)
        ]

    def spelled(name: bytes) -> bytes:
        return b"".join(
            part if isinstance(part, bytes) else b"0" + bytes([part[1]]) + part[2]
            for part in key(name)
        )

    return sorted(sorted(names), key=spelled)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([b"item 10", b"item 2", b"item 1"], [b"item 1", b"item 2", b"item 10"]),
        ([b"11", b"2", b"0", b"100"], [b"0", b"2", b"11", b"100"]),
        ([b"dense_10", b"dense", b"dense_2"], [b"dense", b"dense_2", b"dense_10"]),
        ([b"a2b10", b"a2b9", b"a10b1"], [b"a2b9", b"a2b10", b"a10b1"]),
        ([b"007", b"8", b"06"], [b"06", b"007", b"8"]),
        ([b"b", b"a"], [b"a", b"b"]),
        ([b"\xff2", b"\xff10", b""], [b"", b"\xff2", b"\xff10"]),
        ([], []),
    ],
)
def test_numbers_in_names_count_as_numbers(names: list[bytes], expected: list[bytes]) -> None:
    assert in_natural_order(names) == expected


@given(st.lists(st.text("ab_0129 ", max_size=8).map(str.encode), max_size=40))
def test_order_is_the_plain_definition(names: list[bytes]) -> None:
    assert in_natural_order(names) == _slowly(names)


@pytest.mark.parametrize("pattern", [b"item_%07d", b"item_%d", b"%d"])
def test_many_names_keep_the_order_of_their_numbers(pattern: bytes) -> None:
    names = [pattern % number for number in range(50_000)]
    shuffled = names.copy()
    random.Random(0).shuffle(shuffled)
    assert in_natural_order(shuffled) == names
