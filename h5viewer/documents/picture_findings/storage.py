"""Findings about how pictures lie in the file: what a random batch costs, whether gzip pays."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec

from h5viewer.documents.picture_findings.subject import Subject
from h5viewer.documents.picture_layouts import picture_axis
from h5viewer.nodes import Dataset, PictureFinding
from h5viewer.wording import bytes_text, shape_text

BATCH = 32

SLOW = 4
"""Bytes decoded for a picture, as a multiple of its own, from which random batches are slow."""

SLOW_BYTES = 256 << 10
"""... if they are as many: gzip takes a millisecond to unpack them."""

VERY_SLOW = 32
"""... or so many times as much, whatever their number."""

MANY_PIECES = 16
"""Chunks that a picture lies in, from which looking for them takes longer than reading."""

LEAST_SAVED = 0.1
"""Share of the room that compression has to save to be worth the time."""

_WORTH_IT = 4 << 20  # bytes of a set: smaller ones are kept in memory
_GOOD_CHUNK = 64 << 10  # bytes, packed


class Measured(msgspec.Struct, frozen=True):
    """What reading some pictures took."""

    n_pictures: int
    random_seconds: float  # each from anywhere
    ordered_seconds: float  # as many, one after the other
    decoded: int = 0  # bytes, for the random ones


def findings(subject: Subject, facts: Dataset, measured: Measured) -> Iterator[PictureFinding]:
    """What the storage of one set costs a training run."""
    if facts.declared_bytes < _WORTH_IT or not measured.n_pictures:
        return
    slow = list(_batches(subject, facts, measured))
    yield from slow or _compression(subject, facts, measured)


def _batches(subject: Subject, facts: Dataset, measured: Measured) -> Iterator[PictureFinding]:
    n_all = subject.pictures.n_pictures
    picture_bytes = facts.declared_bytes // max(1, n_all)
    ratio = measured.decoded / max(1, picture_bytes * measured.n_pictures)
    pieces = _pieces(subject, facts)
    decoded = measured.decoded / measured.n_pictures
    is_wide = ratio >= VERY_SLOW or (ratio >= SLOW and decoded >= SLOW_BYTES)
    if not is_wide and pieces < MANY_PIECES:
        return
    seconds = measured.random_seconds * BATCH / measured.n_pictures
    ordered = measured.ordered_seconds * BATCH / measured.n_pictures
    yield subject.found(
        "warning",
        "slow-batches",
        round(seconds / max(ordered, 1e-9), 1),
        f"A random batch of {BATCH} takes {_time_text(seconds)} to read, one in order "
        f"{_time_text(ordered)}: {_why(facts, ratio, pieces, is_wide=is_wide)}. "
        f"{_advice(subject, facts, picture_bytes)}",
    )


def _why(facts: Dataset, ratio: float, pieces: int, *, is_wide: bool) -> str:
    if facts.chunks is None:
        return (
            "the numbers of each picture lie all over the file, so that "
            f"{ratio:,.0f} times as much is read as is wanted"
        )
    chunks = shape_text(facts.chunks)
    if not is_wide:
        return f"with chunks of {chunks} each picture lies in {pieces:,} pieces"
    taken = "unpacked" if facts.filters else "read"
    return f"chunks of {chunks} mean that {ratio:,.0f} times as much is {taken} as is wanted"


def _pieces(subject: Subject, facts: Dataset) -> int:
    """Chunks that one picture lies in."""
    if facts.chunks is None or facts.shape is None:
        return 1
    axis = picture_axis(subject.pictures.layout)
    return math.prod(
        1 if each == axis else -(-length // chunk)
        for each, (length, chunk) in enumerate(zip(facts.shape, facts.chunks, strict=True))
    )


def _advice(subject: Subject, facts: Dataset, picture_bytes: int) -> str:
    if picture_axis(subject.pictures.layout) != 0:
        return "Store the pictures along the first axis."
    if not facts.filters:
        return "Store it without chunks."
    n_together = max(1, _GOOD_CHUNK // max(1, picture_bytes))
    return f"Store it with chunks of {shape_text((n_together, *(facts.shape or ())[1:]))}."


def _compression(subject: Subject, facts: Dataset, measured: Measured) -> Iterator[PictureFinding]:
    packing = [each for each in facts.filters if each.id not in (2, 3)]  # shuffle, checksums
    if not packing or not facts.declared_bytes or not facts.stored_bytes:
        return
    saved = 1 - facts.stored_bytes / facts.declared_bytes
    if saved < LEAST_SAVED:
        picture_bytes = facts.declared_bytes // max(1, subject.pictures.n_pictures)
        rate = int(picture_bytes * measured.n_pictures / max(measured.ordered_seconds, 1e-9))
        yield subject.found(
            "note",
            "compression",
            round(saved, 4),
            f"{packing[0].name} saves {max(0.0, 100 * saved):.1f} % of the room, "
            f"{bytes_text(max(0, facts.declared_bytes - facts.stored_bytes))}, and has to be "
            f"undone for every picture in every epoch: here that gives {bytes_text(rate)} a "
            "second, without it a disk or memory would.",
        )


def _time_text(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{1000 * seconds:.3g} ms"
