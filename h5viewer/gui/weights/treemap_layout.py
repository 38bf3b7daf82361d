"""Squarified treemaps: areas in proportion to sizes, rectangles close to squares.

Source: Bruls, Huizing and van Wijk, Squarified Treemaps, 2000.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Area(msgspec.Struct, frozen=True):
    """A rectangle in pixels."""

    left: float
    top: float
    width: float
    height: float

    def shrunk(self, margin: float) -> Area:
        """Without a margin on each side; never less than nothing."""
        return Area(
            self.left + margin,
            self.top + margin,
            max(0.0, self.width - 2 * margin),
            max(0.0, self.height - 2 * margin),
        )

    def contains(self, x: float, y: float) -> bool:
        """True for points inside; of two neighbours only one holds their edge."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height


def squarified(sizes: Sequence[float], room: Area) -> list[Area]:
    """An area for each size, in order; `sizes` are positive and fall."""
    areas: list[Area] = []
    left = sum(sizes)
    start = 0
    while start < len(sizes) and left > 0:
        scale = room.width * room.height / left
        stop = _end_of_row(sizes, start, min(room.width, room.height), scale)
        row = sum(sizes[start:stop])
        shares = [size / row for size in sizes[start:stop]]
        if room.width >= room.height:  # a column at the left
            strip = Area(room.left, room.top, room.width * row / left, room.height)
            room = Area(strip.left + strip.width, room.top, room.width - strip.width, room.height)
            areas += _column(strip, shares)
        else:  # a row at the top
            strip = Area(room.left, room.top, room.width, room.height * row / left)
            room = Area(room.left, strip.top + strip.height, room.width, room.height - strip.height)
            areas += [_turned(area) for area in _column(_turned(strip), shares)]
        left -= row
        start = stop
    return areas + [Area(room.left, room.top, 0, 0)] * (len(sizes) - len(areas))


def _end_of_row(sizes: Sequence[float], start: int, side: float, scale: float) -> int:
    """Where the row that begins with `start` ends: before its worst rectangle gets worse."""
    total = 0.0
    worst = float("inf")
    for stop in range(start, len(sizes)):
        total += sizes[stop] * scale
        thickness = total / side if side else 0.0
        ends = (sizes[start] * scale, sizes[stop] * scale)
        ratio = max(_ratio(size, thickness) for size in ends)
        if ratio > worst:
            return stop
        worst = ratio
    return len(sizes)


def _ratio(size: float, thickness: float) -> float:
    """Of the longer to the shorter side."""
    if size <= 0 or thickness <= 0:
        return float("inf")
    length = size / thickness
    return max(length / thickness, thickness / length)


def _column(strip: Area, shares: Sequence[float]) -> list[Area]:
    """A strip cut from top to bottom."""
    areas = []
    top = strip.top
    for share in shares:
        areas.append(Area(strip.left, top, strip.width, share * strip.height))
        top += share * strip.height
    return areas


def _turned(area: Area) -> Area:
    """Rows are columns of a picture mirrored along its diagonal."""
    return Area(area.top, area.left, area.height, area.width)
