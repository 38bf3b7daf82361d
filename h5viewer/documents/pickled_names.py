"""Class names in what Python programs leave: pickles and arrays of texts.

`pickle.dump(generator.class_indices)`, the encoders of scikit-learn (`LabelEncoder`,
`LabelBinarizer`, `OneHotEncoder`), by joblib, too, `numpy.save("classes.npy", encoder.classes_)`.

Sources: `ndarray.__reduce__`, `dtype.__reduce__` of NumPy 1 and 2; numpy.lib.format.
"""

from __future__ import annotations

import re

import numpy as np

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.pickled import Made, read_pickle

MOST = 300_000
"""Values that are looked at."""

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
    except (ValueError, TypeError) as error:  # of NumPy: letters that there are not
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

    def of(self, value: object, depth: int = 0) -> object:
        """None for what says nothing here."""
        self._left -= 1
        if self._left < 0:
            raise TooLarge(f"{self._shown} holds more than a list of class names.")
        if isinstance(value, str | int | float) or depth > 4:
            return value if isinstance(value, str | int | float) else None
        if isinstance(value, bytes):
            return _text(value)
        if isinstance(value, list | tuple):
            return [self.of(each, depth + 1) for each in value]
        if isinstance(value, dict):
            return {_key(key): self.of(each, depth + 1) for key, each in value.items()}
        return self._of_made(value, depth) if isinstance(value, Made) else None

    def _of_made(self, made: Made, depth: int) -> object:
        if made.by.endswith(("._reconstruct", "._frombuffer")):
            return self.of(_array(made), depth)
        if made.by.endswith(".scalar") and len(made.args) == 2:
            return _number(*made.args)
        if made.items:  # an OrderedDict, a defaultdict
            return self.of(made.items, depth)
        if isinstance(made.state, dict):
            learnt = next((made.state[key] for key in _LEARNT if key in made.state), None)
            if isinstance(learnt, list) and len(learnt) == 1:
                (learnt,) = learnt  # of the only column
            return self.of(learnt, depth + 1)
        return None


def _key(key: object) -> str:
    return _text(key) if isinstance(key, bytes) else str(key)


def _array(made: Made) -> object:
    """Its values as a list, if they are texts or any objects."""
    if made.by.endswith("._frombuffer") and len(made.args) >= 2:
        data, dtype = made.args[:2]
    elif isinstance(made.state, tuple) and len(made.state) >= 5:
        dtype, data = made.state[2], made.state[4]
    else:
        return None
    return data if isinstance(data, list) else _texts(_bytes(data), _dtype(dtype))


def _dtype(made: object) -> str:
    """As `numpy.dtype` takes it: "<U10"."""
    if not isinstance(made, Made) or not made.args:
        return ""
    order = made.state[1] if isinstance(made.state, tuple) and len(made.state) > 1 else "="
    return f"{order}{str(made.args[0]).lstrip('<>|=')}"


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


def _number(dtype: object, data: object) -> int | None:
    text, stored = _dtype(dtype), _bytes(data)
    if _INTEGER.fullmatch(text) is None or len(stored) != np.dtype(text).itemsize:
        return None
    return int(np.frombuffer(stored, text)[0])
