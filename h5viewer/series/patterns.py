"""Names that differ in numbers alone, put together; what one leaves open, the others tell.

In `ckpt_500k` beside `ckpt_1.5M` letters multiply, in `net_4k_01` beside `net_4k_02` they do not;
in `reward-3.5` beside `reward4.0` the hyphen is a sign, in `loss-0.5` beside `loss-0.4` it is not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from h5viewer.series.counting import Group, unit_of
from h5viewer.series.members import Member
from h5viewer.series.metrics import metric_at_end
from h5viewer.series.numbered_names import NumberedName, cut_at_numbers

_FACTORS = {"k": 1_000, "m": 1_000_000}
_FACTOR = re.compile(r"[km](?![^\W_])", re.IGNORECASE)
_SIGN = re.compile(r"(?<=[^\W\d_])-$")


def alike(members: Iterable[Member]) -> Iterator[Group]:
    """Saved states of one format whose names have the same texts between their numbers."""
    nearly: dict[tuple[tuple[str, ...], str], Group] = defaultdict(list)
    for member in members:
        name = cut_at_numbers(member.stem)
        if name.numbers:
            nearly[_without_doubtful(name), member.suffix].append((member, name))
    for group in nearly.values():
        names = [name for _, name in group]
        for column in range(len(names[0].numbers)):
            names = _multiplied(_signed(names, column), column)
        found: dict[tuple[str, ...], Group] = defaultdict(list)
        for (member, _), name in zip(group, names, strict=True):
            found[tuple(map(str.lower, name.texts))].append((member, name))
        yield from found.values()


def _without_doubtful(name: NumberedName) -> tuple[str, ...]:
    """Its texts without what may be a sign, and without what may multiply."""
    first, *others = name.texts
    texts = [first, *(text[1:] if _FACTOR.match(text) else text for text in others)]
    return tuple(_SIGN.sub("", text).lower() for text in texts)


def _signed(names: list[NumberedName], column: int) -> list[NumberedName]:
    """With hyphens as signs, where some names have none before a fraction or a metric."""
    before = [name.texts[column] for name in names]
    has_sign = [_SIGN.search(text) is not None for text in before]
    may_be_negative = metric_at_end(before[0]) or not any(
        name.numbers[column].is_whole for name in names
    )
    if all(has_sign) or not may_be_negative:
        return names
    return [
        name.changed(column, before=text[:-1], text=f"-{name.numbers[column].text}")
        if is_negative
        else name
        for name, text, is_negative in zip(names, before, has_sign, strict=True)
    ]


def _multiplied(names: list[NumberedName], column: int) -> list[NumberedName]:
    """With letters as factors, where two names agree and some have thousands, or count steps."""
    behind = [name.texts[column + 1] for name in names]
    letters = [text[0].lower() if _FACTOR.match(text) else "" for text in behind]
    found = [
        name.changed(
            column,
            after=text[1:],
            text=f"{name.numbers[column].text}{text[0]}",
            factor=_FACTORS[letter],
        )
        if letter
        else name
        for name, text, letter in zip(names, behind, letters, strict=True)
    ]
    differ = len({name.numbers[column].text for name in found}) > 1
    is_told = "k" in letters or unit_of(found[0], column) == "step"
    return found if differ and is_told and len(letters) - letters.count("") > 1 else names
