"""Means of several arrays of one shape: sums in double precision, divided once, rounded once."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, box_shape
from h5viewer.formats.container import Get
from h5viewer.formats.floats import rounded_to
from h5viewer.formats.hdf5_direct import RangeReader
from h5viewer.nodes import Shape

_AT_ONCE = 1 << 17
"""Numbers of each source that are summed at once. More of them leave the processor's cache; with
half as many, two threads wait for the interpreter a fifth of the time."""

_ROWS = 16 << 20  # bytes of all sources at once in one thread


class Means:
    """Makes means of boxes, in any thread."""

    def __init__(
        self,
        shares: Sequence[float],
        dtype: np.dtype[Any],
        *,
        is_complex: bool = False,
    ) -> None:
        """Nothing is read yet.

        Args:
            shares: how much each array counts; none: all the same.
            dtype: of what is written.
            is_complex: one of the arrays is.
        """
        self._shares = tuple(shares)
        self._divisor = math.fsum(shares)
        self._written = dtype
        self._dtype = np.complex128 if is_complex else np.float64
        self._rooms = _Rooms()

    def of_boxes(self, box: Box, gets: Sequence[Get]) -> NDArray[Any]:
        """The mean of the same box of all arrays."""
        total, product = self._rooms.of(box_shape(box), self._dtype)
        with np.errstate(all="ignore"):  # infinities and NaN of the files stay what they are
            for number, get in enumerate(gets):
                self._add(total, product, number, get())
            made = np.empty(total.shape, self._written)
            self._divide(total, len(gets), made)
        return made

    def of_runs(self, runs: Sequence[RangeReader], start: int, n: int) -> NDArray[Any]:
        """The mean of `n` numbers from `start` on, in the order in which they are stored.

        A third of the time of boxes: nothing leaves the processor's cache between two sums. It is
        valid until the same thread asks for another.

        Raises:
            CannotRead: a file ends before.
        """
        made = self._rooms.made(n, self._written)
        at_once = at_once_of(runs)
        for at in range(0, n, at_once):
            self._short_runs(runs, start + at, made[at : at + at_once])
        return made

    def _short_runs(self, runs: Sequence[RangeReader], start: int, made: NDArray[Any]) -> None:
        n = len(made)
        total, product = self._rooms.of((n,), self._dtype)
        with np.errstate(all="ignore"):
            if not self._shares and len({run.dtype for run in runs}) == 1:
                rows = self._rooms.rows(len(runs), n, runs[0].dtype)
                for run, row in zip(runs, rows, strict=True):
                    _read(run, start, row)
                # One call, one after the other; from -0 on, which changes nothing, not even -0.
                np.add.reduce(rows, axis=0, dtype=self._dtype, out=total, initial=-0.0)
            else:
                for number, run in enumerate(runs):
                    (row,) = self._rooms.rows(1, n, run.dtype)
                    _read(run, start, row)
                    self._add(total, product, number, row)
            self._divide(total, len(runs), made)

    def _divide(self, total: NDArray[Any], n: int, made: NDArray[Any]) -> None:
        divisor = self._divisor if self._shares else n
        if made.dtype.kind == "V":  # Keras keeps bfloat16 as two opaque bytes
            total /= divisor
            made[...] = rounded_to(total, "bfloat16")
        else:
            np.divide(total, divisor, out=made, dtype=self._dtype, casting="unsafe")

    def _add(
        self, total: NDArray[Any], product: NDArray[Any], number: int, values: NDArray[Any]
    ) -> None:
        if self._shares:
            # Without a type, a share times float32 would be rounded to float32.
            values = np.multiply(values, self._shares[number], out=product, dtype=self._dtype)
        if number:
            np.add(total, values, out=total)
        else:
            np.copyto(total, values)


def at_once_of(runs: Sequence[RangeReader]) -> int:
    """Numbers of each that are summed at once: fewer of many files."""
    n_bytes = sum(run.dtype.itemsize for run in runs)
    return max(1024, min(_AT_ONCE, _ROWS // n_bytes))


def _read(run: RangeReader, start: int, row: NDArray[Any]) -> None:
    size = run.dtype.itemsize
    if run.source.read_into(run.start + start * size, row.view(np.uint8).data) != row.nbytes:
        raise CannotRead(f"{run.source.name} ends in the middle of its weights.")


class _Rooms(threading.local):
    """Arrays of each thread, used again: new ones cost as much as the sums in them."""

    def __init__(self) -> None:
        self._kept = np.empty((2, _AT_ONCE), np.complex128)
        self._rows = np.empty(0, np.uint8)
        self._made = np.empty(0, np.uint8)

    def of(self, shape: Shape, dtype: type[Any]) -> list[NDArray[Any]]:
        """Two arrays of a shape, of any content, until they are asked for again."""
        size = math.prod(shape)
        if self._kept.shape[1] < size:
            self._kept = np.empty((2, size), np.complex128)
        return [each.view(dtype)[:size].reshape(shape) for each in self._kept]

    def rows(self, n_rows: int, n: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """`n` numbers for each of some sources, as `of`."""
        n_bytes = n_rows * n * dtype.itemsize
        if len(self._rows) < n_bytes:
            self._rows = np.empty(n_bytes, np.uint8)
        return self._rows[:n_bytes].view(dtype).reshape(n_rows, n)

    def made(self, n: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """`n` numbers, as `of`."""
        n_bytes = n * dtype.itemsize
        if len(self._made) < n_bytes:
            self._made = np.empty(n_bytes, np.uint8)
        return self._made[:n_bytes].view(dtype)
