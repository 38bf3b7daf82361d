"""Python's marshal format read as plain values: nothing of it is run, or made a code object.

Only what the bytes say is kept, within limits of bytes, values and depth. A code object is
a row of fields whose order depends on the Python that wrote it, which the format does not
say: each of LAYOUTS is tried, and one fits.

Source: Python/marshal.c, Lib/test/test_marshal.py of Python 2.7 and 3.3 to 3.13.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import msgspec

from h5viewer.errors import CannotRead
from h5viewer.wording import bytes_text

LONGEST = 4 << 20  # bytes of one piece of code
MOST_VALUES = 200_000
DEEPEST = 60  # containers and code objects in each other; Python's own limit is 2,000
_MOST_DIGITS = 300  # of 15 bits, of a whole number

_FLAG = 0x80  # "remember this value: a later reference names it"
_PLAIN = {"N": None, "T": True, "F": False}
_TEXTS = {"u": "", "t": "", "a": "", "A": "", "z": "short", "Z": "short"}
_BRACKETS = {"(": "()", ")": "()", "[": "[]", "<": "{}", ">": "{}", "{": "{}", ":": "()"}


class Layout(msgspec.Struct, frozen=True):
    """The order of a code object's fields: numbers, then values, the first line between them."""

    written_by: str
    numbers: tuple[str, ...]
    before_line: tuple[str, ...]
    after_line: tuple[str, ...]


_TO_3_10 = ("code", "consts", "names", "varnames", "freevars", "cellvars", "filename", "name")
_FROM_3_11 = ("code", "consts", "names", "localsplus", "kinds", "filename", "name", "qualname")

LAYOUTS = (
    Layout(
        "Python 3.11 or later",
        ("args", "positional", "keyword", "stack", "flags"),
        _FROM_3_11,
        ("lines", "exceptions"),
    ),
    Layout(
        "Python 3.8 to 3.10",
        ("args", "positional", "keyword", "locals", "stack", "flags"),
        _TO_3_10,
        ("lines",),
    ),
    Layout(
        "Python 3.0 to 3.7", ("args", "keyword", "locals", "stack", "flags"), _TO_3_10, ("lines",)
    ),
    Layout("Python 2", ("args", "locals", "stack", "flags"), _TO_3_10, ("lines",)),
)


class Items(msgspec.Struct):
    """A tuple, list, set or dictionary; of a dictionary keys and values in turn."""

    brackets: str  # "()", "[]", "{}"
    values: list[object] = []
    is_table: bool = False


class CodeFields(msgspec.Struct):
    """The fields of one code object by name, as far as they are read."""

    values: dict[str, object] = {}
    line: int = 0


class Other:
    """A value whose text is all there is to say of it."""

    def __init__(self, text: str) -> None:
        self.text = text


_FIELDS: dict[str, type | tuple[type, ...]] = {
    "code": bytes, "consts": Items, "names": Items, "varnames": Items, "freevars": Items,
    "cellvars": Items, "localsplus": Items, "kinds": bytes, "filename": (str, bytes),
    "name": (str, bytes), "qualname": (str, bytes), "exceptions": bytes,
    "lines": (str, bytes),  # Python 2 shares the empty one among its texts
}  # fmt: skip


def read_marshalled(data: bytes) -> tuple[str, CodeFields]:
    """Which Pythons write it like this, and the code object that is all of `data`.

    Raises:
        CannotRead: it is none, damaged, of an unknown layout, or larger than the limits.
    """
    if len(data) > LONGEST:
        raise CannotRead(f"It is larger than {bytes_text(LONGEST)}.")
    trouble, furthest = CannotRead("It is no Python code."), -1
    for layout in LAYOUTS:
        reader = _Reader(data, layout)
        try:
            return layout.written_by, reader.whole()
        except CannotRead as error:  # of the layouts, the one that went furthest is meant
            if reader.at > furthest:
                trouble, furthest = error, reader.at
    raise trouble


