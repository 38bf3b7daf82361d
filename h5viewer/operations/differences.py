"""How far two boxes of one shape are apart, in pieces that stay in the processor's cache.

Bytes are compared first: what is equal, as most of two checkpoints may be, costs no
arithmetic. What differs is computed with in float64, integers of one type exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

_PIECE = 1 << 15  # elements computed with at once: 256 kB of float64


class Difference(msgspec.Struct, frozen=True):
    """Sums over boxes; those of squares over elements that are finite in both."""

    n_different: int = 0
    n_finite: int = 0
    max_difference: float = 0.0
    aa: float = 0.0
    bb: float = 0.0
    ab: float = 0.0
    dd: float = 0.0
    is_equal: bool = False  # byte by byte: nothing else was computed
    has_numbers: bool = True
    largest_at: tuple[int, ...] = ()  # where the largest difference is, once it was looked for

    def merged(self, other: Difference) -> Difference:
        """Both together."""
        return Difference(
            self.n_different + other.n_different,
            self.n_finite + other.n_finite,
            max(self.max_difference, other.max_difference),
            self.aa + other.aa,
            self.bb + other.bb,
            self.ab + other.ab,
            self.dd + other.dd,
            has_numbers=self.has_numbers and other.has_numbers,
        )

    @property
    def relative(self) -> float | None:
        """Norm of the difference by the norm of A's values; None: that is zero."""
        return _finite(math.sqrt(self.dd) / math.sqrt(self.aa)) if self.aa else None

    @property
    def cosine(self) -> float | None:
        """Of the angle between both; None: one of them is zero."""
        norms = math.sqrt(self.aa) * math.sqrt(self.bb)
        ratio = _finite(self.ab / norms) if norms else None
        return None if ratio is None else max(-1.0, min(1.0, ratio))

    @property
    def largest(self) -> float | None:
        """The largest difference; None: no element is finite in both."""
        return _finite(self.max_difference) if self.n_finite else None


def compare_values(a: NDArray[Any], b: NDArray[Any]) -> Difference:
    """Two boxes of one shape, of any element types."""
    if not (_is_number(a) and _is_number(b)):
        return Difference(n_different=_count_unlike(a, b), has_numbers=False)
    if _are_same_bytes(a, b):
        return Difference(is_equal=True)
    compare = _compare_floats
    if a.dtype == b.dtype and a.dtype.kind in "iu":
        compare = _compare_integers
    elif "c" in (a.dtype.kind, b.dtype.kind):
        compare = _compare_complex
    return _in_pieces(compare, a.reshape(-1), b.reshape(-1))


def most_apart(a: NDArray[Any], b: NDArray[Any]) -> tuple[int, ...]:
    """Where two boxes of numbers differ most; () where nothing is finite in both."""
    wide = np.complex128 if "c" in (a.dtype.kind, b.dtype.kind) else np.float64
    with np.errstate(all="ignore"):
        apart = np.abs(b.astype(wide) - a.astype(wide))
    apart[~np.isfinite(apart)] = -1
    at = int(apart.argmax()) if apart.size else 0
    if not apart.size or apart.reshape(-1)[at] < 0:
        return ()
    return tuple(int(n) for n in np.unravel_index(at, apart.shape))


def squares(values: NDArray[Any]) -> Difference:
    """What a box that is the same in both adds to the sums."""
    if not _is_number(values):
        return Difference()
    compare = _compare_complex if values.dtype.kind == "c" else _compare_floats
    flat = values.reshape(-1)
    return _in_pieces(compare, flat, flat)


def _in_pieces(
    compare: Callable[[NDArray[Any], NDArray[Any]], Difference], a: NDArray[Any], b: NDArray[Any]
) -> Difference:
    found = Difference()
    with np.errstate(all="ignore"):
        for start in range(0, a.size, _PIECE):
            piece = slice(start, start + _PIECE)
            found = found.merged(compare(a[piece], b[piece]))
    return found


