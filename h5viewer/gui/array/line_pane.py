"""A 1-D cut on its way from the file to the line plot."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from h5viewer.gui.array.array_reading import Subject
from h5viewer.gui.array.cut_pane import CutPane
from h5viewer.gui.array.cuts import axis_name
from h5viewer.gui.array.line_plot import LinePlot
from h5viewer.gui.array.readout import line_text
from h5viewer.gui.task import Latest
from h5viewer.nodes import Line
from h5viewer.requests import Cut, ReadLine
from h5viewer.workers.pool import Pool


class LinePane(CutPane):
    """Line of a cut: all of it at first, then the visible part as sharp as the screen."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        self.line_plot = LinePlot()
        super().__init__(pool, self.line_plot, parent)
        self._axes: tuple[str, ...] = ()
        self._overviews = Latest(pool, self)
        self._details = Latest(pool, self)
        self._overviews.busy_changed.connect(self.busy_changed)

    @property
    def is_waiting(self) -> bool:
        """True while the cut is on its way."""
        return self._overviews.is_waiting

    @property
    def is_sharp(self) -> bool:
        """False when what is drawn of the cut was sampled."""
        overview = self.line_plot.overview
        return overview is None or overview.is_sharp

    def show_cut(self, subject: Subject, cut: Cut, axes: Sequence[str]) -> None:
        """Read and draw this cut; the old line stays until the new one comes."""
        shape = subject.dataset.shape or ()
        if cut.columns is None:
            raise ValueError("a line needs an axis")
        if self.subject is not None and self.subject.dataset.path != subject.dataset.path:
            self.clear()
        self.subject, self.cut = subject, cut
        self._details.cancel()
        self._axes = tuple(axes)
        self._show_scales()
        self.line_plot.set_extent(shape[cut.columns])
        self._overviews.ask(
            self._request(None),
            self._take,
            on_part=self._take,
            on_failure=self.failed.emit,
            on_progress=self.progressed.emit,
        )

    def _show_scales(self) -> None:
        axis = self.cut.columns
        self._show_axis("bottom", axis, "" if axis is None else axis_name(self._axes, axis))
        self.line_plot.set_title("left", self.scales.value_title)

    def clear(self) -> None:
        """Stop reading, draw nothing, free the data."""
        self.cancel()
        self.subject = None
        self.line_plot.clear_lines()

    def cancel(self) -> None:
        """Stop reading; keep what is drawn."""
        self._calm.stop()
        self._overviews.cancel()
        self._details.cancel()

    def text_at(self, place: QPointF) -> str:
        """Element number and value."""
        element = self.line_plot.element_at(place.x())
        line = None if element is None else self.line_plot.line_at(element)
        return (
            ""
            if element is None or line is None
            else line_text(line, element, self.cut, self.scales)
        )

    def _request(self, region: tuple[int, int] | None) -> ReadLine:
        if self.subject is None:
            raise ValueError("nothing is shown")
        return ReadLine(
            document=self.subject.document,
            node=self.subject.dataset.path,
            cut=self.cut,
            region=region,
            max_bins=2 * self.line_plot.pixel_width(),
            insist=self.subject.insist,
        )

    def _take(self, line: Line) -> None:
        self.line_plot.show_line(line)
        self.arrived.emit()
        self._tell()

    def _take_detail(self, line: Line) -> None:
        self.line_plot.show_line(line)
        self._tell()

    def _sharpen(self) -> None:
        region = self.line_plot.wanted_region()
        if region is not None and self.subject is not None:
            self._details.ask(self._request(region), self._take_detail, on_failure=self.failed.emit)
