"""What is true of each sample: labels of a file, in whatever form, as the output gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.network.objective import Objective
from h5viewer.wording import count_text, plural, shape_text

_MOST_WORDS = 10_000
"""Different words that may be class names."""


class Targets(msgspec.Struct, frozen=True):
    """What is true of a batch of samples.

    `numbers` are of the shape of the answers, `classes` (n, *positions) the index of the true
    class where there is one of several.
    """

    numbers: NDArray[np.float32]
    classes: NDArray[np.int64] | None = None


class TargetReader:
    """Reads labels in one form: class numbers, one-hot, words or numbers."""

    def __init__(
        self, objective: Objective, shape: tuple[int, ...], where: str, labels: Sequence[str] = ()
    ) -> None:
        """Settle the form.

        Args:
            shape: of all labels, samples first.
            where: the labels' name, for sentences.
            labels: class names, for labels that are words.

        Raises:
            CannotRead: labels of this shape do not fit the output.
        """
        self._objective = objective
        self._where = where
        self._labels = {name: index for index, name in enumerate(labels)}
        wanted = objective.shape
        own = shape[1:]
        if len(own) > 1 and set(own[:-1]) == {1} and len(wanted) == 1:
            # (n, 1, 1, 1), as Caffe and PatchCamelyon have them; (n, 1, 1, classes), of one place
            own = own[-1:] if own[-1] > 1 else ()
        places = wanted[:-1]
        self._is_dense = _fits(own, wanted)
        self._is_index = _fits(own, places) or _fits(own, (*places, 1))
        if objective.family == "yes-no":
            self._is_pair = _fits(own, (*places, 2))
            self._is_dense = self._is_dense or _fits(own, places)
            self._is_index = False
        elif objective.family == "numbers":
            self._is_pair = self._is_index = False
            self._is_dense = self._is_dense or _sameish(own, wanted)
        else:
            self._is_pair = False
            self._is_index = self._is_index and not (self._is_dense and wanted[-1] != 1)
        if not (self._is_dense or self._is_index or self._is_pair):
            raise CannotRead(f"{where} has the shape {shape_text(shape)}, {self._needed()}.")

    @property
    def is_one_of(self) -> bool:
        """True when each label is one of several classes."""
        return self._objective.family == "classes" or self._is_index

    def read(self, values: NDArray[Any], answers: tuple[int, ...]) -> Targets:
        """A batch of labels.

        Args:
            values: (n, …) as stored.
            answers: shape of the network's answers to this batch.

        Raises:
            CannotRead: a label out of range, an unknown word, NaN.
        """
        if values.dtype.kind in "OSU":
            values = self._numbered(values)
        if values.dtype.kind not in "biuf":
            raise CannotRead(f"{self._where} holds neither numbers nor words.")
        if self._is_index:
            return self._of_classes(values.reshape(answers[:-1]), answers)
        if self._is_pair:
            values = values.argmax(axis=-1)
        numbers = values.astype(np.float32).reshape(answers)
        if self._objective.family == "yes-no" and _is_black_and_white(values):
            numbers = numbers / np.float32(255)  # a mask that was a picture
        if not np.isfinite(numbers).all():
            raise CannotRead(f"{self._where} holds numbers that are NaN or infinite.")
        if self._objective.family == "labels" and np.isin(numbers, (-1, 0, 1)).all():
            numbers = np.maximum(numbers, 0)  # some write −1 where a label is not given
        if self._objective.family in ("yes-no", "labels"):
            self._require(numbers.min(initial=0) >= 0 and numbers.max(initial=0) <= 1, numbers)
        classes = None
        if self._objective.family == "classes":
            classes = numbers.argmax(axis=-1).astype(np.int64)
        return Targets(numbers, classes)

    def _of_classes(self, values: NDArray[Any], answers: tuple[int, ...]) -> Targets:
        classes = values.astype(np.int64)
        whole = values.dtype.kind != "f" or bool((values == classes).all())
        n = answers[-1]
        self._require(whole and classes.min(initial=0) >= 0 and classes.max(initial=0) < n, values)
        numbers = np.zeros((classes.size, n), np.float32)
        numbers[np.arange(classes.size), classes.ravel()] = 1
        return Targets(numbers.reshape(answers), classes)

    def _require(self, is_so: bool, values: NDArray[Any]) -> None:
        if is_so:
            return
        low, high = np.nanmin(values), np.nanmax(values)
        n = self._objective.n_classes
        known = "yes or no, 1 or 0" if n == 2 else f"{count_text(n)} classes, numbered from 0"
        raise CannotRead(
            f"{self._where} holds labels from {low:g} to {high:g}; the network knows {known}."
        )

    def _numbered(self, values: NDArray[Any]) -> NDArray[np.int64]:
        words = [as_word(value) for value in values.ravel()]
        unknown = next((word for word in words if word not in self._labels), None)
        if unknown is not None:
            raise CannotRead(
                f"{self._where} holds “{visible(unknown, 60)}”, which is no class of the network.",
                hint="Give the network's class names first.",
            )
        return np.array([self._labels[word] for word in words], np.int64).reshape(values.shape)

    def _needed(self) -> str:
        wanted = shape_text(tuple(self._objective.shape))
        n = self._objective.n_classes
        if self._objective.family == "numbers":
            return f"but the network answers {wanted} to each sample"
        if self._objective.family == "yes-no":
            return "but each sample needs one number, 0 or 1"
        return f"but each sample needs a class number, or {plural(n, 'number')}"


def as_word(value: object) -> str:
    """One label that is a word; bytes of other encodings are spelled out."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace").rstrip("\0")
    return str(value)


def class_names(words: NDArray[Any], n_classes: int, where: str) -> tuple[str, ...]:
    """Class names from all labels, where the network's are not known: in alphabetical order.

    Raises:
        CannotRead: there are more or fewer different ones than classes.
    """
    found = sorted({as_word(word) for word in words.ravel()})
    if len(found) != n_classes:
        many = "more than " * (len(found) > _MOST_WORDS) + count_text(min(len(found), _MOST_WORDS))
        raise CannotRead(
            f"{where} holds {many} different words, but the network knows "
            f"{plural(n_classes, 'class', 'classes')}.",
            hint="Give the network's class names first.",
        )
    return tuple(found)


def _is_black_and_white(values: NDArray[Any]) -> bool:
    return values.dtype == np.uint8 and bool(np.isin(values, (0, 255)).all())


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        want is None or length == want for length, want in zip(shape, wanted, strict=True)
    )


def _sameish(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    """The same but for axes of length 1."""
    return _fits(
        tuple(length for length in shape if length != 1),
        tuple(length for length in wanted if length != 1),
    )