def _compare_floats(a: NDArray[Any], b: NDArray[Any]) -> Difference:
    x, y = a.astype(np.float64), b.astype(np.float64)
    d = y - x
    largest = max(float(d.max()), -float(d.min()))  # NaN where one is
    n_finite, n_odd = d.size, 0
    if not math.isfinite(largest):
        finite = np.isfinite(x) & np.isfinite(y)
        n_finite = int(np.count_nonzero(finite))
        n_odd = int(np.count_nonzero(~finite & (x != y) & ~(np.isnan(x) & np.isnan(y))))
        x, y = np.where(finite, x, 0), np.where(finite, y, 0)
        d = y - x
        largest = float(np.abs(d).max())
    n_different = int(np.count_nonzero(x != y))  # a third of the time it takes of d itself
    aa, bb, dd = float(x @ x), float(y @ y), float(d @ d)
    return Difference(n_different + n_odd, n_finite, largest, aa, bb, (aa + bb - dd) / 2, dd)


def _compare_integers(a: NDArray[Any], b: NDArray[Any]) -> Difference:
    """float64 would take 2^53 + 1 for 2^53."""
    sums = _compare_floats(a, b)
    apart = np.maximum(a, b) - np.minimum(a, b)  # wraps to the right unsigned number
    largest = int(apart.view(f"u{a.dtype.itemsize}").max())
    return Difference(
        int(np.count_nonzero(apart)), a.size, float(largest), sums.aa, sums.bb, sums.ab, sums.dd
    )


def _compare_complex(a: NDArray[Any], b: NDArray[Any]) -> Difference:
    x, y = a.astype(np.complex128), b.astype(np.complex128)
    finite = np.isfinite(x) & np.isfinite(y)
    n_odd = int(np.count_nonzero(~finite & (x != y) & ~(np.isnan(x) & np.isnan(y))))
    x, y = np.where(finite, x, 0), np.where(finite, y, 0)
    d = y - x
    return Difference(
        int(np.count_nonzero(d)) + n_odd,
        int(np.count_nonzero(finite)),
        float(np.abs(d).max()),
        float(np.vdot(x, x).real),
        float(np.vdot(y, y).real),
        float(np.vdot(x, y).real),
        float(np.vdot(d, d).real),
    )


def _are_same_bytes(a: NDArray[Any], b: NDArray[Any]) -> bool:
    if a.dtype != b.dtype or not (a.flags.c_contiguous and b.flags.c_contiguous):
        return False
    words_a, words_b = _words(a), _words(b)
    return bool(np.array_equal(words_a, words_b))


def _words(values: NDArray[Any]) -> NDArray[Any]:
    """The bytes as the longest integers they divide into, which compare fastest."""
    flat = values.reshape(-1).view(np.uint8)
    return flat.view(np.uint64) if flat.size % 8 == 0 else flat


def _count_unlike(a: NDArray[Any], b: NDArray[Any]) -> int:
    """Elements that differ: texts, lists, records; all where the types have nothing in common."""
    n_elements = a.size
    if a.shape != b.shape or _is_number(a) != _is_number(b):
        return n_elements
    if a.dtype.names != b.dtype.names:
        return n_elements
    if a.dtype == b.dtype and not a.dtype.hasobject:
        unlike: NDArray[np.bool_] = a != b
        return int(np.count_nonzero(unlike))
    pairs = zip(a.reshape(-1), b.reshape(-1), strict=True)
    return sum(not _is_alike(x, y) for x, y in pairs)


def _is_alike(x: Any, y: Any) -> bool:
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return bool(np.array_equal(x, y))
    if isinstance(x, np.void) and x.dtype.names is not None:
        return x.dtype.names == y.dtype.names and all(
            _is_alike(x[name], y[name]) for name in x.dtype.names
        )
    if isinstance(x, str) != isinstance(y, str):
        x, y = (v if isinstance(v, str) else _text(v) for v in (x, y))
    return bool(x == y)


def _text(value: Any) -> Any:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def _is_number(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "biufc"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
