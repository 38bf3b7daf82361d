"""The same cut of a weight in A, in B, and their difference, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.array.array_reading import Subject
from h5viewer.gui.array.axis_choice import AxisChoice
from h5viewer.gui.array.cuts import first_cut
from h5viewer.gui.array.heat_map import HeatMap
from h5viewer.gui.array.picture_pane import PicturePane
from h5viewer.gui.compare.difference_pane import DifferencePane
from h5viewer.gui.compare.shared_colours import SharedColours
from h5viewer.gui.controls.notices import Notice, PlainLabel
from h5viewer.nodes import Dataset, DType, Shape, Weight
from h5viewer.requests import Cut
from h5viewer.wording import difference_text
from h5viewer.workers.pool import Pool

_SQUARE_UP_TO = 2  # longer pictures fill what little room three of them have
_LOWEST = 150  # pixels: in less, the axes leave nothing to the picture
_CALM = 50  # milliseconds until a plot has found its place in its widget
_NO_DIFFERENCE = "The shapes differ, so nothing can be subtracted."


class _Column(QWidget):
    """A picture under its title, above what its colours mean."""

    def __init__(self, pane: PicturePane, colours: SharedColours) -> None:
        super().__init__()
        self.pane = pane
        self.colours = colours
        self.title = PlainLabel(role="muted", elide=Qt.TextElideMode.ElideMiddle)
        self.legend = PlainLabel(role="muted")
        self.legend.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(self.title)
        column.addWidget(pane, 1)
        column.addWidget(self.legend)
        pane.setMinimumHeight(_LOWEST)
        pane.arrived.connect(self.tell_levels)
        self._calm = QTimer(self, singleShot=True, interval=_CALM)
        self._calm.timeout.connect(self._fit)

    # Qt override

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show everything again: of square elements pyqtgraph would keep the width alone."""
        super().resizeEvent(event)
        self._calm.start()

    def _fit(self) -> None:
        if self.pane.heat_map.n_rows:
            self.pane.heat_map.fit()

    def tell_levels(self) -> None:
        """Which numbers have the first and the last colour."""
        levels = self.pane.heat_map.levels
        low, high = difference_text(levels.low), difference_text(levels.high)
        ends = f"±{high}" if levels.low == -levels.high else f"{low} and {high}"
        self.legend.set_text(f"colours end at {ends}".replace("-", "−"))


