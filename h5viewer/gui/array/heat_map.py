"""A 2-D cut as a picture: an overview of all of it, and a sharper layer of the visible part."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtWidgets import QGraphicsRectItem, QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.colour_maps import SEQUENTIAL, colour_table, coloured
from h5viewer.gui.array.levels import Levels
from h5viewer.gui.array.plot_view import IndexAxis, PlotView
from h5viewer.nodes import Plane

Region = tuple[int, int, int, int]
"""Row start, row stop, column start, column stop."""

_SQUARE_UP_TO = 4.0
"""Longest side over shortest up to which elements are drawn square at first."""

_FEWEST_VISIBLE = 2.0
"""Elements: zooming in stops here."""

_LARGEST_PICTURE = 2048
"""Pixels, each way: painting 2048 x 2048 takes 25 ms."""


class Picture(msgspec.Struct, frozen=True):
    """Planes of one region: one plane drawn with a colour map, or red, green, blue (and alpha)."""

    planes: tuple[Plane, ...]

    @property
    def is_colour(self) -> bool:
        """True for red, green, blue."""
        return len(self.planes) > 1

    @property
    def region(self) -> Region:
        """Elements covered."""
        plane = self.planes[0]
        return (
            plane.row_start,
            plane.row_start + plane.n_rows,
            plane.column_start,
            plane.column_start + plane.n_columns,
        )

    def covers(self, region: Region) -> bool:
        """True when every element of `region` is in it."""
        mine = self.region
        return (
            mine[0] <= region[0]
            and mine[1] >= region[1]
            and mine[2] <= region[2]
            and mine[3] >= region[3]
        )

    def painted(self, levels: Levels, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(rows, columns, 4) RGBA."""
        if not self.is_colour:
            return coloured(self.planes[0].values.values, levels.low, levels.high, table)
        channels = [plane.values.values for plane in self.planes[:3]]
        opaque = np.full(channels[0].shape, 255, np.uint8)
        return np.stack([*channels, opaque], axis=-1).astype(np.uint8)


