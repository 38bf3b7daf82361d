"""One picture of a data set in full: its pixels, its numbers, its label."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_labels import label_shape
from h5viewer.errors import CannotRead, H5ViewerError, TooLarge
from h5viewer.formats.container import Container
from h5viewer.names import plain
from h5viewer.nodes import Array, OnePicture, PictureSet
from h5viewer.operations import Operation
from h5viewer.operations.cuts import READ_BUDGET, as_numbers, named
from h5viewer.operations.loose_reading import member_classes
from h5viewer.operations.moments import Moments
from h5viewer.operations.own_labels import are_own, own_rows
from h5viewer.operations.picture_labels import classes_in
from h5viewer.operations.picture_reading import Pictures
from h5viewer.operations.picture_thumbnails import small_pictures
from h5viewer.requests import Progress, ReadOnePicture
from h5viewer.wording import bytes_text

LONGEST_SIDE = 2048
"""Pixels that are sent; larger pictures come reduced."""

_PIECE = 4 << 20  # bytes
_LONGEST_TEXT = 1000  # characters


def read_one_picture(request: ReadOnePicture, container: Container) -> Operation[OnePicture]:
    """All of its numbers are read; of sides beyond 2,048 pixels means are sent.

    Raises:
        CannotRead, TooLarge: no pictures there, no such one, damage.
    """
    pictures = Pictures(container, request.pictures)
    pictures.require([request.index])
    array, box = pictures.array, pictures.box(request.index, request.index + 1)
    cost = array.cost(box)
    if cost > READ_BUDGET:
        raise TooLarge(
            f"To show one picture of {named(array.facts)}, {bytes_text(cost)} would have to be "
            "read."
        )
    yield Progress(done=0, total=cost, unit="bytes")
    range_ = Range()
    done = 0
    with closing(array.process(array.boxes(box, _PIECE), lambda _, part: range_of(part))) as parts:
        for part, found in parts:
            range_ = range_.merged(found)
            done += array.cost(part)
            yield Progress(done=min(done, cost), total=cost, unit="bytes")
    pixels = yield from _pixels(pictures, request.index)
    label, text = label_of(container, request.pictures, request.index)
    return OnePicture(
        index=request.index,
        pixels=Array.of(pixels),
        minimum=range_.least,
        maximum=range_.greatest,
        mean=range_.mean,
        n_nan=range_.n_nan,
        label=label,
        label_text=text,
        source=source_of(container, request.pictures, request.index),
    )


def _pixels(pictures: Pictures, index: int) -> Generator[Progress, None, NDArray[np.uint8]]:
    """As they are to be drawn.

    Raises:
        CannotRead: damage.
    """
    layout, side = pictures.layout, LONGEST_SIDE
    for taken in pictures.each([index], lambda whole: small_pictures(whole, layout, side), side):
        if isinstance(taken, Progress):
            yield taken
        elif taken.result is not None:
            pixels: NDArray[np.uint8] = taken.result[0]
            return pixels
    raise CannotRead(f"Picture {index:,} of {named(pictures.array.facts)} cannot be read.")


class Range:
    """What the numbers of a picture, or of a part of it, are."""

    def __init__(
        self,
        least: float = np.nan,
        greatest: float = np.nan,
        n_nan: int = 0,
        moments: Moments | None = None,
    ) -> None:
        self.least = least
        self.greatest = greatest
        self.n_nan = n_nan
        self._moments = moments or Moments()

    @property
    def mean(self) -> float:
        """NaN when there is no finite number."""
        return self._moments.mean_and_std[0]

    def merged(self, other: Range) -> Range:
        """Of both."""
        return Range(
            float(np.fmin(self.least, other.least)),
            float(np.fmax(self.greatest, other.greatest)),
            self.n_nan + other.n_nan,
            self._moments.merged(other._moments),
        )


def range_of(values: NDArray[Any]) -> Range:
    """Of all numbers that are finite."""
    numbers = as_numbers(values).reshape(-1)
    n_nan = 0
    if numbers.dtype.kind == "f":
        n_nan = int(np.isnan(numbers).sum())
        numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return Range(n_nan=n_nan)
    least, greatest = float(numbers.min()), float(numbers.max())
    moments = Moments.of(numbers, max(abs(least), abs(greatest)))
    return Range(least, greatest, n_nan, moments)


def label_of(container: Container, pictures: PictureSet, index: int) -> tuple[int, str]:
    """Class, of several the first, and what they are called; what is no class as it stands."""
    if pictures.labels is None or not pictures.label_form:
        return -1, ""
    try:
        if pictures.label_form == "group":
            number = int(member_classes(container, pictures)[index])
            return number, pictures.label_names[number]
        if are_own(pictures):
            rows = own_rows(container, pictures, index, index + 1)
        else:
            array = container.array(pictures.labels)
            shape = label_shape(array.facts.shape, pictures.n_pictures)
            if shape is None:
                return -1, ""
            rows = shape.rows(array.read(shape.box(index, index + 1)))
    except H5ViewerError:
        return -1, ""  # the labels as a whole say what is wrong with them
    names, found = pictures.label_names, classes_in(pictures, rows)[0]
    if found.ndim:
        numbers = np.flatnonzero(found).tolist()
        return (numbers or [-1])[0], ", ".join(names[number] for number in numbers)
    if found >= 0:
        return int(found), names[found]
    value = rows[0] if rows.ndim == 1 and not are_own(pictures) else ""
    return -1, plain(value) if isinstance(value, bytes | str) else str(value)


def source_of(container: Container, pictures: PictureSet, index: int) -> str:
    """Name of the file it was made of; "": not known."""
    if pictures.sources is None:
        return ""
    try:
        value = container.array(pictures.sources).read((slice(index, index + 1),))[0]
    except (CannotRead, IndexError):
        return ""
    return plain(value)[:_LONGEST_TEXT] if isinstance(value, bytes | str) else ""
