"""Small pictures of a data set: asked for when they come into sight, kept while there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from h5viewer.errors import H5ViewerError, WorkerLost
from h5viewer.gui.controls.byte_image import byte_image
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.gui.task import Latest
from h5viewer.nodes import Thumbnails
from h5viewer.requests import ReadThumbnails
from h5viewer.workers.pool import Pool

_MOST_BYTES = 96 << 20
"""Of all that are kept: 2,600 of 96 × 96 pixels, ten screens full."""

_AT_ONCE = 400
"""Pictures of one question; what is in sight comes first."""

_UNKNOWN = 1 << 30
"""Pixels of the longer side: loose pictures may have any."""

_MOST_DEATHS = 4
"""Workers lost in a row, after which nothing more is asked for until the user scrolls."""

_PAUSE = 16
"""Milliseconds in which wishes are collected: scrolling makes several between two paintings."""


class ThumbnailStore(QObject):
    """Asks for what is missing of the newest wish; what is under way goes on while it is of use.

    Signals:
        arrived: there are more.
        failed(H5ViewerError): some cannot be read.
        busy_changed(bool): what is in sight has been missing for a moment; it is there.
    """

    arrived = Signal()
    failed = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asking = Latest(pool, self)
        self._shown: ShownSet | None = None
        self._side = 96
        self._kept: OrderedDict[int, tuple[int, QImage]] = OrderedDict()  # side asked for, picture
        self._n_bytes = 0
        self._lost: set[int] = set()
        self._under_way: set[int] = set()
        self._at_once = _AT_ONCE
        self._n_deaths = 0
        self._visible: Sequence[int] = ()
        self._near: Sequence[int] = ()
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self._look)
        self._asking.busy_changed.connect(self._tell_busy)

    def show_set(self, shown: ShownSet) -> None:
        """Another set, or one that is read otherwise."""
        self.clear()
        self._shown = shown

    def clear(self) -> None:
        """Stop asking, free the pictures."""
        self._asking.cancel()
        self._pause.stop()
        self._shown = None
        self._kept.clear()
        self._n_bytes = 0
        self._lost.clear()
        self._under_way.clear()
        self._visible = self._near = ()

    def set_side(self, side: int) -> None:
        """Pixels of the longer side at most; what is kept is drawn until better ones come."""
        if side != self._side:
            self._side = side
            self._lost.clear()
            self._under_way.clear()  # they would be of another size
            self._pause.start()

    def want(self, visible: Sequence[int], near: Sequence[int]) -> None:
        """What is in sight, and what may come next."""
        is_first = not self._visible
        self._visible, self._near = visible, near
        if is_first:
            self._look()
        elif not self._pause.isActive():
            self._pause.start()

    def image(self, index: int) -> QImage | None:
        """The picture as it is known; None: it comes, or is lost."""
        found = self._kept.get(index)
        if found is None:
            return None
        self._kept.move_to_end(index)
        return found[1]

    def forget_lost(self) -> None:
        """Ask again for what was asked for in vain."""
        self._lost.clear()
        self._pause.start()

    def is_lost(self, index: int) -> bool:
        """It was asked for in vain."""
        return index in self._lost

    # Asking

    def _look(self) -> None:
        shown = self._shown
        if shown is None:
            return
        visible = [index for index in self._visible if self._is_missing(index, shown)]
        if not self._under_way.isdisjoint(visible):
            return  # looked at again when it ends
        if not visible and self._asking.is_waiting:
            return
        wanted = visible or [index for index in self._near if self._is_missing(index, shown)]
        if wanted:
            self._ask(shown, tuple(wanted[: self._at_once]))

    def _ask(self, shown: ShownSet, indices: tuple[int, ...]) -> None:
        self._under_way = set(indices)
        side = self._side
        self._asking.ask(
            ReadThumbnails(
                document=shown.document, pictures=shown.pictures, indices=indices, side=side
            ),
            lambda result: self._finish(result, side),
            on_part=lambda part: self._take(part, side),
            on_failure=self._fail,
        )

    def _is_missing(self, index: int, shown: ShownSet) -> bool:
        found = self._kept.get(index)
        if found is None or index in self._lost:
            return index not in self._lost
        layout = shown.pictures.layout
        longest = _UNKNOWN if shown.pictures.is_loose else max(layout.height, layout.width)
        return min(found[0], longest) != min(self._side, longest)

    def _take(self, part: object, side: int) -> None:
        if isinstance(part, Thumbnails) and self._shown is not None:
            self._keep(part, side)
            self.arrived.emit()

    def _finish(self, result: object, side: int) -> None:
        self._take(result, side)
        self._lost |= self._under_way  # else they would be asked for again and again
        self._under_way = set()
        self._at_once = min(_AT_ONCE, 2 * self._at_once)
        self._n_deaths = 0
        self._look()

    def _fail(self, error: H5ViewerError) -> None:
        self._n_deaths += isinstance(error, WorkerLost)
        if isinstance(error, WorkerLost) and len(self._under_way) > 1:
            self._under_way = set()
            self._at_once = 1  # the one that no worker survives costs itself alone
            self._look()
            return
        self._lost |= self._under_way
        self._under_way = set()
        self.failed.emit(error)
        self.arrived.emit()
        if isinstance(error, WorkerLost) and self._n_deaths < _MOST_DEATHS:
            self._look()  # the others are well, perhaps

    def _tell_busy(self, is_busy: bool) -> None:
        missing = any(index not in self._kept for index in self._visible)
        self.busy_changed.emit(is_busy and missing)

    def _keep(self, part: Thumbnails, side: int) -> None:
        pixels = part.pixels.values.view(np.uint8)
        for index, each in zip(part.indices, pixels, strict=True):
            self._forget(index)
            image = byte_image(each)
            self._kept[index] = (side, image)
            self._n_bytes += image.sizeInBytes()
            self._under_way.discard(index)
        while self._n_bytes > _MOST_BYTES and len(self._kept) > 1:
            self._forget(next(iter(self._kept)))

    def _forget(self, index: int) -> None:
        found = self._kept.pop(index, None)
        if found is not None:
            self._n_bytes -= found[1].sizeInBytes()