class HeatMap(PlotView):
    """Draws planes; element (row, column) is centred at (x = column, y = row), rows downwards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"left": IndexAxis("left"), "bottom": IndexAxis("bottom")}
        super().__init__(axes, "Picture of the values", parent)
        self.n_rows = self.n_columns = 0
        self.overview: Picture | None = None
        self.detail: Picture | None = None
        self.levels = Levels(0.0, 1.0)
        self._table = colour_table(SEQUENTIAL)
        self._items = (_image_item(0), _image_item(1))
        for item in self._items:
            self.box.addItem(item)
        self._frame = QGraphicsRectItem()  # ends a white centre of a map from a white window
        self._frame.setZValue(2)
        self.box.addItem(self._frame, ignoreBounds=True)
        self.box.invertY(True)
        self.view_changed.connect(self._hide_detail_unless_better)
        self._dress()

    def set_extent(self, n_rows: int, n_columns: int) -> None:
        """Begin another cut, of this many elements; the old picture goes when a new one comes."""
        same = (n_rows, n_columns) == (self.n_rows, self.n_columns)
        self.n_rows, self.n_columns = n_rows, n_columns
        self.detail = None
        self._items[1].clear()
        if not same:
            self.overview = None
            self._items[0].clear()
            ratio = max(n_rows, n_columns) / max(1, min(n_rows, n_columns))
            self.getAxis("left").count, self.getAxis("bottom").count = n_rows, n_columns
            self._frame.setRect(self._whole_rect())
            self._limit()
            self.set_square(ratio <= _SQUARE_UP_TO)

    @property
    def is_square(self) -> bool:
        """True while an element is as wide as high."""
        return bool(self.box.state["aspectLocked"])

    def set_origin(self, origin: str) -> None:
        """The corner of element (0, 0): "UL" (upper left, as arrays are read), "LL", "UR", "LR"."""
        self.box.invertY(origin[:1] != "L")
        self.box.invertX(origin[1:] == "R")

    def set_square(self, square: bool) -> None:
        """Draw elements square, or fill the view."""
        self.box.setAspectLocked(square)
        self.fit()

    def set_colours(self, table: NDArray[np.uint8], levels: Levels) -> None:
        """Paint what is shown anew."""
        self._table, self.levels = table, levels
        for item, picture in zip(self._items, (self.overview, self.detail), strict=True):
            if picture is not None:
                self._paint(item, picture)

    def show_overview(self, picture: Picture, table: NDArray[np.uint8], levels: Levels) -> None:
        """Draw the whole cut in these colours."""
        self.overview = picture
        self._items[0].show()
        self.set_colours(table, levels)

    def show_detail(self, picture: Picture) -> None:
        """Draw a part of the cut, sharper, on top."""
        self.detail = picture
        self._paint(self._items[1], picture)
        self._hide_detail_unless_better()

    def _hide_detail_unless_better(self) -> None:
        """Zoomed out, a finer rectangle amid the overview would look like a feature."""
        overview = self.overview
        if self.detail is not None and overview is not None:
            self._items[1].setVisible(not _is_as_sharp(overview, self._wanted_steps()))

    def clear_pictures(self) -> None:
        """Draw nothing, free the data."""
        self.overview = self.detail = None
        self.n_rows = self.n_columns = 0
        for item in self._items:
            item.clear()

    def picture_at(self, row: int, column: int) -> Picture | None:
        """The sharpest picture that has this element."""
        for picture, item in ((self.detail, self._items[1]), (self.overview, self._items[0])):
            covers = picture is not None and picture.covers((row, row + 1, column, column + 1))
            if covers and item.isVisible():
                return picture
        return None

    def element_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The element drawn at a place in data coordinates."""
        row, column = math.floor(y + 0.5), math.floor(x + 0.5)
        inside = 0 <= row < self.n_rows and 0 <= column < self.n_columns
        return (row, column) if inside else None

    def visible_region(self) -> Region:
        """Elements of which something is visible; empty (all 0) when there is none."""
        visible = self.visible_rect()
        rows = _clipped(visible.top(), visible.bottom(), self.n_rows)
        columns = _clipped(visible.left(), visible.right(), self.n_columns)
        return (*rows, *columns)

    def pixel_size(self) -> QSize:
        """Device pixels of the plot."""
        ratio = self.devicePixelRatioF()
        rect = self.box.sceneBoundingRect()
        return QSize(
            max(64, math.ceil(rect.width() * ratio)), max(64, math.ceil(rect.height() * ratio))
        )

    def wanted_region(self) -> Region | None:
        """The part that should be read anew to be sharp; None: what is drawn will do."""
        region = self.visible_region()
        if self.overview is None or region[0] >= region[1] or region[2] >= region[3]:
            return None
        if region == (0, self.n_rows, 0, self.n_columns):  # the overview is on its way
            return None
        wanted = self._wanted_steps()
        for picture in (self.detail, self.overview):
            if picture is not None and picture.covers(region) and _is_as_sharp(picture, wanted):
                return None
        return self._with_margin(region)

    def wanted_pixels(self, region: Region) -> tuple[int, int]:
        """Rows and columns of a picture of `region` that is sharp on this screen."""
        whole = region == (0, self.n_rows, 0, self.n_columns)
        size = self.pixel_size()
        steps = (
            (max(1, self.n_rows // size.height()), max(1, self.n_columns // size.width()))
            if whole
            else self._wanted_steps()
        )
        return (
            min(_LARGEST_PICTURE, -(-(region[1] - region[0]) // steps[0])),
            min(_LARGEST_PICTURE, -(-(region[3] - region[2]) // steps[1])),
        )

    def fit(self) -> None:
        """Show the whole cut."""
        self.box.setRange(self._whole_rect(), padding=0.0, disableAutoRange=True)

    def _whole_rect(self) -> QRectF:
        """All elements, in data coordinates."""
        return QRectF(-0.5, -0.5, max(1, self.n_columns), max(1, self.n_rows))

    def _wanted_steps(self) -> tuple[int, int]:
        """Elements a device pixel, rows and columns, rounded towards sharpness."""
        size = self.pixel_size()
        visible = self.visible_rect()
        return (
            max(1, int(visible.height() / size.height())),
            max(1, int(visible.width() / size.width())),
        )

    def _with_margin(self, region: Region) -> Region:
        """A quarter more on each side, so that a small pan finds its picture there."""
        rows, columns = region[1] - region[0], region[3] - region[2]
        return (
            max(0, region[0] - rows // 4),
            min(self.n_rows, region[1] + rows // 4),
            max(0, region[2] - columns // 4),
            min(self.n_columns, region[3] + columns // 4),
        )

    def _limit(self) -> None:
        """Zoom from two elements to three times the whole; the data never leaves the view far."""
        columns, rows = max(1, self.n_columns), max(1, self.n_rows)
        # Square elements may need as much room across the shorter axis as along the longer one.
        room = max(columns, rows)
        self.box.setLimits(
            xMin=-room - 0.5,
            xMax=columns + room - 0.5,
            yMin=-room - 0.5,
            yMax=rows + room - 0.5,
            minXRange=min(_FEWEST_VISIBLE, columns),
            minYRange=min(_FEWEST_VISIBLE, rows),
        )

    def _paint(self, item: pg.ImageItem, picture: Picture) -> None:
        pixels = picture.painted(self.levels, self._table)
        item.setImage(pixels, autoLevels=False, levels=None)
        plane = picture.planes[0]
        item.setRect(
            QRectF(
                plane.column_start - 0.5,
                plane.row_start - 0.5,
                pixels.shape[1] * plane.column_step,
                pixels.shape[0] * plane.row_step,
            )
        )

    def _dress(self) -> None:
        super()._dress()
        shade = theme.colours()
        self.box.setBorder(None)
        if hasattr(self, "_frame"):  # the base class dresses before there is anything
            self._frame.setPen(pg.mkPen(shade.faint))


def _image_item(z: int) -> pg.ImageItem:
    item = pg.ImageItem(axisOrder="row-major")
    item.setZValue(z)
    return item


def _clipped(low: float, high: float, count: int) -> tuple[int, int]:
    start = min(max(0, math.floor(low + 0.5)), count)
    return start, max(start, min(count, math.ceil(high + 0.5)))


def _is_as_sharp(picture: Picture, wanted: tuple[int, int]) -> bool:
    plane = picture.planes[0]
    return plane.is_sharp and plane.row_step <= wanted[0] and plane.column_step <= wanted[1]
