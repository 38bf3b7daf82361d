"""Class names in what Python programs leave: pickles and arrays of texts.

`pickle.dump(generator.class_indices)`, the encoders of scikit-learn (`LabelEncoder`,
`LabelBinarizer`, `OneHotEncoder`), by joblib, too, `numpy.save("classes.npy", encoder.classes_)`.

Sources: `ndarray.__reduce__`, `dtype.__reduce__` of NumPy 1 and 2; numpy.lib.format.
"""

from __future__ import annotations

import re

import numpy as np

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.pickled import Made, Table, read_pickle

MOST = 300_000
"""Values that are looked at."""

_MOST_LETTERS = 16 << 20
_DEEPEST = 4

_SUFFIXES = (".pkl", ".pickle", ".joblib")
_NPY = b"\x93NUMPY"
_HEADER = re.compile(rb"'descr': *'([<>|=]?[USO]\d*)'.*'shape': *\((\d+), *\)")
_LONGEST_HEADER = 2000
_LEARNT = ("classes_", "categories_")
_TEXT = re.compile(r"[<>|=]?[US]\d{1,4}")
_INTEGER = re.compile(r"[<>|=]?[iu][1248]")


def is_binary(data: bytes, name: str) -> bool:
    """Whether it is one of these files, by how it begins, or by its name (older pickles)."""
    is_pickle = data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
    return is_pickle or data.startswith(_NPY) or name.lower().endswith(_SUFFIXES)


def value_of(data: bytes, shown: str) -> object:
    """What is in it, as JSON would say it: lists, dicts with texts as keys, texts, numbers, None.

    Raises:
        CannotRead: it is damaged, or an array of something else than texts.
        TooLarge: it holds more than any list of names.
    """
    try:
        return _of_npy(data, shown) if data.startswith(_NPY) else _of_pickle(data, shown)
    except (ValueError, TypeError, RecursionError) as error:  # of NumPy: letters that there are not
        raise CannotRead(
            f"{shown} is damaged.", hint="Save the names as text, one a line.", details=str(error)
        ) from error


def _of_pickle(data: bytes, shown: str) -> object:
    return _Plain(shown).of(read_pickle(data, shown))


def _of_npy(data: bytes, shown: str) -> object:
    header = _HEADER.search(data[:_LONGEST_HEADER])
    start = data.find(b"\n", 0, _LONGEST_HEADER) + 1
    if header is None or not start:
        raise CannotRead(f"{shown} holds no list of texts.", hint="Choose a file with class names.")
    dtype, count = header[1].decode(), int(header[2])
    if dtype.lstrip("|") == "O":
        return _of_pickle(data[start:], shown)
    return _texts(data[start:], dtype, count)


class _Plain:
    """Turns values into plain ones, so many at most: a pickle may hold one list often."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._left = MOST
        self._room = _MOST_LETTERS

    def of(self, value: object, depth: int = 0) -> object:
        """None for what says nothing here."""
        self._take(1)
        if isinstance(value, str | int | float):
            return value
        if depth > _DEEPEST:
            return None
        if isinstance(value, bytes):
            self._take(0, len(value))
            return _text(value)
        if isinstance(value, list | tuple):
            return [self.of(each, depth + 1) for each in value]
        if isinstance(value, Table):
            return self._of_table(value, depth)
        return self._of_made(value, depth) if isinstance(value, Made) else None

    def _take(self, count: int, n_letters: int = 0) -> None:
        self._left -= count
        self._room -= n_letters
        if self._left < 0 or self._room < 0:
            raise TooLarge(f"{self._shown} holds more than a list of class names.")

    def _of_table(self, table: Table, depth: int) -> object:
        found: dict[str, object] = {}
        for key, value in table.pairs:
            name = self.of(key, depth + 1)
            if isinstance(name, str | int | float):
                found[str(name)] = self.of(value, depth + 1)
        return found

    def _of_made(self, made: Made, depth: int) -> object:
        if made.by.endswith(("._reconstruct", "._frombuffer")):
            return self._of_array(made, depth)
        if made.by.endswith(".scalar") and len(made.args) == 2:
            return self._of_scalar(*made.args)
        if made.items.pairs:  # an OrderedDict, a defaultdict
            return self.of(made.items, depth)
        if isinstance(made.state, Table):
            every = map(made.state.get, _LEARNT)
            learnt = next((each for each in every if each is not None), None)
            if isinstance(learnt, list) and len(learnt) == 1:
                (learnt,) = learnt  # of the only column
            return self.of(learnt, depth + 1)
        return None

    def _of_array(self, made: Made, depth: int) -> object:
        """Its values as a list, if they are texts or any objects."""
        if made.by.endswith("._frombuffer") and len(made.args) >= 2:
            data, dtype = made.args[:2]
        elif isinstance(made.state, tuple) and len(made.state) >= 5:
            dtype, data = made.state[2], made.state[4]
        else:
            return None
        if isinstance(data, list):
            return self.of(data, depth)
        stored = _bytes(data)
        self._take(0, len(stored))
        found = _texts(stored, _dtype(dtype))
        self._take(len(found or ()))
        return found

    def _of_scalar(self, dtype: object, data: object) -> object:
        """An integer or a text of NumPy's."""
        text, stored = _dtype(dtype), _bytes(data)
        self._take(0, len(stored))
        if _INTEGER.fullmatch(text) and len(stored) == np.dtype(text).itemsize:
            return int(np.frombuffer(stored, text)[0])
        found = _texts(stored, text, 1)
        return found[0] if found else None


def _dtype(made: object) -> str:
    """As `numpy.dtype` takes it: "<U10"; "" for what is none."""
    if not isinstance(made, Made) or not made.args or not isinstance(made.args[0], str):
        return ""
    order = made.state[1] if isinstance(made.state, tuple) and len(made.state) > 1 else "="
    return f"{order if isinstance(order, str) else ''}{made.args[0].lstrip('<>|=')}"


def _bytes(value: object) -> bytes:
    """Also of protocol 2, where bytes are a text in Latin-1 that is encoded."""
    if isinstance(value, Made) and value.by == "_codecs.encode" and value.args:
        value = value.args[0]
    if isinstance(value, str):
        return value.encode("latin-1", "replace")
    return bytes(value) if isinstance(value, bytes | bytearray) else b""


def _texts(data: bytes, dtype: str, most: int = MOST) -> list[str] | None:
    """None: they are no texts."""
    itemsize = np.dtype(dtype).itemsize if _TEXT.fullmatch(dtype) else 0
    if not itemsize:
        return None
    values = np.frombuffer(data, dtype, min(len(data) // itemsize, most))
    return [_text(each) for each in values.tolist()]


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
