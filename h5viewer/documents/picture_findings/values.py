"""Findings about the numbers of pictures: blank ones, ranges that surprise, colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_findings.colours import are_exchanged
from h5viewer.documents.picture_findings.subject import Subject
from h5viewer.nodes import PictureFinding
from h5viewer.wording import plural, shape_text

_FLAT_STEPS = 2  # of 255: noise of JPEG on a white page
_FLAT_SHARE = 0.01  # of the own value, in floats
_MANY_BLANK = 0.2
_SCALES_APART = 16  # times
_MINORITY = 0.5
_NEARLY_ZERO = 0.02
_NARROW = 63  # of 255
_HUGE = 1e5
_WIDE = {
    f"{sign}int{bits}": share
    for sign in ("", "u")
    for bits, share in ((16, "half"), (32, "a quarter"), (64, "an eighth"))
}
_FEWEST = 8  # pictures that a set has before one can differ from the others


def blank_pictures(subject: Subject) -> NDArray[np.bool_]:
    """(pictures,): every pixel is the same, or nearly so; it may have a colour."""
    low, high, spread = subject.measures.low, subject.measures.high, subject.measures.spread
    with np.errstate(all="ignore"):
        if subject.pictures.dtype.startswith("float"):
            scale = np.maximum(np.abs(low), np.abs(high))
            return np.asarray((spread == 0) | (spread <= _FLAT_SHARE * scale))
        is_wide = np.nanmax(high, initial=0) > _NARROW
        return np.asarray(spread <= (_FLAT_STEPS if is_wide else 0))


def findings(subject: Subject) -> Iterator[PictureFinding]:
    """All that one set says by itself."""
    measures = subject.measures
    if not measures.length:
        return
    odd = np.flatnonzero(measures.n_odd)
    if len(odd):
        n_values = int(measures.n_odd.sum())
        yield subject.found(
            "warning",
            "nan",
            len(odd),
            f"{_pictures(len(odd), 'holds', 'hold')} {plural(n_values, 'value')} that "
            f"{'is' if n_values == 1 else 'are'} NaN or infinite: the loss becomes NaN with the "
            "first of them.",
            odd,
        )
    blank = np.flatnonzero(blank_pictures(subject))
    if len(blank):
        yield subject.found(
            "warning",
            "blank",
            len(blank),
            f"{_pictures(len(blank), 'is', 'are')} blank: all pixels have the same value, or "
            "nearly so.",
            blank,
        )
        if len(blank) == measures.length:
            return
    yield from _ranges(subject)
    yield from _storage(subject)
    yield from _colours(subject)


def wrapped(subject: Subject) -> Iterator[PictureFinding]:
    """Of bytes that were stored with a sign."""
    yield subject.found(
        "warning",
        "dtype",
        1,
        "Bytes above 127 became negative when they were stored as int8: what is bright is darker "
        "than black. numpy's view('uint8') brings them back.",
    )


def _ranges(subject: Subject) -> Iterator[PictureFinding]:
    low, high = _ends(subject)
    if not len(high):
        return
    if subject.pictures.dtype.startswith("float"):
        yield from _mixed(subject)
    least, greatest = float(low.min()), float(high.max())
    dtype = subject.pictures.dtype
    if max(abs(least), abs(greatest)) > _HUGE and dtype.startswith("float"):
        yield subject.found(
            "warning",
            "value-range",
            max(least, greatest, key=abs),
            f"Values run from {least:.3g} to {greatest:.3g}: no picture has such pixels, and "
            "training diverges.",
            np.flatnonzero(np.abs(subject.measures.high) > _HUGE),
        )
    elif dtype.startswith(("uint", "int")) and least >= 0 and greatest <= 1:
        n_blank = int(blank_pictures(subject).sum())
        is_lost = n_blank >= _MANY_BLANK * subject.measures.length
        yield subject.found(
            "warning" if is_lost else "note",
            "value-range",
            greatest,
            f"Stored as {dtype}, but no value is larger than 1. If the pictures were scaled to "
            "0–1 before they were stored, all shades between black and white are lost.",
        )
    elif dtype == "uint8" and greatest <= _NARROW:
        yield subject.found(
            "note",
            "value-range",
            greatest,
            f"No value is larger than {greatest:g} of 255: divided by 255, the pictures are "
            "nearly black.",
        )
    elif dtype.startswith("float") and least >= 0 and np.median(high) > 2 and greatest <= 255:
        whole = subject.colours.n_looked_at and (
            subject.colours.n_whole == subject.colours.n_looked_at
        )
        also = (
            f" All are whole numbers: as uint8 they would take {_fraction(dtype)} of the room."
            if whole
            else ""
        )
        yield subject.found(
            "note",
            "value-range",
            greatest,
            f"Stored as {dtype} with values up to {greatest:g}: most networks expect 0 to 1 or "
            f"−1 to 1, unless they scale by themselves.{also}",
        )


def _ends(subject: Subject) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the pictures that have finite values."""
    known = np.isfinite(subject.measures.high)
    return subject.measures.low[known], subject.measures.high[known]


