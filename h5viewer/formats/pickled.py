"""Python's pickles as plain values: what they would import and call is named, and never is.

A small machine for the operations of a pickle, which Python's own `pickletools` takes apart.

Sources: `pickletools` of CPython, protocols 0 to 5; `numpy_pickle` of joblib 0.10 to 1.6, which
puts the values of an array behind what describes it.
"""

from __future__ import annotations

import io
import math
import pickletools
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from h5viewer.errors import CannotRead, TooLarge

_MOST = 1_000_000  # operations: a second and a half
_MOST_AXES = 8
_JOBLIB_ARRAY = "numpy_pickle.NumpyArrayWrapper"
_PLAIN_TYPE = re.compile(r"[USbiuf]\d{1,4}")
_MARK = object()
_CONSTANTS: dict[str, object] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_VALUES = frozenset(
    (
        "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
        "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE",
        "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
    )
)  # fmt: skip
_IDLE = frozenset(("PROTO", "FRAME", "READONLY_BUFFER", "NEXT_BUFFER"))
_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_LARGEST = 1 << 30  # elements of an array along an axis
_DAMAGE = (
    ValueError, LookupError, TypeError, AttributeError, EOFError, OverflowError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True)
class Name:
    """What a pickle would import: "module.name"."""

    text: str


@dataclass(eq=False)
class Table:
    """A dict: its keys and values in order. Keys may be anything, and are never compared."""

    pairs: list[tuple[object, object]] = field(default_factory=list)

    def get(self, name: str) -> object:
        """The value of a text; None: there is none."""
        return next((value for key, value in self.pairs if type(key) is str and key == name), None)


@dataclass(eq=False)
class Made:
    """What it would make, by calling what is named so, and then fill."""

    by: str
    args: tuple[object, ...] = ()
    state: object = None
    items: Table = field(default_factory=Table)


def read_pickle(data: bytes, shown: str) -> object:
    """The value: numbers, texts, bytes, lists, tuples, `Table`, `Name`, `Made`; may hold itself.

    Args:
        data: all bytes of the pickle.
        shown: names the file in sentences.

    Raises:
        CannotRead: it is damaged, or needs what only its program has.
        TooLarge: it has more parts than any list of names.
    """
    try:
        return _read(io.BytesIO(data), shown)
    except _DAMAGE as error:
        raise CannotRead(
            f"{shown} is a damaged pickle, or none.",
            hint="Save the names as text, one a line.",
            details=f"{type(error).__name__}: {error}",
        ) from error


def _read(stream: io.BytesIO, shown: str, *, is_inside: bool = False) -> object:
    machine = _Machine()
    for n_done, (opcode, arg, _) in enumerate(pickletools.genops(stream)):
        if n_done == _MOST:
            raise TooLarge(f"{shown} is a pickle of more than {_MOST:,} parts: too many.")
        if opcode.name == "STOP":
            break
        machine.step(opcode.name, arg)
        top: Any = machine.stack[-1] if machine.stack else None
        is_filled = opcode.name == "BUILD" and isinstance(top, Made) and not is_inside
        if is_filled and top.by.endswith(_JOBLIB_ARRAY):
            machine.stack[-1] = _array_behind(stream, top.state, shown)
    return machine.stack.pop()


def _array_behind(stream: io.BytesIO, facts: Any, shown: str) -> object:
    """What joblib wrote behind the description of an array. Raises one of _DAMAGE."""
    dtype, shape = facts.get("dtype"), facts.get("shape")
    stated = dtype.args[0]
    kind = stated.lstrip("<>|=") if isinstance(stated, str) else ""
    if kind.startswith("O"):
        return _read(stream, shown, is_inside=True)
    if _PLAIN_TYPE.fullmatch(kind) is None:
        raise ValueError(f"an array of {kind}")
    if facts.get("numpy_array_alignment_bytes") is not None:
        stream.seek(stream.read(1)[0], io.SEEK_CUR)
    if len(shape) > _MOST_AXES or not all(0 <= size < _LARGEST for size in shape):
        raise ValueError("an array of this shape")
    stored = stream.read(np.dtype(kind).itemsize * math.prod(shape))
    return Made("joblib._frombuffer", (stored, dtype))


