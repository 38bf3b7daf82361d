"""Values as they are computed with, and as they are stored: whether they fit, and what changed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.edits import Values
from h5viewer.errors import CannotRead
from h5viewer.formats.floats import read_as, rounded_to
from h5viewer.wording import count_text, plural

BFLOAT16 = "bfloat16"


def is_numeric(name: str) -> bool:
    """True for types whose values can be computed: real and whole numbers, truth values."""
    if name == BFLOAT16:
        return True
    try:
        dtype = np.dtype(name)
    except TypeError:
        return False
    return dtype.kind in "iub" or (dtype.kind == "f" and dtype.itemsize <= 8)


class Fitting:
    """Widens stored values, and stores new ones in the type of the old; counts on the way."""

    def __init__(self, name: str) -> None:
        """`name`: "float32", "int64", "bfloat16", "bool" …, as NumPy and Keras call it."""
        self.name = name
        self.n_values = self.n_changed = self.n_new_nan = self.n_new_inf = 0

    def widened(self, values: Values) -> Values:
        """As float64, int64, uint64 or bool; bfloat16 may come as two bytes or as float32."""
        kind = values.dtype.kind
        if kind in "fV":
            with np.errstate(invalid="ignore"):  # NaN of the kind that signals
                return read_as(values, BFLOAT16) if kind == "V" else values.astype(np.float64)
        if kind == "i":
            return values.astype(np.int64)
        return values.astype(np.uint64) if kind == "u" else values.astype(np.bool_)

    def fitted(self, values: Values) -> NDArray[Any]:
        """As stored, native byte order; bfloat16 as two bytes.

        Raises:
            CannotRead: a value is beyond the range, or no whole number where one is stored.
        """
        if self.name == BFLOAT16:
            self._require_finite(values, read_as(rounded_to(_real(values), BFLOAT16), BFLOAT16))
            return rounded_to(_real(values), BFLOAT16)
        dtype = np.dtype(self.name)
        if dtype.kind == "f":
            with np.errstate(all="ignore"):
                stored = _real(values).astype(dtype)
            self._require_finite(values, stored)
            return stored
        return self._whole(values, dtype)

    def count(self, before: Values, after: Values) -> None:
        """Count what changed, by values that were widened."""
        self.n_values += after.size
        same = before == after
        if after.dtype.kind == "f":
            was_nan, is_nan = np.isnan(before), np.isnan(after)
            same |= was_nan & is_nan
            self.n_new_nan += int(np.count_nonzero(is_nan & ~was_nan))
            self.n_new_inf += int(np.count_nonzero(np.isinf(after) & ~np.isinf(before)))
        self.n_changed += int(after.size - np.count_nonzero(same))

    def notes(self) -> tuple[str, ...]:
        """What came of it, in sentences."""
        found = [f"{count_text(self.n_changed)} of {plural(self.n_values, 'value')} change."]
        for count, what in ((self.n_new_nan, "NaN"), (self.n_new_inf, "infinite")):
            if count:
                found.append(f"{plural(count, 'value becomes', 'values become')} {what}.")
        return tuple(found)

    def _require_finite(self, values: Values, stored: NDArray[Any]) -> None:
        lost = np.isfinite(values) & ~np.isfinite(stored)
        if lost.any():
            raise CannotRead(f"{float(values[lost][0]):.4g} is beyond the range of {self.name}.")

    def _whole(self, values: Values, dtype: np.dtype[Any]) -> NDArray[Any]:
        if values.dtype.kind == "f":
            odd = ~np.isfinite(values) | (values != np.trunc(values))
            if odd.any():
                what = "true or false" if dtype.kind == "b" else "whole numbers"
                shown = f"{float(values[odd][0]):.6g}"
                raise CannotRead(f"{shown} cannot be stored: the dataset holds {what}.")
        low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        if values.size and dtype.kind != "b" and values.dtype.kind == "b":
            return values.astype(dtype)
        for each in (values.min(), values.max()) if values.size else ():
            if not low <= (int(each)) <= high:
                raise CannotRead(f"{int(each)} is beyond the range of {self.name}.")
        return values.astype(dtype)


def _real(values: Values) -> Values:
    return values.astype(np.float64, copy=False)
