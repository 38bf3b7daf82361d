"""A 2-D cut on its way from the file to the heat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui.array.array_reading import PictureReader, PictureWish, Subject
from h5viewer.gui.array.cut_pane import CutPane
from h5viewer.gui.array.cuts import axis_name
from h5viewer.gui.array.heat_map import HeatMap, Picture, Region
from h5viewer.gui.array.levels import Levels, has_negative
from h5viewer.gui.array.readout import picture_text
from h5viewer.requests import Cut
from h5viewer.workers.pool import Pool


class Colouring(Protocol):
    """What says in which colours a picture is drawn: a `ColourChoice`, or one for several."""

    @property
    def is_as_stored(self) -> bool:
        """True when a picture's own red, green and blue are wanted."""
        ...

    @property
    def table(self) -> NDArray[np.uint8]:
        """Colours, for painting."""
        ...

    def levels_for(self, values: NDArray[np.generic]) -> Levels:
        """Levels for a picture."""
        ...

    def set_signed(self, is_signed: bool) -> None:
        """The picture has negative numbers."""
        ...


class PicturePane(CutPane):
    """Heat map of a cut: all of it at first, then the visible part as sharp as the screen."""

    def __init__(self, pool: Pool, colours: Colouring, parent: QWidget | None = None) -> None:
        self.heat_map = HeatMap()
        super().__init__(pool, self.heat_map, parent)
        self._colours = colours
        self._axes: tuple[str, ...] = ()
        self._origin = "UL"
        self._overviews = PictureReader(pool, self)
        self._details = PictureReader(pool, self)
        self._overviews.arrived.connect(self._take_overview)
        self._overviews.failed.connect(self._fail)
        self._overviews.progressed.connect(self.progressed)
        self._overviews.busy_changed.connect(self.busy_changed)
        self._details.arrived.connect(self._take_detail)
        self._details.failed.connect(self._fail)

    @property
    def is_waiting(self) -> bool:
        """True while the cut is on its way."""
        return self._overviews.is_waiting

    @property
    def is_sharp(self) -> bool:
        """False when what is drawn of the cut was sampled."""
        overview = self.heat_map.overview
        return overview is None or overview.planes[0].is_sharp

    def show_cut(self, subject: Subject, cut: Cut, axes: Sequence[str]) -> None:
        """Read and draw this cut; the old picture stays until the new one comes."""
        shape = subject.dataset.shape or ()
        if cut.columns is None:
            raise ValueError("a picture needs an axis")
        if self.subject is not None and self.subject.dataset.path != subject.dataset.path:
            self.clear()
        self.subject, self.cut = subject, cut
        self._details.cancel()
        self._axes = tuple(axes)
        self._show_scales()
        n_rows = 1 if cut.rows is None else shape[cut.rows]
        self.heat_map.set_extent(n_rows, shape[cut.columns])
        self._overviews.read(self.wish(None))

    def set_origin(self, origin: str) -> None:
        """The corner of element (0, 0), from now on; see `HeatMap.set_origin`."""
        self._origin = origin
        self._show_scales()

    def _show_scales(self) -> None:
        rows = None if self.cut.rows is None else self.scales.along.get(self.cut.rows)
        is_map = rows is not None and rows.points_up
        self.heat_map.set_origin("LL" if is_map else self._origin)
        for side, axis in (("left", self.cut.rows), ("bottom", self.cut.columns)):
            self._show_axis(side, axis, "" if axis is None else axis_name(self._axes, axis))

    def clear(self) -> None:
        """Stop reading, draw nothing, free the data."""
        self.cancel()
        self.subject = None
        self.heat_map.clear_pictures()

    def cancel(self) -> None:
        """Stop reading; keep what is drawn."""
        self._calm.stop()
        self._overviews.cancel()
        self._details.cancel()

    def recolour(self) -> None:
        """Paint in the colours that are chosen now."""
        overview = self.heat_map.overview
        if overview is not None:
            levels = self._colours.levels_for(overview.planes[0].values.values)
            self.heat_map.set_colours(self._colours.table, levels)

    def text_at(self, place: QPointF) -> str:
        """Element numbers and value."""
        element = self.heat_map.element_at(place.x(), place.y())
        picture = None if element is None else self.heat_map.picture_at(*element)
        if element is None or picture is None:
            return ""
        return picture_text(picture, *element, self.cut, self.scales)

    def wish(self, region: Region | None) -> PictureWish:
        """What is asked for to draw a region; None: the whole cut."""
        if self.subject is None:
            raise ValueError("nothing is shown")
        whole = (0, self.heat_map.n_rows, 0, self.heat_map.n_columns)
        rows, columns = self.heat_map.wanted_pixels(region or whole)
        return PictureWish(
            subject=self.subject,
            cut=self.cut,
            region=region,
            max_rows=rows,
            max_columns=columns,
            n_channels=3 if self._colours.is_as_stored else 1,
        )

    def _take_overview(self, wish: PictureWish, picture: Picture) -> None:
        if wish.cut != self.cut and (wish.cut.rows, wish.cut.columns) != (
            self.cut.rows,
            self.cut.columns,
        ):
            return
        values = picture.planes[0].values.values
        if has_negative(values):
            self._colours.set_signed(True)
        levels = self._colours.levels_for(values)
        self.heat_map.show_overview(picture, self._colours.table, levels)
        self.arrived.emit()
        self._tell()
        if picture.planes[0].is_sharp:
            self._sharpen()

    def _take_detail(self, wish: PictureWish, picture: Picture) -> None:
        if wish.cut == self.cut:
            self.heat_map.show_detail(picture)
            self._tell()

    def _sharpen(self) -> None:
        region = self.heat_map.wanted_region()
        if region is not None and self.subject is not None:
            self._details.read(self.wish(region))

    def _fail(self, _wish: PictureWish, error: H5ViewerError) -> None:
        self.failed.emit(error)
