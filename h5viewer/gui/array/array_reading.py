"""Reading pictures of an array: one plane, or red, green and blue together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.gui.array.heat_map import Picture, Region
from h5viewer.gui.task import Latest
from h5viewer.nodes import Dataset, Plane
from h5viewer.requests import Cut, ReadPlane, Request
from h5viewer.wording import bytes_text, shape_text
from h5viewer.workers.pool import Pool

_PATIENCE = 0.25
"""Seconds a running read is left alone while newer cuts come in: dragging a slider then shows
every picture that is ready, not only the last."""


class Subject(msgspec.Struct, frozen=True):
    """An array that is being looked at.

    `insist`: although it has an obstacle; `channels`: its axis of red, green and blue.
    """

    document: str
    dataset: Dataset
    insist: bool = False
    channels: int = -1


def facts_text(dataset: Dataset) -> str:
    """Type, shape and sizes in one line."""
    return (
        f"{dataset.dtype.text}, shape {shape_text(dataset.shape)}, "
        f"{bytes_text(dataset.declared_bytes)} declared, "
        f"{bytes_text(dataset.stored_bytes)} stored"
    )


class PictureWish(msgspec.Struct, frozen=True):
    """A part of a cut, so many pixels large; of `n_channels` along the subject's axis of them."""

    subject: Subject
    cut: Cut
    region: Region | None
    max_rows: int
    max_columns: int
    n_channels: int = 1

    def requests(self) -> Sequence[Request]:
        """One request a plane."""
        cuts = [self.cut]
        if self.n_channels > 1:
            at = self.subject.channels % len(self.cut.index)
            before, after = self.cut.index[:at], self.cut.index[at + 1 :]
            cuts = [
                replace(self.cut, index=(*before, channel, *after))
                for channel in range(self.n_channels)
            ]
        return [
            ReadPlane(
                document=self.subject.document,
                node=self.subject.dataset.path,
                cut=cut,
                region=self.region,
                max_rows=self.max_rows,
                max_columns=self.max_columns,
                insist=self.subject.insist,
            )
            for cut in cuts
        ]


class PictureReader(QObject):
    """Reads the newest wish.

    Signals:
        arrived(PictureWish, Picture): coarse pictures first, where the whole takes long.
        failed(PictureWish, H5ViewerError)
        progressed(Progress)
        busy_changed(bool): waiting for longer than a moment.
    """

    arrived = Signal(object, object)
    failed = Signal(object, object)
    progressed = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._channels = [Latest(pool, self) for _ in range(3)]
        self._channels[0].busy_changed.connect(self.busy_changed)
        self._planes: dict[int, Plane] = {}
        self._wish: PictureWish | None = None
        self._next: PictureWish | None = None
        self._asked_at = 0.0

    @property
    def is_waiting(self) -> bool:
        """True while a picture is on its way."""
        return self._wish is not None

    def read(self, wish: PictureWish) -> None:
        """Read `wish` at once, or as soon as the one under way is there or has had its time."""
        young = time.monotonic() - self._asked_at < _PATIENCE
        if self._wish is not None and young and self._wish.subject == wish.subject:
            self._next = wish
            return
        self._ask(wish)

    def cancel(self) -> None:
        """Forget all wishes."""
        self._wish = self._next = None
        self._planes = {}
        for channel in self._channels:
            channel.cancel()

    def _ask(self, wish: PictureWish) -> None:
        self.cancel()
        self._wish = wish
        self._asked_at = time.monotonic()
        for number, request in enumerate(wish.requests()):
            self._channels[number].ask(
                request,
                self._taker(number),
                on_part=self._take_part if wish.n_channels == 1 else None,
                on_failure=self._fail,
                on_progress=self.progressed.emit if number == 0 else None,
            )

    def _taker(self, number: int) -> Callable[[Plane], None]:
        return lambda plane: self._take(number, plane)

    def _take_part(self, plane: Plane) -> None:
        self.arrived.emit(self._wish, Picture((plane,)))

    def _take(self, number: int, plane: Plane) -> None:
        wish = self._wish
        if wish is None:
            return
        self._planes[number] = plane
        if len(self._planes) < wish.n_channels:
            return
        planes = tuple(self._planes[channel] for channel in range(wish.n_channels))
        self._finish()
        self.arrived.emit(wish, Picture(planes))

    def _fail(self, error: H5ViewerError) -> None:
        wish = self._wish
        if wish is not None:
            self._finish()
            self.failed.emit(wish, error)

    def _finish(self) -> None:
        following = self._next
        self.cancel()
        if following is not None:
            self._ask(following)
