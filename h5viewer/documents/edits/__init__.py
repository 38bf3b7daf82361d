"""New values for a dataset: by expression, from a table of text, one element.

An `Edit` is asked box by box, so that a weight of any size takes the memory of a few boxes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from numpy.typing import NDArray

from h5viewer.formats.boxes import Box
from h5viewer.nodes import Shape

Values = NDArray[Any]

Boxes = Callable[[], Iterator[tuple[Box, Values]]]
"""All of a dataset as it is before an edit, box by box; asked for as often as needed."""


class Edit(Protocol):
    """What becomes of the values of one dataset."""

    def prepare(self, shape: Shape, boxes: Boxes, /) -> Iterator[None]:
        """Look at whatever has to be known before the first value is made; yields on the way.

        Raises:
            CannotRead: it does not fit the dataset.
        """
        ...

    def apply(self, box: Box, values: Values) -> Values:
        """The values of a box after the edit: float64, int64, uint64 or bool, as those before.

        Raises:
            CannotRead: they cannot be made.
        """
        ...
