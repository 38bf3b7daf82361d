"""How much a file may unfold to while somebody looks at all of it."""

from __future__ import annotations

from h5viewer.errors import TooLarge
from h5viewer.formats.boxes import Box
from h5viewer.formats.container import StoredArray
from h5viewer.operations.cuts import READ_BUDGET
from h5viewer.wording import bytes_text

_TIMES = 100  # the bytes stored: fill values or a bomb rather than weights
_SMALL = 1 << 20  # bytes stored that are not worth asking about


class Unfolding:
    """One budget for all arrays that unfold to much more than they store."""

    def __init__(self) -> None:
        self._left = READ_BUDGET

    def allow(self, array: StoredArray, region: Box) -> None:
        """Take what reading `region` costs from the budget, if it unfolds much.

        Raises:
            TooLarge: it is used up.
        """
        cost = array.cost(region)
        if cost <= _TIMES * max(_SMALL, array.facts.stored_bytes):
            return
        if cost > self._left:
            raise TooLarge(
                f"They would unfold from {bytes_text(array.facts.stored_bytes)} to "
                f"{bytes_text(cost)}."
            )
        self._left -= cost
