"""What a dataset of labels says: one class each, as a number, a row with a single one, a text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.boxes import Box, along, whole
from h5viewer.names import plain
from h5viewer.nodes import LabelForm, Shape

MOST_CLASSES = 100_000
_STEP = 4 << 20  # bytes read at once
_MOST = 262_144
_MOST_TEXTS = 16_384  # `hdf5_plain` reads no more than 20,000 at once
_LONGEST_NAME = 300  # characters
_SURE = 1e-3  # by which probabilities may miss a sum of one
_FEW = 0.05  # of the rows: they are mistakes
COLUMNS: tuple[LabelForm, ...] = ("one-hot", "several")
"""Forms that have a column for each class."""


class LabelShape(msgspec.Struct, frozen=True):
    """How labels stand in their dataset."""

    shape: Shape
    axis: int  # along which one follows the other
    n_columns: int  # numbers of each; 1: it is one

    @property
    def length(self) -> int:
        """How many labels there are."""
        return self.shape[self.axis]

    def step(self, itemsize: int, *, are_texts: bool) -> int:
        """Labels that are read at once."""
        most = _MOST_TEXTS if are_texts else _MOST
        return max(1, min(most, _STEP // max(1, itemsize * self.n_columns)))

    def box(self, start: int, stop: int) -> Box:
        """Where labels `start` to `stop` are."""
        return along(whole(self.shape), self.axis, start, stop)

    def rows(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of a box as (labels,) or (labels, columns)."""
        values = np.moveaxis(values, self.axis, 0)
        return values.reshape(len(values), -1) if self.n_columns > 1 else values.reshape(-1)


def label_shape(shape: Shape | None, length: int) -> LabelShape | None:
    """How a dataset could hold `length` labels: (n,), (n, 1, 1), (1, n), (n, k), (k, n)."""
    if shape is None or 0 in shape or length not in shape:
        return None
    if math.prod(shape) == length:
        return LabelShape(shape, shape.index(length), 1)
    if len(shape) != 2:
        return None
    for axis in (0, 1):
        if shape[axis] == length and shape[1 - axis] <= MOST_CLASSES:
            return LabelShape(shape, axis, shape[1 - axis])
    return None


class LabelFacts(msgspec.Struct):
    """What is known of the labels read so far."""

    form: LabelForm = ""
    least: int = 0
    greatest: int = -1
    texts: frozenset[str] = frozenset()
    why_not: str = ""  # a sentence: they are no classes
    counts: NDArray[np.int64] = msgspec.field(default_factory=lambda: np.zeros(0, np.int64))
    """Of numbers: how many labels are 0, 1, …"""
    n_rows: int = 0
    n_not_single: int = 0  # rows without a single one, that do not add up to it either
    n_not_marks: int = 0  # rows in which what is not 1 is neither 0 nor −1 nor missing
    n_several: int = 0  # rows with more than a single one

    @property
    def n_odd(self) -> int:
        """Rows that say no class, as they are not of the form that the others have."""
        return {"one-hot": self.n_not_single, "several": self.n_not_marks}.get(self.form, 0)

    def add(self, rows: NDArray[Any]) -> None:
        """Look at more of them, as `LabelShape.rows` gives them."""
        if not len(rows) or self.why_not:
            return
        if rows.dtype.kind in "OSU":
            self._add_texts(rows)
        elif rows.dtype.kind not in "biuf":
            self.why_not = "They are neither numbers nor text."
        elif rows.ndim == 2:
            self._add_rows(rows)
        else:
            self._add_numbers(rows)

    def _add_numbers(self, rows: NDArray[Any]) -> None:
        known = rows[np.isfinite(rows)] if rows.dtype.kind == "f" else rows
        if rows.dtype.kind == "f" and (not known.size or (known != np.rint(known)).any()):
            self.why_not = "They are numbers with fractions: no classes, but measured values."
            return
        least, greatest = int(known.min()), int(known.max())
        self.least = least if self.form == "" else min(least, self.least)
        self.greatest = max(greatest, self.greatest)
        self.form = "index"
        if self.least < -1 or self.greatest > MOST_CLASSES:
            self.why_not = "Their numbers are too large, or below zero, for classes."
            return
        found = np.bincount(known.astype(np.int64) + 1)[1:]  # −1: none
        counts = np.zeros(max(len(found), len(self.counts)), np.int64)
        counts[: len(self.counts)] += self.counts
        counts[: len(found)] += found
        self.counts = counts

    def n_beyond(self, first: int, n_classes: int) -> int:
        """Labels that are none of so many, of which the first has this number."""
        return int(self.counts[:first].sum() + self.counts[first + n_classes :].sum())

    def _add_rows(self, rows: NDArray[Any]) -> None:
        self.n_rows += len(rows)
        self.n_not_single += int((~are_single(rows)).sum())
        self.n_not_marks += int((~are_marks(rows)).sum())
        self.n_several += int((marks_of(rows).sum(axis=1) > 1).sum())
        few = _FEW * self.n_rows
        if self.n_not_single > few and (self.n_not_marks > few or self.n_several <= few):
            self.why_not = "Their rows neither add up to one nor are marks, 0 or 1, of classes."
            return
        self.form, self.least = "one-hot" if self.n_not_single <= few else "several", 0
        self.greatest = rows.shape[1] - 1

    def _add_texts(self, rows: NDArray[Any]) -> None:
        if rows.ndim != 1:
            self.why_not = "Each has several texts."
            return
        self.texts |= {_text(each) for each in set(rows.tolist())} - {""}  # it has no label
        self.form = "text" if self.texts else ""
        if len(self.texts) > MOST_CLASSES:
            self.why_not = "Nearly all of them are different texts."


