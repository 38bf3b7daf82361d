"""Numbers rounded to two bytes, and by how much: IEEE half precision and bfloat16."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

LARGEST = {"float16": 65504.0, "bfloat16": 3.3895313892515355e38}
STORED = {"float16": np.dtype("<f2"), "bfloat16": np.dtype("V2")}


class Rounding(msgspec.Struct):
    """What rounding has done so far."""

    n_values: int = 0
    n_zeros: int = 0  # that were none before
    largest_value: float = 0.0
    largest_error: float = 0.0
    where: str = ""  # the weight with the largest error, as text to show

    def add(self, before: NDArray[Any], after: NDArray[np.float64], shown: str) -> None:
        """Count a piece; `after` is what it reads as from now on."""
        exact = before.astype(np.float64)
        finite = np.isfinite(exact)
        self.n_values += before.size
        self.n_zeros += int(np.count_nonzero((after == 0) & (exact != 0)))
        if not finite.any():
            return
        error = float(np.abs(after[finite] - exact[finite]).max())
        self.largest_value = max(self.largest_value, float(np.abs(exact[finite]).max()))
        if error > self.largest_error:
            self.largest_error, self.where = error, shown


def fits(values: NDArray[Any], name: str) -> bool:
    """True when no finite value becomes infinite."""
    finite = np.isfinite(values)
    rounded = rounded_to(values, name)
    return bool(np.isfinite(read_as(rounded, name)[finite]).all())


def rounded_to(values: NDArray[Any], name: str) -> NDArray[Any]:
    """Values of 4 or 8 bytes as "float16" or "bfloat16", rounded to the nearest, ties to even."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        if name == "float16":
            return values.astype("<f2")
        single = values.astype("<f4")
    bits = single.view("<u4")
    upper = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)
    # rounding would carry a NaN over into zero or infinity
    upper = np.where(np.isnan(single), (bits >> np.uint32(16)) | np.uint32(0x40), upper)
    return upper.astype("<u2").view("V2")


def read_as(stored: NDArray[Any], name: str) -> NDArray[np.float64]:
    """What rounded values are."""
    if name == "float16":
        return stored.astype(np.float64)
    bits = stored.view("<u2").astype("<u4") << np.uint32(16)
    return bits.view("<f4").astype(np.float64)
