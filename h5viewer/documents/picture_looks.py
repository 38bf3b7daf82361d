"""Whether numbers look like pictures: neighbours are alike, and the range is one of pixels."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

SMOOTH = 0.8
"""Below: neighbours differ less than pixels anywhere do; noise has 1, drawn digits 0.4."""

_STRANGE_SHARE = 0.005  # at either end of a range that is none of pixels: left out
_WRAPPED = 0.7
_ALIKE = 0.7
_SEAM = 3.0  # times as much as a row differs from the next
_FAINT = 0.1  # of white: nothing would be seen
_CAFFE = np.array([103.939, 116.779, 123.68])
_NEAR_MEAN = 1.5  # 104, 117, 123 are usual as well
_STEPS = (1, 3, 7, 15, 16, 31, 63, 127, 255, 1023, 4095, 65_535)


class Looks(msgspec.Struct, frozen=True):
    """What a sample of a dataset says of it."""

    low: float
    high: float
    is_range_of_pixels: bool
    is_constant: bool = False
    greatest: float = 0.0  # of what was looked at


def looks_of(values: NDArray[Any]) -> Looks | None:
    """Range of a sample of any shape; None: nothing in it is a finite number."""
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values.reshape(-1)
    if not finite.size:
        return None
    least, greatest = float(finite.min()), float(finite.max())
    is_constant = least == greatest
    if values.dtype.kind == "b":
        return Looks(0, 1, is_range_of_pixels=True, is_constant=is_constant, greatest=greatest)
    if values.dtype.kind in "iu":
        low, high, known = _of_whole(values.dtype, least, greatest)
    else:
        low, high, known = _of_fractions(finite, least, greatest)
    return Looks(low, high, known, is_constant, greatest)


def _of_whole(dtype: np.dtype[Any], least: float, greatest: float) -> tuple[float, float, bool]:
    if dtype == np.uint8 and (greatest > 31 or greatest == 0):
        return 0, 255, True
    if least >= 0:
        if dtype.itemsize > 1 and 31 < greatest <= 255:
            return 0, 255, True
        for step in _STEPS:
            if greatest <= step:  # of cameras of 14 bits the brightest is white
                return 0, greatest if 255 < greatest < step / 2 else step, True
        return least, greatest, False
    if least >= -128 and greatest <= 127:
        return -128, 127, True
    return least, greatest, False


def _of_fractions(finite: NDArray[Any], least: float, greatest: float) -> tuple[float, float, bool]:
    if 0 <= least < greatest < _FAINT:
        return 0, greatest, False  # of some unit
    if least >= 0 and greatest <= 1:
        return 0, 1, True
    if 2 < greatest <= 31 and least >= 0:
        whole = bool((finite == np.rint(finite)).all())
        return 0, next(step for step in _STEPS if greatest <= step) if whole else greatest, True
    if least >= 0 and greatest <= 255:
        return 0, 255, greatest > 2
    if least >= -1 and greatest <= 1:
        return -1, 1, True
    wide = finite.astype(np.float64)
    low, high = np.quantile(wide, [_STRANGE_SHARE, 1 - _STRANGE_SHARE])
    is_scaled = low >= -256 and high <= 256  # less its mean, or divided by its deviation
    return (float(low), float(high), is_scaled) if low < high else (least, greatest, False)


def of_things(looks: Looks) -> Looks:
    """The same of whole numbers that count things: drawn so that a few of them are seen."""
    if looks.low != 0 or not 0 < looks.greatest < 255:
        return looks
    high = next(step for step in _STEPS if looks.greatest <= step)
    return msgspec.structs.replace(looks, high=high)


def are_less_means_of_caffe(pictures: NDArray[Any]) -> bool:
    """True for blue, green, red less the means of ImageNet, as Caffe and Keras' "caffe" mode do.

    Photographs have black in each channel: there stands what was taken off.
    """
    if pictures.dtype.kind != "f" or pictures.shape[-1] != 3 or not pictures.size:
        return False
    least = np.nan_to_num(pictures.astype(np.float64)).min(axis=(0, 1, 2))
    return bool((np.abs(least + _CAFFE) < _NEAR_MEAN).all())


def roughness(pictures: NDArray[Any], looks: Looks, *, cut_along: str = "") -> float:
    """How much neighbours differ, of what pixels anywhere do: the rougher way of both.

    Args:
        pictures: (pictures, rows, columns, channels).
        looks: what is beyond their range, a damaged pixel say, counts as its end.
        cut_along: "w": the rows were cut out of longer ones, "h": the columns were. Then the
            pixel below has to be nearer than the one half a row on, which tells a picture from
            a long smooth curve.
    """
    p = _plain(pictures, looks)
    rows, columns = p.shape[1:3]
    anywhere = _apart(p, np.roll(p, (rows // 2, columns // 2), axis=(1, 2)))
    if not anywhere > 0:
        return 1.0
    below = _apart(p[:, 1:], p[:, :-1])
    across = _apart(p[:, :, 1:], p[:, :, :-1])
    if cut_along:
        upright = p if cut_along == "w" else p.swapaxes(1, 2)
        line = upright.reshape(len(p), rows * columns, -1)
        step = upright.shape[2] // 2
        half = _apart(line[:, step:], line[:, :-step])
        if (below if cut_along == "w" else across) > 0.9 * half:
            return 1.0
    return max(below, across) / anywhere


def are_planes(pictures: NDArray[Any], looks: Looks) -> bool:
    """True when channels show the same: what lies at one place differs less than places do.

    One of them may be brighter than another.
    """
    p = _plain(pictures, looks)
    p -= p.mean(axis=(1, 2), keepdims=True)
    rows, columns = p.shape[1:3]
    anywhere = _apart(p, np.roll(p, (rows // 2, columns // 2), axis=(1, 2)))
    return p.shape[3] > 1 and _apart(p[..., 1:], p[..., :-1]) < _ALIKE * anywhere


def have_seams(pictures: NDArray[Any], looks: Looks, cut_along: str) -> bool:
    """True when channels that stand one behind the other do not go on where the next begins.

    Args:
        pictures: (pictures, rows, columns, channels).
        cut_along: "w": the next begins below the last row, "h": beside the last column.
    """
    p = _plain(pictures, looks)
    upright = p if cut_along == "w" else p.swapaxes(1, 2)
    seam = _apart(upright[:, 0, :, 1:], upright[:, -1, :, :-1])
    return p.shape[3] > 1 and seam > _SEAM * _apart(upright[:, 1:], upright[:, :-1])


def is_one_surface(pictures: NDArray[Any], looks: Looks) -> bool:
    """True when a picture is as like the next as its pixels are: lines of one table or field."""
    p = _plain(pictures, looks)
    return len(p) < 2 or _apart(p[1:], p[:-1]) <= 1.5 * _apart(p[:, :, 1:], p[:, :, :-1])


def are_wrapped(pictures: NDArray[Any]) -> bool:
    """True for bytes stored with a sign, whose bright half became negative."""
    if pictures.dtype != np.int8 or not pictures.size or pictures.min() >= 0:
        return False
    bright = np.ascontiguousarray(pictures).view(np.uint8)
    jumps = [
        np.abs(np.diff(each.astype(np.int16), axis=axis)).mean(dtype=np.float64)
        for each in (bright, pictures)
        for axis in (1, 2)
    ]
    return bool(sum(jumps[:2]) < _WRAPPED * sum(jumps[2:]))


def _plain(pictures: NDArray[Any], looks: Looks) -> NDArray[np.float32]:
    """Between 0 and 1."""
    with np.errstate(all="ignore"):
        scaled = (pictures.astype(np.float64) - looks.low) / (looks.high - looks.low)
        return np.nan_to_num(scaled).clip(0, 1).astype(np.float32)


def _apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.mean(np.abs(one - other), dtype=np.float64))


def is_one_hot(values: NDArray[Any]) -> bool:
    """True for rows with a single one each: (…, columns) of words or classes, no pictures."""
    rows = values.reshape(-1, values.shape[-1])
    return bool(((rows != 0).sum(axis=1) <= 1).all())