def classes_of(
    rows: NDArray[Any],
    form: LabelForm,
    first_label: int,
    n_classes: int,
    by_text: Mapping[str, int],
) -> NDArray[np.int32]:
    """The class of each, from 0 on, of several the first; −1: none, or out of range."""
    if form == "text":
        found = [by_text.get(_text(each), -1) for each in rows.tolist()]
        return np.array(found, np.int32)
    with np.errstate(all="ignore"):
        if form in COLUMNS:
            numbers = np.nan_to_num(rows.astype(np.float64))
            places = numbers.argmax(axis=1)
            places[~((numbers > 0).any(axis=1) & are_single(numbers))] = -1
        elif rows.dtype.kind == "f":
            is_whole = np.isfinite(rows) & (rows == np.rint(rows)) & (np.abs(rows) < 2**31)
            places = np.where(is_whole, np.nan_to_num(rows), -1 + first_label).astype(np.int64)
            places -= first_label
        else:
            is_small = (rows >= 0) & (rows < 2**31) if rows.dtype.kind != "b" else rows >= 0
            places = np.where(is_small, rows, 0).astype(np.int64) - first_label
            places[~is_small] = -1
    places[(places < 0) | (places >= n_classes)] = -1
    classes: NDArray[np.int32] = places.astype(np.int32)
    return classes


def are_single(rows: NDArray[Any]) -> NDArray[np.bool_]:
    """(labels,): which rows have a single one, add up to it as probabilities do, or are empty."""
    numbers = rows.astype(np.float64)
    with np.errstate(all="ignore"):
        totals = numbers.sum(axis=1)
        adds_up = (totals == 0) | (np.abs(totals - 1) < _SURE)
        return np.asarray(adds_up & (numbers >= 0).all(axis=1))


def are_marks(rows: NDArray[Any]) -> NDArray[np.bool_]:
    """(labels,): which rows say of every class yes, 1, or no: 0, −1 or nothing."""
    if rows.dtype.kind in "bu":  # as most are, in a tenth of the time
        return np.asarray((rows <= 1).all(axis=1))
    numbers = rows.astype(np.float64)
    return np.asarray((np.isnan(numbers) | np.isin(numbers, (-1, 0, 1))).all(axis=1))


def marks_of(rows: NDArray[Any]) -> NDArray[np.bool_]:
    """(labels, classes): which of them each row marks; of one that is none of marks, none."""
    return np.asarray((rows == 1) & are_marks(rows)[:, None])


def _text(value: object) -> str:
    text = plain(value) if isinstance(value, bytes | str) else str(value)
    return text.rstrip("\0")[:_LONGEST_NAME]
