"""What the picture and the line of a cut have in common: reading, sharpening, being pointed at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from h5viewer.gui.array.array_reading import Subject
from h5viewer.gui.array.coordinates import NO_SCALES, Scales
from h5viewer.gui.array.plot_view import PlotView
from h5viewer.requests import Cut
from h5viewer.workers.pool import Pool

_CALM = 100
"""Milliseconds without zooming or panning before the visible part is read."""


class CutPane(QWidget):
    """A plot of one cut that reads what it shows.

    Signals:
        failed(H5ViewerError)
        progressed(Progress)
        busy_changed(bool): the cut takes longer than a moment.
        arrived: a first or better picture of the whole cut is there.
        pointed(str): what is under the cursor; "" for nothing.
    """

    failed = Signal(object)
    progressed = Signal(object)
    busy_changed = Signal(bool)
    arrived = Signal()
    pointed = Signal(str)

    def __init__(self, pool: Pool, plot: PlotView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pool = pool
        self.plot = plot
        self.subject: Subject | None = None
        self.cut = Cut()
        self.scales = NO_SCALES
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(plot)
        self._calm = QTimer(self, singleShot=True, interval=_CALM)
        self._calm.timeout.connect(self._sharpen)
        self._cursor: QPointF | None = None
        plot.view_changed.connect(self._calm.start)
        plot.pointed.connect(self._point)
        plot.unpointed.connect(self._unpoint)

    @property
    def is_waiting(self) -> bool:
        """True while the cut is on its way."""
        raise NotImplementedError

    @property
    def is_sharp(self) -> bool:
        """False when what is drawn of the cut was sampled."""
        raise NotImplementedError

    def show_cut(self, subject: Subject, cut: Cut, axes: Sequence[str]) -> None:
        """Read and draw this cut; `axes` are names of all axes."""
        raise NotImplementedError

    def set_scales(self, scales: Scales) -> None:
        """Coordinates of the axes, shown from now on; `show_cut` names the axes with them."""
        self.scales = scales
        self._show_scales()

    def clear(self) -> None:
        """Stop reading, draw nothing, free the data."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop reading; keep what is drawn."""
        raise NotImplementedError

    def text_at(self, place: QPointF) -> str:
        """What is drawn at a place, in words."""
        raise NotImplementedError

    def _show_scales(self) -> None:
        """Put coordinates and titles on the axes of the plot."""
        raise NotImplementedError

    def _show_axis(self, side: str, axis: int | None, name: str) -> None:
        """One axis of the plot: what it means, and where its elements are."""
        title = self.scales.titles.get(axis, name) if axis is not None else name
        self.plot.set_title(side, title)
        index_axis = self.plot.getAxis(side)
        index_axis.set_coordinates(self.scales.along.get(axis) if axis is not None else None)

    def _sharpen(self) -> None:
        """Read the visible part, where what is drawn is too coarse for it."""
        raise NotImplementedError

    def _point(self, place: QPointF) -> None:
        self._cursor = place
        self._tell()

    def _unpoint(self) -> None:
        self._cursor = None
        self._tell()

    def _tell(self) -> None:
        """Say what is under the cursor, also when something new was drawn there."""
        self.pointed.emit("" if self._cursor is None else self.text_at(self._cursor))
