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

_AT_ONCE = 1 << 16  # numbers of each source: all sums of them stay in the processor's cache


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

        A third of the time of boxes: nothing leaves the processor's cache between two sums.

        Raises:
            CannotRead: a file ends before.
        """
        made = np.empty(n, self._written)
        for at in range(0, n, _AT_ONCE):
            self._short_runs(runs, start + at, made[at : at + _AT_ONCE])
        return made

    def _short_runs(self, runs: Sequence[RangeReader], start: int, made: NDArray[Any]) -> None:
        n = len(made)
        total, product = self._rooms.of((n,), self._dtype)
        with np.errstate(all="ignore"):
            if not self._shares and len(runs) > 1:  # two passes fewer
                first, second = (self._read(runs[i], start, n, i) for i in (0, 1))
                np.add(first, second, out=total, dtype=self._dtype)
                for run in runs[2:]:
                    np.add(total, self._read(run, start, n, 0), out=total)
            else:
                for number, run in enumerate(runs):
                    self._add(total, product, number, self._read(run, start, n, 0))
            self._divide(total, len(runs), made)

    def _read(self, run: RangeReader, start: int, n: int, which: int) -> NDArray[Any]:
        size = run.dtype.itemsize
        part = self._rooms.buffers[which][: n * size]
        if run.source.read_into(run.start + start * size, part) != n * size:
            raise CannotRead(f"{run.source.name} ends in the middle of its weights.")
        return np.frombuffer(part, run.dtype)

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
            values = np.multiply(values, self._shares[number], out=product)
        if number:
            np.add(total, values, out=total)
        else:
            np.copyto(total, values)


class _Rooms(threading.local):
    """Arrays of each thread, used again: new ones cost as much as the sums in them."""

    def __init__(self) -> None:
        self._kept = np.empty((2, _AT_ONCE), np.complex128)
        self.buffers = [memoryview(np.empty(16 * _AT_ONCE, np.uint8).data) for _ in range(2)]

    def of(self, shape: Shape, dtype: type[Any]) -> list[NDArray[Any]]:
        """Two arrays of a shape, of any content, until they are asked for again."""
        size = math.prod(shape)
        if self._kept.shape[1] < size:
            self._kept = np.empty((2, size), np.complex128)
        return [each.view(dtype)[:size].reshape(shape) for each in self._kept]
