"""Names with numbers in them: `weights-07-0.812` is `weights-#-#` with 7 and 0.812.

`model.{epoch:02d}-{val_acc:.3f}` leaves names whose numbers have one, two or three digits,
may be negative, `nan` or `1e-05`, and stand behind words or between separators.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from h5viewer.series.metrics import metric_at_end

_DAY = r"(?<!\d)(?:19|20)\d\d{between}(?:0[1-9]|1[0-2]){between}(?:0[1-9]|[12]\d|3[01])"
_TIME = r"[-_T ]?(?:[01]\d|2[0-3])[-_.:h]?[0-5]\d(?:[-_.:m]?[0-5]\d)?(?!\d)"
_CLOCK = r"(?<!\d)(?:[01]?\d|2[0-3])h[0-5]\d(?:m(?:[0-5]\ds?)?)?(?![^\W_])"  # "14h32m"
_NUMBER = re.compile(
    rf"(?P<time>{_DAY.format(between='[-_]')}(?:{_TIME}|(?!\d))|{_DAY.format(between='')}{_TIME}|"
    rf"{_CLOCK})|"
    r"(?P<runs>\d+(?:\.\d+)*)(?P<exponent>[eE][+-]\d{2})?|(?P<odd>nan|inf)(?![^\W_\d])"
)
_SIGN = re.compile(r"[-_=:(\[{ ]-$")
_COMPACT_DAY = re.compile(_DAY.format(between="") + "$")
_MOST_DIGITS = 15  # beyond, a hash or a time in nanoseconds rather than an epoch
_SECONDS_DIGITS = 10  # of seconds since 1970, from 2001 to 2286


class Number(NamedTuple):
    """A number as it is written."""

    text: str
    is_time: bool = False  # a date, with the time of day or without; a time of day
    factor: int = 1  # that the letter at its end stands for: 1,000,000 of "1.5M"

    @property
    def is_whole(self) -> bool:
        """True for what can be an epoch."""
        if self.factor > 1:
            return math.isclose(self.value, round(self.value), abs_tol=1e-6)
        return self.text.isdecimal() and len(self.text) <= _MOST_DIGITS

    @property
    def whole(self) -> int:
        """Of what is whole."""
        return round(self.value) if self.factor > 1 else int(self.text)

    @property
    def may_be_time(self) -> bool:
        """True for digits that are a date, or seconds since 1970, unless a word says otherwise."""
        is_long = self.is_whole and len(self.text) >= _SECONDS_DIGITS
        return is_long or _COMPACT_DAY.match(self.text) is not None

    @property
    def value(self) -> float:
        """NaN and infinities as such; of what is no time."""
        if self.factor > 1:
            return float(self.text[:-1]) * self.factor
        return float(self.text)


class NumberedName(NamedTuple):
    """A name cut at its numbers: one text more than numbers."""

    texts: tuple[str, ...]
    numbers: tuple[Number, ...]

    def changed(
        self,
        column: int,
        *,
        text: str,
        factor: int = 1,
        before: str | None = None,
        after: str | None = None,
    ) -> NumberedName:
        """With another number, and with what stands around it; None: as it is."""
        texts, numbers = list(self.texts), list(self.numbers)
        numbers[column] = Number(text, factor=factor)
        texts[column] = texts[column] if before is None else before
        texts[column + 1] = texts[column + 1] if after is None else after
        return NumberedName(tuple(texts), tuple(numbers))


def cut_at_numbers(name: str) -> NumberedName:
    """The name's texts and numbers, in turns."""
    texts: list[str] = []
    numbers: list[Number] = []
    start = 0
    for found in _NUMBER.finditer(name):
        before = name[start : found.start()]
        if found["odd"] and before[-1:].isalpha() and not metric_at_end(before):
            continue  # the end of a word
        pieces = _pieces(found)
        is_signed = _SIGN.search(before) and not found["time"]
        if is_signed and not pieces[0].isdecimal():  # no epoch is negative
            before, pieces[0] = before[:-1], f"-{pieces[0]}"
        for number, piece in enumerate(pieces):
            texts.append(before if number == 0 else ".")
            numbers.append(Number(piece, is_time=found["time"] is not None))
        start = found.end()
    return NumberedName((*texts, name[start:]), tuple(numbers))


def _pieces(found: re.Match[str]) -> list[str]:
    """Digits with dots: `07.0.812` is an epoch and a metric, `05.12` two numbers."""
    if found["odd"] or found["time"]:
        return [found[0]]
    runs = found["runs"].split(".")
    pieces = []
    if len(runs) % 2:
        pieces.append(runs.pop(0))
    for whole, part in zip(runs[::2], runs[1::2], strict=True):
        is_one = whole == "0" or not whole.startswith("0")
        pieces += [f"{whole}.{part}"] if is_one else [whole, part]
    pieces[-1] += found["exponent"] or ""
    return pieces