class _Reader:
    """Reads one value after the other; `at` is how far it is."""

    def __init__(self, data: bytes, layout: Layout) -> None:
        self.at = 0
        self._data = data
        self._layout = layout
        self._n_values = 0
        self._kept: list[object] = []  # what references name
        self._interned: list[object] = []  # the same of Python 2

    def whole(self) -> CodeFields:
        """A code object and nothing behind it.

        Raises:
            CannotRead: as `read_marshalled`.
        """
        code = self.value(0)
        if not isinstance(code, CodeFields):
            raise CannotRead("It is no Python code.")
        if self.at != len(self._data):
            raise self.trouble(f"{len(self._data) - self.at:,} bytes are left over")
        return code

    def trouble(self, what: str) -> CannotRead:
        """What is wrong at this place."""
        return CannotRead(f"At byte {self.at:,}: {what}.")

    def value(self, depth: int) -> object:
        """The next value with all it contains."""
        self._n_values += 1
        if self._n_values > MOST_VALUES:
            raise self.trouble(f"more than {MOST_VALUES:,} values")
        if depth > DEEPEST:
            raise self.trouble("values are nested too deeply")
        byte = self._take(1)[0]
        letter, is_kept = chr(byte & ~_FLAG), bool(byte & _FLAG)
        if letter in _BRACKETS or letter == "c":
            return self._container(letter, is_kept, depth)
        if letter == "r":
            return self._reference(self._kept)
        if letter == "R":
            return self._reference(self._interned)
        value = self._simple(letter)
        if is_kept:
            self._kept.append(value)
        return value

    # ------------------------------------------------------------ what contains

    def _container(self, letter: str, is_kept: bool, depth: int) -> object:
        """Python numbers it before its contents, which may lead back to it."""
        if letter == "c":
            code = CodeFields()
            if is_kept:
                self._kept.append(code)
            self._fill_code(code, depth)
            return code
        items = Items(_BRACKETS[letter], is_table=letter == "{")
        if is_kept:
            self._kept.append(items)
        if items.is_table:
            self._fill_table(items, depth)
            return items
        count = 3 if letter == ":" else self._count("short" if letter == ")" else "")
        for _ in range(count):
            items.values.append(self.value(depth + 1))
        return items

    def _fill_table(self, items: Items, depth: int) -> None:
        while True:
            if self._peek() == "0":
                self.at += 1
                return
            items.values.append(self.value(depth + 1))
            items.values.append(self.value(depth + 1))

    def _fill_code(self, code: CodeFields, depth: int) -> None:
        layout = self._layout
        for name in layout.numbers:
            code.values[name] = self._number("<i")
        for name in layout.before_line:
            code.values[name] = self._field(name, depth)
        code.line = self._number("<i")
        for name in layout.after_line:
            self._field(name, depth)

    def _field(self, name: str, depth: int) -> object:
        value = self.value(depth + 1)
        if not isinstance(value, _FIELDS[name]):
            raise self.trouble(f"the field “{name}” of the code is of another type")
        return value

    def _reference(self, kept: list[object]) -> object:
        number = self._number("<i")
        if not 0 <= number < len(kept):
            raise self.trouble("a reference leads nowhere")
        return kept[number]

    # ------------------------------------------------------------ what does not

    def _simple(self, letter: str) -> object:
        if letter in _PLAIN:
            return _PLAIN[letter]
        if letter == "s":
            return self._take(self._count())
        if letter in _TEXTS:
            return self._text(letter)
        read: Callable[[], object] | None = {
            ".": lambda: Other("..."),
            "S": lambda: Other("StopIteration"),
            "i": lambda: self._number("<i"),
            "I": lambda: self._number("<q"),
            "l": self._long,
            "f": self._decimal,
            "g": lambda: self._float("<d"),
            "x": lambda: complex(self._decimal(), self._decimal()),
            "y": lambda: complex(self._float("<d"), self._float("<d")),
        }.get(letter)
        if read is None:
            raise self.trouble("a value of an unknown kind")
        return read()

    def _text(self, letter: str) -> str:
        data = self._take(self._count(_TEXTS[letter]))
        text = data.decode("utf-8", "backslashreplace")
        if letter == "t":
            self._interned.append(text)
        return text

    def _long(self) -> object:
        n_digits = self._number("<i")
        size = abs(n_digits)
        data = self._take(2 * size)
        if size > _MOST_DIGITS:
            return Other(f"a whole number of {15 * size:,} bits")
        value = 0
        for digit in reversed(struct.unpack(f"<{size}H", data)):
            value = value << 15 | digit
        return -value if n_digits < 0 else value

    def _decimal(self) -> float:
        """A float in digits: Python before 2.5, and marshal's version 1."""
        text = self._take(self._number("<B"))
        try:
            return float(text)
        except ValueError as error:
            raise self.trouble("a number that is none") from error

    # ------------------------------------------------------------------- bytes

    def _take(self, count: int) -> bytes:
        if count > len(self._data) - self.at:
            raise self.trouble("it ends in the middle of a value")
        self.at += count
        return self._data[self.at - count : self.at]

    def _peek(self) -> str:
        if self.at >= len(self._data):
            raise self.trouble("it ends in the middle of a value")
        return chr(self._data[self.at] & ~_FLAG)

    def _number(self, form: str) -> int:
        number: int = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return number

    def _float(self, form: str) -> float:
        number: float = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return number

    def _count(self, short: str = "") -> int:
        """How many bytes or values follow: each value has one byte at least."""
        count = self._number("<B" if short else "<i")
        if not 0 <= count <= len(self._data) - self.at:
            raise self.trouble("more is announced than there is")
        return count
