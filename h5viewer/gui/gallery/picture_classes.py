"""The classes of a set's pictures: read once, then asked of one picture or for all of a class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import ClassCounts, PictureLabels
from h5viewer.requests import ReadPictureLabels
from h5viewer.workers.pool import Pool

WITHOUT = -1
"""Has no label, or one that is out of range."""

ALL = -2
"""Of whatever class; of one picture: not known yet."""

LONGEST_LABEL = 300
"""Characters of the label of a picture, which may be several classes."""

_MOST = 100_000_000  # pictures; 4 bytes each


def class_name(names: Sequence[str], at: int) -> str:
    """What a class is called, for people."""
    if at == WITHOUT:
        return "No label"
    if at == ALL:
        return ""
    return visible(names[at], 120) if at < len(names) and names[at] else f"Class {at}"


class PictureClasses(QObject):
    """Knows more with each part that arrives.

    Signals:
        arrived: more are known.
        finished: all are.
        failed(H5ViewerError)
    """

    arrived = Signal()
    finished = Signal()
    failed = Signal(object)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asking = Latest(pool, self)
        self._classes: NDArray[np.int32] = np.empty(0, np.int32)
        self._marks: NDArray[np.uint8] | None = None  # of several: a bit for each class
        self._counts: NDArray[np.int64] = np.zeros(1, np.int64)  # the first: without a label
        self.names: tuple[str, ...] = ()
        self.is_complete = False

    def show_set(self, shown: ShownSet) -> None:
        """Read those of another set, if it has any."""
        self.clear()
        pictures = shown.labelled
        if pictures.labels is None or pictures.n_pictures > _MOST:
            return
        self.names = pictures.label_names
        self._classes = np.full(pictures.n_pictures, ALL, np.int32)
        if pictures.label_form == "several":
            n_bytes = -(-len(self.names) // 8)
            self._marks = np.zeros((pictures.n_pictures, n_bytes), np.uint8)
        self._asking.ask(
            ReadPictureLabels(document=shown.labels_document, pictures=pictures),
            self._finish,
            on_part=self._take,
            on_failure=self.failed.emit,
        )

    def clear(self) -> None:
        """Stop reading, know nothing."""
        self._asking.cancel()
        self._classes = np.empty(0, np.int32)
        self._marks = None
        self._counts = np.zeros(1, np.int64)
        self.names = ()
        self.is_complete = False

    @property
    def has_labels(self) -> bool:
        """Whether there is anything to know."""
        return bool(self._classes.size)

    @property
    def counts(self) -> tuple[int, ...]:
        """Pictures of each class, as far as known."""
        n_named = len(self.names)
        found = self._counts[1:].tolist()
        return tuple(found + [0] * (n_named - len(found)))

    @property
    def n_without(self) -> int:
        """Pictures without a label, as far as known."""
        return int(self._counts[0])

    def of(self, index: int) -> int:
        """The class of a picture, of several the first, WITHOUT or ALL."""
        return int(self._classes[index]) if 0 <= index < self._classes.size else ALL

    def text_of(self, index: int) -> str:
        """The same for people, of several all; "": not known."""
        if self._marks is None or self.of(index) < 0:
            return class_name(self.names, self.of(index))
        bits = np.unpackbits(self._marks[index], count=len(self.names))
        names = [class_name(self.names, at) for at in np.flatnonzero(bits).tolist()]
        return visible(", ".join(names), LONGEST_LABEL)

    def indices(self, wanted: int) -> NDArray[np.int64]:
        """All known pictures of a class, in their order."""
        if self._marks is not None and wanted >= 0:
            return np.flatnonzero(self._marks[:, wanted >> 3] & (128 >> (wanted & 7)))
        return np.flatnonzero(self._classes == wanted)

    def _take(self, part: object) -> None:
        if not isinstance(part, PictureLabels):
            return
        values = np.maximum(part.classes.values.astype(np.int32), WITHOUT)
        place = self._classes[part.first : part.first + values.size]
        place[:] = values[: place.size]
        found = np.bincount(place + 1)
        if self._marks is not None and part.marks is not None:
            bits = part.marks.values.astype(np.uint8)
            self._marks[part.first : part.first + len(bits)] = bits
            n_with = np.unpackbits(bits, axis=1, count=len(self.names)).sum(axis=0, dtype=np.int64)
            found = np.append((place == WITHOUT).sum(), n_with)
        counts = np.zeros(max(found.size, self._counts.size), np.int64)
        counts[: self._counts.size] += self._counts
        counts[: found.size] += found
        self._counts = counts
        self.arrived.emit()

    def _finish(self, result: object) -> None:
        if isinstance(result, ClassCounts):
            self.names = result.names
            self._counts = np.array([result.n_without, *result.counts], np.int64)
        self.is_complete = True
        self.finished.emit()
