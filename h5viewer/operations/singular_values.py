"""Singular values of a weight as a matrix, and what they say about its rank.

Up to _DIRECT on the shorter side they are computed directly. Beyond, from the product of
the matrix with itself (the Gram matrix), which is gathered in one pass over the file and has
only as many rows as the shorter side: exact to about 10⁻⁸ of the largest value.
"""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.container import Container, StoredArray
from h5viewer.nodes import SingularValues
from h5viewer.operations import Operation
from h5viewer.operations.background import in_background
from h5viewer.operations.cuts import named
from h5viewer.operations.whole_weights import (
    gathered,
    require_comparable,
    slab_of,
    weight_array,
    without_strange,
)
from h5viewer.requests import Progress, ReadSingularValues
from h5viewer.wording import count_text

_DIRECT = 512  # shorter side
_MOST_DIRECT = 2_000_000  # numbers held at once
_SLAB = 2_000_000  # ... of a large weight
LARGEST_SIDE = 2048
"""Longest shorter side without being asked: 2.4 s of one core's work."""

LARGEST_ON_REQUEST = 4096
"""... and on the user's word: half a minute."""


def read_singular_values(
    request: ReadSingularValues, container: Container
) -> Operation[SingularValues]:
    """All singular values; NaN and infinity count as zero.

    Raises:
        CannotRead: no numbers, fewer than two axes.
        TooLarge: the shorter side is beyond LARGEST_SIDE (LARGEST_ON_REQUEST).
    """
    array = weight_array(container, request.node, n_axes=2)
    shape = array.facts.shape or ()
    columns = request.columns or (len(shape) - 1,)
    if any(not 0 <= axis < len(shape) for axis in columns) or len(columns) >= len(shape):
        raise CannotRead(f"{named(array.facts)} has other axes than this matrix needs.")
    rows = tuple(axis for axis in range(len(shape)) if axis not in columns)
    n_rows = math.prod(shape[axis] for axis in rows)
    n_columns = math.prod(shape[axis] for axis in columns)
    shorter = min(n_rows, n_columns)
    _refuse_too_much(array, shorter, insist=request.insist)
    is_direct = shorter <= _DIRECT and n_rows * n_columns <= _MOST_DIRECT
    if is_direct:
        whole = yield from gathered(array, _MOST_DIRECT, "Singular values")
        values, _ = without_strange(whole.transpose(*rows, *columns).reshape(n_rows, n_columns))
        scale = float(np.abs(values).max(initial=0.0)) or 1.0  # 1e200 would overflow
        values = values / scale
        singular = yield from in_background(lambda: np.linalg.svd(values, compute_uv=False))
        singular = singular * scale
        method = "Computed from the matrix itself."
    else:
        gram = yield from _gram(array, rows, columns)
        require_comparable(array, gram)
        squares = yield from in_background(lambda: np.linalg.eigvalsh(gram))
        singular = np.sqrt(np.clip(squares[::-1], 0.0, None))
        method = (
            "Computed from the matrix times itself: values below a hundred-millionth of the "
            "largest are not exact."
        )
    effective, stable, numerical = ranks(singular, n_rows, n_columns, is_direct=is_direct)
    return SingularValues(
        values=tuple(singular.tolist()),
        n_rows=n_rows,
        n_columns=n_columns,
        matrix=_matrix_text(shape, request, n_rows, n_columns),
        effective_rank=effective,
        numerical_rank=numerical,
        stable_rank=stable,
        method=method,
    )


def ranks(
    singular: NDArray[np.float64], n_rows: int, n_columns: int, *, is_direct: bool = True
) -> tuple[float, float, int]:
    """Effective, stable and numerical rank of these singular values; zeros for a zero matrix.

    Source: Roy and Vetterli, "The effective rank" (2007): exp of the Shannon entropy of the
    values divided by their sum. Numerical: values above max(rows, columns) × 2⁻²³ × the
    largest, as numpy.linalg.matrix_rank has it, for the float32 of weights.
    """
    largest = float(singular.max(initial=0.0))
    if largest <= 0.0 or not math.isfinite(largest):
        return 0.0, 0.0, 0
    shares = singular / singular.sum()
    shares = shares[shares > 0]
    effective = math.exp(-float(np.sum(shares * np.log(shares))))
    stable = float(np.sum(np.square(singular / largest)))
    smallest = max(n_rows, n_columns) * 2.0**-23
    smallest = smallest if is_direct else max(smallest, 1e-7)
    return effective, stable, int(np.count_nonzero(singular > largest * smallest))


def _gram(
    array: StoredArray, rows: tuple[int, ...], columns: tuple[int, ...]
) -> Generator[Progress, None, NDArray[np.float64]]:
    """The Gram matrix over the shorter side, slice by slice of the longer one."""
    shape = array.facts.shape or ()
    n_rows = math.prod(shape[axis] for axis in rows)
    n_columns = math.prod(shape[axis] for axis in columns)
    short, long = (columns, rows) if n_columns <= n_rows else (rows, columns)
    n_short = min(n_rows, n_columns)
    gram = np.zeros((n_short, n_short))
    for part in _slabs(shape, long, n_short):
        region = tuple(
            part if axis == long[0] else slice(0, length) for axis, length in enumerate(shape)
        )
        slab = yield from slab_of(array, region)
        numbers, _ = without_strange(slab.transpose(*long, *short).reshape(-1, n_short))
        with np.errstate(over="ignore", invalid="ignore"):
            gram += numbers.T @ numbers
        yield Progress(done=part.stop, total=shape[long[0]])
    return gram


def _slabs(shape: tuple[int, ...], long: tuple[int, ...], n_short: int) -> list[slice]:
    """The first of the long axes in pieces of some million numbers."""
    rest = math.prod(shape[axis] for axis in long[1:])
    step = max(1, _SLAB // max(1, rest * n_short))
    length = shape[long[0]]
    return [slice(start, min(length, start + step)) for start in range(0, length, step)]


def _refuse_too_much(array: StoredArray, shorter: int, *, insist: bool) -> None:
    if shorter <= (LARGEST_ON_REQUEST if insist else LARGEST_SIDE):
        return
    raise TooLarge(
        f"As a matrix {named(array.facts)} has {count_text(shorter)} rows or more both ways; "
        f"singular values are computed up to {count_text(LARGEST_SIDE)}.",
        hint="" if insist or shorter > LARGEST_ON_REQUEST else "Computing them takes a minute.",
    )


def _matrix_text(
    shape: tuple[int, ...], request: ReadSingularValues, n_rows: int, n_columns: int
) -> str:
    size = f"{count_text(n_rows)} × {count_text(n_columns)}"
    if len(shape) == 2:
        return f"The weight is a matrix of {size}."
    names = [request.axes[axis] if axis < len(request.axes) else f"axis {axis}"
             for axis in range(len(shape))]  # fmt: skip
    down = " × ".join(names[axis] for axis in range(len(shape)) if axis not in request.columns)
    across = " × ".join(names[axis] for axis in request.columns)
    return f"Laid out as a matrix of {size}: {down} downwards, {across} across."