class ComparedPictures(QWidget):
    """Three heat maps that show the same part; A and B share their colours.

    Signals:
        pointed(str): element and value under the cursor.
    """

    pointed = Signal(str)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._subjects: tuple[Subject | None, Subject | None] = (None, None)
        self._axes: Sequence[str] = ()
        self._columns: list[_Column] = []
        self._is_following = False
        self._axis_choice = AxisChoice()
        self._axis_choice.cut_changed.connect(lambda _cut: self._show_cut())
        self._failure = Notice()
        self._remark = PlainLabel(role="muted", wrap=True)
        self._values = SharedColours(self)
        self._differences = SharedColours(self, is_diverging=True)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.SPACE_L)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self._axis_choice)
        column.addWidget(self._failure)
        column.addWidget(self._remark)
        column.addLayout(self._row, 1)
        self._remark.hide()
        self._values.changed.connect(self._recolour)

    def make(self) -> Iterator[None]:
        """The three plots, one a step: all at once hold the window up for over 50 ms."""
        if self._columns:
            return
        makers: list[tuple[Callable[[Pool, SharedColours], PicturePane], SharedColours, str]] = [
            (PicturePane, self._values, "Picture of the values in A"),
            (PicturePane, self._values, "Picture of the values in B"),
            (DifferencePane, self._differences, "Picture of the difference, B minus A"),
        ]
        for kind, colours, name in makers:
            pane = kind(self._pool, colours)
            pane.plot.setAccessibleName(name)
            pane.pointed.connect(self.pointed)
            pane.failed.connect(self._fail)
            pane.heat_map.view_changed.connect(partial(self._follow, pane.heat_map))
            column = _Column(pane, colours)
            self._columns.append(column)
            self._row.addWidget(column, 1)
            yield
        self._row.addStretch(0)

    def show_weights(
        self,
        files: tuple[str, str],
        names: tuple[str, str],
        a: Weight | None,
        b: Weight | None,
        at: Shape = (),
    ) -> None:
        """Read and draw a weight of two files, first where they are most apart, if that is known.

        `at`: the element of the largest difference; () where it is not known.
        """
        for _ in self.make():
            pass
        self._failure.clear()
        self._subjects = (_subject(files[0], a), _subject(files[1], b))
        shown = self._first_subject()
        shape = shown.dataset.shape if shown is not None else None
        self._axes = (a or b).axes if (a or b) else ()  # type: ignore[union-attr]
        titles = (f"A: {names[0]}", f"B: {names[1]}", "Difference: B − A")
        for column, title in zip(self._columns, titles, strict=True):
            column.title.set_text(title)
        self.setVisible(bool(shape) and 0 not in (shape or ()))
        if not shape or 0 in shape:
            self.clear()
            return
        self._axis_choice.show()
        cut = first_cut(shape, self._axes)
        cut = replace(cut, index=at) if len(at) == len(shape) else cut
        self._axis_choice.show_axes(shape, self._axes, cut)
        self._show_cut()

    def show_none(self, why: str) -> None:
        """A sentence in the place of pictures."""
        self.clear()
        self._failure.clear()
        self._axis_choice.hide()
        for column in self._columns:
            column.hide()
        self._remark.set_text(why)
        self._remark.show()
        self.show()

    def clear(self) -> None:
        """Stop reading, free the data."""
        self._subjects = (None, None)
        for column in self._columns:
            column.pane.clear()

    # -------------------------------------------------------------------- private

    def _first_subject(self) -> Subject | None:
        return self._subjects[0] or self._subjects[1]

    def _show_cut(self) -> None:
        cut = self._axis_choice.cut
        a, b = self._subjects
        self._values.begin()
        self._differences.begin()
        shown = self._first_subject()
        if shown is None:
            return
        shape = shown.dataset.shape or ()
        for column, subject in zip(self._columns[:2], (a, b), strict=True):
            fits = subject is not None and _fits(cut, subject.dataset.shape, len(shape))
            column.setVisible(fits)
            if subject is not None and fits:
                _show(column.pane, subject, cut, self._axes)
            else:
                column.pane.clear()
        self._show_difference(a, b, cut)
        # a lone picture stays as wide as one of three: stretched, a square one would be cut
        self._row.setStretch(len(self._columns), sum(each.isHidden() for each in self._columns))

    def _show_difference(self, a: Subject | None, b: Subject | None, cut: Cut) -> None:
        column = self._columns[2]
        has_both = a is not None and b is not None
        is_same = a is not None and b is not None and a.dataset.shape == b.dataset.shape
        column.setVisible(is_same)
        self._remark.set_text(_NO_DIFFERENCE if has_both and not is_same else "")
        self._remark.setVisible(has_both and not is_same)
        if a is None or b is None or not is_same or not isinstance(column.pane, DifferencePane):
            column.pane.clear()
            return
        column.pane.other = b
        _show(column.pane, a, cut, self._axes)

    def _follow(self, leader: HeatMap) -> None:
        """Show the same part in all three; pyqtgraph's links fight where elements are square."""
        if self._is_following:
            return
        self._is_following = True
        for column in self._columns:
            other = column.pane.heat_map
            is_alike = (other.n_rows, other.n_columns) == (leader.n_rows, leader.n_columns)
            if other is not leader and column.isVisible() and is_alike:
                other.box.setRange(leader.visible_rect(), padding=0.0, disableAutoRange=True)
        self._is_following = False

    def _recolour(self) -> None:
        for column in self._columns[:2]:
            overview = column.pane.heat_map.overview
            if overview is not None:
                column.pane.heat_map.set_colours(self._values.table, self._values.levels)
                column.tell_levels()

    def _fail(self, error: H5ViewerError) -> None:
        for column in self._columns:
            column.setVisible(column.pane.heat_map.overview is not None or column.pane.is_waiting)
        self._failure.show_error(error)


def _show(pane: PicturePane, subject: Subject, cut: Cut, axes: Sequence[str]) -> None:
    pane.show_cut(subject, cut, axes)
    n_rows, n_columns = pane.heat_map.n_rows, pane.heat_map.n_columns
    longer, shorter = max(n_rows, n_columns), max(1, min(n_rows, n_columns))
    pane.heat_map.set_square(longer <= _SQUARE_UP_TO * shorter)


def _subject(file: str, weight: Weight | None) -> Subject | None:
    if weight is None or weight.path is None:
        return None
    dtype = DType(kind="float", text=weight.dtype)
    return Subject(file, Dataset(path=weight.path, dtype=dtype, shape=weight.shape))


def _fits(cut: Cut, shape: Shape | None, n_axes: int) -> bool:
    """True when a cut chosen for one shape lies inside another."""
    if shape is None or len(shape) != n_axes:
        return False
    drawn = {cut.rows, cut.columns}
    return all(
        axis in drawn or position < length
        for axis, (position, length) in enumerate(zip(cut.index, shape, strict=True))
    )
