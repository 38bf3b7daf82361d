"""Processes that decode pictures beside the one that writes them.

Of a tiny picture half the time is Python's, which threads take turns at: two processes decode
twice as many. They are forked when the folder is known and nothing is given up yet, so that they
need no start of their own, and are confined themselves; the file that is written they do not
have. Only Linux forks safely: elsewhere there are none, and threads decode.
"""

from __future__ import annotations

import math
import mmap
import os
import struct
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, pairwise
from typing import Any, BinaryIO, NoReturn

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.data_sets.planning import picture_bytes, picture_shape
from h5viewer.data_sets.reading import Decoded, decoded
from h5viewer.formats.folder import Folder
from h5viewer.nodes import DataSetRecipe
from h5viewer.pictures import storing

MOST_AT_ONCE = 32 << 20
"""Bytes of pictures that a process can give at once."""

_AHEAD = 2
"""Groups that a process is given at once: it begins the next one while the first is fetched."""

_ROOMS = _AHEAD + 1  # and one that is used

_LENGTH = struct.Struct("<I")
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_KILLED = 9


class _Task(msgspec.Struct, frozen=True, array_like=True):
    recipe: DataSetRecipe
    names: tuple[bytes, ...]  # as the system has them: not all are text


class _Outcome(msgspec.Struct, frozen=True, array_like=True):
    reasons: tuple[str | None, ...]  # None: its pixels follow
    is_out_of_memory: bool = False


_TASK, _OUTCOME = msgspec.msgpack.Decoder(_Task), msgspec.msgpack.Decoder(_Outcome)


class Decoders:
    """None, until they are started."""

    def __init__(self) -> None:
        self._ends: list[_End] = []

    def __bool__(self) -> bool:
        return bool(self._ends)

    def start(self, folder: Folder, count: int, confine: Callable[[], None]) -> None:
        """Fork so many; to be called while there is one thread.

        Args:
            folder: of the pictures.
            count: of the processes.
            confine: what each calls before it reads a picture.
        """
        if sys.platform != "linux":
            return
        shared = storing.ROOM.share()
        for _ in range(count):
            self._ends.append(_fork(folder, confine, shared))

    def decoded(
        self, recipe: DataSetRecipe, groups: Iterable[Sequence[str]]
    ) -> Iterator[list[Decoded]]:
        """What becomes of the pictures of each group, in order; every process has the next one.

        Args:
            recipe: how they are stored.
            groups: names; no group of more than `MOST_AT_ONCE` bytes. What becomes of one is valid
                until that of the next is asked for.

        Raises:
            MemoryError: a picture needs more than a process may have.
        """
        busy = deque[_End]()
        for names, end in zip(groups, cycle(self._ends), strict=False):
            is_full = len(busy) == _AHEAD * len(self._ends)
            found = busy.popleft().receive(recipe) if is_full else None
            end.send(recipe, names)  # it works while the caller writes
            busy.append(end)
            if found is not None:
                yield found
        while busy:
            yield busy.popleft().receive(recipe)


class _Rooms:
    """Memory that two processes share: one part is used while pictures are put into the others."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _ROOMS * MOST_AT_ONCE)
        self._turn = 0

    def next(self, recipe: DataSetRecipe) -> NDArray[Any]:
        """For so many pictures as there is room for: (pictures, …)."""
        shape, dtype = picture_shape(recipe), np.dtype(recipe.dtype)
        count = MOST_AT_ONCE // picture_bytes(recipe)
        start, self._turn = self._turn * MOST_AT_ONCE, (self._turn + 1) % _ROOMS
        flat = np.frombuffer(self._memory, dtype, count * math.prod(shape), start)
        return flat.reshape(count, *shape)


class _End:
    """The end of one process that the others speak into."""

    def __init__(self, tasks: BinaryIO, outcomes: BinaryIO, rooms: _Rooms) -> None:
        self._tasks, self._outcomes, self._rooms = tasks, outcomes, rooms

    def send(self, recipe: DataSetRecipe, names: Sequence[str]) -> None:
        try:
            _write(self._tasks, _Task(recipe, tuple(map(os.fsencode, names))))
        except BrokenPipeError:
            _die_too()

    def receive(self, recipe: DataSetRecipe) -> list[Decoded]:
        """What was sent first of all that was not received; valid until the next is."""
        head = _read(self._outcomes)
        if head is None:
            _die_too()
        outcome = _OUTCOME.decode(head)
        if outcome.is_out_of_memory:
            raise MemoryError
        pictures = iter(self._rooms.next(recipe))
        return [next(pictures) if reason is None else reason for reason in outcome.reasons]


def _fork(folder: Folder, confine: Callable[[], None], shared: Sequence[int]) -> _End:
    (task_out, task_in), (outcome_out, outcome_in) = os.pipe(), os.pipe()
    rooms = _Rooms()
    parent = os.getpid()
    if os.fork():
        os.close(task_out)
        os.close(outcome_in)
        return _End(os.fdopen(task_in, "wb"), os.fdopen(outcome_out, "rb"), rooms)
    try:  # from here on in a process of its own, which never returns
        _die_with(parent)
        _close_all_but({0, 1, 2, task_out, outcome_in, *shared})
        confine()
        _serve(folder, os.fdopen(task_out, "rb"), os.fdopen(outcome_in, "wb"), rooms)
        os._exit(0)
    except BaseException:  # noqa: BLE001  # whatever it was: the caller's stack is another process'
        traceback.print_exc()
        os._exit(1)


def _serve(folder: Folder, tasks: BinaryIO, outcomes: BinaryIO, rooms: _Rooms) -> None:
    """Decode until nobody asks any more."""
    while (head := _read(tasks)) is not None:
        task = _TASK.decode(head)
        names = [os.fsdecode(name) for name in task.names]
        _write(outcomes, _decode(folder, task.recipe, names, rooms))


def _decode(folder: Folder, recipe: DataSetRecipe, names: Sequence[str], rooms: _Rooms) -> _Outcome:
    try:
        found = decoded(folder, recipe, names)
    except MemoryError:
        return _Outcome((), is_out_of_memory=True)
    pictures = rooms.next(recipe)
    for number, each in enumerate(each for each in found if not isinstance(each, str)):
        pictures[number] = each
    return _Outcome(tuple(each if isinstance(each, str) else None for each in found))


def _write(stream: BinaryIO, head: msgspec.Struct) -> None:
    packed = msgspec.msgpack.encode(head)
    stream.write(_LENGTH.pack(len(packed)) + packed)
    stream.flush()


def _read(stream: BinaryIO) -> bytes | None:
    """None: there is nobody at the other end."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    head = stream.read(*_LENGTH.unpack(length))
    return head if len(head) == _LENGTH.unpack(length)[0] else None


def _die_too() -> NoReturn:
    """One has died of a picture, and said on stderr what it knew: the pool tells of it."""
    os.abort()


def _die_with(parent: int) -> None:
    """End at once when the process that forked this one does."""
    import ctypes

    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, _KILLED)
    if os.getppid() != parent:  # it has ended before it was said
        os._exit(0)


def _close_all_but(kept: set[int]) -> None:
    """The pipes of the program and of others, and the file that is written."""
    edges = [-1, *sorted(kept), os.sysconf("SC_OPEN_MAX")]
    for before, after in pairwise(edges):
        if before + 1 < after:  # an empty range from 0 on would be all (CPython 3.11)
            os.closerange(before + 1, after)
