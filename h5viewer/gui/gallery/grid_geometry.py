"""Where the cells of a gallery are: pure arithmetic, for any number of pictures."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QRect

_MOST_UNITS = 1 << 30
"""Of a scroll bar, which counts in 32 bits: 10,000,000 rows of 130 pixels do not fit."""


class GridGeometry(msgspec.Struct, frozen=True):
    """Cells of one size, row by row, in a viewport. Pixels, but for `unit` of the scroll bar."""

    count: int
    width: int  # of the viewport
    height: int
    cell_width: int  # with the gap to the next one
    cell_height: int
    gap: int

    @property
    def n_columns(self) -> int:
        """As many as fit, one at least."""
        return max(1, (self.width - self.gap) // self.cell_width)

    @property
    def n_rows(self) -> int:
        """Down to the last picture."""
        return -(-self.count // self.n_columns)

    @property
    def left(self) -> int:
        """Where the first column begins: what is left over stands at both sides."""
        room = self.width - self.n_columns * self.cell_width + self.gap
        return max(self.gap, room // 2) if self.n_rows > 1 else self.gap

    @property
    def unit(self) -> int:
        """Pixels a step of the scroll bar: 1, more where so many would not fit."""
        return -(-self._content_height // _MOST_UNITS) or 1

    @property
    def most(self) -> int:
        """Last value of the scroll bar."""
        return -(-max(0, self._content_height - self.height) // self.unit)

    @property
    def _content_height(self) -> int:
        return self.n_rows * self.cell_height + self.gap

    def _top(self, value: int) -> int:
        """Pixels above the viewport; the last step may be a shorter one."""
        return min(value * self.unit, max(0, self._content_height - self.height))

    def cell(self, position: int, value: int) -> QRect:
        """Where a cell is seen while the scroll bar is at `value`."""
        row, column = divmod(position, self.n_columns)
        top = row * self.cell_height + self.gap - self._top(value)
        left = self.left + column * self.cell_width
        return QRect(left, top, self.cell_width - self.gap, self.cell_height - self.gap)

    def position_at(self, x: int, y: int, value: int) -> int:
        """The picture whose cell is at a place of the viewport; −1: none."""
        column = (x - self.left) // self.cell_width
        row = (y + self._top(value) - self.gap) // self.cell_height
        position = row * self.n_columns + column
        if not 0 <= column < self.n_columns or not 0 <= position < self.count:
            return -1
        return position if self.cell(position, value).contains(x, y) else -1

    def visible(self, value: int) -> range:
        """Positions of which something is in sight."""
        top = self._top(value)
        first = max(0, (top - self.gap) // self.cell_height) * self.n_columns
        last = ((top + self.height - self.gap) // self.cell_height + 1) * self.n_columns
        return range(min(first, self.count), max(0, min(last, self.count)))

    def value_to_see(self, position: int, value: int) -> int:
        """The value nearest to this one with which a cell is in sight as a whole."""
        row = position // self.n_columns
        top = row * self.cell_height
        bottom = top + self.cell_height + self.gap
        if top < self._top(value) or self.cell_height > self.height:  # its top, where no more fits
            return min(self.most, top // self.unit)
        if bottom > self._top(value) + self.height:
            return min(self.most, -(-(bottom - self.height) // self.unit))
        return value

    def value_at_top(self, position: int) -> int:
        """The value with which the row of a picture is the first."""
        return min(self.most, position // self.n_columns * self.cell_height // self.unit)