def _mixed(subject: Subject) -> Iterator[PictureFinding]:
    """Some are 0–1 where the others are 0–255, some have a sign where the others have none."""
    measures = subject.measures
    with np.errstate(all="ignore"):
        seen = np.isfinite(measures.high) & ~blank_pictures(subject)
    if int(seen.sum()) < _FEWEST:
        return
    reach = np.maximum(np.abs(measures.low), np.abs(measures.high))
    # halves in the logarithm: scales are factors
    is_small = seen & (reach <= 2)
    is_large = seen & (reach >= 2 * _SCALES_APART)
    for few, many in ((is_small, is_large), (is_large, is_small)):
        if few.any() and few.sum() < _MINORITY * seen.sum() and many.sum() > _MINORITY * seen.sum():
            yield _otherwise(subject, few, many)
            return
    is_signed = seen & (measures.low < -0.25 * reach)
    is_unsigned = seen & (measures.low >= 0)
    is_from_zero = is_unsigned & (measures.low <= _NEARLY_ZERO * reach)  # not only bright
    for few, many in ((is_signed, is_unsigned), (is_from_zero, is_signed)):
        if few.any() and few.sum() < 0.2 * seen.sum() and many.sum() > 0.8 * (~few & seen).sum():
            yield _otherwise(subject, few, many)
            return


def _otherwise(subject: Subject, few: NDArray[np.bool_], many: NDArray[np.bool_]) -> PictureFinding:
    measures = subject.measures

    def span(chosen: NDArray[np.bool_]) -> str:
        return f"{measures.low[chosen].min():.3g} to {measures.high[chosen].max():.3g}"

    n = int(few.sum())
    return subject.found(
        "warning",
        "mixed-range",
        n,
        f"{_pictures(n, 'runs', 'run')} from {span(few)}, the others from {span(many)}: "
        f"{'it was' if n == 1 else 'they were'} scaled otherwise.",
        np.flatnonzero(few),
    )


def _storage(subject: Subject) -> Iterator[PictureFinding]:
    if subject.pictures.dtype == "float64":
        yield subject.found(
            "note",
            "dtype",
            8,
            "Stored as float64: networks compute with float32, which would take half the room and "
            "half the time to read.",
        )
    low, high = _ends(subject)
    room = _WIDE.get(subject.pictures.dtype)
    if room and len(high) and low.min() >= 0 and 1 < high.max() <= 255:
        yield subject.found(
            "note",
            "dtype",
            float(high.max()),
            f"Stored as {subject.pictures.dtype} with values up to {high.max():g}: as uint8 they "
            f"would take {room} of the room.",
        )
    counts = subject.colours
    if len(counts.warm) and counts.n_looked_at and counts.n_grey == counts.n_looked_at:
        yield subject.found(
            "note",
            "grey-as-colour",
            subject.pictures.layout.channels,
            "All channels are equal: the pictures are grey, and would take a third of the room "
            "with one channel.",
        )


def _colours(subject: Subject) -> Iterator[PictureFinding]:
    counts = subject.colours
    if are_exchanged(counts):
        ratio = float(counts.cold.mean() / counts.warm.mean())
        yield subject.found(
            "warning",
            "bgr",
            ratio,
            f"Red and blue seem to be exchanged (BGR, as OpenCV reads): {ratio:.1f} times as many "
            "of the darker pixels are bluish as reddish, where photographs have several times as "
            "many reddish ones.",
        )


def differences(subjects: Sequence[Subject]) -> Iterator[PictureFinding]:
    """What sets that belong together should have in common: size, and what is white."""
    first = next((each for each in subjects if each.split == "training"), None)
    if first is None:
        return
    for subject in subjects:
        if subject is first or not subject.split:
            continue
        one, other = first.pictures.layout, subject.pictures.layout
        sizes = [(each.height, each.width, each.channels) for each in (one, other)]
        if sizes[0] != sizes[1]:
            yield subject.found(
                "warning",
                "other-size",
                subject.pictures.n_pictures,
                f"The pictures are {shape_text(sizes[1])}, those of {first.name} "
                f"{shape_text(sizes[0])}: one network cannot take both.",
            )
        ends = [_ends(each) for each in (first, subject)]
        if all(len(high) for _, high in ends):
            reach = [float(np.median(np.maximum(abs(low), abs(high)))) for low, high in ends]
            signs = [float(np.median(low)) < -0.25 * scale for (low, _), scale in
                     zip(ends, reach, strict=True)]  # fmt: skip
            if max(reach) > _SCALES_APART * min(reach) or signs[0] != signs[1]:
                spans = [f"{low.min():.3g} to {high.max():.3g}" for low, high in ends]
                yield subject.found(
                    "warning",
                    "other-range",
                    max(reach) / max(min(reach), 1e-30),
                    f"Values run from {spans[1]}, those of {first.name} from {spans[0]}: a network "
                    "trained with one is wrong about the other.",
                )


def _pictures(count: int, one: str, many: str) -> str:
    return f"{plural(count, 'picture')} {one if count == 1 else many}"


def _fraction(dtype: str) -> str:
    return {"float64": "an eighth", "float16": "half"}.get(dtype, "a quarter")
