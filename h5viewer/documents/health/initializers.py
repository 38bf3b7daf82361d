"""Whether values still look like what their initializer left: distances, not opinions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.health.measured import Measured
from h5viewer.documents.initializers import expected
from h5viewer.documents.json_text import table
from h5viewer.nodes import Expected, Shape

_LOOSE = 1e-5  # limits are computed in 32-bit floats
_TIGHT = 1e-3  # distance of an orthogonal kernel's products from 0 and 1
_MOST_ORTHOGONAL = 1024  # of the shorter side
_MOST_SORTED = 20_000
_TRUNCATED = 0.87962566103423978  # Keras up to 2.1 did not make up for the cut


class Fit(msgspec.Struct, frozen=True):
    """How far values are from their start: KS distance x sqrt(n), 0 where they fit exactly."""

    name: str
    statistic: float


def fit_of(measured: Measured, stated: object, default: str) -> Fit | None:
    """The fit to the stated initializer, else the default; None: they cannot come from it.

    Of a distribution the caller judges the statistic; limits and constants decide here.
    """
    counted = measured.counted
    if measured.sample is None or not 0 < counted.n_finite == counted.count:
        return None
    stated = stated if _is_named(stated) else default
    fits = (_fit(measured, stated, shape) for shape in _shapes(measured))
    return min((fit for fit in fits if fit), key=lambda fit: fit.statistic, default=None)


def _fit(measured: Measured, stated: object, shape: Shape) -> Fit | None:
    wanted = expected(stated, shape, measured.subject.weight.axes)
    if wanted is None:
        return None
    if "orthogonal" in wanted.name.lower():
        statistic = 0.0 if _is_orthogonal(measured, stated) else None
    else:
        statistic = _statistic(measured, wanted)
    return None if statistic is None else Fit(wanted.name, statistic)


def _shapes(measured: Measured) -> Iterator[Shape]:
    """What fans are counted by: newer Keras takes an attention's heads together."""
    shape, axes = measured.subject.shape, measured.subject.weight.axes
    yield shape
    if axes == ("in", "head", "dimension"):
        yield (shape[0], shape[1] * shape[2])
    elif axes == ("head", "dimension", "out"):
        yield (shape[0] * shape[1], shape[2])


def _is_named(stated: object) -> bool:
    return isinstance(stated, str) or isinstance(table(stated).get("class_name"), str)


def _statistic(measured: Measured, wanted: Expected) -> float | None:
    low, high = measured.counted.low, measured.counted.high
    if wanted.kind == "constant":
        value = float(np.float32(wanted.mean))
        return 0.0 if low == high == value or low == high == wanted.mean else None
    if wanted.kind == "normal" and wanted.std > 0:
        return _distance(measured, lambda x: _normal_shares((x - wanted.mean) / wanted.std))
    room = _LOOSE * (wanted.high - wanted.low)
    if wanted.kind not in ("uniform", "truncated") or room <= 0:
        return None
    if low < wanted.low - room or high > wanted.high + room:
        return None
    if wanted.kind == "uniform":
        return _distance(measured, lambda x: (x - wanted.low) / (wanted.high - wanted.low))
    wide = wanted.std / _TRUNCATED
    return min(_cut_normal(measured, wanted.mean, each) for each in (wide, wide * _TRUNCATED))


def _cut_normal(measured: Measured, mean: float, std: float) -> float:
    below = _phi(-2.0)
    return _distance(
        measured, lambda x: (_normal_shares((x - mean) / std) - below) / (1 - 2 * below)
    )


def _is_orthogonal(measured: Measured, stated: object) -> bool:
    """True when rows (or columns, the fewer) are at right angles and of one length."""
    sample, shape = measured.sample, measured.subject.shape
    if sample is None or sample.size != math.prod(shape) or len(shape) < 2:
        return False
    matrix = sample.reshape(-1, shape[-1]).astype(np.float64)
    matrix = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    if not 2 <= len(matrix) <= _MOST_ORTHOGONAL:
        return False
    products = matrix @ matrix.T
    gain = table(table(stated).get("config")).get("gain", 1.0)
    size = float(gain) ** 2 if isinstance(gain, int | float) else 1.0
    off = np.abs(products - size * np.eye(len(matrix))).max()
    return bool(off < _TIGHT * max(1.0, size))


def _distance(measured: Measured, share_below: Callable[[NDArray[Any]], NDArray[Any]]) -> float:
    """Kolmogorov-Smirnov distance times the square root of the number of values."""
    assert measured.sample is not None
    values = measured.sample[:: -(-measured.sample.size // _MOST_SORTED)].astype(np.float64)
    values.sort()
    n = values.size
    wanted = np.clip(share_below(values), 0, 1)
    steps = np.arange(n + 1) / n
    return float(max((steps[1:] - wanted).max(), (wanted - steps[:-1]).max())) * math.sqrt(n)


def _phi(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def _normal_shares(x: NDArray[Any]) -> NDArray[Any]:
    # erf at 4,001 places and straight lines between them: wrong by less than 1e-6
    found: NDArray[Any] = np.interp(x, _PLACES, _SHARES)
    return found


_PLACES = np.linspace(-6, 6, 4001)
_SHARES = np.array([_phi(float(x)) for x in _PLACES])
