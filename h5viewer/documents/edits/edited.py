"""All edits of one dataset, one after the other, each as if the one before had been saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from h5viewer.documents.edits import Edit, Values
from h5viewer.documents.edits.fitting import BFLOAT16, Fitting
from h5viewer.formats.boxes import Box
from h5viewer.formats.floats import rounded_to
from h5viewer.nodes import Shape

Stored = Callable[[], Iterator[tuple[Box, Values]]]
"""All of the dataset as the file stores it, box by box."""


class Edited:
    """New values of one dataset."""

    def __init__(self, edits: Sequence[Edit], shape: Shape, dtype: str) -> None:
        """`dtype`: as NumPy and Keras call it; one that `fitting.is_numeric` takes."""
        self._edits = tuple(edits)
        self._shape = shape
        self.dtype = dtype
        self._fitting = Fitting(dtype)
        self._counted: set[tuple[int, ...]] = set()  # corners of boxes

    def prepare(self, stored: Stored) -> Iterator[None]:
        """Look at the dataset as far as edits need it; before the first `apply`.

        Raises:
            CannotRead: an edit does not fit it.
        """
        for n, edit in enumerate(self._edits):

            def boxes(n: int = n) -> Iterator[tuple[Box, Values]]:
                for box, values in stored():
                    yield box, self._after(n, box, values)

            yield from edit.prepare(self._shape, boxes)

    def apply(self, box: Box, values: Values) -> Values:
        """What is to be stored in a box where `values` are.

        Raises:
            CannotRead: the new values do not fit.
        """
        fitting = self._fitting
        new = fitting.fitted(self._after(len(self._edits), box, values))
        before, after = fitting.widened(values), fitting.widened(new)
        corner = tuple(part.start for part in box)
        if corner not in self._counted:
            self._counted.add(corner)
            fitting.count(before, after)
        if after.dtype.kind != "f":
            return new
        # one NaN is as good as another for arithmetic, but what does not change stays bit for bit
        stays = np.isnan(before) & np.isnan(after)
        if new.dtype.kind == "V":
            values = values if values.dtype.kind == "V" else rounded_to(values, BFLOAT16)
            bits = np.where(stays, values.view("<u2"), new.view("<u2"))
            return bits.astype("<u2").view("V2")
        return np.where(stays, values, new).astype(new.dtype, copy=False)

    def notes(self) -> tuple[str, ...]:
        """What became of the boxes so far, in sentences."""
        return self._fitting.notes()

    def widened(self, values: Values) -> Values:
        """Stored values as they are computed with."""
        return self._fitting.widened(values)

    def _after(self, n: int, box: Box, values: Values) -> Values:
        fitting = self._fitting
        after = np.asarray(fitting.widened(values))
        for edit in self._edits[:n]:
            after = fitting.widened(fitting.fitted(edit.apply(box, after)))
        return after