class _Machine:
    """One pickle on its way."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self._memo: dict[int, object] = {}

    def step(self, name: str, arg: Any) -> None:
        """One operation. Raises one of _DAMAGE."""
        stack = self.stack
        if name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in _VALUES:
            stack.append(arg)
        elif name in _TUPLES:
            stack.append(tuple(self._taken(_TUPLES[name])))
        elif name in _IDLE:
            return
        else:
            getattr(self, f"_{name.lower()}")(arg)

    def _taken(self, count: int) -> list[Any]:
        if count > len(self.stack):
            raise IndexError("too few values")
        popped = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return popped

    def _taken_to_mark(self) -> list[Any]:
        places = reversed(range(len(self.stack)))
        at = next((i for i in places if self.stack[i] is _MARK), None)
        if at is None:
            raise IndexError("no mark")
        popped = self.stack[at + 1 :]
        del self.stack[at:]
        return popped

    # Operations, by the names that `pickletools` gives them.

    def _mark(self, _: object) -> None:
        self.stack.append(_MARK)

    def _pop(self, _: object) -> None:
        self.stack.pop()

    def _pop_mark(self, _: object) -> None:
        self._taken_to_mark()

    def _dup(self, _: object) -> None:
        self.stack.append(self.stack[-1])

    def _memoize(self, _: object) -> None:
        self._memo[len(self._memo)] = self.stack[-1]

    def _put(self, arg: int) -> None:
        self._memo[arg] = self.stack[-1]

    _binput = _long_binput = _put

    def _get(self, arg: int) -> None:
        self.stack.append(self._memo[arg])

    _binget = _long_binget = _get

    def _tuple(self, _: object) -> None:
        self.stack.append(tuple(self._taken_to_mark()))

    def _empty_list(self, _: object) -> None:
        self.stack.append([])

    def _list(self, _: object) -> None:
        self.stack.append(self._taken_to_mark())

    def _empty_dict(self, _: object) -> None:
        self.stack.append(Table())

    def _dict(self, _: object) -> None:
        self.stack.append(Table(_paired(self._taken_to_mark())))

    def _empty_set(self, _: object) -> None:
        self.stack.append(Made("builtins.set"))

    def _frozenset(self, _: object) -> None:
        self._taken_to_mark()
        self.stack.append(Made("builtins.frozenset"))

    def _additems(self, _: object) -> None:
        self._add(self._taken_to_mark())

    def _append(self, _: object) -> None:
        self._add(self._taken(1))

    def _appends(self, _: object) -> None:
        self._add(self._taken_to_mark())

    def _add(self, items: list[Any]) -> None:
        """To a list; what sets and the like hold has no order of its own, and is left out."""
        if isinstance(self.stack[-1], list):
            self.stack[-1] += items

    def _setitem(self, _: object) -> None:
        self._set(self._taken(2))

    def _setitems(self, _: object) -> None:
        self._set(self._taken_to_mark())

    def _set(self, pairs: list[Any]) -> None:
        target = self.stack[-1]
        (target if isinstance(target, Table) else target.items).pairs.extend(_paired(pairs))

    def _global(self, arg: str) -> None:
        self.stack.append(Name(arg.replace(" ", ".")))

    def _stack_global(self, _: object) -> None:
        module, name = self._taken(2)
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError("a name that is no text")
        self.stack.append(Name(f"{module}.{name}"))

    def _reduce(self, _: object) -> None:
        by, args = self._taken(2)
        self.stack.append(Made(by.text, _as_args(args)))

    _newobj = _reduce

    def _newobj_ex(self, _: object) -> None:
        by, args, _named = self._taken(3)
        self.stack.append(Made(by.text, _as_args(args)))

    def _inst(self, arg: str) -> None:
        self.stack.append(Made(arg.replace(" ", "."), tuple(self._taken_to_mark())))

    def _obj(self, _: object) -> None:
        by, *args = self._taken_to_mark()
        self.stack.append(Made(by.text, tuple(args)))

    def _build(self, _: object) -> None:
        (state,) = self._taken(1)
        self.stack[-1].state = state


def _paired(values: list[Any]) -> list[tuple[Any, Any]]:
    """Keys and values, which come in turn."""
    return list(zip(values[::2], values[1::2], strict=True))


def _as_args(value: object) -> tuple[object, ...]:
    """Not a copy: a pickle may name one list a million times."""
    if not isinstance(value, tuple):
        raise TypeError("arguments that are no tuple")
    return value
